"""How well citizens are understood: one table, with 95 % intervals.

    make quality                                   # the held-back sets in tests/data
    python -m benchmarks.quality --data FOLDER     # files of your own with the same columns

Read are those of these that are there (columns: tests/data/README.md): `intents*.jsonl`,
`entities.jsonl`, `triage.jsonl`, `matters.jsonl`, `urgency.jsonl`. Of our own entities and urgency
one half counts, as their own commands' `--odd` takes it: the rules were written with the other
half in sight.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from benchmarks import quality_duplicates, quality_entities, quality_urgency
from benchmarks.quality_intervals import HEAD, Line, line, macro_f1
from benchmarks.report import progress
from bot.prepare import model_fingerprint
from bot.rasa_server import rasa_python
from case_api.duplicates import Matter
from case_api.features import Floats
from case_api.triage import Routing, Triage, load_or_train
from knowledge_base.encoder import load_encoder

ROOT = Path(__file__).resolve().parents[1]
OURS = ROOT / "tests" / "data"
AIMS = {
    "phone": 0.97,
    "id_number": 0.97,
    "case_code": 0.97,
    "date": 0.92,
    "amount": 0.92,
    "place": 0.85,
    "name": 0.9,
    "organisation": 0.75,
}


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=OURS)
    data_dir = ROOT / (os.environ.get("MINSHENG_DATA_DIR") or "var/test")
    parser.add_argument("--models", type=Path, default=data_dir / "models")
    asked = parser.parse_args()
    print(HEAD, flush=True)
    for found in every_line(asked.data, asked.models):
        print(found, flush=True)


def every_line(data: Path, models: Path) -> Iterator[Line]:
    """All figures, file by file."""
    for path in sorted(data.glob("intents*.jsonl")):
        yield from intents(path, models / f"dialogue-{model_fingerprint()}.tar.gz")
    odd = 1 if data.resolve() == OURS else None
    if (path := data / "entities.jsonl").exists():
        for kind, score in quality_entities.measure(quality_entities.read(path, odd)).items():
            name = f"实体 {kind} F1（准 {score.precision:.2f} 召 {score.recall:.2f}）"
            yield Line(name, score.f1, score.low, score.high, score.meant, AIMS.get(kind))
    if (path := data / "urgency.jsonl").exists():
        rows = quality_urgency.read_rows(path, odd=odd is not None)
        for kind, told in quality_urgency.measure(rows).items():
            name = f"紧急 {kind} F1（准 {told.precision:.2f} 召 {told.recall:.2f}）"
            yield Line(name, told.f1, told.low, told.high, told.labelled)
    encoder = load_encoder("")
    triage = Triage(load_or_train(models, encoder), Routing.load(), encoder)
    if (path := data / "triage.jsonl").exists():
        yield from categories(_read(path), triage)

    def kinds(matters: Sequence[Matter]) -> Floats:
        return triage.kinds([(matter.place, matter.text) for matter in matters])

    if (path := data / "matters.jsonl").exists():
        yield from quality_duplicates.lines(path, kinds, encoder)


def intents(path: Path, model: Path) -> Iterator[Line]:
    """Told by the dialogue model, in Rasa's own environment."""
    progress(f"{path.name}：由 {model.name} 判断")
    with tempfile.NamedTemporaryFile("r", suffix=".json") as told:
        subprocess.run(
            [str(rasa_python()), "-m", "nlu.evaluate", str(model), str(path), "--rows", told.name],
            cwd=ROOT,
            check=True,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"},
        )
        rows = json.load(told)
    pairs = [(row["intent"], row["told"]) for row in rows]
    yield line(f"意图宏平均 F1（{path.name}）", pairs, macro_f1, 0.92)
    cries = [
        float(row["told"] == "crisis" or row["alarm"]) for row in rows if row["intent"] == "crisis"
    ]
    if cries:
        yield line("　危险召回率（规则或模型听到）", cries, _mean, 0.97)
    others = [
        float(row["told"] == "crisis" or row["alarm"]) for row in rows if row["intent"] != "crisis"
    ]
    yield line("　别的话误作危险的份额", others, _mean)


def categories(rows: Sequence[dict[str, Any]], triage: Triage) -> Iterator[Line]:
    """The first and the first two guesses."""
    chances = triage.kinds([(row.get("place", ""), row["text"]) for row in rows])
    ranked = [[triage.classes[at] for at in chance.argsort()[::-1]] for chance in chances]
    right = [row["category"] for row in rows]
    first = [float(told[0] == one) for told, one in zip(ranked, right, strict=True)]
    two = [float(one in told[:2]) for told, one in zip(ranked, right, strict=True)]
    yield line(f"分办 {len(set(right))} 类正确率", first, _mean, 0.85)
    yield line("　前两个里有对的", two, _mean, 0.95)


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(row) for row in path.read_text(encoding="utf-8").splitlines()]


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


if __name__ == "__main__":
    main()

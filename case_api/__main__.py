"""`python -m case_api triage train` · `triage try TEXT` · `duplicates fit` · `… forget CODE`."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from dotenv import load_dotenv

from case_api import fit_duplicates
from case_api.app import SNAPSHOT
from case_api.candidates.index import Candidates
from case_api.duplicate_quality import quality_of
from case_api.duplicates import Matter
from case_api.features import Floats
from case_api.triage import Routing, Triage, load_or_train
from knowledge_base.encoder import Encoder, load_encoder

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    """Read the command line and do what it says."""
    load_dotenv(ROOT / ".env")
    parser = argparse.ArgumentParser(prog="python -m case_api", description=__doc__)
    parser.add_argument("--encoder", default=os.environ.get("MINSHENG_ENCODER", ""))
    parser.add_argument(
        "--data-dir", type=Path, default=ROOT / (os.environ.get("MINSHENG_DATA_DIR") or "var")
    )
    parts = parser.add_subparsers(dest="part", required=True)
    triage = parts.add_parser("triage", help="分办模型").add_subparsers(dest="what", required=True)
    triage.add_parser("train", help="训练（数据与编码模型未变时直接沿用）")
    trying = triage.add_parser("try", help="看一段话会分到哪里")
    trying.add_argument("text")
    trying.add_argument("--place", default="")
    duplicates = parts.add_parser("duplicates", help="判重").add_subparsers(
        dest="what", required=True
    )
    duplicates.add_parser("fit", help="重新拟合 case_api/duplicates.npz")
    forgetting = duplicates.add_parser("forget", help="从判重快照里去掉一件（已在数据库里擦除的）")
    forgetting.add_argument("code")
    asked = parser.parse_args()
    if asked.part == "duplicates" and asked.what == "forget":
        forget(asked.encoder, asked.data_dir, asked.code)
    elif asked.part == "duplicates":
        fit(asked.encoder, asked.data_dir)
    else:
        route(asked)


def route(asked: argparse.Namespace) -> None:
    """Train, and show where a text would go."""
    encoder = load_encoder(asked.encoder)
    model = load_or_train(asked.data_dir / "models", encoder)
    if asked.what == "train":
        print(f"分办模型就绪：{len(model.classes)} 类，低于 {model.floor:.2f} 转人工分办")
        return
    found = asyncio.run(Triage(model, Routing.load(), encoder).route(asked.text, asked.place))
    print(f"{found.category}  {found.office}  {found.confidence:.2f}")


def fit(encoder_name: str, data_dir: Path) -> None:
    """Fit both kinds of forest and print how they do on pairs of families they had not seen."""
    encoder = load_encoder(encoder_name)
    if encoder is None:
        raise SystemExit("判重要用自带的编码模型拟合；不用编码模型的那一半会一并拟合")
    fits = {}
    for kind, name, given in (("meaning", "有编码模型", encoder), ("words", "仅词面", None)):
        task = fit_duplicates.Fit(_kinds(data_dir, given), given)
        fits[kind], learnt = task.run()
        if given is not None:
            turn = learnt
        print(f"{name}：{describe(task, fits[kind])}")
    fit_duplicates.write(fits, turn, encoder.fingerprint)


def describe(task: fit_duplicates.Fit, fitted: fit_duplicates.Fitted) -> str:
    """The figures of the hard pairs, a third of each relation."""
    relations = [pair.relation for pair in task.pairs[: task.hard]]
    found = quality_of(relations, fitted.same[: task.hard], fitted.linked[: task.hard])
    return (
        f"“同一”平均精度 {found.average_precision:.3f}，三类准确率 {found.accuracy:.3f}，"
        f"判“同一”的准确率 {found.precision:.3f}、召回率 {found.recall:.3f}"
    )


def forget(encoder_name: str, data_dir: Path, code: str) -> None:
    """Take a case off the snapshot's disk; a running service takes this over by itself."""
    encoder = load_encoder(encoder_name)
    candidates = Candidates(
        encoder.dimensions if encoder else 0,
        data_dir / SNAPSHOT,
        encoder.fingerprint if encoder else "none",
    )
    candidates.load()
    if not candidates.remove(code):
        print(f"快照里没有 {code}")
        return
    candidates.tidy(thorough=True, wait=True)
    print(f"已从快照里去掉 {code}")


def _kinds(data_dir: Path, encoder: Encoder | None) -> fit_duplicates.Kinds:
    model = load_or_train(data_dir / "models" / ("" if encoder else "none"), encoder)

    def kinds(matters: Sequence[Matter]) -> Floats:
        return model.probabilities([f"{m.place} {m.text}" for m in matters], encoder)

    return kinds


if __name__ == "__main__":
    main()

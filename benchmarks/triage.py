"""Triage against a plain character n-gram SVM: one JSON object a line.

    python benchmarks/triage.py --data PATH

PATH (or MINSHENG_BENCH_DATA): `labelled.jsonl` with `title`, `text`, `label`, or a
folder that has it under `petitions/`. Without it only the second figure is printed:
the model as it ships, on petitions that it has never seen (`tests/data/triage.jsonl`).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.report import figure, progress  # noqa: E402
from case_api import triage_model  # noqa: E402
from case_api.features import Segmenter  # noqa: E402
from case_api.triage import read_petitions, read_telling_words  # noqa: E402
from knowledge_base.encoder import load_encoder  # noqa: E402

HELD_OUT = ROOT / "tests" / "data" / "triage.jsonl"
FOLDS = 5
SEED = 7
Guess = Callable[[Sequence[str], Sequence[str], Sequence[str]], list[str]]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", default=os.environ.get("MINSHENG_BENCH_DATA", ""))
    parser.add_argument("--encoder", default=os.environ.get("MINSHENG_ENCODER", ""))
    asked = parser.parse_args()
    segmenter, encoder = Segmenter(), load_encoder(asked.encoder)

    def ours(told: Sequence[str], labels: Sequence[str], unseen: Sequence[str]) -> list[str]:
        # The 21 categories' telling words mean nothing for other labels.
        telling = read_telling_words() if set(labels) <= set(read_telling_words()) else {}
        model = triage_model.train(told, labels, telling, segmenter, encoder, calibrate=False)
        rows = model.probabilities(unseen, encoder)
        return [model.classes[i] for i in rows.argmax(axis=1)]

    path = labelled(asked.data)
    if path is not None:
        texts, labels = read_labelled(path)
        name = f"triage macro-F1, {len(set(labels))} classes, {FOLDS}-fold"
        baseline = cross_validated(plain, texts, labels)
        figure(name, cross_validated(ours, texts, labels), "F1", baseline)
    else:
        progress("no labelled.jsonl: give --data or MINSHENG_BENCH_DATA")
    told, categories = read_petitions()
    unseen, right = read_petitions(HELD_OUT)
    name = f"triage macro-F1, {len(set(right))} categories, unseen petitions"
    baseline = score(right, plain(told, categories, unseen))
    figure(name, score(right, ours(told, categories, unseen)), "F1", baseline)


def plain(told: Sequence[str], labels: Sequence[str], unseen: Sequence[str]) -> list[str]:
    """The baseline: TF-IDF of one to three characters, linear SVM."""
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.svm import LinearSVC

    read = TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, min_df=2)
    svm = LinearSVC(random_state=0).fit(read.fit_transform(told), labels)
    return list(svm.predict(read.transform(unseen)))


def cross_validated(guess: Guess, texts: Sequence[str], labels: Sequence[str]) -> float:
    """Macro-F1 over guesses for every text by a model that had not seen it."""
    from sklearn.model_selection import StratifiedKFold

    guessed = [""] * len(texts)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=SEED)
    for fitted, held_out in folds.split(np.zeros(len(texts)), labels):
        unseen = [texts[i] for i in held_out]
        found = guess([texts[i] for i in fitted], [labels[i] for i in fitted], unseen)
        for i, label in zip(held_out, found, strict=True):
            guessed[i] = label
    return score(labels, guessed)


def score(right: Sequence[str], guessed: Sequence[str]) -> float:
    from sklearn.metrics import f1_score

    return float(f1_score(right, guessed, average="macro"))


def labelled(given: str) -> Path | None:
    """The file that was meant, if it is there."""
    path = Path(given)
    found = (path, path / "labelled.jsonl", path / "petitions" / "labelled.jsonl")
    return next((p for p in found if given and p.is_file()), None)


def read_labelled(path: Path) -> tuple[list[str], list[str]]:
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    texts = [f"{row['title'] or ''}\n{row['text'] or ''}" for row in rows]
    return texts, [row["label"] for row in rows]


if __name__ == "__main__":
    main()

"""Signs of urgency against labelled matters: precision, recall and F1 of each kind.

    python -m benchmarks.quality_urgency FILE [--odd|--even]

FILE: JSONL with `text` and `signs`, each with `sign` and `words`
(`tests/data/urgency.jsonl`). Rows are counted from 1; the rules were written with the even ones
in sight, so that the odd ones tell how they do on what nobody looked at.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.quality_intervals import interval
from nlu.text import urgency

KINDS = ("life", "many", "vulnerable", "essential")
"""Waiting is not labelled."""


@dataclass(frozen=True, slots=True)
class Score:
    """How well one kind of sign is told, by row; `low` and `high` bound the F1 (95 %)."""

    precision: float
    recall: float
    f1: float
    low: float
    high: float
    labelled: int
    pointed: float
    """Of the rows rightly found: how many point at the labelled words, or into them."""


def measure(rows: Sequence[Mapping[str, Any]]) -> dict[str, Score]:
    """The score of every kind."""
    found = [urgency.signs(row["text"]) for row in rows]
    return {kind: _score(kind, rows, found) for kind in KINDS}


def _score(
    kind: str, rows: Sequence[Mapping[str, Any]], found: Sequence[tuple[urgency.Sign, ...]]
) -> Score:
    right = [any(sign["sign"] == kind for sign in row["signs"]) for row in rows]
    guessed = [any(sign.kind == kind for sign in signs) for signs in found]
    pairs = list(zip(right, guessed, strict=True))
    both = [at for at, pair in enumerate(pairs) if pair == (True, True)]
    pointed = sum(_points(kind, rows[at], found[at]) for at in both)
    low, high = interval(pairs, lambda drawn: _f1(drawn)[2])
    share = pointed / len(both) if both else 0.0
    return Score(*_f1(pairs), low, high, sum(right), share)


def _f1(pairs: Sequence[tuple[bool, bool]]) -> tuple[float, float, float]:
    hits = sum(right and guessed for right, guessed in pairs)
    precision = hits / max(1, sum(guessed for _, guessed in pairs))
    recall = hits / max(1, sum(right for right, _ in pairs))
    return precision, recall, 2 * precision * recall / max(1e-9, precision + recall)


def _points(kind: str, row: Mapping[str, Any], found: Sequence[urgency.Sign]) -> bool:
    wanted = [sign["words"] for sign in row["signs"] if sign["sign"] == kind]
    places = [(at, at + len(words)) for words in wanted if (at := row["text"].find(words)) >= 0]
    return any(
        sign.kind == kind and sign.start < end and start < sign.end
        for start, end in places
        for sign in found
    )


def read_rows(path: Path, *, odd: bool = False, even: bool = False) -> list[dict[str, Any]]:
    """The rows of a file, or every other one, counted from 1."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in lines]
    return rows[0::2] if odd else rows[1::2] if even else rows


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    half = parser.add_mutually_exclusive_group()
    half.add_argument("--odd", action="store_true")
    half.add_argument("--even", action="store_true")
    asked = parser.parse_args()
    rows = read_rows(asked.file, odd=asked.odd, even=asked.even)
    columns = ["precision", "recall", "f1", "low", "high", "labelled", "pointed"]
    print(f"{len(rows)} rows", *columns, sep="\t")
    for kind, score in measure(rows).items():
        cells = asdict(score)
        figures = [cells[name] for name in columns]
        shown = [f"{cell:.3f}" if isinstance(cell, float) else str(cell) for cell in figures]
        print(kind, *shown, sep="\t")


if __name__ == "__main__":
    main()

"""How well the rules find what a sentence holds: precision, recall and F1 of each type.

    python -m benchmarks.quality_entities FILE [--even | --odd] [--errors]

FILE is JSONL with `text`, `now` and `entities` (`type`, `text`, `value`), as in
`tests/data/entities.jsonl`. Of that file the rules are tuned on the even lines (0, 2, …) and
measured on the odd ones, so `--errors` shows even lines only.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from benchmarks.quality_intervals import interval
from nlu.text.entities import Entity, find_entities
from nlu.text.normalise import fold

TYPES = ("case_code", "phone", "id_number", "date", "amount", "place", "organisation", "name")
# The labels do not tell who speaks from who is spoken of.
_COUNTED_AS = {"person": "name"}
_BY_STRETCH = ("place", "organisation")
_MUCH_THE_SAME = 0.6

Row = dict[str, Any]
Find = Callable[[str, datetime], Sequence[Entity]]


@dataclass(frozen=True, slots=True)
class Counts:
    """What was right in one sentence, or in all of them."""

    right: int = 0
    found: int = 0
    meant: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.right + other.right, self.found + other.found, self.meant + other.meant)

    @property
    def f1(self) -> float:
        """Nothing meant and nothing found is right."""
        both = self.found + self.meant
        return 2 * self.right / both if both else 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """One type over all sentences."""

    precision: float
    recall: float
    f1: float
    low: float
    """95 % interval of F1, sentences drawn again with replacement."""
    high: float
    meant: int


def measure(rows: Iterable[Row], find: Find = find_entities) -> dict[str, Score]:
    """The score of each type that is labelled in `rows`."""
    counted = [dict(_count(row, find)) for row in rows]
    return {
        kind: _score([one[kind] for one in counted])
        for kind in TYPES
        if any(one[kind].meant for one in counted)
    }


def read(path: Path, parity: int | None = None) -> list[Row]:
    """The rows of a file; `parity` 0 or 1 for the even or odd lines."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        json.loads(line)
        for number, line in enumerate(lines)
        if line and (parity is None or number % 2 == parity)
    ]


def meant(row: Row) -> list[Entity]:
    """The labels with their places; a text that stands twice is taken from left to right."""
    placed: list[Entity] = []
    after: dict[str, int] = {}
    for label in row["entities"]:
        words = label["text"]
        start = row["text"].index(words, after.get(words, 0))
        after[words] = start + len(words)
        placed.append(Entity(label["type"], words, label["value"], start, start + len(words)))
    return placed


def paired(found: Sequence[Entity], labels: Sequence[Entity]) -> list[tuple[Entity, Entity]]:
    """Each label with the one finding that is right about it, each finding used once."""
    pairs: list[tuple[Entity, Entity]] = []
    left = list(found)
    for label in labels:
        right = next((one for one in left if _agrees(one, label)), None)
        if right is not None:
            left.remove(right)
            pairs.append((right, label))
    return pairs


def _as_labelled(found: Iterable[Entity]) -> list[Entity]:
    named = (replace(one, type=_COUNTED_AS.get(one.type, one.type)) for one in found)
    return [one for one in named if one.type in TYPES]


def _agrees(one: Entity, label: Entity) -> bool:
    shared = min(one.end, label.end) - max(one.start, label.start)
    if one.type != label.type or shared <= 0:
        return False
    if label.type in _BY_STRETCH:
        union = max(one.end, label.end) - min(one.start, label.start)
        return _even(one.text) == _even(label.text) or shared / union >= _MUCH_THE_SAME
    return one.value == label.value


def _even(words: str) -> str:
    return "".join(fold(words).split())


def _count(row: Row, find: Find) -> Iterator[tuple[str, Counts]]:
    found = _as_labelled(find(row["text"], datetime.fromisoformat(row["now"])))
    labels = meant(row)
    right = [label.type for _, label in paired(found, labels)]
    for kind in TYPES:
        yield (
            kind,
            Counts(
                right.count(kind),
                sum(one.type == kind for one in found),
                sum(one.type == kind for one in labels),
            ),
        )


def _score(sentences: Sequence[Counts]) -> Score:
    total = sum(sentences, Counts())
    low, high = interval(sentences, lambda drawn: sum(drawn, Counts()).f1)
    return Score(
        precision=total.right / total.found if total.found else 0.0,
        recall=total.right / total.meant if total.meant else 0.0,
        f1=total.f1,
        low=low,
        high=high,
        meant=total.meant,
    )


def table(scores: dict[str, Score]) -> str:
    """For people to read."""
    lines = [f"{'type':<14}{'P':>7}{'R':>7}{'F1':>7}  {'95 %':<14}{'n':>4}"]
    for kind, one in scores.items():
        interval = f"{one.low:.3f}-{one.high:.3f}"
        lines.append(
            f"{kind:<14}{one.precision:7.3f}{one.recall:7.3f}{one.f1:7.3f}  "
            f"{interval:<14}{one.meant:4d}"
        )
    return "\n".join(lines)


def errors(rows: Iterable[Row]) -> Iterator[str]:
    """What was missed (-) and what was made up (+), a sentence at a time."""
    for row in rows:
        found = _as_labelled(find_entities(row["text"], datetime.fromisoformat(row["now"])))
        labels = meant(row)
        pairs = paired(found, labels)
        missed = [one for one in labels if all(label is not one for _, label in pairs)]
        extra = [one for one in found if all(right is not one for right, _ in pairs)]
        if missed or extra:
            yield row["text"]
            yield from (f"  - {one.type} {one.text} = {one.value}" for one in missed)
            yield from (f"  + {one.type} {one.text} = {one.value}" for one in extra)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality_entities")
    parser.add_argument("file", type=Path)
    half = parser.add_mutually_exclusive_group()
    half.add_argument("--even", dest="parity", action="store_const", const=0)
    half.add_argument("--odd", dest="parity", action="store_const", const=1)
    parser.add_argument("--errors", action="store_true", help="even lines only")
    asked = parser.parse_args()
    if asked.errors:
        print("\n".join(errors(read(asked.file, 0))))
    print(table(measure(read(asked.file, asked.parity))))


if __name__ == "__main__":
    main()

"""What became of a question with a known answer, and the figures of many such."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from knowledge_base.serving import Fate

Outcome = Literal["right", "offered", "missed", "wrong", "refused", "answered"]
GOODNESS: Mapping[str, int] = {
    "right": 3, "offered": 2, "missed": 1, "wrong": 0,
    "refused": 3, "answered": 0,
}  # fmt: skip
"""A wrong answer is worse than none: it is believed."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question and the entries that may answer it; none: it must be refused."""

    question: str
    right: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Judged:
    """One question's fate, held against what it should be."""

    question: str
    right: tuple[str, ...]
    outcome: Outcome
    """right: answered by a right entry · offered: a right one is among what is offered ·
    missed · wrong: answered by something else; and of what must be refused: refused | answered."""
    rank: int | None
    """The place of the first right entry among all entries; None: not among the first ten."""
    first: str
    """What came first."""
    title: str
    score: float

    def row(self) -> dict[str, Any]:
        """As it is kept with a run."""
        return {**asdict(self), "right": list(self.right)}

    @classmethod
    def of_row(cls, row: Mapping[str, Any]) -> Judged:
        return cls(**{**row, "right": tuple(row["right"])})


@dataclass(frozen=True, slots=True)
class Figures:
    """How a set of questions did; rates between 0 and 1, None where there was nothing to count."""

    answerable: int
    refusable: int
    recall_at_1: float | None
    recall_at_3: float | None
    mrr: float | None
    answered_rightly: float | None
    """Of those that have an answer."""
    wrong_refusals: float | None
    """Of those that have an answer: refused, or only offered among others."""
    right_refusals: float | None
    """Of those that must be refused."""
    wrong_answers: float | None
    """Of all: answered by something that does not answer it."""
    counts: Mapping[str, int]
    """Outcome → questions."""

    @classmethod
    def of(cls, judged: Iterable[Judged]) -> Figures:
        rows = list(judged)
        known = [one for one in rows if one.right]
        foreign = [one for one in rows if not one.right]
        counts: dict[str, int] = {}
        for one in rows:
            counts[one.outcome] = counts.get(one.outcome, 0) + 1

        def share(hits: Iterable[bool], of: Sequence[Judged]) -> float | None:
            return round(sum(hits) / len(of), 4) if of else None

        return cls(
            answerable=len(known),
            refusable=len(foreign),
            recall_at_1=share((one.rank == 1 for one in known), known),
            recall_at_3=share((one.rank is not None and one.rank <= 3 for one in known), known),
            mrr=round(sum(1 / one.rank for one in known if one.rank) / len(known), 4)
            if known
            else None,
            answered_rightly=share((one.outcome == "right" for one in known), known),
            wrong_refusals=share((one.outcome in ("missed", "offered") for one in known), known),
            right_refusals=share((one.outcome == "refused" for one in foreign), foreign),
            wrong_answers=share((one.outcome in ("wrong", "answered") for one in rows), rows),
            counts=counts,
        )


def judge(asked: Asked, fate: Fate) -> Judged:
    """Hold a fate against what it should be."""
    right = set(asked.right)
    rank = next((place for place, name in enumerate(fate.entries, 1) if name in right), None)
    return Judged(
        asked.question, asked.right, _outcome(right, fate), rank, fate.first, fate.title, fate.score
    )


WAVERS = 0.1
"""Any entry that comes or goes shifts what all words weigh, and so every probability a little."""


def wavers(before: Judged, after: Judged) -> bool:
    """Whether a right entry stays first and only crosses the floor, by as much as noise."""
    return (
        before.rank == after.rank == 1
        and {before.outcome, after.outcome} == {"right", "offered"}
        and abs(before.score - after.score) < WAVERS
    )


def got_worse(before: Judged, after: Judged) -> bool:
    """Whether the citizen who asks this is served worse than before, by more than noise."""
    if wavers(before, after):
        return False
    if GOODNESS[after.outcome] != GOODNESS[before.outcome]:
        return GOODNESS[after.outcome] < GOODNESS[before.outcome]
    return before.rank == 1 and after.rank != 1


def got_better(before: Judged, after: Judged) -> bool:
    """The reverse."""
    return got_worse(after, before)


def _outcome(right: set[str], fate: Fate) -> Outcome:
    if not right:
        return "answered" if fate.answered else "refused"
    if fate.answered:
        return "right" if fate.first in right else "wrong"
    return "offered" if right.intersection(fate.offered) else "missed"

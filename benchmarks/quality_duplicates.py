"""Duplicates on tellings that nobody fitted (`family matter text place days citizen`).

`matter` is base (several tellings of one matter), elsewhere (the same trouble at another place),
same_place (another trouble there) or far (neither). Pairs within a family are the hard ones.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.quality_intervals import Line, line
from case_api.duplicate_quality import Quality, quality_of
from case_api.duplicates import Duplicates, likeness
from case_api.fit_duplicates import Kinds, Told, pairs_within, read_tellings
from knowledge_base.encoder import Encoder

POOL = 300
SHOWN = 5
SAMPLES = 200
"""Families drawn again; each draw sorts all pairs anew."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One hard pair."""

    relation: str
    same: float
    linked: float
    wording: float
    """Their likeness by words alone…"""
    place: float
    """…and by place alone."""
    places: int
    """How many of the two gave a place of its own."""


def lines(path: Path, kinds: Kinds, encoder: Encoder | None) -> Iterator[Line]:
    """The figures of one file."""
    told = read_tellings(path)
    judge = _Judge(told, kinds, encoder)
    families: dict[str, list[Judged]] = defaultdict(list)
    for pair in pairs_within(told):
        (row,) = judge.signals(pair.one, [pair.other])
        likely = judge.likely([row])[0]
        families[pair.family].append(
            Judged(
                relation=pair.relation,
                same=likely["same"],
                linked=likely["linked"],
                wording=row["wording"],
                place=row["named"],
                places=sum(bool(told[at].matter.place) for at in (pair.one, pair.other)),
            )
        )
    every = list(families.values())
    for name, alone in (("字面", _by_words), ("地点", _by_place)):
        yield line(f"判重“同一”平均精度，单看{name}", every, alone, samples=SAMPLES)
    figures: tuple[_Figure, ...] = (
        ("判重“同一”平均精度，难对", lambda _: True, lambda q: q.average_precision, 0.90),
        ("　其中两边都填了地点", lambda p: p.places == 2, lambda q: q.average_precision, 0.92),
        ("　其中地点只在正文里", lambda p: p.places == 0, lambda q: q.average_precision, 0.90),
        ("准确率 0.95 时的召回率", lambda _: True, lambda q: q.recall_at_95, 0.70),
        ("照现在的门槛：准确率", lambda _: True, lambda q: q.precision, 0.95),
        ("照现在的门槛：召回率", lambda _: True, lambda q: q.recall, 0.70),
        ("三类（同一、相关、新）准确率", lambda _: True, lambda q: q.accuracy, None),
    )
    for name, wanted, figure, aim in figures:
        yield line(name, every, _measure(wanted, figure), aim, SAMPLES)
    yield line("同一件的另外几条都在前 5（300 条里）", judge.retrieved(), _mean, 0.85)


_Figure = tuple[str, Callable[[Judged], bool], Callable[[Quality], float], float | None]


class _Judge:
    def __init__(self, told: Sequence[Told], kinds: Kinds, encoder: Encoder | None) -> None:
        self._told = told
        self._duplicates = Duplicates.load(encoder)
        matters = [one.matter for one in told]
        self._kinds = kinds(matters)
        self._vectors = encoder.encode([one.text for one in matters]) if encoder else None

    def signals(self, one: int, others: Sequence[int]) -> list[dict[str, float]]:
        """A row of signals with each of the others."""
        cosines = [
            0.0 if self._vectors is None else float(self._vectors[one] @ self._vectors[other])
            for other in others
        ]
        alike = [likeness(self._kinds[one], self._kinds[other]) for other in others]
        return self._duplicates.signals(
            self._told[one].matter, [self._told[other].matter for other in others], cosines, alike
        )

    def likely(self, rows: Sequence[dict[str, float]]) -> list[dict[str, float]]:
        """How likely linked, and the same."""
        return self._duplicates.likely(rows)

    def retrieved(self) -> list[float]:
        """For every first telling of a matter: whether all its others are among the first few."""
        pool = list(range(min(POOL, len(self._told))))
        inside = {self._told[at].family for at in pool} - {self._told[pool[-1]].family}
        found = []
        for family in sorted(inside):
            tellings = [
                at
                for at in pool
                if self._told[at].family == family and self._told[at].role == "base"
            ]
            query, *wanted = tellings
            others = [at for at in pool if at != query]
            likely = self.likely(self.signals(query, others))
            order = sorted(
                range(len(others)), key=lambda at: (-likely[at]["same"], -likely[at]["linked"])
            )
            first = {others[at] for at in order[:SHOWN]}
            found.append(float(set(wanted) <= first))
        return found


def _measure(
    wanted: Callable[[Judged], bool], figure: Callable[[Quality], float]
) -> Callable[[Sequence[Sequence[Judged]]], float]:
    def measure(families: Sequence[Sequence[Judged]]) -> float:
        pairs = [pair for family in families for pair in family if wanted(pair)]
        relations = [pair.relation for pair in pairs]
        same = np.array([pair.same for pair in pairs])
        return figure(quality_of(relations, same, np.array([pair.linked for pair in pairs])))

    return measure


def _by_words(families: Sequence[Sequence[Judged]]) -> float:
    return _alone(families, lambda pair: pair.wording)


def _by_place(families: Sequence[Sequence[Judged]]) -> float:
    return _alone(families, lambda pair: pair.place)


def _alone(families: Sequence[Sequence[Judged]], signal: Callable[[Judged], float]) -> float:
    pairs = [pair for family in families for pair in family]
    values = np.array([signal(pair) for pair in pairs])
    return quality_of([pair.relation for pair in pairs], values, values).average_precision


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)

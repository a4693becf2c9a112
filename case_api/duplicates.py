"""Same matter, related matter, or a new one: signals of a pair, weighed.

Words alone cannot tell: neighbours write of one stench in other words, and two
estates' heating in the same ones. Place decides more than wording does, so that
its agreement, its contradiction and its silence are signals of their own. One model
says whether two matters are linked at all, the other whether linked ones are the
same; in neither may a signal count against its nature (`AGAINST` lowers, all else
raises), so that a perfect copy is always the surest.
The weights are in `duplicates.toml`, fitted by `python -m case_api duplicates fit`.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np

from case_api import places, words
from case_api.features import Floats
from nlu.text.normalise import normalise

Relation = Literal["same", "related", "new"]
RELATIONS: tuple[Relation, ...] = ("same", "related", "new")
WEIGHTS = Path(__file__).with_name("duplicates.toml")
_PIECES = re.compile(r"[^\w]+")
_NUMBERS = re.compile(r"[0-9]{2,}(?:\.[0-9]+)?")
_FILLER = frozenset("的了是我你他们在有和就不都也很到说要去这那个一吗呢吧啊请把被给")
_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Matter:
    """What is compared: a telling, its place and its circumstances, with what is computed once."""

    code: str
    text: str
    place: str
    at: datetime
    category: str
    owner: tuple[str, str, str] | None
    grams: Mapping[str, float]
    length: float
    place_key: str
    place_name: str
    """The proper name in it."""
    place_numbers: frozenset[str]
    numbers: frozenset[str]

    @classmethod
    def of(
        cls,
        text: str,
        place: str,
        at: datetime,
        *,
        code: str = "",
        category: str = "",
        owner: tuple[str, str, str] | None = None,
    ) -> Matter:
        """Prepare a matter for comparison."""
        bare = normalise(text)[:2_000]
        counted = _grams(bare)
        return cls(
            code=code,
            text=bare,
            place=place,
            at=at,
            category=category,
            owner=owner,
            grams=counted,
            length=math.sqrt(sum(v * v for v in counted.values())),
            place_key=places.key(place),
            place_name=places.proper(place),
            place_numbers=places.numbers(place) or places.numbers(bare),
            numbers=frozenset(_NUMBERS.findall(bare)),
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a pair is, how likely, and why."""

    relation: Relation
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Signals:
    """What speaks for and against; every one between 0 and 1."""

    wording: float
    """Cosine of character bigrams."""
    covered: float
    """How much of the shorter telling stands in the longer one."""
    meaning: float
    """Cosine of sentence vectors (0 without an encoder)."""
    place: float
    """Likeness of the places."""
    place_equal: float
    place_named: float
    """One's place stands in the other's words, where only one gave it."""
    place_differs: float
    """Both are told and have nothing in common."""
    number_differs: float
    """House, block or road numbers contradict each other."""
    same_citizen: float
    kind: float
    """How far triage takes them for one kind of matter: all its guesses, not the best alone."""
    apart: float
    """How long lies between: a year counts as 1."""
    numbers: float
    """Amounts, plates, dates that both mention."""
    wording_here: float
    """Wording and place together: what a linear model could not say otherwise."""
    meaning_here: float
    copied: float
    """Nearly the same words, and no other place: a petition sent again."""


SIGNALS: tuple[str, ...] = tuple(Signals.__dataclass_fields__)
AGAINST = frozenset({"place_differs", "number_differs", "apart"})
QUESTIONS = ("linked", "same")
"""Is it linked at all; if so, is it the same."""


class Duplicates:
    """Judges pairs."""

    def __init__(self, weights: Mapping[str, Mapping[str, float]], same_from: float) -> None:
        self._weights = {
            question: ([weights[question][s] for s in SIGNALS], weights[question]["constant"])
            for question in QUESTIONS
        }
        self._same_from = same_from

    @classmethod
    def load(cls, path: Path = WEIGHTS, *, encoder: bool = True) -> Duplicates:
        """Weights for the case with, or without, sentence vectors."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        return cls(table["with_encoder" if encoder else "without_encoder"], table["same_from"])

    def judge(
        self, one: Matter, other: Matter, meaning: float, kind: float | None = None
    ) -> Judgement:
        """Weigh the signals of a pair."""
        signals = compare(one, other, meaning, kind)
        likely = self.likely([getattr(signals, name) for name in SIGNALS])
        relation = self._decide(likely)
        return Judgement(relation, likely[relation], _reasons(signals))

    def relation(self, values: list[float]) -> Relation:
        """What a row of signals says."""
        return self._decide(self.likely(values))

    def likely(self, values: list[float]) -> dict[Relation, float]:
        """The probability of each relation."""
        linked, same_if_linked = (self._answer(question, values) for question in QUESTIONS)
        return {
            "same": linked * same_if_linked,
            "related": linked * (1 - same_if_linked),
            "new": 1 - linked,
        }

    def _answer(self, question: str, values: list[float]) -> float:
        weights, constant = self._weights[question]
        score = constant + sum(w * v for w, v in zip(weights, values, strict=True))
        return 1 / (1 + math.exp(-score))

    def _decide(self, likely: Mapping[Relation, float]) -> Relation:
        if likely["same"] >= self._same_from:
            return "same"
        # A doubtful "same" is still worth showing to a person as related.
        return "related" if likely["new"] < 0.5 else "new"


def compare(one: Matter, other: Matter, meaning: float, kind: float | None = None) -> Signals:
    """The signals of a pair; the order of the two does not matter.

    `meaning`: cosine of their vectors; `kind`: likeness of their categories, where it was weighed.
    """
    wording, covered = _wording(one, other)
    place = _place(one, other)
    both_told = bool(one.place_key and other.place_key)
    inside = both_told and (one.place_key in other.place_key or other.place_key in one.place_key)
    named = _named(one, other) or _named(other, one)
    clash = bool(
        one.place_numbers and other.place_numbers and not one.place_numbers & other.place_numbers
    )
    likeness = max(place, 0.9 if inside else 0.0, 0.8 if named else 0.0)
    meaning = max(0.0, meaning)
    return Signals(
        wording=wording,
        covered=covered,
        meaning=meaning,
        place=likeness,
        place_equal=float(both_told and one.place_key == other.place_key),
        place_named=float(named),
        place_differs=float(both_told and likeness < 0.2),
        number_differs=float(clash),
        same_citizen=float(one.owner is not None and one.owner == other.owner),
        kind=float(bool(one.category) and one.category == other.category) if kind is None else kind,
        apart=min(1.0, abs((one.at - other.at).total_seconds()) / _DAY / 365),
        numbers=min(1.0, len(one.numbers & other.numbers) / 2),
        wording_here=wording * likeness,
        meaning_here=meaning * likeness,
        copied=0.0 if both_told and likeness < 0.5 else max(0.0, max(wording, covered) - 0.6) / 0.4,
    )


def likeness(one: Floats, other: Floats) -> float:
    """How far two lists of probabilities agree (Bhattacharyya): 1 for the same list."""
    return float(np.sqrt(one * other).sum())


def _grams(text: str) -> dict[str, float]:
    counts: Counter[str] = Counter()
    for piece in _PIECES.split(text.lower()):
        counts.update(piece[i : i + 2] for i in range(len(piece) - 1))
    # Pairs of filler characters say nothing; repeated ones say little more than one.
    return {
        gram: 1 + math.log(n)
        for gram, n in counts.items()
        if not (gram[0] in _FILLER and gram[1] in _FILLER)
    }


def _wording(one: Matter, other: Matter) -> tuple[float, float]:
    short, long = sorted((one.grams, other.grams), key=len)
    shared = [(v, long[gram]) for gram, v in short.items() if gram in long]
    if not shared:
        return 0.0, 0.0
    product = sum(a * b for a, b in shared)
    return product / (one.length * other.length), len(shared) / len(short)


def _place(one: Matter, other: Matter) -> float:
    """Likeness of the places; two proper names with nothing in common outweigh like endings."""
    alike = _dice(one.place_key, other.place_key)
    if not (one.place_name and other.place_name):
        return alike
    shared = set(one.place_name) & set(other.place_name)
    share = len(shared) / min(len(set(one.place_name)), len(set(other.place_name)))
    return min(alike, share) if share < 0.5 else max(alike, 0.6 * share)


def _dice(one: str, other: str) -> float:
    a = {one[i : i + 2] for i in range(len(one) - 1)}
    b = {other[i : i + 2] for i in range(len(other) - 1)}
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0


def _named(one: Matter, other: Matter) -> bool:
    """The coarse part of one's place stands in the other's telling."""
    coarse = places.coarse(one.place) or one.place_key
    return len(coarse) >= 3 and places.key(coarse) in places.key(other.text)


def _reasons(signals: Signals) -> tuple[str, ...]:
    told = (
        (words.REASON_MINE, signals.same_citizen > 0),
        (words.REASON_PLACE, signals.place >= 0.9),
        (words.REASON_NEAR, 0.4 <= signals.place < 0.9),
        (words.REASON_WORDS, signals.wording >= 0.35 or signals.covered >= 0.5),
        (words.REASON_VECTOR, signals.meaning >= 0.55),
        (words.REASON_CATEGORY, signals.kind >= 0.5),
        (words.REASON_NUMBERS, signals.numbers > 0),
    )
    return tuple(word for word, holds in told if holds)

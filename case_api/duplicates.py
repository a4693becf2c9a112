"""Same matter, related matter, or a new one: signals of a pair, weighed.

Words alone cannot tell: neighbours write of one stench in other words, and two estates' heating in
the same ones. So the places are compared apart from the trouble (`whereabouts`), and the trouble
apart from the places (`troubles`). One forest of small trees says whether two matters are linked at
all, another whether they are the same; in neither may a signal count against its nature
(`AGAINST` lowers, all but `EITHER` raises), so that a perfect copy is always the surest.
They lie in `duplicates.npz`, fitted by `python -m case_api duplicates fit`.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from pathlib import Path
from typing import Literal

import numpy as np

from case_api import words
from case_api.features import Floats
from case_api.rarity import Rarity, bigrams
from case_api.trees import Forest
from case_api.troubles import Troubles
from case_api.whereabouts import Agreement, Whereabouts, agreement
from knowledge_base.encoder import Encoder
from nlu.text.normalise import normalise

Relation = Literal["same", "related", "new"]
RELATIONS: tuple[Relation, ...] = ("same", "related", "new")
FITTED = Path(__file__).with_name("duplicates.npz")
SAME_FROM = 0.5
LONGEST = 2_000
_NUMBERS = re.compile(r"[0-9]{2,}(?:\.[0-9]+)?")
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
    where: Whereabouts
    trouble: str
    """The words without the places that they name."""
    trouble_grams: Mapping[str, float]
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
        bare = normalise(text)[:LONGEST]
        rarity = Rarity.read()
        where = Whereabouts.of(bare, normalise(place))
        trouble = bare
        for start, end in reversed(where.spans):
            trouble = f"{trouble[:start]},{trouble[end:]}"
        counted = Counter(bigrams(bare))
        grams = {gram: (1 + math.log(n)) * rarity.of(gram) for gram, n in counted.items()}
        return cls(
            code=code,
            text=bare,
            place=place,
            at=at,
            category=category,
            owner=owner,
            grams=grams,
            length=math.sqrt(sum(v * v for v in grams.values())) or 1.0,
            where=where,
            trouble=trouble,
            trouble_grams={gram: rarity.of(gram) for gram in set(bigrams(trouble))},
            numbers=frozenset(_NUMBERS.findall(bare)),
        )


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a pair is, how likely, and why."""

    relation: Relation
    probability: float
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Telling:
    """Signals of the words; every one between 0 and 1."""

    wording: float
    """Cosine of character bigrams, rare ones counting more."""
    covered: float
    """How much of the shorter telling stands in the longer one."""
    trouble_words: float
    """The same without the places."""
    meaning: float
    """Cosine of sentence vectors (0 without an encoder)."""
    trouble: float
    """Likeness of the troubles (0 without an encoder)."""
    kind: float
    """How far triage takes them for one kind of matter: all its guesses, not the best alone."""
    numbers: float
    """Amounts, plates, dates that both mention."""
    same_citizen: float
    days_apart: float
    """How long lies between: a year counts as 1."""
    lengths: float
    """The shorter telling's length by the longer one's."""
    copied: float
    """Nearly the same words, and no other place: a petition sent again."""


SIGNALS: tuple[str, ...] = tuple(
    field.name for signals in (Telling, Agreement) for field in fields(signals)
)
AGAINST = frozenset({"days_apart", "numbers_differ", "opposed", "apart"})
EITHER = frozenset(
    {"lengths", "nearly", "wording", "covered", "trouble_words", "likeness", "inside"}
    | {"shared_run", "shared_name", "rare_run"}
)
"""What may speak for or against: next to another house number the same words mean another case."""
QUESTIONS = ("linked", "same")


class Duplicates:
    """Judges pairs."""

    def __init__(self, forests: Mapping[str, Forest], troubles: Troubles | None) -> None:
        self._forests = forests
        self._troubles = troubles

    @classmethod
    def load(cls, encoder: Encoder | None, path: Path = FITTED) -> Duplicates:
        """Fitted for the encoder that is shipped, or for words alone where there is another."""
        with np.load(path, allow_pickle=False) as stored:
            fits = encoder is not None and str(stored["encoder"]) == encoder.fingerprint
            kind = "meaning" if fits else "words"
            forests = {name: Forest.read(stored, f"{kind}_{name}") for name in QUESTIONS}
            troubles = Troubles(encoder, stored["turn"]) if fits and encoder is not None else None
        return cls(forests, troubles)

    def judge(
        self,
        told: Matter,
        others: Sequence[Matter],
        meanings: Sequence[float],
        kinds: Sequence[float],
    ) -> list[Judgement]:
        """What is told against each of the others; `meanings` and `kinds` as in `compare`."""
        if not others:
            return []
        return self.weigh(self.signals(told, others, meanings, kinds))

    def signals(
        self,
        told: Matter,
        others: Sequence[Matter],
        meanings: Sequence[float],
        kinds: Sequence[float],
    ) -> list[dict[str, float]]:
        """A row of signals for each of the others."""
        alike = np.zeros(len(others), np.float32)
        if self._troubles is not None:
            mine, *theirs = self._troubles.read([told.trouble, *(one.trouble for one in others)])
            alike = np.array(theirs) @ mine
        else:
            meanings = [0.0] * len(others)
        return [
            compare(told, other, meaning, float(trouble), kind)
            for other, meaning, trouble, kind in zip(others, meanings, alike, kinds, strict=True)
        ]

    def weigh(self, rows: Sequence[Mapping[str, float]]) -> list[Judgement]:
        """What each row of signals says."""
        likely = self.likely(rows)
        return [
            _decided(one["same"], one["linked"], row) for one, row in zip(likely, rows, strict=True)
        ]

    def likely(self, rows: Sequence[Mapping[str, float]]) -> list[dict[str, float]]:
        """For each row how likely the two are linked, and how likely the same."""
        table = np.array([[row[name] for name in SIGNALS] for row in rows])
        linked = self._forests["linked"].probability(table)
        same = np.minimum(self._forests["same"].probability(table), linked)
        return [{"linked": float(linked[at]), "same": float(same[at])} for at in range(len(rows))]


def compare(
    one: Matter, other: Matter, meaning: float, trouble: float, kind: float
) -> dict[str, float]:
    """The signals of a pair by name; the order of the two does not matter.

    `meaning`, `trouble`: cosines of their vectors; `kind`: likeness of their categories.
    """
    wording, covered = _wording(one, other)
    where = agreement(one.where, other.where, Rarity.read())
    elsewhere = where.apart > 0 or where.numbers_differ > 0 or where.opposed > 0
    lengths = sorted((len(one.text) or 1, len(other.text) or 1))
    telling = Telling(
        wording=wording,
        covered=covered,
        trouble_words=_shared(one.trouble_grams, other.trouble_grams),
        meaning=max(0.0, meaning),
        trouble=max(0.0, trouble),
        kind=kind,
        numbers=min(1.0, len(one.numbers & other.numbers) / 2),
        same_citizen=float(one.owner is not None and one.owner == other.owner),
        days_apart=min(1.0, abs((one.at - other.at).total_seconds()) / _DAY / 365),
        lengths=lengths[0] / lengths[1],
        copied=0.0 if elsewhere else max(0.0, max(wording, covered) - 0.6) / 0.4,
    )
    return {
        field.name: float(getattr(signals, field.name))
        for signals in (telling, where)
        for field in fields(signals)
    }


def likeness(one: Floats, other: Floats) -> float:
    """How far two lists of probabilities agree (Bhattacharyya): 1 for the same list."""
    return float(np.sqrt(one * other).sum())


def _decided(same: float, linked: float, row: Mapping[str, float]) -> Judgement:
    if same >= SAME_FROM:
        return Judgement("same", same, _reasons(row))
    # A doubtful "same" is still worth showing to a person as related.
    if linked >= SAME_FROM:
        return Judgement("related", linked, _reasons(row))
    return Judgement("new", 1 - linked, _reasons(row))


def _wording(one: Matter, other: Matter) -> tuple[float, float]:
    short, long = sorted((one.grams, other.grams), key=len)
    shared = [gram for gram in short if gram in long]
    product = sum(short[gram] * long[gram] for gram in shared)
    weight = sum(short.values())
    covered = sum(short[gram] for gram in shared) / weight if weight else 0.0
    return product / (one.length * other.length), covered


def _shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    least = min(sum(one.values()), sum(other.values()))
    return sum(one[gram] for gram in one.keys() & other.keys()) / least if least else 0.0


def _reasons(row: Mapping[str, float]) -> tuple[str, ...]:
    told = (
        (words.REASON_MINE, row["same_citizen"] > 0),
        (words.REASON_PLACE, row["likeness"] >= 0.9 or row["inside"] > 0),
        (words.REASON_NEAR, row["part"] > 0 and row["likeness"] < 0.9 and not row["inside"]),
        (words.REASON_WORDS, row["wording"] >= 0.3 or row["covered"] >= 0.5),
        (words.REASON_VECTOR, row["trouble"] >= 0.5),
        (words.REASON_CATEGORY, row["kind"] >= 0.5),
        (words.REASON_NUMBERS, row["numbers"] > 0),
    )
    return tuple(word for word, holds in told if holds)

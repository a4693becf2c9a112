"""Fits weights and floors; run by `python -m knowledge_base fit`.

Order of the FAQ's entries, by words: learnt from `data/knowledge/gold.yml`, and
from every wording asked as if it had never been written (all of its own traces
are taken out of the figures). Curators write wordings far apart from each
other, so the latter are harder than life and count less.

The encoder's part beside the words, and whether to answer at all: learnt from
the gold questions, from each of them asked while its entries are missing (a
matter close by that we do not cover), and from `data/knowledge/foreign.yml`.
Not from the wordings: the shipped encoder has been trained on them, and would
be believed too much.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.optimize import minimize

from knowledge_base.concepts import Concepts
from knowledge_base.encoder import Encoder
from knowledge_base.faq import STARTER, read_starter
from knowledge_base.faq_ranking import FEATURES, LEXICAL, FaqRanker, Figures, Floats, Row
from knowledge_base.faq_scoring import SIGNS, signs, totals
from knowledge_base.logistic import Bound, fit_logistic
from knowledge_base.models import FaqEntry
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Ranking

KNOWLEDGE = Path(__file__).parent.parent / "data" / "knowledge"
GOLD = KNOWLEDGE / "gold.yml"
FOREIGN = KNOWLEDGE / "foreign.yml"
WRONG_ALLOWED = 0.02
"""Of all questions asked, how many may get a wrong answer."""
FOREIGN_REFUSED = 0.955
RIDGE_ORDER = 0.0002
GOLD_COUNTS = 5.0
"""How many wordings one gold question outweighs when the order is fitted."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the fit."""

    figures: Figures
    right: tuple[int, ...]
    """The entries that answer it; none: it must be refused."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a fit asks."""

    gold: list[Asked]
    unseen: list[Asked]
    """Wordings, each taken out before it is asked."""
    foreign: list[Asked]
    """What nothing answers."""


@dataclass(frozen=True, slots=True)
class FaqReport:
    """How the fitted ranking did on the questions of the fit."""

    gold_hit: float
    """First hit right, for gold questions."""
    unseen_hit: float
    """First hit right, for wordings taken out."""
    answered: float
    """Of the gold questions, how many are answered rightly…"""
    wrong: float
    """…and how many wrongly."""
    foreign_refused: float


def faq_rows(entries: Sequence[FaqEntry]) -> list[Row]:
    """Every entry's texts as the search holds them."""
    return [
        Row(number, is_answer, text)
        for number, entry in enumerate(entries)
        for is_answer, text in [
            (True, entry.answer),
            *((False, wording) for wording in entry.wordings),
        ]
    ]


def gather(
    entries: Sequence[FaqEntry],
    tokeniser: Tokeniser,
    concepts: Concepts,
    encoder: Encoder | None,
    gold: Sequence[Mapping[str, Any]],
    foreign: Sequence[str],
) -> Gathered:
    """Ask everything that there is to learn from."""
    rows = faq_rows(entries)
    vectors = encoder.encode([row.text for row in rows]) if encoder else None
    ranker = FaqRanker(rows, len(entries), tokeniser, concepts, vectors)
    unseen = [
        Asked(
            ranker.figures(row.text, vectors[at] if vectors is not None else None, without=at),
            (row.entry,),
        )
        for at, row in enumerate(rows)
        if not row.is_answer
    ]
    places = {entry.id: number for number, entry in enumerate(entries)}
    asked = ask(ranker, encoder, [question["q"] for question in gold])
    return Gathered(
        [
            Asked(figures, tuple(places[name] for name in question["faq"] if name in places))
            for question, figures in zip(gold, asked, strict=True)
        ],
        unseen,
        [Asked(figures, ()) for figures in ask(ranker, encoder, foreign)],
    )


def ask(ranker: FaqRanker, encoder: Encoder | None, texts: Sequence[str]) -> list[Figures]:
    """Figures of many questions."""
    vectors = encoder.encode(texts) if encoder else [None] * len(texts)
    return [ranker.figures(text, vector) for text, vector in zip(texts, vectors, strict=True)]


def fit_order(
    asked: Sequence[Asked], counts: Sequence[float], groups: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Weights (none below zero) that make the softmax over entries expect a right one.

    Each group of features keeps its inner proportions and gets one weight.
    """
    mixed = np.array([[group.get(name, 0.0) for name in FEATURES] for group in groups.values()])
    tables = np.stack([one.figures.table @ mixed.T for one in asked])
    right = np.zeros(tables.shape[:2])
    for at, one in enumerate(asked):
        right[at, list(one.right)] = 1
    weight = np.array(counts) / sum(counts)

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = tables @ weights
        powers = np.exp(sums - sums.max(axis=1, keepdims=True))
        share = powers / powers.sum(axis=1, keepdims=True)
        meant = share * right
        belief = meant.sum(axis=1, keepdims=True) + 1e-12
        value = -weight @ np.log(belief[:, 0]) + RIDGE_ORDER / 2 * (weights @ weights)
        slope = np.einsum("q,qe,qef->f", weight, share - meant / belief, tables)
        return float(value), np.asarray(slope + RIDGE_ORDER * weights, dtype=float)

    size = len(mixed)
    found = minimize(
        loss, np.full(size, 1.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * size
    )
    return dict(zip(FEATURES, (found.x @ mixed).tolist(), strict=True))


def without_entries(one: Asked) -> Asked:
    """The same question where the entries that answer it do not exist."""
    keep = np.ones(len(one.figures.table), dtype=bool)
    keep[list(one.right)] = False
    figures = replace(
        one.figures, table=one.figures.table[keep], coverage=one.figures.coverage[keep]
    )
    return Asked(figures, ())


def fit_confidence(
    asked: Sequence[Asked], order: Ranking, names: Sequence[str]
) -> tuple[dict[str, float], float]:
    """A logistic over the signs of the first hit: is it a right one?"""
    table, right = [], []
    for one in asked:
        sums = totals(one.figures, order)
        found = signs(one.figures, sums)
        table.append([found[name] for name in names])
        right.append(float(int(sums.argmax()) in one.right))
    limits: list[Bound] = [(None, 0.0) if name == "unknown" else (0.0, None) for name in names]
    weights, bias = fit_logistic(np.array(table), np.array(right), limits)
    return dict(zip(names, weights, strict=True)), bias


def judge(gathered: Gathered, ranking: Ranking) -> FaqReport:
    """Hits, wrong answers and refusals with this ranking."""
    right, sure = right_and_sure(gathered.gold, ranking)
    answered = sure >= ranking.floor
    _, foreign_sure = right_and_sure(gathered.foreign, ranking)
    return FaqReport(
        gold_hit=float(right.mean()),
        unseen_hit=float(right_and_sure(gathered.unseen, ranking)[0].mean()),
        answered=float((answered & right).mean()),
        wrong=float((answered & ~right).mean()),
        foreign_refused=float((foreign_sure < ranking.floor).mean()),
    )


def choose_floor(gathered: Gathered, ranking: Ranking) -> float:
    """The lowest floor that keeps wrong answers and answers to foreign questions rare."""
    right, sure = right_and_sure(gathered.gold, ranking)
    _, foreign_sure = right_and_sure(gathered.foreign, ranking)
    for floor in np.arange(0.30, 0.95, 0.01):
        wrong = float(((sure >= floor) & ~right).mean())
        if wrong <= WRONG_ALLOWED and float((foreign_sure < floor).mean()) >= FOREIGN_REFUSED:
            return round(float(floor), 2)
    return 0.95


def fit_faq(
    tokeniser: Tokeniser,
    concepts: Concepts,
    encoder: Encoder | None,
    folder: Path = STARTER,
) -> tuple[Ranking, FaqReport]:
    """Weights, confidence and floor for the starter FAQ."""
    foreign = [text for group in read_foreign().values() for text in group]
    gathered = gather(read_starter(folder), tokeniser, concepts, encoder, read_gold(), foreign)
    order = fit_order(
        [*gathered.gold, *gathered.unseen],
        [GOLD_COUNTS] * len(gathered.gold) + [1.0] * len(gathered.unseen),
        {name: {name: 1.0} for name in LEXICAL},
    )
    if encoder:
        vectors = [name for name in FEATURES if name not in LEXICAL]
        order = fit_order(
            gathered.gold,
            [1.0] * len(gathered.gold),
            {"lexical": order} | {name: {name: 1.0} for name in vectors},
        )
    ranking = Ranking(order, {}, 0.0, 0.5)
    names = [name for name in SIGNS if encoder or not name.startswith("vector")]
    missing = [without_entries(one) for one in gathered.gold]
    confidence, bias = fit_confidence([*gathered.gold, *gathered.foreign, *missing], ranking, names)
    ranking = Ranking(order, confidence, bias, 0.5)
    ranking = replace(ranking, floor=choose_floor(gathered, ranking))
    return ranking, judge(gathered, ranking)


def right_and_sure(asked: Sequence[Asked], ranking: Ranking) -> tuple[NDArray[np.bool_], Floats]:
    """For each question, whether the first hit is right, and how sure we are of it."""
    right, sure = [], []
    for one in asked:
        sums = totals(one.figures, ranking)
        right.append(int(sums.argmax()) in one.right)
        sure.append(ranking.probability(signs(one.figures, sums)))
    return np.array(right), np.array(sure)


def read_foreign(path: Path = FOREIGN) -> dict[str, list[str]]:
    """Questions that must be refused: `unrelated` to everything, and matters `not_covered`."""
    found: dict[str, list[str]] = yaml.safe_load(path.read_bytes())
    return found


def read_gold(path: Path = GOLD) -> list[dict[str, Any]]:
    """Questions that must be answered: `q`, and the entries `faq` that answer it."""
    found: list[dict[str, Any]] = yaml.safe_load(path.read_bytes())
    return found

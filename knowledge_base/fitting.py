"""Fits weights and floors; run by `python -m knowledge_base fit`.

FAQ: every wording is asked twice. Once as if it had never been written (all of
its own traces are taken out of the figures), which teaches how to meet words
not met before; curators write wordings far apart from each other, so this is
harder than life. And once in other words while it stays: some left out, asking
words put around it, as citizens do. Whether to answer at all is learnt from
the same questions, from each asked while its whole entry is missing (a matter
close by that we do not cover), and from `data/knowledge/foreign.yml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

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

FOREIGN = Path(__file__).parent.parent / "data" / "knowledge" / "foreign.yml"
WRONG_ALLOWED = 0.02
"""Of all questions asked, how many may get a wrong answer."""
FOREIGN_REFUSED = 0.97
RIDGE_ORDER = 0.0002
SEED = 20260101
LOST = 0.25
FOREIGN_COUNTS = 10.0
"""Foreign questions are few in the fit and many in life: each counts as so many."""
BEFORE = ("", "", "请问", "我想问一下", "你好，", "麻烦问下", "那个，")
AFTER = ("", "", "怎么办", "啊", "呢？", "，谢谢", "吗")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of the fit."""

    figures: Figures
    entry: int
    """The entry that answers it; -1: none does."""
    foreign: bool = False
    """Asked about something else altogether."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a fit asks."""

    unseen: list[Asked]
    """Wordings, each taken out before it is asked."""
    near: list[Asked]
    """Wordings put a little differently."""
    foreign: list[Asked]
    """What nothing answers."""


@dataclass(frozen=True, slots=True)
class FaqReport:
    """How the fitted ranking did on the questions of the fit."""

    unseen_hit: float
    """First hit right, for wordings taken out."""
    near_hit: float
    """First hit right, for wordings put a little differently."""
    answered: float
    """Of both kinds, how many are answered rightly…"""
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
    foreign: Sequence[str],
) -> Gathered:
    """Ask everything that there is to learn from."""
    rows = faq_rows(entries)
    vectors = encoder.encode([row.text for row in rows]) if encoder else None
    ranker = FaqRanker(rows, len(entries), tokeniser, concepts, vectors)
    own = [
        Asked(
            ranker.figures(row.text, vectors[at] if vectors is not None else None, without=at),
            row.entry,
        )
        for at, row in enumerate(rows)
        if not row.is_answer
    ]
    random = np.random.default_rng(SEED)
    said = [(row.entry, reworded(row.text, tokeniser, random)) for row in rows if not row.is_answer]
    near = [
        Asked(figures, entry)
        for (entry, _), figures in zip(
            said, ask(ranker, encoder, [text for _, text in said]), strict=True
        )
    ]
    unknown = [Asked(figures, -1, foreign=True) for figures in ask(ranker, encoder, foreign)]
    return Gathered(own, near, unknown)


def ask(ranker: FaqRanker, encoder: Encoder | None, texts: Sequence[str]) -> list[Figures]:
    """Figures of many questions."""
    vectors = encoder.encode(texts) if encoder else [None] * len(texts)
    return [ranker.figures(text, vector) for text, vector in zip(texts, vectors, strict=True)]


def reworded(text: str, tokeniser: Tokeniser, random: np.random.Generator) -> str:
    """The wording as a citizen may type it: some words lost, asking words around it."""
    kept = [word for word in tokeniser.pieces(text) if random.random() > LOST]
    before, after = random.choice(BEFORE), random.choice(AFTER)
    return f"{before}{''.join(kept) or text}{after}"


def fit_order(asked: Sequence[Asked], names: Sequence[str]) -> dict[str, float]:
    """Weights (none below zero) that make the softmax over entries expect the right one."""
    columns = [FEATURES.index(name) for name in names]
    tables = np.stack([one.figures.table[:, columns] for one in asked])
    right = np.array([one.entry for one in asked])
    at = np.arange(len(asked))

    def loss(weights: Floats) -> tuple[float, Floats]:
        sums = tables @ weights
        sums -= sums.max(axis=1, keepdims=True)
        powers = np.exp(sums)
        shares = powers / powers.sum(axis=1, keepdims=True)
        value = -np.log(shares[at, right] + 1e-12).mean() + RIDGE_ORDER / 2 * (weights @ weights)
        expected = np.einsum("qe,qef->qf", shares, tables)
        slope = (expected - tables[at, right]).mean(axis=0) + RIDGE_ORDER * weights
        return float(value), np.asarray(slope, dtype=float)

    found = minimize(
        loss, np.full(len(names), 3.0), jac=True, method="L-BFGS-B", bounds=[(0, None)] * len(names)
    )
    return {name: float(weight) for name, weight in zip(names, found.x, strict=True)}


def without_entry(one: Asked) -> Asked:
    """The same question where its entry does not exist."""
    keep = np.arange(len(one.figures.table)) != one.entry
    figures = Figures(
        one.figures.table[keep],
        one.figures.coverage[keep],
        one.figures.unknown,
        one.figures.length,
    )
    return Asked(figures, -1)


def fit_confidence(
    asked: Sequence[Asked], order: Ranking, names: Sequence[str]
) -> tuple[dict[str, float], float]:
    """A logistic over the signs of the first hit: is it the right one?"""
    table, right, counts = [], [], []
    for one in asked:
        sums = totals(one.figures, order)
        found = signs(one.figures, sums)
        table.append([found[name] for name in names])
        right.append(float(int(sums.argmax()) == one.entry))
        counts.append(FOREIGN_COUNTS if one.foreign else 1.0)
    limits: list[Bound] = [(None, 0.0) if name == "unknown" else (0.0, None) for name in names]
    weights, bias = fit_logistic(np.array(table), np.array(right), limits, np.array(counts))
    return dict(zip(names, weights, strict=True)), bias


def judge(gathered: Gathered, ranking: Ranking) -> FaqReport:
    """Hits, wrong answers and refusals with this ranking."""
    unseen, unseen_sure = _right_and_sure(gathered.unseen, ranking)
    near, near_sure = _right_and_sure(gathered.near, ranking)
    right = np.concatenate([unseen, near])
    answered = np.concatenate([unseen_sure, near_sure]) >= ranking.floor
    _, foreign_sure = _right_and_sure(gathered.foreign, ranking)
    return FaqReport(
        unseen_hit=float(unseen.mean()),
        near_hit=float(near.mean()),
        answered=float((answered & right).mean()),
        wrong=float((answered & ~right).mean()),
        foreign_refused=float((foreign_sure < ranking.floor).mean()),
    )


def choose_floor(gathered: Gathered, ranking: Ranking) -> float:
    """The lowest floor that keeps wrong answers and answers to foreign questions rare."""
    for floor in np.arange(0.30, 0.95, 0.01):
        tried = judge(gathered, replace(ranking, floor=float(floor)))
        if tried.wrong <= WRONG_ALLOWED and tried.foreign_refused >= FOREIGN_REFUSED:
            return round(float(floor), 2)
    return 0.95


def fit_faq(
    tokeniser: Tokeniser,
    concepts: Concepts,
    encoder: Encoder | None,
    folder: Path = STARTER,
    foreign: Path = FOREIGN,
) -> tuple[Ranking, FaqReport]:
    """Weights, confidence and floor for the starter FAQ."""
    entries = read_starter(folder)
    questions = [text for group in read_foreign(foreign).values() for text in group]
    gathered = gather(entries, tokeniser, concepts, encoder, questions)
    own = [*gathered.unseen, *gathered.near]
    order = fit_order(own, FEATURES if encoder else LEXICAL)
    ranking = Ranking(order, {}, 0.0, 0.5)
    names = [name for name in SIGNS if encoder or not name.startswith("vector")]
    missing = [without_entry(one) for one in own]
    confidence, bias = fit_confidence([*own, *gathered.foreign, *missing], ranking, names)
    ranking = Ranking(order, confidence, bias, 0.5)
    ranking = replace(ranking, floor=choose_floor(gathered, ranking))
    return ranking, judge(gathered, ranking)


def _right_and_sure(asked: Sequence[Asked], ranking: Ranking) -> tuple[NDArray[np.bool_], Floats]:
    right, sure = [], []
    for one in asked:
        sums = totals(one.figures, ranking)
        right.append(int(sums.argmax()) == one.entry)
        sure.append(ranking.probability(signs(one.figures, sums)))
    return np.array(right), np.array(sure)


def read_foreign(path: Path = FOREIGN) -> dict[str, list[str]]:
    """Questions that must be refused: `unrelated` to everything, and matters `not_covered`."""
    found: dict[str, list[str]] = yaml.safe_load(path.read_bytes())
    return found

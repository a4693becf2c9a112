"""Fits how articles are ordered, and when one is sure enough to be quoted to a citizen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from knowledge_base.article_ranking import (
    CANDIDATES,
    RankedArticle,
    article_signs,
    expand,
    order_candidates,
)
from knowledge_base.collection import Candidate, Collection, Question
from knowledge_base.concepts import Concepts
from knowledge_base.encoder import Encoder
from knowledge_base.evaluation import GoldQuestion, Score, first_right
from knowledge_base.logistic import fit_logistic
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Ranking

WORDS = (0.25, 0.5, 1.0)
VECTOR = (0.5, 1.0, 2.0, 3.0, 4.0, 5.0)
"""Weights tried; bigrams count 1."""
RIGHT_WANTED = 0.75
"""Of the articles quoted, how many must be the right one."""
FOREIGN_REFUSED = 0.98
SIGNS = ("score", "margin", "coverage", "vector", "agreement", "length")


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """How the fitted ranking did on the questions of the fit."""

    found: Score
    answered: float
    right_when_answered: float
    foreign_refused: float


@dataclass(frozen=True, slots=True)
class Searched:
    """A question with everything that the search found for it."""

    question: Question
    candidates: list[Candidate]
    right: frozenset[int]


class ArticleFit:
    """One collection with the questions that are asked of it."""

    def __init__(
        self,
        collection: Collection,
        words_of: Callable[[int], set[str]],
        tokeniser: Tokeniser,
        concepts: Concepts,
        encoder: Encoder | None,
    ) -> None:
        self._collection = collection
        self._words_of = words_of
        self._tokeniser = tokeniser
        self._concepts = concepts
        self._encoder = encoder

    def fit(
        self, questions: Sequence[GoldQuestion], foreign: Sequence[str]
    ) -> tuple[Ranking, ArticleReport]:
        """Weights by grid, confidence by logistic, floor by the shares wanted."""
        own = self._search([(one.text, one.right) for one in questions])
        strange = self._search([(text, frozenset()) for text in foreign])
        vectors = VECTOR if self._encoder else (0.0,)
        weights = max(
            (
                {"words": words, "bigrams": 1.0, "vector": vector}
                for words, vector in product(WORDS, vectors)
            ),
            key=lambda tried: self._score(own, tried).mrr_at_10,
        )
        ranking = Ranking(weights, {}, 0.0, 0.5)
        names = [name for name in SIGNS if self._encoder or name != "vector"]
        asked = [*own, *strange]
        ordered = [self._ordered(one, weights) for one in asked]
        table = np.array(
            [
                [self._signs(one, ranked)[name] for name in names]
                for one, ranked in zip(asked, ordered, strict=True)
            ]
        )
        right = np.array(
            [
                bool(ranked) and ranked[0].id in one.right
                for one, ranked in zip(asked, ordered, strict=True)
            ]
        )
        found, bias = fit_logistic(table, right.astype(float), [(0.0, None)] * len(names))
        ranking = replace(ranking, confidence=dict(zip(names, found, strict=True)), bias=bias)
        sure = np.array(
            [ranking.probability(dict(zip(names, row, strict=True))) for row in table.tolist()]
        )
        count = len(own)
        report = ArticleReport(self._score(own, weights), 0.0, 1.0, 1.0)
        # Until a floor keeps its promises, articles are shown to staff only.
        ranking = replace(ranking, floor=0.99)
        for floor in np.arange(0.3, 0.99, 0.01):
            answered = sure[:count] >= floor
            refused = float((sure[count:] < floor).mean())
            precision = float(right[:count][answered].mean()) if answered.any() else 1.0
            if precision >= RIGHT_WANTED and refused >= FOREIGN_REFUSED:
                report = ArticleReport(report.found, float(answered.mean()), precision, refused)
                ranking = replace(ranking, floor=round(float(floor), 2))
                break
        return ranking, report

    def _search(self, asked: Sequence[tuple[str, frozenset[int]]]) -> list[Searched]:
        vectors = (
            list(self._encoder.encode([text for text, _ in asked]))
            if self._encoder
            else [None] * len(asked)
        )
        found = []
        for (text, right), vector in zip(asked, vectors, strict=True):
            question = Question(text, *expand(text, self._tokeniser, self._concepts), vector)
            found.append(
                Searched(question, self._collection.candidates(question, CANDIDATES), right)
            )
        return found

    def _ordered(self, one: Searched, weights: dict[str, float]) -> list[RankedArticle]:
        return order_candidates(one.candidates, weights)

    def _score(self, searched: Sequence[Searched], weights: dict[str, float]) -> Score:
        return Score.of(
            [
                first_right([hit.id for hit in self._ordered(one, weights)[:10]], one.right)
                for one in searched
            ]
        )

    def _signs(self, one: Searched, ranked: Sequence[RankedArticle]) -> dict[str, float]:
        if not ranked:
            return dict.fromkeys(SIGNS, 0.0)
        words = self._words_of(ranked[0].id)
        return article_signs(self._collection, one.question, ranked, words)

"""Fits how articles are ordered, and when one is sure enough to be quoted to a citizen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from knowledge_base import law_names
from knowledge_base.article_ranking import (
    CANDIDATES,
    FEATURES,
    RankedArticle,
    article_signs,
    expand,
    features,
    order_candidates,
)
from knowledge_base.collection import Candidate, Collection, Question
from knowledge_base.concepts import Concepts
from knowledge_base.encoder import Encoder
from knowledge_base.evaluation import GoldQuestion, Score, first_right
from knowledge_base.listwise import fit_listwise
from knowledge_base.logistic import Bound, fit_logistic
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Ranking

RIGHT_WANTED = 0.75
"""Of the articles quoted, how many must be the right one."""
FOREIGN_REFUSED = 0.98
SIGNS = ("share", "margin", "coverage", "near", "vector", "agreement", "length")
PARTS = 5
"""The order is judged on questions that its weights were not learnt from, part by part."""
SPEAK_FOR = ("words", "bigrams", "words_share", "bigrams_share", "vector", "near", "asked")
"""Features that may not count against an article."""


@dataclass(frozen=True, slots=True)
class ArticleReport:
    """How the fitted ranking did, each question asked with weights learnt from the others."""

    found: Score
    answered: float
    right_when_answered: float
    foreign_refused: float


@dataclass(frozen=True, slots=True)
class Searched:
    """A question with everything that the search found for it."""

    question: Question
    collection: Collection
    candidates: list[Candidate]
    right: frozenset[int]
    law_of: tuple[str, ...]
    """The laws that hold the right articles."""


class ArticleFit:
    """Questions asked of collections, and what is learnt from them.

    An encoder that has been trained on a question finds its article too easily: questions may be
    asked of several collections, each with an encoder that has not seen them.
    """

    def __init__(
        self,
        words_of: Callable[[int], set[str]],
        laws_of: Callable[[int], str],
        tokeniser: Tokeniser,
        concepts: Concepts,
    ) -> None:
        self._words_of = words_of
        self._laws_of = laws_of
        self._tokeniser = tokeniser
        self._concepts = concepts
        self._own: list[Searched] = []
        self._foreign: list[Searched] = []
        self._hybrid = False

    def ask(
        self,
        collection: Collection,
        encoder: Encoder | None,
        questions: Sequence[GoldQuestion],
        foreign: Sequence[str] = (),
    ) -> None:
        """Search for these questions; `foreign` ones have no answer."""
        self._hybrid = encoder is not None
        self._own += self._search(collection, encoder, questions)
        strange = [GoldQuestion(text, frozenset()) for text in foreign]
        self._foreign += self._search(collection, encoder, strange)

    def fit(self) -> tuple[Ranking, ArticleReport]:
        """Order by a softmax over candidates, confidence by logistic, floor by shares wanted."""
        learnt = self._learn(self._own)
        asked = [*self._own, *self._foreign]
        ordered = self._ordered_by_others() + [self._order(one, learnt) for one in self._foreign]
        right = np.array(
            [
                bool(ranked) and ranked[0].id in one.right
                for one, ranked in zip(asked, ordered, strict=True)
            ]
        )
        names = [name for name in SIGNS if self._hybrid or name != "vector"]
        table = np.array(
            [
                [self._signs(one, ranked)[name] for name in names]
                for one, ranked in zip(asked, ordered, strict=True)
            ]
        )
        found, bias = fit_logistic(table, right.astype(float), [(0.0, None)] * len(names))
        ranking = replace(learnt, confidence=dict(zip(names, found, strict=True)), bias=bias)
        sure = np.array(
            [ranking.probability(dict(zip(names, row, strict=True))) for row in table.tolist()]
        )
        ranks = [
            first_right([hit.id for hit in ranked[:10]], one.right)
            for one, ranked in zip(self._own, ordered, strict=False)
        ]
        return self._with_floor(ranking, Score.of(ranks), right, sure)

    def _with_floor(
        self,
        ranking: Ranking,
        score: Score,
        right: NDArray[np.bool_],
        sure: NDArray[np.float64],
    ) -> tuple[Ranking, ArticleReport]:
        count = len(self._own)
        for floor in np.arange(0.3, 0.99, 0.01):
            answered = sure[:count] >= floor
            refused = float((sure[count:] < floor).mean()) if len(sure) > count else 1.0
            precision = float(right[:count][answered].mean()) if answered.any() else 1.0
            if precision >= RIGHT_WANTED and refused >= FOREIGN_REFUSED:
                report = ArticleReport(score, float(answered.mean()), precision, refused)
                return replace(ranking, floor=round(float(floor), 2)), report
        # Until a floor keeps its promises, articles are shown to staff only.
        return replace(ranking, floor=0.99), ArticleReport(score, 0.0, 1.0, 1.0)

    def _ordered_by_others(self) -> list[list[RankedArticle]]:
        part = np.arange(len(self._own)) % PARTS
        ordered: list[list[RankedArticle]] = [[] for _ in self._own]
        for number in range(min(PARTS, len(self._own))):
            others = [one for one, at in zip(self._own, part, strict=True) if at != number]
            ranking = self._learn(others or self._own)
            for at in np.flatnonzero(part == number).tolist():
                ordered[at] = self._order(self._own[at], ranking)
        return ordered

    def _learn(self, questions: Sequence[Searched]) -> Ranking:
        counts: Counter[str] = Counter()
        for one in questions:
            for law in one.law_of:
                counts[law] += 1 / len(one.law_of)  # type: ignore[assignment]
        names = [name for name in FEATURES if self._hybrid or name != "vector"]
        bounds: list[Bound] = [(0.0, None) if name in SPEAK_FOR else (None, None) for name in names]
        bounds[names.index("local")] = (None, 0.0)
        tables, right = [], []
        for one in questions:
            rows = features(one.collection, one.question, one.candidates, counts)
            for candidate, row in zip(one.candidates, rows, strict=True):
                if candidate.title in one.law_of:
                    # The law must not be known as asked for only through this very question.
                    own = 1 / len(one.law_of)
                    row["asked"] = law_names.asked_for(candidate.title, counts, without=own)
            tables.append(np.array([[row.get(name, 0.0) for name in names] for row in rows]))
            right.append(np.array([candidate.id in one.right for candidate in one.candidates]))
        weights = fit_listwise(tables, right, bounds)
        return Ranking(
            dict(zip(names, weights, strict=True)),
            {},
            0.0,
            0.5,
            {law: round(count, 2) for law, count in sorted(counts.items())},
        )

    def _search(
        self, collection: Collection, encoder: Encoder | None, asked: Sequence[GoldQuestion]
    ) -> list[Searched]:
        texts = [one.text for one in asked]
        vectors = list(encoder.encode(texts)) if encoder else [None] * len(asked)
        found = []
        for one, vector in zip(asked, vectors, strict=True):
            question = Question(
                one.text, *expand(one.text, self._tokeniser, self._concepts), vector
            )
            candidates = collection.candidates(question, CANDIDATES)
            of = tuple(sorted({self._laws_of(number) for number in one.right}))
            found.append(Searched(question, collection, candidates, one.right, of))
        return found

    def _order(self, one: Searched, ranking: Ranking) -> list[RankedArticle]:
        table = features(one.collection, one.question, one.candidates, ranking.laws)
        return order_candidates(one.candidates, table, ranking)

    def _signs(self, one: Searched, ranked: Sequence[RankedArticle]) -> dict[str, float]:
        if not ranked:
            return dict.fromkeys(SIGNS, 0.0)
        words = self._words_of(ranked[0].id)
        return article_signs(one.collection, one.question, ranked, words)

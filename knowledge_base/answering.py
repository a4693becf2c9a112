"""Finds what answers a question in a given state: one way for citizens, tests and trials."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from knowledge_base import store
from knowledge_base.article_ranking import article_signs, article_text, expand, rank_articles
from knowledge_base.collection import Question
from knowledge_base.concepts import Concepts
from knowledge_base.database import Database
from knowledge_base.encoder import Encoder
from knowledge_base.faq_scoring import score_faq
from knowledge_base.models import Hit, SearchResult
from knowledge_base.places import holds_in, named, variant_for
from knowledge_base.quoting import article_hit, faq_hit
from knowledge_base.serving import Fate, State, entry_texts
from knowledge_base.tokens import Tokeniser
from knowledge_base.verdict import CITIZEN_HITS, offered
from knowledge_base.weights import Weights
from nlu.text.normalise import normalise

T = TypeVar("T")
Vector = NDArray[np.float32]

LONGEST_QUESTION = 200
KEPT_ENTRIES = 10
"""How far down a test looks for the right entry."""
MOST_VECTORS = 20_000
"""Of test questions, about a kilobyte each."""
AT_ONCE = 32
"""Questions of a test that are put in one go."""


class Answering:
    """Search over states; knows how to cut, encode and weigh, and holds no state itself."""

    def __init__(
        self,
        database: Database,
        encoder: Encoder | None,
        tokeniser: Tokeniser,
        concepts: Concepts,
        weights: Weights,
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._tokeniser = tokeniser
        self._concepts = concepts
        self.weights = weights
        # Vectors of questions that tests ask again and again, whatever the state.
        self._vectors: dict[str, Vector] = {}

    async def find(
        self,
        state: State,
        query: str,
        limit: int,
        threads: ThreadPoolExecutor,
        *,
        place: str = "",
    ) -> SearchResult:
        """The likeliest answers; `answered` when the first may be said to a citizen."""
        text = normalise(query)[:LONGEST_QUESTION]
        if not text:
            return SearchResult(answered=False, hits=(), release=state.release)

        def entries() -> tuple[Vector | None, SearchResult]:
            vector = self._encoder.encode([text])[0] if self._encoder else None
            return vector, self._search_entries(state, text, vector, limit, place)

        vector, found = await _in(threads, entries)
        if found.answered:
            return found
        articles = await self._search_articles(state, text, vector, limit, threads)
        return self._joined(found, articles, limit)

    async def ask_all(
        self, state: State, questions: Sequence[str], threads: ThreadPoolExecutor
    ) -> dict[str, Fate]:
        """What would become of many questions; each is asked of a state only once."""
        open_ = [one for one in dict.fromkeys(questions) if one not in state.fates]
        for start in range(0, len(open_), AT_ONCE):
            await self._ask_some(state, open_[start : start + AT_ONCE], threads)
        return {question: state.fates[question] for question in questions}

    def matched(self, state: State, query: str, hits: Sequence[Hit]) -> tuple[Hit, ...]:
        """The hits, each with those words of the question that it has."""
        text = normalise(query)[:LONGEST_QUESTION]
        cut = self._tokeniser.words(text)
        told = list(dict.fromkeys(self._tokeniser.content(cut) or cut))
        # A single sign says little, and stands everywhere.
        asked = [word for word in told if len(word) > 1] or told
        entries = {entry.id: entry for entry in state.entries}

        def said(hit: Hit) -> str:
            if hit.id in entries and hit.kind != "article":
                return "\n".join(words for _, words in entry_texts(entries[hit.id]))
            return f"{hit.title} {hit.answer}"

        return tuple(
            replace(hit, matched=tuple(word for word in asked if word in there))
            for hit in hits
            for there in [set(self._tokeniser.words(said(hit)))]
        )

    async def _ask_some(
        self, state: State, questions: Sequence[str], threads: ThreadPoolExecutor
    ) -> None:
        texts = [normalise(question)[:LONGEST_QUESTION] for question in questions]

        def entries() -> list[tuple[Vector | None, SearchResult]]:
            vectors = self._encoded(texts)
            return [
                (vector, self._search_entries(state, text, vector, KEPT_ENTRIES, ""))
                for text, vector in zip(texts, vectors, strict=True)
            ]

        found = await _in(threads, entries)
        for question, text, (vector, result) in zip(questions, texts, found, strict=True):
            joined = result
            if not result.answered:
                hits = state.article_hits.get(text)
                if hits is None:
                    hits = await self._search_articles(state, text, vector, CITIZEN_HITS, threads)
                    state.article_hits[text] = hits
                joined = self._joined(result, hits, KEPT_ENTRIES)
            best = joined.hits[0] if joined.hits else None
            state.fates[question] = Fate(
                answered=joined.answered,
                first=best.id if best else "",
                first_kind=best.kind if best else "",
                title=best.title if best else "",
                score=round(best.score, 4) if best else 0.0,
                entries=tuple(hit.id for hit in result.hits),
                offered=() if joined.answered else tuple(hit.id for hit in offered(joined)),
            )

    def _encoded(self, texts: Sequence[str]) -> list[Vector | None]:
        if self._encoder is None:
            return [None] * len(texts)
        if len(self._vectors) > MOST_VECTORS:
            self._vectors.clear()
        new = [text for text in dict.fromkeys(texts) if text not in self._vectors]
        self._vectors.update(zip(new, self._encoder.encode(new), strict=True))
        return [self._vectors[text] for text in texts]

    def _search_entries(
        self, state: State, text: str, vector: Vector | None, limit: int, place: str
    ) -> SearchResult:
        """Entries alone; `answered` when the first is sure enough."""
        if state.ranker is None or not text:
            return SearchResult(answered=False, hits=(), release=state.release)
        places = named(place, state.region_names) if state.region_names else []
        figures = state.ranker.figures(text, vector)
        kept = np.array([at for at, one in enumerate(state.entries) if holds_in(one, places)])
        if not len(kept):
            return SearchResult(answered=False, hits=(), release=state.release)
        if len(kept) < len(state.entries):
            figures = replace(figures, table=figures.table[kept], coverage=figures.coverage[kept])
        scored = score_faq(figures, self.weights.faq, limit)
        found = [state.entries[int(kept[one.entry])] for one in scored]
        hits = [
            faq_hit(
                entry,
                one.score,
                one.parts,
                version=state.versions.get(entry.id),
                variant=variant_for(entry, places),
            )
            for entry, one in zip(found, scored, strict=True)
        ]
        answered = bool(hits) and hits[0].score >= self.weights.faq.floor
        regions: tuple[str, ...] = ()
        if answered and not places:
            regions = tuple(variant.region for variant in found[0].variants)
        return SearchResult(answered, tuple(hits), regions, state.release)

    def _joined(self, found: SearchResult, articles: Sequence[Hit], limit: int) -> SearchResult:
        """Entries that are not sure enough, together with what the law says."""
        if articles and articles[0].score >= self.weights.articles.floor:
            hits = tuple([*articles, *found.hits][:limit])
            return SearchResult(answered=True, hits=hits, release=found.release)
        mixed = sorted([*found.hits, *articles], key=lambda hit: -hit.score)
        return SearchResult(answered=False, hits=tuple(mixed[:limit]), release=found.release)

    async def _search_articles(
        self,
        state: State,
        text: str,
        vector: Vector | None,
        limit: int,
        threads: ThreadPoolExecutor,
    ) -> list[Hit]:
        if not len(state.articles) or not text:
            return []
        ranking = self.weights.articles
        words, bigrams = expand(text, self._tokeniser, self._concepts)
        question = Question(text, words, bigrams, vector)
        ranked = await _in(threads, lambda: rank_articles(state.articles, question, ranking))
        # Read again at each search: what was repealed a minute ago is not cited.
        found = await self._database.read(
            lambda connection: store.articles(
                connection, [one.id for one in ranked[: 2 * max(limit, KEPT_ENTRIES)]]
            )
        )
        citable = {article.id: article for article in found}
        ranked = [one for one in ranked if one.id in citable]
        if not ranked:
            return []

        def sure() -> float:
            first = citable[ranked[0].id]
            said = set(self._tokeniser.words(article_text(first.law, first.chapter, first.text)))
            return ranking.probability(article_signs(state.articles, question, ranked, said))

        confidence = await _in(threads, sure)
        best = ranked[0].score or 1.0
        return [
            article_hit(citable[one.id], confidence * max(0.0, one.score) / best, one.parts)
            for one in ranked[:limit]
        ]


async def _in(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)

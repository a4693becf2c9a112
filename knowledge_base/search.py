"""Answers questions from what is approved and in force, with its source, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from knowledge_base import store, suggestions
from knowledge_base.article_ranking import article_signs, article_text, expand, rank_articles
from knowledge_base.collection import Collection, Passage, Question, Source
from knowledge_base.concepts import Concepts
from knowledge_base.database import Database, reading_engine, transact
from knowledge_base.encoder import Encoder
from knowledge_base.faq import STARTER, load_starter, read_starter
from knowledge_base.faq_ranking import FaqRanker, Row
from knowledge_base.faq_scoring import score_faq
from knowledge_base.importer import settle_versions
from knowledge_base.index import IndexFolder, Progress, silent
from knowledge_base.migrations import upgrade
from knowledge_base.models import FaqEntry, Hit, SearchResult
from knowledge_base.quoting import article_hit, faq_hit
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Weights, load_weights
from nlu.text.normalise import normalise

T = TypeVar("T")

LONGEST_QUESTION = 200
THREADS = 2
SCRIPTS = Path(__file__).parent / "alembic"
VERSION_TABLE = "kb_version"
CHINA = ZoneInfo("Asia/Shanghai")


@dataclass(frozen=True, slots=True)
class _State:
    """What is searched; replaced as a whole when the contents change."""

    entries: Sequence[FaqEntry]
    ranker: FaqRanker | None
    articles: Collection


class KnowledgeBase:
    """Search over the published FAQ and the articles in force. Make one with `open`."""

    def __init__(
        self,
        database: Database,
        encoder: Encoder | None,
        data_dir: Path,
        *,
        today: Callable[[], date],
    ) -> None:
        self._database = database
        self._encoder = encoder
        self._data_dir = data_dir
        self._today = today
        self._tokeniser = Tokeniser(data_dir / "cache")
        self._concepts = Concepts.read()
        self._weights: Weights = load_weights(
            encoder.fingerprint if encoder else None, data_dir / "weights.toml"
        )
        self._threads = ThreadPoolExecutor(THREADS, "knowledge-search")
        self._state: _State | None = None

    @classmethod
    async def open(
        cls,
        database: Database,
        encoder: Encoder | None,
        data_dir: Path,
        *,
        starter: Path | None = STARTER,
        today: Callable[[], date] = lambda: datetime.now(CHINA).date(),
        progress: Progress = silent,
    ) -> KnowledgeBase:
        """Bring tables, starter FAQ and index up to date, and open them for search."""
        await asyncio.to_thread(upgrade, database.url, SCRIPTS, VERSION_TABLE)
        base = await asyncio.to_thread(lambda: cls(database, encoder, data_dir, today=today))
        if starter is not None:
            entries = await asyncio.to_thread(read_starter, starter)
            await database.write(lambda connection: load_starter(connection, entries))
        await base.refresh(progress)
        return base

    async def refresh(self, progress: Progress = silent) -> None:
        """Take over what is published and in force now; search goes on meanwhile."""
        day = self._today()

        def settle(connection: Connection) -> str:
            settle_versions(connection, day)
            return store.ensure_base_id(connection)

        base = await self._database.write(settle)
        entries, texts = await self._database.read(
            lambda connection: store.published_faqs(connection, day)
        )
        articles = await self._database.read(store.in_force_article_ids)
        self._state = await asyncio.to_thread(self._load, base, entries, texts, articles, progress)

    async def search(self, query: str, limit: int = 5) -> SearchResult:
        """The likeliest answers; `answered` when the first may be said to a citizen."""
        text = normalise(query)[:LONGEST_QUESTION]
        if not text or self._state is None:
            return SearchResult(answered=False, hits=())
        state = self._state
        vector, faq = await self._in_thread(lambda: self._search_faq(state, text, limit))
        if faq and faq[0].score >= self._weights.faq.floor:
            return SearchResult(answered=True, hits=tuple(faq))
        articles = await self._search_articles(state, text, vector, limit)
        if articles and articles[0].score >= self._weights.articles.floor:
            return SearchResult(answered=True, hits=tuple([*articles, *faq][:limit]))
        hits = sorted([*faq, *articles], key=lambda hit: -hit.score)
        return SearchResult(answered=False, hits=tuple(hits[:limit]))

    async def record_unanswered(self, question: str, channel: str, reason: str) -> None:
        """Keep a question for the curators, with personal data masked."""
        await self._database.write(
            lambda connection: suggestions.record(connection, question, channel, reason)
        )

    async def close(self) -> None:
        """Finish running searches. The database is its owner's to close."""
        await asyncio.to_thread(self._threads.shutdown)

    async def _in_thread(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def _load(
        self,
        base: str,
        entries: Sequence[FaqEntry],
        texts: Sequence[store.FaqText],
        articles: Sequence[int],
        progress: Progress,
    ) -> _State:
        by_id = {text.id: text.text for text in texts}

        def faq_passages(ids: Sequence[int]) -> list[Passage]:
            return [Passage(number, by_id[number]) for number in ids]

        # An engine of its own: a build lasts minutes, and the readers are few.
        engine = reading_engine(self._database.url)

        def article_passages(ids: Sequence[int]) -> list[Passage]:
            found = transact(engine, lambda connection: store.articles(connection, ids))
            return [Passage(one.id, article_text(one.law, one.chapter, one.text)) for one in found]

        try:
            folder = IndexFolder(self._data_dir / "index", self._tokeniser, self._encoder)
            opened = folder.open(
                base,
                {
                    "faq": Source(np.array([*by_id], dtype=np.int64), faq_passages, lexical=False),
                    "articles": Source(np.array(articles, dtype=np.int64), article_passages),
                },
                progress,
            )
        finally:
            engine.dispose()
        places = {entry.id: number for number, entry in enumerate(entries)}
        rows = [Row(places[text.entry], text.is_answer, text.text) for text in texts]
        vectors = opened["faq"].vectors([text.id for text in texts])
        ranker = (
            FaqRanker(rows, len(entries), self._tokeniser, self._concepts, vectors)
            if entries
            else None
        )
        return _State(entries, ranker, opened["articles"])

    def _search_faq(
        self, state: _State, text: str, limit: int
    ) -> tuple[NDArray[np.float32] | None, list[Hit]]:
        vector = self._encoder.encode([text])[0] if self._encoder else None
        if state.ranker is None:
            return vector, []
        scored = score_faq(state.ranker.figures(text, vector), self._weights.faq, limit)
        return vector, [faq_hit(state.entries[one.entry], one.score, one.parts) for one in scored]

    async def _search_articles(
        self, state: _State, text: str, vector: NDArray[np.float32] | None, limit: int
    ) -> list[Hit]:
        if not len(state.articles):
            return []
        ranking = self._weights.articles
        words, bigrams = expand(text, self._tokeniser, self._concepts)
        question = Question(text, words, bigrams, vector)
        ranked = await self._in_thread(lambda: rank_articles(state.articles, question, ranking))
        # Read again at each search: what was repealed a minute ago is not cited.
        found = await self._database.read(
            lambda connection: store.articles(connection, [one.id for one in ranked[: 2 * limit]])
        )
        citable = {article.id: article for article in found}
        ranked = [one for one in ranked if one.id in citable]
        if not ranked:
            return []

        def sure() -> float:
            first = citable[ranked[0].id]
            said = set(self._tokeniser.words(article_text(first.law, first.chapter, first.text)))
            return ranking.probability(article_signs(state.articles, question, ranked, said))

        confidence = await self._in_thread(sure)
        best = ranked[0].score or 1.0
        return [
            article_hit(citable[one.id], confidence * max(0.0, one.score) / best, one.parts)
            for one in ranked[:limit]
        ]

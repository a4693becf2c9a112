"""Answers questions from what is approved and in force, with its source, or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from knowledge_base import releases
from knowledge_base.answering import LONGEST_QUESTION, Answering
from knowledge_base.audit import SYSTEM, Actor
from knowledge_base.building import Apart
from knowledge_base.closeness import Closeness
from knowledge_base.concepts import Concepts
from knowledge_base.database import Database
from knowledge_base.encoder import Encoder
from knowledge_base.faq import STARTER, load_starter, read_starter
from knowledge_base.following import Following
from knowledge_base.gold import sync_starter
from knowledge_base.index import Progress, silent
from knowledge_base.migrations import HISTORY, VERSION_TABLE, upgrade
from knowledge_base.models import FaqEntry, SearchResult
from knowledge_base.places import named
from knowledge_base.serving import Fate, Loader, State
from knowledge_base.tokens import Tokeniser
from knowledge_base.verdict import CITIZEN_HITS, Explained, offered, verdict
from knowledge_base.weights import load_weights
from nlu.text.errors import Unavailable
from nlu.text.normalise import normalise

__all__ = ["CHINA", "LONGEST_QUESTION", "SCRIPTS", "VERSION_TABLE", "KnowledgeBase"]

T = TypeVar("T")

THREADS = 2
SCRIPTS = HISTORY
CHINA = ZoneInfo("Asia/Shanghai")
SHOWN = 10
"""Hits that curators are shown."""


class KnowledgeBase:
    """Search over the release in force. Make one with `open`."""

    def __init__(
        self,
        database: Database,
        encoder: Encoder | None,
        data_dir: Path,
        *,
        today: Callable[[], date],
        apart: Apart | None = None,
    ) -> None:
        self._today = today
        tokeniser, concepts = Tokeniser(data_dir / "cache"), Concepts.read()
        weights = load_weights(encoder.fingerprint if encoder else None, data_dir / "weights.toml")
        self._answering = Answering(database, encoder, tokeniser, concepts, weights)
        self._loader = Loader(database, encoder, tokeniser, concepts, data_dir / "index")
        self._threads = ThreadPoolExecutor(THREADS, "knowledge-search")
        self.closeness = Closeness(tokeniser, concepts, encoder)
        """Tells whether two questions mean the same, with the same words and vectors."""
        # Tests of a candidate last seconds: citizens do not queue behind them.
        self._trials = ThreadPoolExecutor(1, "knowledge-trial")
        self._candidate: tuple[object, State] | None = None
        self._following = Following(database, self._loader, today, apart)

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
        apart: Apart | None = None,
    ) -> KnowledgeBase:
        """Bring tables, starter FAQ and index up to date, and open them for search.

        `apart` lets large builds run in a process of their own while this one serves.
        """
        await asyncio.to_thread(upgrade, database.url, HISTORY, VERSION_TABLE)
        base = await asyncio.to_thread(
            lambda: cls(database, encoder, data_dir, today=today, apart=apart)
        )
        if starter is not None:
            entries = await asyncio.to_thread(read_starter, starter)
            await database.write(lambda connection: _start(connection, entries))
        if starter == STARTER:
            await sync_starter(database)
        await base.take_over("start", SYSTEM, progress)
        return base

    @property
    def release(self) -> int | None:
        """The release that this process serves."""
        return self._following.state.release if self._following.state else None

    @property
    def today(self) -> date:
        """The day that validity is judged by."""
        return self._today()

    async def refresh(self, progress: Progress = silent) -> None:
        """Take over what is published and in force now; search goes on meanwhile."""
        await self._following.take_over("day", SYSTEM, progress)

    async def take_over(self, act: releases.Act, by: Actor, progress: Progress = silent) -> None:
        """Release what the tables say, where that differs from what is served, and serve it all."""
        await self._following.take_over(act, by, progress)

    def follow(self) -> None:
        """Serve from now on what any process publishes, within seconds, until `close`."""
        self._following.follow()

    async def catch_up(self) -> bool:
        """Serve the release in force today; True when it was not served yet."""
        return await self._following.catch_up()

    async def search(
        self, query: str, limit: int = CITIZEN_HITS, *, place: str = ""
    ) -> SearchResult:
        """The likeliest answers; `answered` when the first may be said to a citizen.

        `place` is where the citizen is, as told: it chooses between the answers of regions.
        """
        state = self._following.state
        if state is None:
            return SearchResult(answered=False, hits=())
        return await self._answering.find(state, query, limit, self._threads, place=place)

    async def explain(
        self, query: str, place: str = "", *, changed: FaqEntry | None = None
    ) -> Explained:
        """The same search laid open; with `changed` put in as if it were published."""
        state = self._in_force() if changed is None else await self.candidate({changed.id: changed})
        result = await self._answering.find(state, query, SHOWN, self._trials, place=place)
        hits = await self._try(lambda: self._answering.matched(state, query, result.hits))
        result = replace(result, hits=hits)
        weights = self._answering.weights
        floors = {"faq": weights.faq.floor, "article": weights.articles.floor}
        return Explained(
            question=normalise(query)[:LONGEST_QUESTION],
            verdict=verdict(result),
            result=result,
            offered=offered(result),
            floors=floors | {"precedent": weights.faq.floor},
            places=tuple(named(place, state.region_names)),
        )

    def area(self, place: str) -> str:
        """The narrowest of the office's regions that these words name; empty: none."""
        state = self._following.state
        found = named(place, state.region_names) if state else []
        return found[0] if found else ""

    async def near(self, question: str) -> dict[str, float]:
        """Entries that may be meant by a question, each with how likely."""
        state = self._in_force()
        result = await self._answering.find(state, question, SHOWN, self._trials)
        return {hit.id: hit.score for hit in result.hits if hit.kind != "article"}

    async def candidate(self, changes: Mapping[str, FaqEntry | None]) -> State:
        """What would be searched if these entries were published (None: taken out)."""
        state = self._in_force()
        key = (state, tuple(changes.items()))
        if self._candidate is None or self._candidate[0] != key:
            made = await self._try(lambda: self._loader.changed(state, changes))
            # The one tried last is mostly asked again, or published: it is not made twice.
            self._candidate = (key, made)
            self._following.candidate = made
        return self._candidate[1]

    async def run_questions(
        self, questions: Sequence[str], candidate: State | None = None
    ) -> dict[str, Fate]:
        """What becomes of each question now, or with a candidate."""
        return await self._answering.ask_all(candidate or self._in_force(), questions, self._trials)

    async def close(self) -> None:
        """Finish running searches. The database is its owner's to close."""
        await self._following.close()
        await asyncio.to_thread(self._threads.shutdown)
        await asyncio.to_thread(self._trials.shutdown)

    def _in_force(self) -> State:
        if self._following.state is None:
            raise Unavailable("知识库还没有打开")
        return self._following.state

    async def _try(self, work: Callable[[], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._trials, work)


def _start(connection: Connection, entries: Sequence[FaqEntry]) -> None:
    # Of several processes that start together one loads, and the others find it done.
    releases.lock(connection)
    load_starter(connection, entries)

"""Keeps the candidates in step with the database, and their snapshot in step with them."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import RowMapping

from case_api import repository
from case_api.candidates import stored, terms
from case_api.candidates.index import CAUGHT_UP, MOVED_FROM, Candidates, Case
from case_api.candidates.terms import LONGEST
from knowledge_base.database import Database
from knowledge_base.encoder import Encoder
from nlu.text.errors import MinshengError
from nlu.text.normalise import normalise

RECENT = timedelta(days=365)
BATCH = 2_000
LOOK_BACK = 64
"""Numbers looked at again: on PostgreSQL a lower one may be committed after a higher one."""
EVERY_DAY = timedelta(days=1)
"""What the database no longer holds is dropped, from the large sets too."""
WRITTEN_EVERY = 600.0
"""Seconds after which even a few new cases are written down, and after a failure tried again."""
_log = logging.getLogger(__name__)


class Keeping:
    """Cases of the last year, found by meaning, wording and place."""

    def __init__(self, database: Database, encoder: Encoder | None, folder: Path | None) -> None:
        self._database = database
        self._encoder = encoder
        fingerprint = encoder.fingerprint if encoder else "none"
        self.candidates = Candidates(encoder.dimensions if encoder else 0, folder, fingerprint)
        self._refreshing = asyncio.Lock()
        self._opened = False
        self._agreed: datetime | None = None
        self._swept: datetime | None = None
        self._written = -WRITTEN_EVERY
        self._forgotten = False
        self._failed = False
        self._closing = False
        self._catching_up: asyncio.Task[None] | None = None
        self._upkeep: asyncio.Task[None] | None = None

    async def refresh(self, now: datetime) -> None:
        """Take in what was filed since the last look, by whichever process.

        Where that is very much (a snapshot was lost), it goes on in the background:
        nobody who files a case should wait for it.
        """
        async with self._refreshing:
            if _going_on(self._catching_up):
                return
            if not self._opened:
                await asyncio.to_thread(self.candidates.load)
                await self._agree(now)
                self._opened = True
            last = await self._take_in_after(max(0, self.candidates.newest - LOOK_BACK), now)
        if last is not None:
            self._catching_up = asyncio.create_task(self._catch_up(last, now))
        elif self._due(now) and not _going_on(self._upkeep):
            self._upkeep = asyncio.create_task(self._keep_up(now))

    def near(self, text: str, place: str, limit: int, now: datetime) -> list[tuple[int, float]]:
        """Numbers of the cases that are worth comparing, with their cosine; call it in a thread."""
        vector = self._encoder.encode([_encoded(text)])[0] if self._encoder else None
        return self.candidates.near(terms.of(text, place), vector, limit, now - RECENT)

    async def forget(self, code: str) -> None:
        """Never find this case again, and take it off the disk."""
        self._forgotten |= await asyncio.to_thread(self.candidates.remove, code)

    async def settled(self) -> None:
        """Wait for what is going on in the background."""
        for task in (self._catching_up, self._upkeep):
            if task is not None:
                await asyncio.shield(task)

    async def close(self) -> None:
        """Write down what is in memory only."""
        self._closing = True
        await self.settled()
        if self.candidates.waiting or self._forgotten:
            await self._write()

    async def _take_in_after(self, after: int, now: datetime) -> int | None:
        """Take in the next cases; the last number of them where there may be more."""
        rows = await self._database.read(
            lambda c: repository.filed_since(c, after, now - RECENT, BATCH)
        )
        await asyncio.to_thread(self._take_in, rows)
        return rows[-1]["seq"] if len(rows) == BATCH else None

    async def _catch_up(self, last: int | None, now: datetime) -> None:
        try:
            while last is not None and not self._closing:
                last = await self._take_in_after(last, now)
                if self.candidates.waiting >= CAUGHT_UP:
                    await self._write(catching_up=True)
        except MinshengError as error:
            # The next look goes on where this one ended.
            _log.warning("candidates cannot be taken in: %s", type(error).__name__)
            return
        await self._keep_up(now)

    def _take_in(self, rows: Sequence[RowMapping]) -> None:
        known = self.candidates.known([row["seq"] for row in rows])
        new = [row for row, there in zip(rows, known, strict=True) if not there]
        if not new:
            return
        vectors = (
            self._encoder.encode([_encoded(r["text"]) for r in new]) if self._encoder else None
        )
        cases = [
            Case(row["seq"], row["code"], row["created_at"], terms.of(row["text"], row["place"]))
            for row in new
        ]
        self.candidates.add(cases, vectors)

    async def _agree(self, now: datetime) -> None:
        # What was kept before the database is asked must be in its answer.
        parts = self.candidates.parts
        if parts:
            numbers = await self._database.read(stored.numbers)
            await asyncio.to_thread(self.candidates.agree, parts, numbers)
        self._agreed = now

    def _due(self, now: datetime) -> bool:
        waited = time.monotonic() - self._written
        if self._failed and waited < WRITTEN_EVERY:
            return False
        return (
            self.candidates.waiting >= MOVED_FROM
            or self._forgotten
            or (self.candidates.waiting > 0 and waited >= WRITTEN_EVERY)
            or _day_passed(self._swept, now)
        )

    async def _keep_up(self, now: datetime) -> None:
        """Beside the service: searching goes on meanwhile."""
        thorough = _day_passed(self._swept, now)
        try:
            if _day_passed(self._agreed, now):
                await self._agree(now)
        except MinshengError as error:
            # The next look asks the database too, and tells whoever waits for it.
            _log.warning("candidates cannot be compared: %s", type(error).__name__)
            return
        await self._write(now - RECENT, thorough=thorough)
        self._swept = now

    async def _write(
        self, since: datetime | None = None, *, catching_up: bool = False, thorough: bool = False
    ) -> None:
        self._written, self._forgotten = time.monotonic(), False
        try:
            await asyncio.to_thread(
                self.candidates.tidy, since, catching_up=catching_up, thorough=thorough
            )
            self._failed = False
        except (MinshengError, OSError) as error:
            self._failed = True
            # Nothing is lost: it stays in memory, and the database has it all.
            _log.warning("candidates cannot be written to disk: %s", type(error).__name__)


def _going_on(task: asyncio.Task[None] | None) -> bool:
    return task is not None and not task.done()


def _day_passed(last: datetime | None, now: datetime) -> bool:
    return last is None or now - last >= EVERY_DAY


def _encoded(text: str) -> str:
    return normalise(text)[:LONGEST]

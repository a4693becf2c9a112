"""Keeps what is served in step with the release in force, whoever published it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import date

from sqlalchemy import Connection

from knowledge_base import releases, store
from knowledge_base.audit import SYSTEM, Actor
from knowledge_base.building import Apart, build_apart
from knowledge_base.database import Database
from knowledge_base.entries.regions import regions
from knowledge_base.importer import settle_in_slices
from knowledge_base.index import Progress, silent
from knowledge_base.serving import Loader, State
from nlu.text.errors import MinshengError

FOLLOW_SECONDS = 2.0
"""How soon a process serves what another one has published."""
LARGE_BUILD = 500
"""New articles from which on the index is built in a process of its own."""
RETRY_SECONDS = 60.0
"""After a build that failed."""
_log = logging.getLogger(__name__)


class Following:
    """Holds the state that is searched; replaces it as a whole when something was published.

    Entries are served at once. Many new articles are first indexed in a process of their own;
    until then those known before are searched, less what is no longer in force.
    """

    def __init__(
        self,
        database: Database,
        loader: Loader,
        today: Callable[[], date],
        apart: Apart | None,
    ) -> None:
        self.state: State | None = None
        self.candidate: State | None = None
        """The one tried last: mostly it is published next, and then need not be made again."""
        self._database = database
        self._loader = loader
        self._today = today
        self._apart = apart
        self._loading = asyncio.Lock()
        self._follower: asyncio.Task[None] | None = None
        self._builder: asyncio.Task[None] | None = None
        self._behind = False
        """New articles are published and not indexed yet."""

    async def take_over(self, act: releases.Act, by: Actor, progress: Progress = silent) -> None:
        """Release what the tables say, where that differs from what is served, and serve it all."""
        day = self._today()

        def settle(connection: Connection) -> None:
            releases.lock(connection)
            store.ensure_base_id(connection)
            releases.settle(connection, day, act, by)

        await settle_in_slices(self._database, day)
        await self._database.write(settle)
        await self.catch_up(progress)
        self._build_if_behind(progress)
        if self._builder is not None:
            # Shielded: whoever waits may go away, the build is for everybody.
            await asyncio.shield(self._builder)

    async def catch_up(self, progress: Progress = silent) -> bool:
        """Serve the release in force today; True when it was not served yet."""
        day = self._today()
        if not await self._database.read(lambda connection: releases.settled(connection, day)):
            # Of several processes the first one does it, and the others find it done.
            await settle_in_slices(self._database, day)
            await self._database.write(lambda connection: _settle_once(connection, day))
        async with self._loading:
            number, listed = await self._database.read(
                lambda connection: (releases.in_force(connection), tuple(regions(connection)))
            )
            state = self.state
            if state and (state.release, state.day, state.regions_set) == (number, day, listed):
                return False
            await self._load(progress)
            self._build_if_behind(progress)
            return True

    def follow(self) -> None:
        """Serve from now on what any process publishes, within seconds, until `close`."""
        self._follower = asyncio.create_task(self._follow())

    async def close(self) -> None:
        """End following, and a build that is running."""
        for task in (self._follower, self._builder):
            if task is not None:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError, MinshengError):
                    await task

    async def _load(self, progress: Progress) -> None:
        """Take the release in force; many new articles are left for a build apart."""
        contents = await self._loader.contents(self._today())
        state, held = self.state, None
        if self._apart is not None and state is not None:
            missing = await asyncio.to_thread(self._loader.missing_articles, contents)
            held = state if missing > LARGE_BUILD else None
        near = [one for one in (self.candidate, state) if one is not None]
        self.state = await asyncio.to_thread(self._loader.load, contents, progress, near, held)
        self.candidate = None
        self._behind = held is not None

    def _build_if_behind(self, progress: Progress) -> None:
        if self._behind and (self._builder is None or self._builder.done()):
            self._builder = asyncio.create_task(self._build(progress))

    async def _build(self, progress: Progress) -> None:
        assert self._apart is not None
        while self._behind:
            await build_apart(self._apart, progress)
            # More may have come in meanwhile.
            async with self._loading:
                await self._load(progress)

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            try:
                if await self.catch_up():
                    _log.info("serving release %s", self.state and self.state.release)
                if self._behind and self._builder is not None and self._builder.done():
                    await self._builder
            except MinshengError as error:
                # What is served goes on being served.
                _log.warning("could not take over a release: %s", error.detail)
                if self._behind:
                    await asyncio.sleep(RETRY_SECONDS)
                    self._build_if_behind(silent)


def _settle_once(connection: Connection, day: date) -> None:
    releases.lock(connection)
    if not releases.settled(connection, day):
        releases.settle(connection, day, "day", SYSTEM)

"""What is done once a day, beginning at the start: old rows that were promised to go."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping

from nlu.text.errors import MinshengError

DAY = 86_400.0
_log = logging.getLogger(__name__)

Job = Callable[[], Awaitable[int]]
"""Does its part and returns how many rows it was."""


class Daily:
    """Runs the jobs in turn; one that fails is tried again the next day, and harms no other."""

    def __init__(self, jobs: Mapping[str, Job], every: float = DAY) -> None:
        self._jobs = jobs
        self._every = every
        self._task: asyncio.Task[None] | None = None

    def begin(self) -> None:
        """Run the jobs now, and then every day until `close`."""
        self._task = asyncio.create_task(self._run(), name="daily")

    async def close(self) -> None:
        """Stop; a job that is under way is cut off, and its transaction with it."""
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task

    async def _run(self) -> None:
        while True:
            for name, job in self._jobs.items():
                try:
                    _log.info("daily: %s, %d rows", name, await job())
                except MinshengError as error:
                    _log.warning("daily: %s failed: %s", name, error.detail)
            await asyncio.sleep(self._every)

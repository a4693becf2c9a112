"""A job while it is run: what the work needs, and how it tells of its progress."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.imports import job_store
from knowledge_base.imports.records import RUNNING, JobRow, Options
from knowledge_base.imports.uploads import Folder
from knowledge_base.tables import JOBS
from nlu.text.errors import Conflict

TOLD_EVERY = 0.5
"""Seconds between two writes of the progress."""
ROWS_AT_ONCE = 200

T = TypeVar("T")


@dataclass(slots=True)
class Ticket:
    """One run of a job."""

    job: int
    options: Options
    by: Actor
    folder: Folder
    database: Database
    _told: float = field(default=0.0, init=False)

    async def beat(self, done: int, total: int | None = None, *, now: bool = False) -> None:
        """Tell how far it is, not too often; a Conflict when the job was cancelled meanwhile."""
        if not now and total is None and time.monotonic() - self._told < TOLD_EVERY:
            return
        self._told = time.monotonic()
        values = {"done": done} if total is None else {"done": done, "total": total}
        if not await self.database.write(partial(_beat, job=self.job, values=values)):
            raise Conflict("已取消")

    async def preview(self, rows: Sequence[JobRow]) -> None:
        """Store rows to be looked at."""
        for chosen in chunks(rows, ROWS_AT_ONCE):
            await self.database.write(partial(job_store.put_rows, job=self.job, rows=chosen))


def chunks(rows: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    """The rows in pieces of at most this size."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


def _beat(connection: Connection, job: int, values: dict[str, int]) -> bool:
    changed = connection.execute(
        sa.update(JOBS)
        .where(JOBS.c.id == job, JOBS.c.state.in_(RUNNING))
        .values(**values, beat_at=job_store.utcnow())
    )
    return changed.rowcount > 0

"""Runs the jobs that wait, one at a time, in whichever process holds the lock."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import logging
import os
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection

from knowledge_base.audit import Actor, record
from knowledge_base.database import Database
from knowledge_base.imports import job_store
from knowledge_base.imports.job_store import utcnow
from knowledge_base.imports.records import RUNNING, Kind, Options, State
from knowledge_base.imports.tickets import Ticket
from knowledge_base.imports.uploads import Folder
from nlu.text.errors import MinshengError

TakeOver = Callable[[Actor], Awaitable[object]]
"""Serve what was imported; called once a job has written laws."""
LOOKED_EVERY = 1.5
"""Seconds until a job is noticed that another process has brought."""
SWEPT_EVERY = 3600.0
KEPT = timedelta(days=7)
BROKEN_OFF = "程序中途停过，这次导入停在第 {done} 个；已经导入的不受影响，可以接着做"
GONE = "上传的文件已经不在了，请重新上传"
UNEXPECTED = "导入时程序出了问题，已经记入日志；可以再试一次，还不行请告诉管理员"
NO_SPACE = "磁盘读写出错：{reason}"
FORGOTTEN = "7 天没有确认，已经作废"

_log = logging.getLogger(__name__)


class Work(Protocol):
    """What is done for one kind of import."""

    async def read(self, ticket: Ticket) -> None:
        """Store the preview."""

    async def write(self, ticket: Ticket) -> None:
        """Import what is ticked."""


class Runner:
    """A task that takes one job after the other."""

    def __init__(
        self, database: Database, root: Path, works: Mapping[Kind, Work], take_over: TakeOver
    ) -> None:
        self._database = database
        self._root = root
        self._works = works
        self._take_over = take_over
        self._woken = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to look for jobs."""
        if self._task is None:
            self._task = asyncio.create_task(self._run())

    def wake(self) -> None:
        """A job is there: do not wait for the next look."""
        self._woken.set()

    async def close(self) -> None:
        """Stop at once; a job that runs is found broken off at the next start."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        lock = await asyncio.to_thread(_lock_file, self._root)
        try:
            # Of several processes one runs the jobs; when it ends, the kernel frees the lock.
            while not _locked(lock):
                await self._rest()
            await self._guarded(self._mark_broken_off())
            swept = 0.0
            loop = asyncio.get_running_loop()
            while True:
                if loop.time() >= swept:
                    swept = loop.time() + SWEPT_EVERY
                    await self._guarded(self._sweep())
                if not await self._guarded(self._next()):
                    await self._rest()
        finally:
            os.close(lock)

    async def _rest(self) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._woken.wait(), LOOKED_EVERY)
        self._woken.clear()

    async def _guarded(self, work: Awaitable[bool]) -> bool:
        """One failure must not end the task that runs all jobs."""
        (result,) = await asyncio.gather(work, return_exceptions=True)
        if isinstance(result, BaseException):
            _log.error("the import task failed", exc_info=result)
            return False
        return result

    async def _next(self) -> bool:
        """Run the job whose turn it is; False when there is none."""
        row = await self._database.read(job_store.next_waiting)
        if row is None:
            return False
        job = row.id
        by = Actor(row.options.get("by") or row.made_by, row.options.get("address", ""))
        confirmed = bool(row.options.get("confirmed"))
        state: State = "importing" if confirmed else "reading"
        if not await self._database.write(partial(_take, job=job, state=state)):
            return True
        folder = Folder(self._root, row.folder)
        options = Options(row.options.get("region", ""), bool(row.options.get("update")))
        ticket = Ticket(job, options, by, folder, self._database)
        work = self._works[row.kind]
        steps = self._write(work, ticket, row.kind) if confirmed else self._read(work, ticket)
        # Whatever goes wrong in one job is told in the job, and the next one is run.
        (error,) = await asyncio.gather(steps, return_exceptions=True)
        if error is not None:
            await self._failed(job, error)
        return True

    async def _read(self, work: Work, ticket: Ticket) -> None:
        if not await asyncio.to_thread(ticket.folder.exists):
            raise FileNotFoundError(GONE)
        await self._database.write(partial(job_store.drop_rows, job=ticket.job))
        await work.read(ticket)
        await self._database.write(partial(_end, job=ticket.job, state="preview"))

    async def _write(self, work: Work, ticket: Ticket, kind: Kind) -> None:
        try:
            await work.write(ticket)
        except MinshengError:
            if kind == "laws":
                # What was written before it stopped is in the base, and is served.
                await self._take_over(ticket.by)
            raise
        if kind == "laws":
            await self._take_over(ticket.by)
        await self._database.write(partial(_finish, job=ticket.job, by=ticket.by))
        await asyncio.to_thread(ticket.folder.remove)

    async def _failed(self, job: int, error: BaseException) -> None:
        if isinstance(error, MinshengError):
            reason = error.detail
        elif isinstance(error, FileNotFoundError) and error.args == (GONE,):
            reason = GONE
        elif isinstance(error, OSError):
            reason = NO_SPACE.format(reason=error.strerror)
        else:
            reason = UNEXPECTED
            _log.error("import %s failed", job, exc_info=error)
        await self._database.write(partial(_fail, job=job, reason=reason))

    async def _mark_broken_off(self) -> bool:
        """Who holds the lock knows: what says that it runs was broken off."""
        for row in await self._database.read(partial(job_store.in_state, states=RUNNING)):
            if await asyncio.to_thread(Folder(self._root, row.folder).exists):
                reason = BROKEN_OFF.format(done=row.done)
                await self._database.write(partial(_fail, job=row.id, reason=reason))
        return True

    async def _sweep(self) -> bool:
        """Files of jobs that nobody came back to for a week go."""
        now = utcnow()
        states: list[State] = ["preview", "failed", "cancelled", "done"]
        for row in await self._database.read(partial(job_store.in_state, states=states)):
            old = now - job_store.as_job(row).beat_at > KEPT
            if row.state == "preview" and old:
                await self._database.write(partial(_forget, job=row.id))
            if old or row.state not in ("preview", "failed"):
                await asyncio.to_thread(Folder(self._root, row.folder).remove)
        return True


def _lock_file(root: Path) -> int:
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return os.open(root / "lock", os.O_CREAT | os.O_RDWR, 0o600)


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _take(connection: Connection, job: int, state: State) -> bool:
    row = job_store.get(connection, job, lock=True)
    if row.state != "waiting":
        return False
    job_store.change(connection, job, state=state, done=0, message="")
    return True


def _end(connection: Connection, job: int, state: State) -> None:
    if job_store.get(connection, job, lock=True).state in RUNNING:
        job_store.change(connection, job, state=state, counts=job_store.counts(connection, job))


def _finish(connection: Connection, job: int, by: Actor) -> None:
    row = job_store.get(connection, job, lock=True)
    if row.state not in RUNNING:
        return
    job_store.end_rows(connection, job)
    counts = job_store.counts(connection, job)
    job_store.change(connection, job, state="done", counts=counts, finished_at=utcnow())
    record(
        connection, by, "import_done", "import", str(job),
        after={"title": row.title, "kind": row.kind, **counts},
    )  # fmt: skip


def _fail(connection: Connection, job: int, reason: str) -> None:
    if job_store.get(connection, job, lock=True).state in RUNNING:
        counts = job_store.counts(connection, job)
        job_store.change(connection, job, state="failed", message=reason[:500], counts=counts)


def _forget(connection: Connection, job: int) -> None:
    if job_store.get(connection, job, lock=True).state == "preview":
        job_store.change(
            connection, job, state="cancelled", message=FORGOTTEN, finished_at=utcnow()
        )

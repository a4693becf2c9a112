"""One way to the database for every floor: SQLAlchemy Core, run in threads.

SQLite has one writer thread, so that writes queue here in memory instead of
fighting over the file lock; PostgreSQL (`postgresql+psycopg://`) has a pool.
The code handed to `read` and `write` is the same for both.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from nlu.text.errors import Unavailable

T = TypeVar("T")

READERS = 4
POSTGRESQL_CONNECTIONS = 10
BUSY_SECONDS = 10


class Database:
    """Runs functions of a connection, each in one transaction, off the event loop.

    A transaction that was started is finished even when the waiting task is
    cancelled: a citizen who hangs up does not undo what was accepted.
    `IntegrityError` is passed on, since only the caller knows what it means;
    a database that cannot be reached or written is `errors.Unavailable`.
    """

    def __init__(self, url: str) -> None:
        parsed = make_url(url)
        self.url = url
        self.dialect = parsed.get_backend_name()
        if self.dialect == "sqlite":
            self._writer = sqlite_engine(parsed, writes=True)
            self._reader = sqlite_engine(parsed, writes=False)
            self._write_threads = ThreadPoolExecutor(1, "database-writer")
            self._read_threads = ThreadPoolExecutor(READERS, "database-reader")
        else:
            self._writer = self._reader = postgresql_engine(parsed)
            self._write_threads = self._read_threads = ThreadPoolExecutor(
                POSTGRESQL_CONNECTIONS, "database"
            )

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in a transaction and return once it is synced to disk."""
        return await self._run(self._write_threads, self._writer, work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work` on one consistent snapshot; writing is refused by SQLite."""
        return await self._run(self._read_threads, self._reader, work)

    async def close(self) -> None:
        """Finish what was started, then close every connection."""
        for threads in {self._write_threads, self._read_threads}:
            await asyncio.to_thread(threads.shutdown)
        self._reader.dispose()
        self._writer.dispose()

    async def _run(
        self, threads: ThreadPoolExecutor, engine: Engine, work: Callable[[Connection], T]
    ) -> T:
        loop = asyncio.get_running_loop()
        return await asyncio.shield(loop.run_in_executor(threads, transact, engine, work))


def transact(engine: Engine, work: Callable[[Connection], T]) -> T:
    """Run `work` in one transaction of `engine`; for callers that are in a thread already."""
    try:
        with engine.begin() as connection:
            return work(connection)
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        # The driver's words may hold parameters, that is, citizens' words: they stay inside.
        raise Unavailable("数据库暂时不可用") from error


def hold_lock(connection: Connection, key: int) -> None:
    """Let no other transaction hold this lock of ours until this one ends.

    SQLite needs none: its transactions begin IMMEDIATE, one at a time.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": key})


def engine_for(url: str) -> Engine:
    """A writing engine on its own, for migrations and command lines."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite_engine(parsed, writes=True)
    return postgresql_engine(parsed)


def reading_engine(url: str) -> Engine:
    """An engine on its own for long reads that should not hold up the common readers."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return sqlite_engine(parsed, writes=False)
    return postgresql_engine(parsed)


def sqlite_engine(url: URL, *, writes: bool) -> Engine:
    """An engine over a SQLite file in WAL mode whose commits are synced before they return."""
    if not url.database or url.database == ":memory:":
        raise ValueError("SQLite needs a file: reader and writer are separate connections")
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Made here, because SQLite would make it readable to everyone on the machine;
    # its -wal and -shm files take over the mode of the main file. Never opened when it is
    # there: closing it would drop every POSIX lock that this process has on it, and another
    # process could then take away the log under our feet (sqlite.org/howtocorrupt, 2.2).
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    engine = create_engine(
        url,
        hide_parameters=True,
        connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False},
        pool_size=1 if writes else READERS,
        max_overflow=0,
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, _record: Any) -> None:
        # Transactions are begun by the listener below: sqlite3's own habit
        # leaves DDL outside of them and begins late.
        connection.isolation_level = None
        connection.execute("PRAGMA journal_mode=WAL")
        # NORMAL would answer before the log is synced; what is accepted must be on disk.
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")
        connection.execute("PRAGMA secure_delete=ON")
        if not writes:
            connection.execute("PRAGMA query_only=ON")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # IMMEDIATE: a write that waits for another process waits here, where the
        # busy timeout helps, and not at its first change, where SQLite gives up at once.
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def postgresql_engine(url: URL) -> Engine:
    """A pooled engine over psycopg 3 that notices dropped connections before using them."""
    return create_engine(
        url,
        hide_parameters=True,
        pool_size=POSTGRESQL_CONNECTIONS,
        max_overflow=0,
        pool_timeout=BUSY_SECONDS,
        pool_pre_ping=True,
        connect_args={"connect_timeout": 5},
    )

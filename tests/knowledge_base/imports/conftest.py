"""A migrated, empty base on each kind of database, with imports that are run."""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from datetime import date
from pathlib import Path

import openpyxl
import pytest

from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries.service import Entries
from knowledge_base.imports.records import Job, JobRow, Kind, Options, Upload
from knowledge_base.imports.service import Imports
from knowledge_base.migrations import HISTORY, VERSION_TABLE, upgrade

TODAY = date(2026, 6, 1)
CURATOR = Actor("甲", "10.0.0.1")
PATIENCE = 60

Brings = Callable[..., Awaitable[Job]]


class Served:
    """Stands where publishing will: counts how often it was asked to serve."""

    def __init__(self) -> None:
        self.by: list[Actor] = []

    async def take_over(self, by: Actor) -> None:
        self.by.append(by)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    upgrade(database_url, HISTORY, VERSION_TABLE)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def entries(database: Database) -> Entries:
    return Entries(database, today=lambda: TODAY)


@pytest.fixture
def served() -> Served:
    return Served()


@pytest.fixture
def idle(database: Database, entries: Entries, served: Served, tmp_path: Path) -> Imports:
    """Imports that nobody runs yet."""
    return Imports(database, tmp_path / "imports", entries, served.take_over, lambda: TODAY)


@pytest.fixture
async def imports(idle: Imports) -> AsyncIterator[Imports]:
    idle.begin()
    yield idle
    await idle.close()


@pytest.fixture
def brings(imports: Imports) -> Brings:
    """Bring files and wait for the preview."""

    async def bring(
        kind: Kind, files: dict[str, bytes | str | Path], *, update: bool = False, region: str = ""
    ) -> Job:
        uploads = [Upload(name, as_source(content)) for name, content in files.items()]
        job = await imports.start(kind, uploads, Options(region, update), CURATOR)
        return await rested(imports, job)

    return bring


def as_source(content: bytes | str | Path) -> Path | io.BytesIO:
    if isinstance(content, Path):
        return content
    return io.BytesIO(content.encode() if isinstance(content, str) else content)


async def rested(imports: Imports, job: int) -> Job:
    """The job once nothing moves any more."""
    until = time.monotonic() + PATIENCE
    while (found := await imports.job(job)).moving:
        assert time.monotonic() < until, found
        await asyncio.sleep(0.02)
    return found


async def done(imports: Imports, job: int) -> Job:
    """Confirm, and the job when it is done."""
    await imports.confirm(job, CURATOR)
    return await rested(imports, job)


async def fates(imports: Imports, job: int) -> dict[str, str]:
    return {row.name: row.fate for row in await all_rows(imports, job)}


async def all_rows(imports: Imports, job: int) -> Sequence[JobRow]:
    return (await imports.rows(job, size=1000)).rows


def sheet(rows: Sequence[Sequence[object]]) -> bytes:
    """An xlsx with these rows."""
    book = openpyxl.Workbook()
    assert book.active is not None
    for row in rows:
        book.active.append(list(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def opened(content: bytes) -> list[list[object]]:
    """The rows of the first sheet of an xlsx."""
    book = openpyxl.load_workbook(io.BytesIO(content))
    assert book.active is not None
    return [list(row) for row in book.active.iter_rows(values_only=True)]


def law(name: str, day: str, text: str, effective: str = "") -> str:
    return f"# {name}\n\n{day} 公布\n{effective}\n<!-- INFO END -->\n\n第一条 {text}\n"

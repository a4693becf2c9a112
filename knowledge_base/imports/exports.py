"""Everything out again: FAQs and precedents as xlsx or JSON, laws as xlsx, JSON or a zip."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any, Literal

from sqlalchemy import Connection

from knowledge_base.audit import Actor, record
from knowledge_base.database import Database, reading_engine, transact
from knowledge_base.entries import listing
from knowledge_base.entries.content import dump
from knowledge_base.entries.records import EntryLine, EntryQuery
from knowledge_base.entries.store import CHINA, load_versions
from knowledge_base.imports.cells import to_cells
from knowledge_base.imports.columns import columns_of
from knowledge_base.imports.law_files import law_lines, write_book, write_objects, write_texts
from knowledge_base.imports.workbooks import Sheet, Value, write_workbook
from knowledge_base.laws.records import LawQuery
from knowledge_base.models import EntryKind, FaqEntry

EntryFormat = Literal["xlsx", "json"]
LawFormat = Literal["xlsx", "json", "zip"]
NAMES: dict[EntryKind, str] = {"faq": "常见问答", "precedent": "典型案例"}
STATUS = {"draft": "草稿", "in_review": "待审", "approved": "已通过", "retired": "已停用"}
TOLD = (("状态", 10), ("版本", 8), ("用来答复的版本", 14), ("更新时间", 18), ("更新人", 12))
"""Columns after those of the template; an import passes them over."""
ABOUT = "民声知识库导出"
Found = tuple[EntryLine, FaqEntry]


@dataclass(frozen=True, slots=True)
class File:
    """A file to hand over; who takes it deletes it."""

    name: str
    path: Path
    rows: int


@dataclass(frozen=True, slots=True)
class Exports:
    """Writes files of all that a filter shows, whatever page one was on."""

    database: Database
    folder: Path
    """Where files lie until they are handed over."""
    today: Callable[[], date]

    async def entries(self, query: EntryQuery, format: EntryFormat) -> File:
        """FAQs or precedents (`query.kind`), in the columns of the template."""
        kind: EntryKind = query.kind or "faq"

        def write(connection: Connection, file: IO[bytes]) -> int:
            found = _entries(connection, replace(query, kind=kind))
            if format == "xlsx":
                write_workbook([_sheet(kind, found)], file)
            else:
                file.write(_json({"about": ABOUT, _LISTS[kind]: _objects(found)}))
            return len(found)

        return await self._written(NAMES[kind], format, write)

    async def laws(self, query: LawQuery, format: LawFormat) -> File:
        """Laws with all their articles; the zip holds texts that can be imported again."""
        writers = {"xlsx": write_book, "json": write_objects, "zip": write_texts}

        def write(connection: Connection, file: IO[bytes]) -> int:
            found = law_lines(connection, query, self.today())
            writers[format](connection, found, file)
            return len(found)

        return await self._written("法规", format, write)

    async def everything(self) -> File:
        """FAQs, precedents and laws, in every state, as one JSON file."""

        def write(connection: Connection, file: IO[bytes]) -> int:
            rows = 0
            file.write(b"{" + f'"about": "{ABOUT}",\n'.encode())
            for kind, name in _LISTS.items():
                found = _entries(connection, EntryQuery(kind=kind, sort="id"))
                file.write(f'"{name}": '.encode() + _json(_objects(found)) + b",\n")
                rows += len(found)
            laws = law_lines(connection, LawQuery(sort="name"), self.today())
            file.write(b'"laws": ')
            write_objects(connection, laws, file)
            file.write(b"}\n")
            return rows + len(laws)

        return await self._written("知识库", "json", write)

    async def note(self, by: Actor, file: File, filters: str) -> None:
        """Put into the trail who took what."""
        await self.database.write(
            lambda connection: record(
                connection, by, "export", "knowledge", file.name,
                after={"rows": file.rows, "filters": filters},
            )
        )  # fmt: skip

    async def _written(
        self, name: str, format: str, write: Callable[[Connection, IO[bytes]], int]
    ) -> File:
        path = self.folder / secrets.token_hex(16)

        def run() -> int:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            # Seconds long: the readers that citizens' messages need are left to them.
            engine = reading_engine(self.database.url)
            try:
                with path.open("wb") as file:
                    path.chmod(0o600)
                    return transact(engine, lambda connection: write(connection, file))
            finally:
                engine.dispose()

        try:
            rows = await asyncio.to_thread(run)
        except BaseException:
            await asyncio.to_thread(path.unlink, missing_ok=True)
            raise
        return File(file_name(name, format), path, rows)


_LISTS: dict[EntryKind, str] = {"faq": "faqs", "precedent": "precedents"}


def file_name(name: str, format: str, now: datetime | None = None) -> str:
    """中文名称_日期时间.xlsx."""
    return f"{name}_{now or datetime.now(CHINA):%Y%m%d_%H%M%S}.{format}"


def _entries(connection: Connection, query: EntryQuery) -> list[Found]:
    found = listing.lines(connection, listing.ids(connection, query))
    loaded = load_versions(connection, {line.id: line.version for line in found})
    return list(zip(found, loaded, strict=True))


def _sheet(kind: EntryKind, found: Sequence[Found]) -> Sheet:
    columns = columns_of(kind)

    def rows() -> Iterator[list[Value]]:
        for line, entry in found:
            cells = to_cells(entry)
            yield [
                *(cells[column.title] for column in columns),
                STATUS.get(line.status, line.status),
                line.version,
                line.published_version,
                line.changed_at.astimezone(CHINA),
                line.changed_by,
            ]

    heads = [(column.title, column.width) for column in columns]
    return Sheet(NAMES[kind], [*heads, *TOLD], rows())


def _objects(found: Sequence[Found]) -> list[dict[str, Any]]:
    return [
        {"id": line.id, **dump(entry), "status": line.status, "version": line.version}
        for line, entry in found
    ]


def _json(content: object) -> bytes:
    return json.dumps(content, ensure_ascii=False, indent=1).encode()

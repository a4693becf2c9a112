"""FAQs and precedents as a job: each row is judged against what is there, then saved as a draft."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.documents.parser import Parser, parsed
from knowledge_base.entries.checking import problems
from knowledge_base.entries.content import dump, load, spelled
from knowledge_base.entries.regions import regions
from knowledge_base.entries.service import Entries
from knowledge_base.entries.store import load_versions
from knowledge_base.imports import job_store
from knowledge_base.imports.cells import merged, plain, to_cells, to_entry
from knowledge_base.imports.columns import Column, columns_of, header_of
from knowledge_base.imports.records import Fate, JobRow
from knowledge_base.imports.tickets import ROWS_AT_ONCE, Ticket
from knowledge_base.models import EntryKind, FaqEntry
from knowledge_base.tables import FAQS
from nlu.text.errors import MinshengError, Unprocessable

SAVED_AT_ONCE = 10
"""Entries a transaction: each brings a version, a step and an audit row."""
MOST_ROWS = 20_000
HEADER_ROWS = 20
KIND_WORDS: Mapping[EntryKind, str] = {"faq": "常见问答", "precedent": "典型案例"}
OTHERS: Mapping[EntryKind, str] = {"faq": "precedents", "precedent": "faqs"}
NO_HEADER = "里没有认得的表头：要有“标题”和别的列，请用下载的模板"


@dataclass(frozen=True, slots=True)
class Given:
    """One row as it was brought."""

    place: str
    """Which sheet and row of which file."""
    cells: Mapping[str, str]
    entry: FaqEntry | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class There:
    """What an entry of the base is matched by."""

    id: str
    kind: EntryKind
    version: int
    question: str


@dataclass(slots=True)
class Seen:
    """What stood in the rows before."""

    titles: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)


class EntryWork:
    """Reads and writes the entries of a job."""

    def __init__(self, kind: EntryKind, entries: Entries) -> None:
        self._kind = kind
        self._entries = entries

    async def read(self, ticket: Ticket) -> None:
        """Parse the files, judge their rows and store the preview."""
        held = await asyncio.to_thread(ticket.folder.unpack)
        await ticket.beat(0, len(held))
        known = await ticket.database.read(regions)
        seen = Seen()
        position = 0
        async with Parser() as parser:
            for at, one in enumerate(held):
                out = ticket.folder.result(at)
                reason = one.reason
                try:
                    if not reason and not await asyncio.to_thread(out.exists):
                        await parser.parse(ticket.folder.file(one), one.name, "rows", out)
                except MinshengError as error:
                    reason = error.detail
                if reason:
                    await ticket.preview([JobRow(position, one.name, "invalid", False, reason)])
                    position += 1
                    continue
                short = PurePosixPath(one.name).name if len(held) > 1 else ""
                given = await asyncio.to_thread(list, rows_of(out, short, one.name, self._kind))
                if position + len(given) > MOST_ROWS:
                    raise Unprocessable(f"一次最多导入 {MOST_ROWS} 条，请分几次")
                for start in range(0, len(given), ROWS_AT_ONCE):
                    chosen = given[start : start + ROWS_AT_ONCE]
                    rows = await ticket.database.read(
                        partial(
                            self._judge, given=chosen, first=position, seen=seen,
                            update=ticket.options.update, known=known,
                        )
                    )  # fmt: skip
                    await ticket.preview(rows)
                    position += len(rows)
                await ticket.beat(at + 1)

    async def write(self, ticket: Ticket) -> None:
        """Save the rows that are ticked; each becomes a draft, and what fails is told."""
        after, done = -1, 0
        while rows := await ticket.database.read(
            partial(job_store.chosen_rows, job=ticket.job, after=after, limit=SAVED_AT_ONCE)
        ):
            after = rows[-1].position
            await ticket.database.write(partial(self._save, ticket=ticket, rows=rows))
            done += len(rows)
            await ticket.beat(done)
        await ticket.beat(done, now=True)

    def _save(self, connection: Connection, ticket: Ticket, rows: Sequence[JobRow]) -> None:
        fates: dict[int, tuple[Fate, str]] = {}
        for row in rows:
            content = row.content
            entry = load(content["id"], content["entry"])
            try:
                self._entries.save_in(
                    connection, entry, ticket.by, note=f"第 {ticket.job} 次导入",
                    base_version=content["version"], act="imported",
                )  # fmt: skip
                fates[row.position] = ("imported", "")
            except MinshengError as error:
                fates[row.position] = ("failed", error.detail)
        job_store.set_fates(connection, ticket.job, fates)

    def _judge(
        self,
        connection: Connection,
        given: Sequence[Given],
        first: int,
        seen: Seen,
        update: bool,
        known: Sequence[str],
    ) -> list[JobRow]:
        there = _there(connection)
        by_title = {spelled(one.question): one for one in there.values()}
        matches: dict[int, There] = {}
        for at, row in enumerate(given):
            if row.entry is not None:
                found = there.get(row.entry.id) or by_title.get(spelled(row.entry.question))
                if found is not None:
                    matches[at] = found
        old = load_versions(connection, {one.id: one.version for one in matches.values()})
        contents = {entry.id: entry for entry in old}
        rows = []
        for at, brought in enumerate(given):
            row, match = brought, matches.get(at)
            if match and brought.entry and match.kind == self._kind:
                entry = merged(contents[match.id], brought.entry, brought.cells)
                row = replace(brought, entry=entry)
            fate, reason = self._fate(row, match, contents, by_title, seen, known)
            id = match.id if match else row.entry.id if row.entry else ""
            rows.append(
                JobRow(
                    position=first + at,
                    name=(row.entry.question if row.entry else row.cells.get("标题", ""))
                    or f"（没有标题，{row.place}）",
                    fate=fate,
                    chosen=fate == "new" or (fate == "changed" and update),
                    reason=reason,
                    content={
                        "place": row.place,
                        "cells": dict(row.cells),
                        "entry": dump(row.entry) if row.entry else None,
                        "id": id,
                        "version": match.version if match else None,
                    },
                )
            )
        return rows

    def _fate(
        self,
        row: Given,
        match: There | None,
        contents: Mapping[str, FaqEntry],
        by_title: Mapping[str, There],
        seen: Seen,
        known: Sequence[str],
    ) -> tuple[Fate, str]:
        if row.entry is None:
            return "invalid", row.reason
        if reason := self._wrong(row.entry, known):
            return "invalid", reason
        if all(row.cells.get(column.title) == column.example for column in self._columns[:3]):
            return "existing", "这是模板里的例子，跳过"
        title = spelled(row.entry.question)
        before = seen.titles.get(title) or (row.entry.id and seen.ids.get(row.entry.id))
        if before:
            return "twice", f"和{before}重复，只算前面那一条"
        seen.titles[title] = row.place
        if row.entry.id:
            seen.ids[row.entry.id] = row.place
        if match is None:
            return "new", ""
        if match.kind != self._kind:
            return "invalid", f"已有同名的{KIND_WORDS[match.kind]}（{match.id}），请改标题"
        namesake = by_title.get(title)
        if namesake is not None and namesake.id != match.id:
            return "invalid", f"标题和另一条（{namesake.id}）相同，请改标题"
        old, new = dump(contents[match.id]), dump(row.entry)
        different = [column.title for column in self._columns if _differs(column, old, new)]
        if not different:
            return "existing", f"和已有的（{match.id}）内容一样"
        return "changed", f"已有同名的（{match.id}），不同的是：{'、'.join(different)}"

    @property
    def _columns(self) -> tuple[Column, ...]:
        return columns_of(self._kind)

    def _wrong(self, entry: FaqEntry, known: Sequence[str]) -> str:
        titles = {column.field: column.title for column in self._columns}
        return "；".join(
            f"{titles.get(problem.field, problem.field)}：{problem.message}"
            for problem in problems(entry, known)
        )


def rows_of(out: Path, short: str, name: str, kind: EntryKind) -> Iterator[Given]:
    """The rows that were read of a file, with the columns that their header names."""
    columns = columns_of(kind)
    header: dict[str, int] | None = None
    sheet = ""
    some = False
    for row in parsed(out):
        if "object" in row:
            some = True
            if row["list"] == OTHERS[kind]:
                continue  # an export of everything holds both kinds
            yield _from_object(row["object"], f"{short}第 {row['row']} 条", kind)
            continue
        if row["sheet"] != sheet:
            sheet, header = row["sheet"], None
        if header is None:
            if row["row"] <= HEADER_ROWS:
                header = header_of(row["cells"], columns)
            continue
        some = True
        # A cell of a text is what was typed; an export had to guard some with a '.
        cells = {
            title: plain(row["cells"][at]) if at < len(row["cells"]) else ""
            for title, at in header.items()
        }
        if any(cells.values()):
            yield _from_cells(cells, f"{short}第 {row['row']} 行", kind)
    if not some:
        if header is None:
            yield Given(name, {}, None, f"{PurePosixPath(name).name} {NO_HEADER}")
        else:
            yield Given(name, {}, None, f"{PurePosixPath(name).name} 里只有表头，没有内容")


def _from_cells(cells: Mapping[str, str], place: str, kind: EntryKind) -> Given:
    try:
        return Given(place, cells, to_entry(kind, cells))
    except MinshengError as error:
        return Given(place, cells, None, error.detail)


def _from_object(found: Mapping[str, Any], place: str, kind: EntryKind) -> Given:
    """A row of JSON: in the fields of an export, or with the titles of the sheet."""
    if "question" not in found:
        cells = {str(title): str(value or "") for title, value in found.items()}
        return _from_cells(cells, place, kind)
    try:
        entry = load(str(found.get("id") or ""), {"answer": "", **found})
        if entry.kind != kind:
            words = KIND_WORDS[entry.kind]
            return Given(place, {"标题": entry.question}, None, f"这条是{words}，请在那一类里导入")
        cells = {title: str(value) for title, value in to_cells(entry).items()}
    except (TypeError, ValueError, KeyError, AttributeError):
        return Given(place, {}, None, "字段的写法不对，请对照导出的 JSON")
    return Given(place, cells, entry)


def _there(connection: Connection) -> dict[str, There]:
    rows = connection.execute(sa.select(FAQS.c.id, FAQS.c.kind, FAQS.c.version, FAQS.c.question))
    return {row.id: There(row.id, row.kind, row.version, row.question) for row in rows}


def _differs(column: Column, old: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    return column.field != "id" and old[column.field] != new[column.field]

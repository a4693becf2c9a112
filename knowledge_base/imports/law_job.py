"""Laws as a job: parse every file, say of each what it would do, then write those ticked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import PurePosixPath

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.documents.parser import Parser
from knowledge_base.importer import settle_in_slices
from knowledge_base.imports import job_store
from knowledge_base.imports.law_store import (
    LAWS_AT_ONCE,
    ParsedLaw,
    Told,
    put_law,
    read_law,
    slices,
    told_of,
)
from knowledge_base.imports.records import Fate, JobRow, Options
from knowledge_base.imports.tickets import Ticket
from knowledge_base.imports.uploads import Folder
from knowledge_base.tables import DOCUMENTS
from nlu.text.errors import MinshengError

Place = tuple[str, str, str]
LOST = "读取的结果不见了，请重新上传这个文件"


@dataclass(frozen=True, slots=True)
class Known:
    """One version of a law that the base has."""

    law: str
    age: date
    in_force: bool


@dataclass(frozen=True, slots=True)
class Base:
    """What of laws is there already."""

    digests: Mapping[str, str]
    """Of every text, and the law that it is."""
    laws: Mapping[Place, Sequence[Known]]


class LawWork:
    """Reads and writes the laws of a job."""

    def __init__(self, today: Callable[[], date]) -> None:
        self._today = today

    async def read(self, ticket: Ticket) -> None:
        """Parse each file in a child process and store the preview."""
        held = await asyncio.to_thread(ticket.folder.unpack)
        await ticket.beat(0, len(held))
        told: dict[int, Told] = {}
        reasons: dict[int, str] = {}
        async with Parser() as parser:
            for position, one in enumerate(held):
                out = ticket.folder.result(position)
                try:
                    if one.reason:
                        reasons[position] = one.reason
                        continue
                    # A result is there when the work had been broken off.
                    if not await asyncio.to_thread(out.exists):
                        file = ticket.folder.file(one)
                        await parser.parse(file, one.name, "law", out, ticket.options.region)
                    told[position] = await asyncio.to_thread(told_of, out)
                except MinshengError as error:
                    reasons[position] = error.detail
                await ticket.beat(position + 1)
        base = await ticket.database.read(read_base)
        names = [one.name for one in held]
        rows = await asyncio.to_thread(judged, names, told, reasons, base, ticket.options)
        await ticket.beat(len(held), now=True)
        await ticket.preview(rows)

    async def write(self, ticket: Ticket) -> None:
        """Write the laws that are ticked, some at a time, then settle which are in force."""
        try:
            await self._write(ticket)
        except MinshengError:
            # Cancelled, perhaps: those written so far must not lie there undecided.
            await settle_in_slices(ticket.database, self._today())
            raise
        await settle_in_slices(ticket.database, self._today())

    async def _write(self, ticket: Ticket) -> None:
        job, database = ticket.job, ticket.database
        after, done = -1, 0
        while rows := await database.read(
            partial(job_store.chosen_rows, job=job, after=after, limit=LAWS_AT_ONCE)
        ):
            after = rows[-1].position
            laws, lost = await asyncio.to_thread(_load, ticket.folder, rows)
            if lost:
                await database.write(partial(job_store.set_fates, job=job, fates=lost))
            for chosen in slices(laws):
                await database.write(partial(self._put, ticket=ticket, laws=chosen))
            done += len(rows)
            await ticket.beat(done)
        await ticket.beat(done, now=True)

    def _put(self, connection: Connection, ticket: Ticket, laws: Sequence[ParsedLaw]) -> None:
        at = job_store.begun(connection, ticket.job)
        fates: dict[int, tuple[Fate, str]] = {}
        for law in laws:
            # One moment for all: versions that came together are each other's history.
            is_new = put_law(connection, law, by=ticket.by.name, at=at)
            fates[law.position] = ("imported", "") if is_new else ("skipped", "同样的文字已经有了")
        job_store.set_fates(connection, ticket.job, fates)


def _load(
    folder: Folder, rows: Sequence[JobRow]
) -> tuple[list[ParsedLaw], dict[int, tuple[Fate, str]]]:
    laws: list[ParsedLaw] = []
    lost: dict[int, tuple[Fate, str]] = {}
    for row in rows:
        out = folder.result(row.position)
        if out.is_file():
            laws.append(read_law(out, PurePosixPath(row.name).name, row.position))
        else:
            lost[row.position] = ("failed", LOST)
    return laws, lost


def read_base(connection: Connection) -> Base:
    """What of laws is there already."""
    digests: dict[str, str] = {}
    laws: dict[Place, list[Known]] = {}
    for row in connection.execute(
        sa.select(
            DOCUMENTS.c.law,
            DOCUMENTS.c.key,
            DOCUMENTS.c.part,
            DOCUMENTS.c.region,
            DOCUMENTS.c.version,
            DOCUMENTS.c.effective,
            DOCUMENTS.c.digest,
            DOCUMENTS.c.in_force,
        )
    ):
        digests[row.digest] = row.law
        laws.setdefault((row.region, row.key, row.part), []).append(
            Known(row.law, row.version or row.effective or date.min, row.in_force)
        )
    return Base(digests, laws)


def judged(
    names: Sequence[str],
    told: Mapping[int, Told],
    reasons: Mapping[int, str],
    base: Base,
    options: Options,
) -> list[JobRow]:
    """What each file would do, in the order in which they came."""
    newest: dict[Place, date] = {}
    for one in told.values():
        newest[one.place] = max(one.age, newest.get(one.place, date.min))
    seen: dict[str, str] = {}
    rows = []
    for position, name in enumerate(names):
        if position in reasons:
            rows.append(JobRow(position, name, "invalid", False, reasons[position]))
            continue
        one = told[position]
        fate, reason = _fate(one, base, seen, newest[one.place])
        seen.setdefault(one.digest, name)
        chosen = fate in ("new", "newer") or (fate == "older" and one.age != date.min)
        chosen = chosen or (fate == "changed" and options.update)
        rows.append(JobRow(position, name, fate, chosen, reason, _content(one)))
    return rows


def _fate(told: Told, base: Base, seen: Mapping[str, str], newest: date) -> tuple[Fate, str]:
    if told.digest in base.digests:
        return "existing", "同样的文字已经有了"
    if told.digest in seen:
        return "twice", f"和本次的 {seen[told.digest]} 是同一份"
    known = base.laws.get(told.place, ())
    best = max(known, key=lambda one: (one.in_force, one.age), default=None)
    if told.age < newest:
        return "older", f"历史版本：本次还有更新的（{newest}）"
    if best is None:
        return "new", "" if told.version or told.effective else "文件里没有写明日期"
    had = f"（{best.age}）" if best.age != date.min else ""
    if told.age == best.age:
        return "changed", f"和现有版本{had}日期相同、文字不同；导入后以这一份为准"
    if told.age > best.age:
        return "newer", f"现有版本{had}会被这一版（{told.age}）替换，标为失效"
    if told.age == date.min:
        return "older", "文件里没有写明日期，分不清新旧；导入后只作历史版本"
    return "older", f"比现有版本{had}旧，只作历史版本保存"


def _content(told: Told) -> dict[str, object]:
    return {
        "law": told.law,
        "part": told.part,
        "region": told.region,
        "version": told.version.isoformat() if told.version else "",
        "effective": told.effective.isoformat() if told.effective else "",
        "articles": told.articles,
        "history": told.history[:10],
    }

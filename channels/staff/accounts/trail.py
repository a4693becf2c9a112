"""Reads the audit trail: filtered, counted, checked, taken out; nothing here changes a row."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts.records import moment
from channels.staff.accounts.tables import ACCOUNTS
from knowledge_base import audit
from knowledge_base.audit import Actor, Entry
from knowledge_base.database import Database, reading_engine, transact
from knowledge_base.tables import AUDIT

CHINA = ZoneInfo("Asia/Shanghai")
MOST = 50_000
"""Rows of one export."""


@dataclass(frozen=True, slots=True)
class TrailQuery:
    """Which rows; an empty field means all."""

    by: str = ""
    act: str = ""
    kind: str = ""
    object: str = ""
    """Part of a case code, an entry's id, an account's name."""
    since: date | None = None
    until: date | None = None
    """Both days count."""
    q: str = ""
    """Words in the object, the reason, or what was changed."""
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class TrailPage:
    """Some rows, newest first, and how many there are."""

    lines: tuple[Entry, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters offer: what there is."""

    acts: tuple[str, ...]
    kinds: tuple[str, ...]
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """Whether the chain of rows is whole."""

    total: int
    broken: int | None
    """The first row that does not follow from the one before."""
    last: str
    """The last row's hash: rows cut off at the end are seen by comparing it with an export."""


class Trail:
    """For the auditor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, query: TrailQuery) -> TrailPage:
        """One page of what a filter shows."""

        def look(connection: Connection) -> TrailPage:
            where = _where(query)
            total = connection.scalar(sa.select(sa.func.count()).select_from(AUDIT).where(*where))
            skipped = (max(1, query.page) - 1) * query.size
            return TrailPage(
                tuple(_rows(connection, where, limit=query.size, offset=skipped)), total or 0
            )

        return await self._database.read(look)

    async def choices(self) -> Choices:
        """The acts, kinds and people that there are rows of."""

        def look(connection: Connection) -> Choices:
            return Choices(*(_distinct(connection, AUDIT.c[n]) for n in ("act", "kind", "by")))

        return await self._database.read(look)

    async def check(self) -> Checked:
        """Follow the whole chain, on a connection of its own: it reads every row."""

        def work(connection: Connection) -> Checked:
            total = connection.scalar(sa.select(sa.func.count()).select_from(AUDIT))
            newest = sa.select(AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1)
            return Checked(total or 0, audit.verify(connection), connection.scalar(newest) or "")

        return await asyncio.to_thread(self._apart, work)

    async def export(self, query: TrailQuery) -> tuple[Entry, ...]:
        """All rows of a filter, up to `MOST`, oldest first as a log is read on paper."""

        def work(connection: Connection) -> tuple[Entry, ...]:
            return tuple(_rows(connection, _where(query), limit=MOST))[::-1]

        found: tuple[Entry, ...] = await asyncio.to_thread(self._apart, work)
        return found

    async def note_export(self, by: Actor, what: str, rows: int, filters: str) -> None:
        """That it was taken out stands in the trail itself."""
        after = {"rows": rows, "filters": filters}
        await self._database.write(
            lambda c: audit.record(c, by, "export", "trail", what, after=after)
        )

    def _apart(self, work: Any) -> Any:
        engine = reading_engine(self._database.url)
        try:
            return transact(engine, work)
        finally:
            engine.dispose()


async def people(database: Database) -> dict[str, str]:
    """Names of persons by account, those who have left included."""

    def look(connection: Connection) -> dict[str, str]:
        rows = connection.execute(sa.select(ACCOUNTS.c.name, ACCOUNTS.c.display_name))
        return {row.name: row.display_name for row in rows}

    return await database.read(look)


def days(
    column: sa.ColumnElement[datetime], since: date | None, until: date | None
) -> list[sa.ColumnElement[bool]]:
    """From the first to the last day, as days begin here."""
    where = []
    if since:
        where.append(column >= _midnight(since))
    if until:
        where.append(column < _midnight(until + timedelta(days=1)))
    return where


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), CHINA).astimezone(ZoneInfo("UTC"))


def _where(query: TrailQuery) -> list[sa.ColumnElement[bool]]:
    exact = {"by": query.by, "act": query.act, "kind": query.kind}
    where = [AUDIT.c[name] == value for name, value in exact.items() if value]
    if query.object:
        where.append(AUDIT.c.object.icontains(query.object, autoescape=True))
    where += days(AUDIT.c.at, query.since, query.until)
    for word in query.q.split():
        # JSON columns hold what is not ASCII as \uXXXX.
        spelled = json.dumps(word)[1:-1]
        where.append(
            sa.or_(
                AUDIT.c.object.icontains(word, autoescape=True),
                AUDIT.c.reason.icontains(word, autoescape=True),
                *(
                    sa.cast(AUDIT.c[name], sa.Text).icontains(spelled, autoescape=True)
                    for name in ("before", "after")
                ),
            )
        )
    return where


def _rows(
    connection: Connection, where: list[sa.ColumnElement[bool]], *, limit: int, offset: int = 0
) -> Iterator[Entry]:
    found = connection.execute(
        sa.select(AUDIT).where(*where).order_by(AUDIT.c.id.desc()).limit(limit).offset(offset)
    )
    for row in found:
        entry = Entry(*(getattr(row, name) for name in Entry.__slots__))
        yield replace(entry, at=moment(entry.at))


def _distinct(connection: Connection, column: sa.Column[str]) -> tuple[str, ...]:
    return tuple(connection.scalars(sa.select(column).distinct().order_by(column)))

"""Reads the log of sign-ins: who came in, who was refused, from where."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts.records import moment
from channels.staff.accounts.tables import SIGN_INS
from channels.staff.accounts.trail import MOST, days
from knowledge_base.database import Database


@dataclass(frozen=True, slots=True)
class SignInQuery:
    """Which lines; an empty field means all."""

    name: str = ""
    outcome: str = ""
    address: str = ""
    since: date | None = None
    until: date | None = None
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class SignInLine:
    """One try, or one end of a session."""

    at: datetime
    name: str
    """Empty where there is no such account."""
    address: str
    agent: str
    outcome: str


@dataclass(frozen=True, slots=True)
class SignInPage:
    """Some lines, newest first, and how many there are."""

    lines: tuple[SignInLine, ...]
    total: int


class SignInLog:
    """For the auditor."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def page(self, query: SignInQuery) -> SignInPage:
        """One page of what a filter shows."""

        def look(connection: Connection) -> SignInPage:
            where = _where(query)
            count = sa.select(sa.func.count()).select_from(SIGN_INS).where(*where)
            skipped = (max(1, query.page) - 1) * query.size
            lines = _lines(connection, where, query.size, skipped)
            return SignInPage(lines, connection.scalar(count) or 0)

        return await self._database.read(look)

    async def export(self, query: SignInQuery) -> tuple[SignInLine, ...]:
        """All lines of a filter, up to `MOST`, oldest first."""
        lines = await self._database.read(lambda c: _lines(c, _where(query), MOST, 0))
        return lines[::-1]


def _where(query: SignInQuery) -> list[sa.ColumnElement[bool]]:
    where = days(SIGN_INS.c.at, query.since, query.until)
    for name in ("name", "outcome"):
        value = getattr(query, name)
        if value:
            where.append(SIGN_INS.c[name] == value)
    if query.address:
        where.append(SIGN_INS.c.address.startswith(query.address, autoescape=True))
    return where


def _lines(
    connection: Connection, where: list[sa.ColumnElement[bool]], limit: int, offset: int
) -> tuple[SignInLine, ...]:
    rows = connection.execute(
        sa.select(SIGN_INS).where(*where).order_by(SIGN_INS.c.id.desc()).limit(limit).offset(offset)
    )
    return tuple(
        SignInLine(moment(row.at), row.name, row.address, row.agent, row.outcome) for row in rows
    )

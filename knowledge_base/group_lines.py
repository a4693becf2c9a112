"""What a curator sees of the groups of questions asked in vain: lines, counts, weeks."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.tables import ASKED, GROUPS

State = Literal["open", "drafted", "added", "dismissed"]
Sort = Literal["askers", "newest", "times"]
WEEKS = 8


@dataclass(frozen=True, slots=True)
class GroupQuery:
    """What a curator looks for."""

    state: State = "open"
    q: str = ""
    area: str = ""
    reason: str = ""
    """refused | useless | handoff; empty: any."""
    sort: Sort = "askers"
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class GroupLine:
    """One group in the list."""

    id: int
    title: str
    state: State
    faq: str
    note: str
    decided_by: str
    askers: int
    """Citizens; one who asked ten times counts once."""
    times: int
    refused: int
    useless: int
    handoffs: int
    areas: tuple[str, ...]
    weeks: tuple[int, ...]
    """Times asked in each of the last eight weeks, oldest first."""
    last_at: datetime


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a group, masked."""

    id: int
    text: str
    at: datetime
    channel: str
    area: str
    outcome: str
    hit: str
    vote: str
    handoff: bool


@dataclass(frozen=True, slots=True)
class GroupPage:
    lines: tuple[GroupLine, ...]
    total: int


_CLAUSES = re.compile(r"(?<=[，。；！？,;!?])")
_REFUSED = ("refused", "offered")
_NAMED = sa.func.count(sa.distinct(sa.func.nullif(ASKED.c.asker, "")))
_COUNTS = {
    "times": sa.func.count(),
    # Rows from before askers were told apart count one each.
    "askers": _NAMED + sa.func.sum(sa.case((ASKED.c.asker == "", 1), else_=0)),
    "refused": sa.func.sum(sa.case((ASKED.c.outcome.in_(_REFUSED), 1), else_=0)),
    "useless": sa.func.sum(sa.case((ASKED.c.vote == "useless", 1), else_=0)),
    "handoffs": sa.func.sum(sa.case((ASKED.c.handoff, 1), else_=0)),
    "last_at": sa.func.max(ASKED.c.at),
}
_REASONS = {"refused": "refused", "useless": "useless", "handoff": "handoffs"}
_FIRST: dict[Sort, tuple[str, ...]] = {
    "askers": ("askers", "last_at"),
    "times": ("times", "last_at"),
    "newest": ("last_at",),
}


def page(connection: Connection, query: GroupQuery, now: datetime) -> GroupPage:
    """The groups that the query asks for, counted by the database."""
    found = _counted().where(GROUPS.c.state == query.state)
    if query.q:
        found = found.where(GROUPS.c.title.contains(query.q, autoescape=True))
    if query.area:
        there = sa.select(ASKED.c.group).where(ASKED.c.vain, ASKED.c.area == query.area)
        found = found.where(GROUPS.c.id.in_(there))
    if query.reason in _REASONS:
        found = found.having(_COUNTS[_REASONS[query.reason]] > 0)
    total = connection.scalar(sa.select(sa.func.count()).select_from(found.subquery())) or 0
    rows = connection.execute(
        found.order_by(*(_COUNTS[name].desc() for name in _FIRST[query.sort]), GROUPS.c.id)
        .limit(query.size)
        .offset((query.page - 1) * query.size)
    ).all()
    return GroupPage(tuple(_lines(connection, rows, now)), total)


def line(connection: Connection, group: int, now: datetime) -> GroupLine | None:
    """One group; None when there is none, or nothing in it is in vain any more."""
    rows = connection.execute(_counted().where(GROUPS.c.id == group)).all()
    return next(iter(_lines(connection, rows, now)), None)


def questions(connection: Connection, group: int, limit: int) -> tuple[Question, ...]:
    """What was asked, the newest first."""
    rows = connection.execute(
        sa.select(ASKED)
        .where(ASKED.c.vain, ASKED.c.group == group)
        .order_by(ASKED.c.id.desc())
        .limit(limit)
    )
    return tuple(
        Question(
            row.id, row.question, row.at, row.channel, row.area, row.outcome, row.hit, row.vote,
            row.handoff,
        )
        for row in rows
    )  # fmt: skip


def open_groups(connection: Connection) -> int:
    """How many groups wait for a curator."""
    count = (
        sa.select(sa.func.count(sa.distinct(GROUPS.c.id)))
        .join(ASKED, ASKED.c.group == GROUPS.c.id)
        .where(GROUPS.c.state == "open", ASKED.c.vain)
    )
    return connection.scalar(count) or 0


def areas(connection: Connection) -> list[str]:
    """Areas that questions came from."""
    found = sa.select(ASKED.c.area).where(ASKED.c.vain, ASKED.c.area != "").distinct()
    return sorted(connection.scalars(found))


def _counted() -> sa.Select[Any]:
    # Only what was asked in vain counts: a question that found its answer later drops out.
    return (
        sa.select(GROUPS, *(count.label(name) for name, count in _COUNTS.items()))
        .join(ASKED, ASKED.c.group == GROUPS.c.id)
        .where(ASKED.c.vain)
        .group_by(GROUPS.c.id)
    )


def _lines(connection: Connection, rows: Sequence[Any], now: datetime) -> Iterator[GroupLine]:
    asked: dict[int, list[Any]] = {row.id: [] for row in rows}
    for row in connection.execute(
        sa.select(ASKED.c.group, ASKED.c.at, ASKED.c.area).where(
            ASKED.c.vain, ASKED.c.group.in_(asked)
        )
    ):
        asked[row.group].append(row)
    for row in rows:
        weeks = [0] * WEEKS
        for one in asked[row.id]:
            ago = (now - _aware(one.at, now)) // timedelta(weeks=1)
            if 0 <= ago < WEEKS:
                weeks[WEEKS - 1 - ago] += 1
        yield GroupLine(
            id=row.id,
            title=row.title,
            state=row.state,
            faq=row.faq,
            note=row.note,
            decided_by=row.decided_by,
            askers=row.askers,
            times=row.times,
            refused=row.refused,
            useless=row.useless,
            handoffs=row.handoffs,
            areas=tuple(sorted({one.area for one in asked[row.id] if one.area})),
            weeks=tuple(weeks),
            last_at=_aware(row.last_at, now),
        )


def _aware(moment: datetime, like: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)


def without_numbers(text: str) -> str:
    """What was asked, without the clauses that hold a masked number or name."""
    return "".join(part for part in _CLAUSES.split(text) if "*" not in part).strip("，, ")

"""What a curator sees of the groups of questions asked in vain: lines, counts, weeks."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from knowledge_base.tables import ASKED, GROUPS

State = Literal["open", "drafted", "added", "dismissed"]
Sort = Literal["askers", "newest", "times"]
WEEKS = 8

IN_VAIN = sa.or_(
    ASKED.c.outcome.in_(("refused", "offered")), ASKED.c.vote == "useless", ASKED.c.handoff
)


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


def joined() -> sa.Select[Any]:
    # Only what was asked in vain counts: a question that found its answer later drops out.
    return (
        sa.select(
            GROUPS,
            ASKED.c.id.label("asked_id"),
            *(ASKED.c[name] for name in (
                "question", "at", "channel", "asker", "area", "outcome", "hit", "vote", "handoff",
            )),
        )
        .join(ASKED, ASKED.c.group == GROUPS.c.id)
        .where(IN_VAIN)
    )  # fmt: skip


def wanted(query: GroupQuery) -> sa.Select[Any]:
    return joined().where(GROUPS.c.state == query.state)


def fits(line: GroupLine, query: GroupQuery) -> bool:
    reasons = {"refused": line.refused, "useless": line.useless, "handoff": line.handoffs}
    return (
        (not query.q or query.q in line.title)
        and (not query.area or query.area in line.areas)
        and (not query.reason or bool(reasons.get(query.reason)))
    )


_CLAUSES = re.compile(r"(?<=[，。；！？,;!?])")
ORDER: dict[Sort, Callable[[GroupLine], Any]] = {
    "askers": lambda line: (-line.askers, -line.last_at.timestamp()),
    "times": lambda line: (-line.times, -line.last_at.timestamp()),
    "newest": lambda line: -line.last_at.timestamp(),
}


def as_lines(rows: Sequence[Any], now: datetime) -> list[GroupLine]:
    """Rows of `joined`, one line a group."""
    gathered: dict[int, list[Any]] = {}
    for row in rows:
        gathered.setdefault(row.id, []).append(row)
    return [_line(members, now) for members in gathered.values()]


def _line(rows: Sequence[Any], now: datetime) -> GroupLine:
    first = rows[0]
    named = {row.asker for row in rows if row.asker}
    weeks = [0] * WEEKS
    for row in rows:
        ago = (now - _aware(row.at, now)) // timedelta(weeks=1)
        if 0 <= ago < WEEKS:
            weeks[WEEKS - 1 - ago] += 1
    return GroupLine(
        id=first.id,
        title=first.title,
        state=first.state,
        faq=first.faq,
        note=first.note,
        decided_by=first.decided_by,
        askers=len(named) + sum(not row.asker for row in rows),
        times=len(rows),
        refused=sum(row.outcome in ("refused", "offered") for row in rows),
        useless=sum(row.vote == "useless" for row in rows),
        handoffs=sum(row.handoff for row in rows),
        areas=tuple(sorted({row.area for row in rows if row.area})),
        weeks=tuple(weeks),
        last_at=max(_aware(row.at, now) for row in rows),
    )


def as_question(row: Any) -> Question:
    return Question(
        row.asked_id, row.question, row.at, row.channel, row.area, row.outcome, row.hit, row.vote,
        row.handoff,
    )  # fmt: skip


def _aware(moment: datetime, like: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=like.tzinfo)


def without_numbers(text: str) -> str:
    """What was asked, without the clauses that hold a masked number or name."""
    return "".join(part for part in _CLAUSES.split(text) if "*" not in part).strip("，, ")

"""A proposal as it lies in its table, and as pages see it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts.records import aware, moment
from channels.staff.accounts.tables import PROPOSALS
from channels.staff.roles import Right
from channels.staff.words import proposals as words
from nlu.text.errors import NotFound


@dataclass(frozen=True, slots=True)
class Change:
    """One line of what would be different, in words."""

    what: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Proposal:
    """One act that waits for, or has had, its second person."""

    id: int
    act: str
    title: str
    payload: Mapping[str, Any]
    changes: tuple[Change, ...]
    reason: str
    made_at: datetime
    made_by: str
    state: str
    decided_at: datetime | None
    decided_by: str
    opinion: str
    outcome: str


@dataclass(frozen=True, slots=True)
class Page:
    """Some of a pile, newest first, and how many there are."""

    lines: tuple[Proposal, ...]
    total: int


@dataclass(frozen=True, slots=True)
class Reader:
    """Who looks: decides which proposals wait for them."""

    account: str
    rights: Collection[Right]


def get(connection: Connection, number: int, *, lock: bool = False) -> Proposal:
    """One; locked until the transaction ends where somebody is going to decide."""
    query = sa.select(PROPOSALS).where(PROPOSALS.c.id == number)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound(words.UNKNOWN)
    return proposal(row)


def proposal(row: Any) -> Proposal:
    """A row as pages may see it."""
    return Proposal(
        row.id,
        row.act,
        row.title,
        row.payload,
        tuple(Change(*line) for line in row.changes),
        row.reason,
        moment(row.made_at),
        row.made_by,
        row.state,
        aware(row.decided_at),
        row.decided_by,
        row.opinion,
        row.outcome,
    )


def change(connection: Connection, number: int, **values: Any) -> None:
    """Move it on."""
    connection.execute(sa.update(PROPOSALS).where(PROPOSALS.c.id == number).values(**values))

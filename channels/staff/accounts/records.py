"""What the accounts' services give: plain records, and how rows become them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts.tables import ACCOUNTS
from nlu.text.errors import NotFound

Clock = Callable[[], datetime]
AGENT_LENGTH = 200


def utcnow() -> datetime:
    """The clock that is used when none is handed in."""
    return datetime.now(timezone.utc)


def aware(moment: datetime | None) -> datetime | None:
    """SQLite forgets the zone; all our moments are UTC."""
    if moment is None or moment.tzinfo is not None:
        return moment
    return moment.replace(tzinfo=timezone.utc)


def moment(value: datetime) -> datetime:
    """The same for one that is always there."""
    return value if value.tzinfo is not None else value.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who may sign in."""

    id: int
    name: str
    display_name: str
    staff_number: str
    roles: tuple[str, ...]
    must_change: bool
    password_changed_at: datetime
    has_totp: bool
    active: bool
    created_at: datetime
    created_by: str


def account_of(row: Any) -> Account:
    """An account as pages may see it: no hash, no secret."""
    return Account(
        row.id,
        row.name,
        row.display_name,
        row.staff_number,
        tuple(row.roles),
        bool(row.must_change),
        moment(row.password_changed_at),
        bool(row.totp),
        bool(row.active),
        moment(row.created_at),
        row.created_by,
    )


def account_row(connection: Connection, name: str) -> Any:
    """The whole row of an account; `NotFound` when there is none of that name."""
    row = connection.execute(sa.select(ACCOUNTS).where(ACCOUNTS.c.name == name)).one_or_none()
    if row is None:
        raise NotFound("没有这个账号")
    return row

"""The audit trail: every change by staff, written in the transaction that makes it.

It stands here because the lowest floor with tables is here; the case base and the
console write into the same trail. Rows are only ever added: each one's hash covers
the row before, so that a row changed or taken out by hand breaks the chain.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.database import hold_lock
from knowledge_base.tables import AUDIT

CHAIN_LOCK = 0x6175646974
"""PostgreSQL advisory lock held while a row is added ("audit"): the chain has one end."""
Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: a staff account, or the program itself."""

    name: str
    """The account's name; `system` for the program."""
    address: str = ""
    """From where, as the server saw it."""


SYSTEM = Actor("system")


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the trail."""

    id: int
    at: datetime
    by: str
    address: str
    act: str
    kind: str
    object: str
    before: Values
    after: Values
    reason: str
    hash: str


def record(
    connection: Connection,
    actor: Actor,
    act: str,
    kind: str,
    object: str,
    *,
    before: Values | None = None,
    after: Values | None = None,
    reason: str = "",
) -> None:
    """Add a row. `before` and `after` hold what changed, as JSON can; never a secret."""
    hold_lock(connection, CHAIN_LOCK)
    last = connection.scalar(sa.select(AUDIT.c.hash).order_by(AUDIT.c.id.desc()).limit(1))
    row = {
        "at": datetime.now(timezone.utc),
        "by": actor.name[:64],
        "address": actor.address[:64],
        "act": act,
        "kind": kind,
        "object": object[:100],
        "before": dict(before or {}),
        "after": dict(after or {}),
        "reason": reason[:500],
    }
    connection.execute(sa.insert(AUDIT).values(**row, hash=_hash(last or "", row)))


def verify(connection: Connection) -> int | None:
    """The id of the first row that does not follow from the one before; None: all is whole."""
    last = ""
    for row in _rows(connection):
        told = {name: getattr(row, name) for name in _TOLD}
        if row.hash != _hash(last, told):
            return int(row.id)
        last = row.hash
    return None


_TOLD = ("at", "by", "address", "act", "kind", "object", "before", "after", "reason")


def _rows(connection: Connection) -> Iterator[Any]:
    yield from connection.execute(sa.select(AUDIT).order_by(AUDIT.c.id)).yield_per(500)


def _hash(last: str, row: Mapping[str, Any]) -> str:
    at: datetime = row["at"]
    if at.tzinfo is None:
        at = at.replace(tzinfo=timezone.utc)
    told = {**{name: row[name] for name in _TOLD}, "at": at.astimezone(timezone.utc).isoformat()}
    text = json.dumps(told, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(f"{last}\n{text}".encode()).hexdigest()

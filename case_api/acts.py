"""A move by staff: done, and written into the audit trail in the same transaction."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, RowMapping

from case_api import repository, words
from case_api.staff_schemas import StaffMove
from knowledge_base import audit
from knowledge_base.audit import Actor
from nlu.text.errors import Conflict, NotFound

Ask = TypeVar("Ask", bound=StaffMove)
Work = Callable[[Connection, RowMapping, Ask, datetime], None]

KIND = "case"
TRACED = ("status", "office", "category", "due", "extended_days", "answer")
"""What a move may change, and what the trail therefore tells of."""


def carry_out(
    connection: Connection,
    row: RowMapping,
    work: Work[Ask],
    ask: Ask,
    actor: Actor | None,
    now: datetime,
) -> None:
    """Do one of `moves` to a locked row; refused where the case is not as the caller saw it.

    Without an actor, the caller is a program, and the trail names whom it says it acts for.
    """
    if ask.seen is not None and ask.seen != row["updated_at"]:
        raise Conflict(words.CHANGED_SINCE)
    if actor is not None and "by" not in ask.model_fields_set:
        ask = ask.model_copy(update={"by": actor.name[:56]})
    work(connection, row, ask, now)
    after = found(repository.case(connection, row["code"]))
    audit.record(
        connection,
        actor or Actor(ask.by),
        # `accept`, `assign`, …: the moves' own names.
        work.__name__,
        KIND,
        row["code"],
        before=_standing(row, row, after),
        after=_standing(after, row, after),
        reason=getattr(ask, "reason", ""),
    )


def found(row: RowMapping | None) -> RowMapping:
    """The row, or the error that tells nothing."""
    if row is None:
        raise NotFound(words.NOT_SHOWN)
    return row


def _standing(shown: RowMapping, before: RowMapping, after: RowMapping) -> dict[str, Any]:
    """What changed, and always where the case stands, as JSON can hold it."""
    columns = [c for c in TRACED if c in ("status", "office") or before[c] != after[c]]
    return {column: _plain(shown[column]) for column in columns}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value

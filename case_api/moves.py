"""The moves of a case's life: each checks the state, changes the case and appends one event.

Functions of a connection; the service runs each in one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from case_api import deadlines, repository, words
from case_api.categories import UNSHARED
from case_api.schemas import Viewer
from case_api.staff_schemas import (
    AcceptanceIn,
    AnswerIn,
    AssignmentIn,
    ClosureIn,
    ExtensionIn,
    RefusalIn,
)
from case_api.states import Move, Status, assigned_status, check
from nlu.text.errors import Conflict, NotFound


def accept(connection: Connection, row: RowMapping, ask: AcceptanceIn, now: datetime) -> None:
    """Take it up: the 60 日 begin."""
    check(Move.ACCEPT, Status(row["status"]))
    office = ask.office or row["office"]
    due = deadlines.on_acceptance(now)
    _change(connection, row, now, Status.ACCEPTED, due, office=office, accepted_at=now)
    _tell(connection, row, now, "accepted", ask.by, office=office)


def refuse(connection: Connection, row: RowMapping, ask: RefusalIn, now: datetime) -> None:
    """Not taken up, with the reason that the citizen is told."""
    check(Move.REFUSE, Status(row["status"]))
    status = Status.NO_LONGER_ACCEPTED if ask.repeated else Status.NOT_ACCEPTED
    _change(connection, row, now, status, None)
    _tell(connection, row, now, status.value, ask.by, office=row["office"], reason=ask.reason)


def assign(connection: Connection, row: RowMapping, ask: AssignmentIn, now: datetime) -> None:
    """Put it into an office's hands; the clock that runs goes on running."""
    before = Status(row["status"])
    check(Move.ASSIGN, before)
    status = assigned_status(before, transferred=ask.transferred)
    changes: dict[str, Any] = {"office": ask.office, "status": status.value}
    if ask.category is not None:
        changes["category"] = ask.category
    repository.change_case(connection, row["code"], now, **changes)
    kind = "transferred" if ask.transferred else "assigned"
    _tell(connection, row, now, kind, ask.by, office=ask.office)
    if ask.note:
        repository.add_event(
            connection,
            row["code"],
            now,
            "noted",
            visible=False,
            actor=f"staff:{ask.by}",
            words=words.EVENTS["noted"].format(text=ask.note),
        )


def extend(connection: Connection, row: RowMapping, ask: ExtensionIn, now: datetime) -> None:
    """Up to 30 日 more, once, with the reason that the citizen is told (第三十四条)."""
    check(Move.EXTEND, Status(row["status"]))
    if row["extended_days"]:
        raise Conflict(words.ALREADY_EXTENDED)
    due = deadlines.on_extension(row["accepted_at"], ask.days)
    _change(connection, row, now, Status.EXTENDED, due, extended_days=ask.days)
    _tell(connection, row, now, "extended", ask.by, days=ask.days, reason=ask.reason)


def answer(connection: Connection, row: RowMapping, ask: AnswerIn, now: datetime) -> None:
    """The written answer; from here the citizen's 30 日 for a review run."""
    check(Move.ANSWER, Status(row["status"]))
    due = deadlines.on_answer(now)
    _change(connection, row, now, Status.ANSWERED, due, answer=ask.text, answered_at=now)
    _tell(connection, row, now, "answered", ask.by, office=row["office"], text=ask.text)


def close(connection: Connection, row: RowMapping, ask: ClosureIn, now: datetime) -> None:
    """Done: the review period, where one runs, goes on running."""
    check(Move.CLOSE, Status(row["status"]))
    repository.change_case(connection, row["code"], now, status=Status.CLOSED.value)
    _tell(connection, row, now, "closed", ask.by)


def withdraw(connection: Connection, row: RowMapping, reason: str, now: datetime) -> None:
    check(Move.WITHDRAW, Status(row["status"]))
    _change(connection, row, now, Status.WITHDRAWN, None)
    event = _tell(connection, row, now, "withdrawn", "citizen")
    if reason:
        repository.add_statement(connection, row["code"], event, reason)


def supplement(
    connection: Connection,
    row: RowMapping,
    said: str,
    attachments: Sequence[dict[str, Any]],
    now: datetime,
) -> None:
    check(Move.SUPPLEMENT, Status(row["status"]))
    repository.change_case(connection, row["code"], now)
    event = _tell(connection, row, now, "supplemented", "citizen")
    repository.add_statement(connection, row["code"], event, said, attachments)


def rate(connection: Connection, row: RowMapping, stars: int, comment: str, now: datetime) -> None:
    """One rating a case."""
    check(Move.RATE, Status(row["status"]))
    if row["stars"] is not None:
        raise Conflict(words.ALREADY_RATED)
    repository.change_case(connection, row["code"], now, stars=stars)
    event = _tell(connection, row, now, "rated", "citizen", stars=stars)
    if comment:
        repository.add_statement(connection, row["code"], event, comment)


def follow(connection: Connection, row: RowMapping, viewer: Viewer, now: datetime) -> None:
    """Somebody else has the same matter; who it is stays out of the timeline."""
    if row["category"] in UNSHARED:
        raise NotFound(words.NOT_SHOWN)
    check(Move.FOLLOW, Status(row["status"]))
    if repository.add_follower(connection, row["code"], viewer, now):
        text = words.EVENTS["followed"]
        repository.add_event(
            connection, row["code"], now, "followed", visible=False, actor="citizen", words=text
        )


def _change(
    connection: Connection,
    row: RowMapping,
    now: datetime,
    status: Status,
    due: deadlines.Due | None,
    **values: Any,
) -> None:
    repository.change_case(
        connection,
        row["code"],
        now,
        status=status.value,
        due=due.at if due else None,
        clock=due.clock.key if due else None,
        **values,
    )


def _tell(
    connection: Connection, row: RowMapping, now: datetime, kind: str, actor: str, **values: Any
) -> int:
    """Append a visible event in the catalogue's words."""
    return repository.add_event(
        connection,
        row["code"],
        now,
        kind,
        visible=True,
        actor=actor if actor in {"citizen", "system"} else f"staff:{actor}",
        words=words.EVENTS[kind].format(**values),
    )

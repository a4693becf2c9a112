"""Reads and writes of the case tables; each function runs inside its caller's transaction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Connection,
    Insert,
    RowMapping,
    and_,
    delete,
    func,
    insert,
    or_,
    select,
    text,
    update,
)

from case_api.models import (
    case_events,
    case_followers,
    case_links,
    cases,
    handoffs,
    idempotency_keys,
    proof_attempts,
    statements,
)
from case_api.schemas import Viewer
from case_api.staff_schemas import ListQuery
from case_api.states import Status

REPLAY_KEPT = timedelta(days=30)
"""Idempotency keys older than this may be used anew; callers retry for days."""


def case(connection: Connection, code: str, *, lock: bool = False) -> RowMapping | None:
    """One case; `lock` holds it until the end of the transaction (PostgreSQL)."""
    query = select(cases).where(cases.c.code == code)
    if lock:
        query = query.with_for_update()
    return connection.execute(query).mappings().one_or_none()


def add_case(connection: Connection, values: Mapping[str, Any]) -> int:
    """Store a new case and return its number in the order of filing."""
    return _added(connection, insert(cases).values(**values))


def change_case(connection: Connection, code: str, at: datetime, **values: Any) -> None:
    connection.execute(update(cases).where(cases.c.code == code).values(updated_at=at, **values))


def add_event(
    connection: Connection,
    code: str,
    at: datetime,
    kind: str,
    *,
    visible: bool,
    actor: str,
    words: str,
    data: Mapping[str, Any] | None = None,
) -> int:
    """Append to the timeline; there is no way to change or remove what is there."""
    row = {"code": code, "at": at, "kind": kind, "visible": visible, "actor": actor}
    return _added(connection, insert(case_events).values(**row, text=words, data=data or {}))


def add_statement(
    connection: Connection, code: str, event: int, said: str, attachments: Sequence[Any] = ()
) -> None:
    """Keep what a citizen said with an event, apart from the event itself."""
    connection.execute(
        insert(statements).values(
            code=code, event_id=event, text=said, attachments=list(attachments)
        )
    )


def events(connection: Connection, code: str) -> Sequence[RowMapping]:
    """The whole timeline with what was said, oldest first."""
    query = (
        select(case_events, statements.c.text.label("statement"))
        .join(statements, statements.c.event_id == case_events.c.id, isouter=True)
        .where(case_events.c.code == code)
        .order_by(case_events.c.id)
    )
    return connection.execute(query).mappings().all()


def has_event(connection: Connection, code: str, kind: str) -> bool:
    query = select(case_events.c.id).where(case_events.c.code == code, case_events.c.kind == kind)
    return connection.execute(query.limit(1)).first() is not None


def events_after(connection: Connection, last: int, limit: int) -> Sequence[RowMapping]:
    """Visible events with whose case it is, for those who send notices."""
    query = (
        select(case_events, cases.c.channel, cases.c.account, cases.c.citizen, cases.c.proven)
        .join(cases, cases.c.code == case_events.c.code)
        .where(case_events.c.id > last, case_events.c.visible)
        .order_by(case_events.c.id)
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def page(connection: Connection, query: ListQuery, before: int | None) -> Sequence[RowMapping]:
    """One row more than asked for, newest first, so that the caller sees whether there is more."""
    wanted = select(cases).order_by(cases.c.seq.desc()).limit(query.limit + 1)
    equal = {
        "status": query.status.value if query.status else None,
        "category": query.category,
        "office": query.office,
        "channel": query.channel,
        "urgent": query.urgent,
    }
    for column, value in equal.items():
        if value is not None:
            wanted = wanted.where(cases.c[column] == value)
    if before is not None:
        wanted = wanted.where(cases.c.seq < before)
    if query.since is not None:
        wanted = wanted.where(cases.c.created_at >= query.since)
    if query.until is not None:
        wanted = wanted.where(cases.c.created_at < query.until)
    return connection.execute(wanted).mappings().all()


def filed_since(
    connection: Connection, seq: int, since: datetime, limit: int
) -> Sequence[RowMapping]:
    """Cases after a number in the order of filing: what the similarity index has not seen.

    Withdrawn ones are left out: nobody is told of them.
    """
    wanted = cases.c.created_at >= since, cases.c.status != Status.WITHDRAWN.value
    query = select(cases).where(cases.c.seq > seq, *wanted).order_by(cases.c.seq).limit(limit)
    return connection.execute(query).mappings().all()


def cases_by_code(connection: Connection, codes: Iterable[str]) -> dict[str, RowMapping]:
    rows = connection.execute(select(cases).where(cases.c.code.in_(list(codes)))).mappings()
    return {row["code"]: row for row in rows}


def cases_by_number(connection: Connection, seqs: Iterable[int]) -> dict[int, RowMapping]:
    rows = connection.execute(select(cases).where(cases.c.seq.in_(list(seqs)))).mappings()
    return {row["seq"]: row for row in rows}


def owned_by(connection: Connection, viewer: Viewer, limit: int) -> Sequence[RowMapping]:
    """A citizen's own cases, newest first."""
    query = (
        select(cases)
        .where(*_who(cases, viewer), cases.c.proven)
        .order_by(cases.c.seq.desc())
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def followed_by(connection: Connection, viewer: Viewer, limit: int) -> Sequence[RowMapping]:
    query = (
        select(cases)
        .join(case_followers, case_followers.c.code == cases.c.code)
        .where(*_who(case_followers, viewer))
        .order_by(cases.c.seq.desc())
        .limit(limit)
    )
    return connection.execute(query).mappings().all()


def add_follower(connection: Connection, code: str, viewer: Viewer, at: datetime) -> bool:
    """False when they follow it already."""
    who = {"channel": viewer.channel, "account": viewer.account, "citizen": viewer.citizen}
    known = select(case_followers.c.id).where(
        case_followers.c.code == code, *_who(case_followers, viewer)
    )
    if connection.execute(known).first() is not None:
        return False
    connection.execute(insert(case_followers).values(code=code, at=at, **who))
    return True


def followers(connection: Connection, code: str) -> int:
    query = select(func.count()).select_from(case_followers).where(case_followers.c.code == code)
    return int(connection.execute(query).scalar_one())


def add_link(connection: Connection, values: Mapping[str, Any]) -> None:
    connection.execute(insert(case_links).values(**values))


def links(connection: Connection, code: str) -> Sequence[RowMapping]:
    """Links from and to a case."""
    query = select(case_links).where(or_(case_links.c.code == code, case_links.c.other == code))
    return connection.execute(query.order_by(case_links.c.id)).mappings().all()


def stored_answer(connection: Connection, key: bytes, now: datetime) -> RowMapping | None:
    query = select(idempotency_keys).where(
        idempotency_keys.c.id == key, idempotency_keys.c.at >= now - REPLAY_KEPT
    )
    return connection.execute(query).mappings().one_or_none()


def store_answer(
    connection: Connection, key: bytes, body: bytes, answer: bytes, now: datetime
) -> None:
    """Keep an answer for replay, and drop those that nobody will ask for any more."""
    connection.execute(delete(idempotency_keys).where(idempotency_keys.c.at < now - REPLAY_KEPT))
    connection.execute(insert(idempotency_keys).values(id=key, body=body, answer=answer, at=now))


def hold(connection: Connection, *keys: bytes) -> None:
    """Let no other transaction count the same attempts at the same time."""
    if connection.dialect.name == "postgresql":
        # In a fixed order, so that two holders never wait for one another.
        for number in sorted(int.from_bytes(key[:8], "big", signed=True) for key in keys):
            connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": number})


def add_attempt(
    connection: Connection, at: datetime, kind: str, identity: bytes, target: bytes, passed: bool
) -> None:
    connection.execute(
        insert(proof_attempts).values(
            at=at, kind=kind, identity=identity, target=target, passed=passed
        )
    )


def attempts(
    connection: Connection,
    *,
    kinds: Sequence[str],
    since: datetime,
    identity: bytes | None = None,
    target: bytes | None = None,
) -> list[datetime]:
    """When the failed attempts were, oldest first."""
    columns = proof_attempts.c
    conditions = [columns.kind.in_(kinds), columns.at > since, ~columns.passed]
    if identity is not None:
        conditions.append(columns.identity == identity)
    if target is not None:
        conditions.append(columns.target == target)
    query = select(columns.at).where(and_(*conditions)).order_by(columns.at)
    return list(connection.execute(query).scalars())


def add_handoff(connection: Connection, values: Mapping[str, Any]) -> int:
    return _added(connection, insert(handoffs).values(**values))


def open_handoffs(connection: Connection, limit: int) -> Sequence[RowMapping]:
    query = select(handoffs).where(handoffs.c.status == "open").order_by(handoffs.c.id)
    return connection.execute(query.limit(limit)).mappings().all()


def _added(connection: Connection, statement: Insert) -> int:
    key = connection.execute(statement).inserted_primary_key
    if key is None:
        raise RuntimeError("the database did not tell the new row's number")
    return int(key[0])


def _who(table: Any, viewer: Viewer) -> tuple[Any, ...]:
    return (
        table.c.channel == viewer.channel,
        table.c.account == viewer.account,
        table.c.citizen == viewer.citizen,
    )

"""Reads and writes of what staff leave behind: looks at masked data, presence, the queue.

Functions of a connection, as in `repository`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

import sqlalchemy.dialects.postgresql
import sqlalchemy.dialects.sqlite
from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from case_api.models import case_disclosures, case_viewers, cases, handoffs
from knowledge_base.audit import Actor


def locked(connection: Connection, codes: Iterable[str]) -> dict[str, RowMapping]:
    """Cases held until the end of the transaction (PostgreSQL), by code."""
    query = select(cases).where(cases.c.code.in_(list(codes))).order_by(cases.c.seq)
    rows = connection.execute(query.with_for_update()).mappings()
    return {row["code"]: row for row in rows}


def add_looks(
    connection: Connection,
    codes: Sequence[str],
    at: datetime,
    actor: Actor,
    field: str,
    way: str,
    reason: str,
) -> None:
    """Keep who saw what was masked; one row a case."""
    common = {"at": at, "by": actor.name[:64], "address": actor.address[:64]}
    rows = [
        {"code": code, **common, "field": field, "way": way, "reason": reason} for code in codes
    ]
    if rows:
        connection.execute(insert(case_disclosures), rows)


def looks(connection: Connection, code: str) -> Sequence[RowMapping]:
    """Who saw what was masked of a case, the latest first."""
    query = select(case_disclosures).where(case_disclosures.c.code == code)
    return connection.execute(query.order_by(case_disclosures.c.id.desc())).mappings().all()


def mark_viewer(
    connection: Connection, code: str, account: str, shown: str, at: datetime, gone: datetime
) -> None:
    """Somebody has a case open; those not heard of since `gone` are forgotten."""
    left = delete(case_viewers).where(case_viewers.c.code == code, case_viewers.c.at < gone)
    connection.execute(left)
    values = {"code": code, "account": account[:64], "shown": shown, "at": at}
    # Two tabs of one person speak at once: the second updates what the first put in.
    if connection.dialect.name == "postgresql":
        postgresql = sqlalchemy.dialects.postgresql.insert(case_viewers).values(**values)
        connection.execute(
            postgresql.on_conflict_do_update(
                index_elements=["code", "account"], set_={"shown": shown, "at": at}
            )
        )
        return
    sqlite = sqlalchemy.dialects.sqlite.insert(case_viewers).values(**values)
    connection.execute(
        sqlite.on_conflict_do_update(
            index_elements=["code", "account"], set_={"shown": shown, "at": at}
        )
    )


def other_viewers(connection: Connection, code: str, account: str) -> list[str]:
    """What those are called who have a case open beside this account."""
    query = select(case_viewers.c.shown).where(
        case_viewers.c.code == code, case_viewers.c.account != account[:64]
    )
    return list(connection.scalars(query.order_by(case_viewers.c.shown)))


def handoff(connection: Connection, number: int) -> RowMapping | None:
    query = select(handoffs).where(handoffs.c.id == number).with_for_update()
    return connection.execute(query).mappings().one_or_none()


def close_handoff(connection: Connection, number: int, at: datetime, by: str, note: str) -> None:
    """Take somebody out of the queue; the row stays."""
    values = {"status": "closed", "closed_at": at, "closed_by": by[:64], "note": note}
    connection.execute(update(handoffs).where(handoffs.c.id == number).values(**values))

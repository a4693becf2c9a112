"""Lists of entries: searched, filtered, sorted and cut into pages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.entries.content import spelled
from knowledge_base.entries.records import (
    RETIRED,
    EntryLine,
    EntryQuery,
    ReviewLine,
    Sort,
)
from knowledge_base.entries.store import CHUNK, as_step, aware
from knowledge_base.tables import FAQ_STEPS, FAQ_VERSIONS, FAQS

DECISIONS = ("approved", "rejected")
MOST_WORDS = 8

_ORDER: Mapping[Sort, tuple[sa.ColumnElement[Any], ...]] = {
    "newest": (FAQS.c.changed_at.desc(), FAQS.c.id),
    "oldest": (FAQS.c.changed_at, FAQS.c.id),
    "question": (FAQS.c.question, FAQS.c.id),
    "category": (FAQS.c.category, FAQS.c.question, FAQS.c.id),
    # Those without an end come last, in SQLite and PostgreSQL alike.
    "valid_until": (FAQS.c.valid_until.is_(None), FAQS.c.valid_until, FAQS.c.id),
    "id": (FAQS.c.id,),
}


def published(connection: Connection) -> dict[str, int]:
    """The version that citizens are answered from, by id; validity by date is not looked at."""
    rows = connection.execute(
        sa.select(FAQS.c.id, FAQS.c.published_version)
        .where(FAQS.c.published_version.is_not(None))
        .order_by(FAQS.c.id)
    )
    return {row.id: row.published_version for row in rows}


def conditions(query: EntryQuery) -> list[sa.ColumnElement[bool]]:
    """What the query asks for, its flag apart: that one is computed, not stored."""
    found: list[sa.ColumnElement[bool]] = [
        FAQS.c.haystack.contains(word, autoescape=True)
        for word in spelled(query.q).split()[:MOST_WORDS]
    ]
    if query.status == "published":
        found.append(FAQS.c.published_version.is_not(None))
    elif query.status == "changed":
        found += [FAQS.c.published_version.is_not(None), FAQS.c.published_version != FAQS.c.version]
    elif query.status:
        found.append(FAQS.c.status == query.status)
    elif query.flag:
        # What is out of use needs no care.
        found.append(FAQS.c.status != RETIRED)
    if query.ids:
        found.append(FAQS.c.id.in_(query.ids))
    for name in ("category", "region", "owner", "kind"):
        if value := getattr(query, name):
            found.append(FAQS.c[name] == value)
    return found


def ids(connection: Connection, query: EntryQuery) -> list[str]:
    """Ids of all that fit, in order."""
    return list(
        connection.scalars(
            sa.select(FAQS.c.id).where(*conditions(query)).order_by(*_ORDER[query.sort])
        )
    )


def count(connection: Connection, query: EntryQuery) -> int:
    """How many fit."""
    counted = sa.select(sa.func.count()).select_from(FAQS).where(*conditions(query))
    return connection.scalar(counted) or 0


def page(connection: Connection, query: EntryQuery) -> list[EntryLine]:
    """The lines of one page, without flags."""
    rows = connection.execute(
        _lines()
        .where(*conditions(query))
        .order_by(*_ORDER[query.sort])
        .limit(query.size)
        .offset((query.page - 1) * query.size)
    )
    return [_line(row) for row in rows]


def lines(connection: Connection, wanted: list[str]) -> list[EntryLine]:
    """The lines of these entries, in this order."""
    found: dict[str, EntryLine] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = connection.execute(_lines().where(FAQS.c.id.in_(wanted[start : start + CHUNK])))
        found.update((row.id, _line(row)) for row in rows)
    return [found[id] for id in wanted if id in found]


def live_contents(connection: Connection, wanted: list[str] | None = None) -> list[Any]:
    """Of each entry the version that counts: the published one, else the one worked on.

    Rows with id, status, published_version, content and made_at; retired entries are left out
    when all are asked for.
    """
    counts = sa.func.coalesce(FAQS.c.published_version, FAQS.c.version)
    query = sa.select(
        FAQS.c.id,
        FAQS.c.status,
        FAQS.c.published_version,
        FAQ_VERSIONS.c.content,
        FAQ_VERSIONS.c.made_at,
    ).join(FAQ_VERSIONS, sa.and_(FAQ_VERSIONS.c.faq == FAQS.c.id, FAQ_VERSIONS.c.version == counts))
    if wanted is None:
        return list(connection.execute(query.where(FAQS.c.status != RETIRED)))
    found: list[Any] = []
    for start in range(0, len(wanted), CHUNK):
        found += connection.execute(query.where(FAQS.c.id.in_(wanted[start : start + CHUNK])))
    return found


def distinct(connection: Connection, column: str) -> list[str]:
    """What a column holds, for the choices of a filter."""
    rows = connection.scalars(
        sa.select(FAQS.c[column]).where(FAQS.c[column] != "").distinct().order_by(FAQS.c[column])
    )
    return list(rows)


def with_wording(connection: Connection, wording: str, but: str) -> list[tuple[str, str]]:
    """Other entries in use that have this very wording: id and question."""
    line = f"\n{spelled(wording)}\n"
    rows = connection.execute(
        sa.select(FAQS.c.id, FAQS.c.question)
        .where(
            FAQS.c.haystack.contains(line, autoescape=True),
            FAQS.c.id != but,
            FAQS.c.status != RETIRED,
        )
        .order_by(FAQS.c.id)
    )
    return [(row.id, row.question) for row in rows]


def status_counts(connection: Connection) -> dict[str, int]:
    """How many entries are in which state."""
    rows = connection.execute(sa.select(FAQS.c.status, sa.func.count()).group_by(FAQS.c.status))
    return {row.status: row[1] for row in rows}


def reviews(
    connection: Connection, tab: str, by: str, limit: int, offset: int
) -> tuple[list[ReviewLine], int]:
    """`waiting`: all under review; `mine`: what one handed in; `decided`: what one decided."""
    latest = (
        sa.select(FAQ_STEPS.c.faq, sa.func.max(FAQ_STEPS.c.id).label("step"))
        .where(*_deciding(tab, by))
        .group_by(FAQ_STEPS.c.faq)
        .subquery()
    )
    query = (
        sa.select(FAQS, FAQ_STEPS)
        .join(latest, latest.c.faq == FAQS.c.id)
        .join(FAQ_STEPS, FAQ_STEPS.c.id == latest.c.step)
    )
    if tab == "waiting":
        query = query.where(FAQS.c.status == "in_review")
    columns = [
        *(FAQS.c.id, FAQS.c.kind, FAQS.c.question, FAQS.c.category, FAQS.c.status),
        *(FAQS.c.version.label("working"), FAQS.c.published_version),
        *(FAQ_STEPS.c.version, FAQ_STEPS.c.act, FAQ_STEPS.c.at, FAQ_STEPS.c.by, FAQ_STEPS.c.note),
    ]
    total = connection.scalar(
        sa.select(sa.func.count()).select_from(query.with_only_columns(FAQS.c.id).subquery())
    )
    # What waits longest comes first; of what is done, the latest.
    order = FAQ_STEPS.c.id if tab == "waiting" else FAQ_STEPS.c.id.desc()
    rows = connection.execute(
        query.with_only_columns(*columns).order_by(order).limit(limit).offset(offset)
    )
    found = [
        ReviewLine(
            row.id, row.kind, row.question, row.category, row.status, row.working,
            row.published_version, as_step(row),
        )
        for row in rows
    ]  # fmt: skip
    return found, total or 0


def _deciding(tab: str, by: str) -> list[sa.ColumnElement[bool]]:
    if tab == "decided":
        return [FAQ_STEPS.c.act.in_(DECISIONS), FAQ_STEPS.c.by == by]
    if tab == "mine":
        return [FAQ_STEPS.c.act == "submitted", FAQ_STEPS.c.by == by]
    return [FAQ_STEPS.c.act == "submitted"]


def _lines() -> sa.Select[Any]:
    return sa.select(*(column for column in FAQS.c if column.name != "haystack"))


def _line(row: Any) -> EntryLine:
    return EntryLine(
        id=row.id,
        kind=row.kind,
        question=row.question,
        category=row.category,
        region=row.region,
        owner=row.owner,
        status=row.status,
        version=row.version,
        published_version=row.published_version,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        changed_at=aware(row.changed_at),
        changed_by=row.changed_by,
    )

"""Reading laws out of the tables; every function runs in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.entries.content import load
from knowledge_base.entries.flags import cited_by
from knowledge_base.entries.listing import live_contents
from knowledge_base.laws.records import (
    Change,
    Citing,
    LawArticle,
    LawLine,
    LawPage,
    LawQuery,
    LawRecord,
    LawState,
    Sort,
)
from knowledge_base.regulations import law_key
from knowledge_base.tables import ARTICLES, DOCUMENTS
from nlu.text.errors import NotFound
from nlu.text.normalise import normalise

APPROVED = "approved"
RETIRED = "retired"
PARAMETERS = 400


def state_of(row: Any, today: date) -> LawState:
    """What is to be said of a text today."""
    if row.status != APPROVED:
        return "retired"
    if row.in_force:
        return "in_force"
    if not row.superseded_by and (row.effective or row.version or today) > today:
        return "upcoming"
    return "superseded"


def conditions(query: LawQuery, today: date) -> list[sa.ColumnElement[bool]]:
    """What the query asks for, as SQL."""
    found: list[sa.ColumnElement[bool]] = [
        DOCUMENTS.c.law.contains(word, autoescape=True) for word in normalise(query.q).split()[:8]
    ]
    if query.region:
        found.append(DOCUMENTS.c.region == ("" if query.region == "-" else query.region))
    day = sa.func.coalesce(DOCUMENTS.c.effective, DOCUMENTS.c.version, sa.literal(today, sa.Date))
    upcoming = sa.and_(DOCUMENTS.c.superseded_by == "", day > today)
    if query.state == "retired":
        found.append(DOCUMENTS.c.status != APPROVED)
    elif query.state:
        found.append(DOCUMENTS.c.status == APPROVED)
        found.append(DOCUMENTS.c.in_force if query.state == "in_force" else ~DOCUMENTS.c.in_force)
        if query.state == "upcoming":
            found.append(upcoming)
        elif query.state == "superseded":
            found.append(~upcoming)
    return found


def order(sort: Sort) -> tuple[sa.ColumnElement[Any], ...]:
    """Columns to sort by."""
    if sort == "name":
        return DOCUMENTS.c.law, DOCUMENTS.c.id
    if sort == "version":
        return (
            DOCUMENTS.c.version.is_(None),
            DOCUMENTS.c.version.desc(),
            DOCUMENTS.c.id,
        )
    return (DOCUMENTS.c.id.desc(),)


def lines(connection: Connection, found: sa.Select[Any], today: date) -> list[LawLine]:
    """The rows of a select over the documents, as lines with the number of their articles."""
    rows = connection.execute(found).all()
    counted: dict[int, int] = {}
    for start in range(0, len(rows), PARAMETERS):
        ids = [row.id for row in rows[start : start + PARAMETERS]]
        counted.update(
            (row[0], row[1])
            for row in connection.execute(
                sa.select(ARTICLES.c.document, sa.func.count())
                .where(ARTICLES.c.document.in_(ids))
                .group_by(ARTICLES.c.document)
            )
        )
    return [
        LawLine(
            row.id, row.law, row.part, row.region, row.version, row.effective,
            state_of(row, today), row.superseded_by, row.file, counted.get(row.id, 0),
            _aware(row.imported_at), row.imported_by,
        )
        for row in rows
    ]  # fmt: skip


def page(connection: Connection, query: LawQuery, today: date) -> LawPage:
    """One page of those that fit."""
    where = conditions(query, today)
    found = (
        sa.select(DOCUMENTS)
        .where(*where)
        .order_by(*order(query.sort))
        .limit(query.size)
        .offset((query.page - 1) * query.size)
    )
    total = connection.scalar(sa.select(sa.func.count()).select_from(DOCUMENTS).where(*where))
    return LawPage(tuple(lines(connection, found, today)), total or 0)


def regions(connection: Connection) -> list[str]:
    """Regions that have laws of their own."""
    return list(
        connection.scalars(
            sa.select(DOCUMENTS.c.region)
            .where(DOCUMENTS.c.region != "")
            .distinct()
            .order_by(DOCUMENTS.c.region)
        )
    )


def counts(connection: Connection, today: date) -> dict[LawState, int]:
    """How many texts are in which state."""
    states: tuple[LawState, ...] = ("in_force", "upcoming", "superseded", "retired")
    found: dict[LawState, int] = {}
    for state in states:
        where = conditions(LawQuery(state=state), today)
        counted = sa.select(sa.func.count()).select_from(DOCUMENTS).where(*where)
        found[state] = connection.scalar(counted) or 0
    return found


def document_row(connection: Connection, document: int, *, lock: bool = False) -> Any:
    """The row of a text; `lock` holds it until the transaction ends."""
    query = sa.select(DOCUMENTS).where(DOCUMENTS.c.id == document)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("没有这部法规")
    return row


def record(connection: Connection, document: int, today: date) -> LawRecord:
    """One text with its versions and what cites it."""
    row = document_row(connection, document)
    versions = lines(
        connection,
        sa.select(DOCUMENTS)
        .where(
            DOCUMENTS.c.key == row.key,
            DOCUMENTS.c.part == row.part,
            DOCUMENTS.c.region == row.region,
        )
        .order_by(
            sa.func.coalesce(DOCUMENTS.c.version, DOCUMENTS.c.effective, date.min).desc(),
            DOCUMENTS.c.id.desc(),
        ),
        today,
    )
    line = next(one for one in versions if one.id == document)
    return LawRecord(line, tuple(versions), tuple(_citing(connection, row.key)))


def _citing(connection: Connection, key: str) -> list[Citing]:
    found = []
    for row in live_contents(connection):
        entry = load(row.id, row.content)
        numbers = [cited.article for cited in cited_by(entry) if law_key(cited.law) == key]
        if numbers:
            found.append(
                Citing(
                    row.id,
                    entry.kind,
                    entry.question,
                    tuple(dict.fromkeys(number for number in numbers if number)),
                    row.published_version is not None,
                )
            )
    return sorted(found, key=lambda one: one.question)


def articles(
    connection: Connection, document: int, q: str, page: int, size: int
) -> tuple[list[LawArticle], int]:
    """A page of the articles that hold the words, and how many there are."""
    where = [ARTICLES.c.document == document]
    for word in q.split()[:8]:
        where.append(
            sa.or_(
                ARTICLES.c.text.contains(word, autoescape=True),
                ARTICLES.c.number == word,
                ARTICLES.c.chapter.contains(word, autoescape=True),
            )
        )
    rows = connection.execute(
        sa.select(ARTICLES)
        .where(*where)
        .order_by(ARTICLES.c.position)
        .limit(size)
        .offset((page - 1) * size)
    )
    found = [LawArticle(row.position, row.chapter, row.number, row.text) for row in rows]
    total = connection.scalar(sa.select(sa.func.count()).select_from(ARTICLES).where(*where))
    return found, total or 0


def changes(connection: Connection, old: int, new: int) -> list[Change]:
    """What the newer of two texts says otherwise; then what it dropped."""
    before, after = _texts(connection, old), _texts(connection, new)
    found = [
        Change(number, before.get(number, ""), text)
        for number, text in after.items()
        if before.get(number) != text
    ]
    return found + [
        Change(number, text, "") for number, text in before.items() if number not in after
    ]


def _texts(connection: Connection, document: int) -> dict[str, str]:
    rows: Sequence[Any] = connection.execute(
        sa.select(ARTICLES.c.number, ARTICLES.c.text)
        .where(ARTICLES.c.document == document)
        .order_by(ARTICLES.c.position)
    ).all()
    return {row.number: row.text for row in rows}


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

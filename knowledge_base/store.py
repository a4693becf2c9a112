"""Articles, the database's name and small facts: what is read from the tables of the base.

Every function takes a connection: hand it to `Database.read` or `.write`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timezone

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.models import Article
from knowledge_base.tables import ARTICLES, ASKED, DOCUMENTS, FAQS, META

APPROVED = "approved"
RETIRED = "retired"
CHUNK = 500
"""Ids in one IN (…): SQLite takes 32,766 parameters, older builds 999."""


def utcnow() -> datetime:
    return datetime.now(timezone.utc)


def fact(connection: Connection, name: str) -> str:
    """A small fact of `kb_meta`; "" when it was never set."""
    return str(connection.scalar(sa.select(META.c.value).where(META.c.name == name)) or "")


def set_fact(connection: Connection, name: str, value: str) -> None:
    """Write a small fact, new or known."""
    changed = connection.execute(sa.update(META).where(META.c.name == name).values(value=value))
    if not changed.rowcount:
        connection.execute(sa.insert(META), {"name": name, "value": value})


def base_id(connection: Connection) -> str:
    """A random name of this database, told to the index: ids mean something only within one."""
    return fact(connection, "base")


def ensure_base_id(connection: Connection) -> str:
    """The database's name, given at the first call."""
    found = base_id(connection)
    if not found:
        found = secrets.token_hex(16)
        set_fact(connection, "base", found)
    return found


def documents_in_force(connection: Connection) -> list[int]:
    """Documents that may be cited: approved and in force."""
    rows = connection.scalars(
        sa.select(DOCUMENTS.c.id)
        .where(DOCUMENTS.c.in_force, DOCUMENTS.c.status == APPROVED)
        .order_by(DOCUMENTS.c.id)
    )
    return list(rows)


def in_force_article_ids(connection: Connection) -> list[int]:
    """Articles that may be cited: of approved documents in force."""
    rows = connection.scalars(
        sa.select(ARTICLES.c.id)
        .join(DOCUMENTS, ARTICLES.c.document == DOCUMENTS.c.id)
        .where(DOCUMENTS.c.in_force, DOCUMENTS.c.status == APPROVED)
        .order_by(ARTICLES.c.id)
    )
    return list(rows)


def citable_article_ids(connection: Connection, documents: Sequence[int]) -> list[int]:
    """Those articles of the documents that may still be cited."""
    wanted = set(documents)
    rows = connection.execute(
        sa.select(ARTICLES.c.id, ARTICLES.c.document)
        .join(DOCUMENTS, ARTICLES.c.document == DOCUMENTS.c.id)
        .where(DOCUMENTS.c.in_force, DOCUMENTS.c.status == APPROVED)
        .order_by(ARTICLES.c.id)
    )
    return [row.id for row in rows if row.document in wanted]


def articles(connection: Connection, ids: Sequence[int]) -> list[Article]:
    """Those of the articles that may be cited now, whatever an older index says."""
    found: dict[int, Article] = {}
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(
            sa.select(
                ARTICLES.c.id,
                DOCUMENTS.c.law,
                ARTICLES.c.chapter,
                ARTICLES.c.number,
                ARTICLES.c.text,
                DOCUMENTS.c.version,
            )
            .join(DOCUMENTS, ARTICLES.c.document == DOCUMENTS.c.id)
            .where(
                ARTICLES.c.id.in_(ids[start : start + CHUNK]),
                DOCUMENTS.c.in_force,
                DOCUMENTS.c.status == APPROVED,
            )
        )
        found.update((row.id, Article(*row)) for row in rows)
    return [found[number] for number in ids if number in found]


def counts(connection: Connection) -> dict[str, int]:
    """How much there is of what."""

    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0

    return {
        "faqs": count(FAQS, FAQS.c.published_version.is_not(None)),
        "documents": count(DOCUMENTS),
        "documents_in_force": count(DOCUMENTS, DOCUMENTS.c.in_force),
        "articles": count(ARTICLES),
        "articles_in_force": len(in_force_article_ids(connection)),
        "unanswered": count(ASKED, ASKED.c.outcome == "refused"),
    }

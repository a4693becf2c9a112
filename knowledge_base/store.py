"""Tables of the knowledge base and what is read from and written to them.

Every function takes a connection: hand it to `Database.read` or `.write`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timezone

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.models import Article, Citation, FaqEntry
from knowledge_base.tables import ARTICLES, DOCUMENTS, FAQS, META

ANSWER = -1
"""Position of the row that holds an entry's answer; wordings count from 0."""
APPROVED = "approved"
RETIRED = "retired"
CHUNK = 500
"""Ids in one IN (…): SQLite takes 32,766 parameters, older builds 999."""


def utcnow() -> datetime:
    return datetime.now(timezone.utc)


def base_id(connection: Connection) -> str:
    """A random name of this database, told to the index: ids mean something only within one."""
    found = connection.scalar(sa.select(META.c.value).where(META.c.name == "base"))
    return str(found or "")


def ensure_base_id(connection: Connection) -> str:
    """The database's name, given at the first call."""
    found = base_id(connection)
    if not found:
        found = secrets.token_hex(16)
        connection.execute(sa.insert(META), {"name": "base", "value": found})
    return found


def in_force_article_ids(connection: Connection) -> list[int]:
    """Articles that may be cited: of approved documents in force."""
    rows = connection.scalars(
        sa.select(ARTICLES.c.id)
        .join(DOCUMENTS, ARTICLES.c.document == DOCUMENTS.c.id)
        .where(DOCUMENTS.c.in_force, DOCUMENTS.c.status == APPROVED)
        .order_by(ARTICLES.c.id)
    )
    return list(rows)


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


@dataclass(frozen=True, slots=True)
class FaqText:
    """One text of an entry that is indexed: a wording, or its answer."""

    id: int
    entry: str
    is_answer: bool
    text: str


def published_faqs(connection: Connection, today: date) -> tuple[list[FaqEntry], list[FaqText]]:
    """Approved entries valid today, and their texts in the order of the entries."""
    rows = connection.execute(
        sa.select(FAQS)
        .where(
            FAQS.c.status == APPROVED,
            sa.or_(FAQS.c.valid_from.is_(None), FAQS.c.valid_from <= today),
            sa.or_(FAQS.c.valid_until.is_(None), FAQS.c.valid_until >= today),
        )
        .order_by(FAQS.c.id)
    ).all()
    texts: dict[str, list[FaqText]] = {row.id: [] for row in rows}
    for row in connection.execute(sa.select(WORDINGS).order_by(WORDINGS.c.position)):
        if row.faq in texts:
            texts[row.faq].append(FaqText(row.id, row.faq, row.position == ANSWER, row.text))
    entries = [
        FaqEntry(
            id=row.id,
            question=row.question,
            phrasings=tuple(text.text for text in texts[row.id] if not text.is_answer)[1:],
            answer=row.answer,
            citation=tuple(Citation(**cited) for cited in row.citation),
            category=row.category,
        )
        for row in rows
    ]
    return entries, [text for entry in entries for text in texts[entry.id]]


def put_faq(
    connection: Connection, entry: FaqEntry, *, status: str, starter_digest: str, edited: bool
) -> None:
    """Write an entry; wordings that stay the same keep their ids, so the index keeps them."""
    values = {
        "question": entry.question,
        "answer": entry.answer,
        "citation": [{"law": cited.law, "article": cited.article} for cited in entry.citation],
        "category": entry.category,
        "status": status,
        "starter_digest": starter_digest,
        "edited": edited,
        "changed_at": utcnow(),
    }
    changed = connection.execute(sa.update(FAQS).where(FAQS.c.id == entry.id).values(**values))
    if not changed.rowcount:
        connection.execute(sa.insert(FAQS).values(id=entry.id, **values))
    kept = {
        (row.position == ANSWER, row.text): row.id
        for row in connection.execute(sa.select(WORDINGS).where(WORDINGS.c.faq == entry.id))
    }
    for position, text in [(ANSWER, entry.answer), *enumerate(entry.wordings)]:
        if (position == ANSWER, text) in kept:
            number = kept.pop((position == ANSWER, text))
            connection.execute(
                sa.update(WORDINGS).where(WORDINGS.c.id == number).values(position=position)
            )
        else:
            connection.execute(
                sa.insert(WORDINGS).values(faq=entry.id, position=position, text=text)
            )
    if kept:
        connection.execute(sa.delete(WORDINGS).where(WORDINGS.c.id.in_(kept.values())))


def counts(connection: Connection) -> dict[str, int]:
    """How much there is of what."""

    def count(table: sa.Table, *where: sa.ColumnElement[bool]) -> int:
        return connection.scalar(sa.select(sa.func.count()).select_from(table).where(*where)) or 0

    return {
        "faqs": count(FAQS, FAQS.c.status == APPROVED),
        "wordings": count(WORDINGS, WORDINGS.c.position != ANSWER),
        "documents": count(DOCUMENTS),
        "documents_in_force": count(DOCUMENTS, DOCUMENTS.c.in_force),
        "articles": count(ARTICLES),
        "articles_in_force": len(in_force_article_ids(connection)),
        "unanswered": count(UNANSWERED, UNANSWERED.c.status == "open"),
    }

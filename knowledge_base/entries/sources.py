"""The articles that answers cite: as they read today, and as they read before."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.entries.records import ArticleText
from knowledge_base.entries.store import CHUNK, aware
from knowledge_base.models import Citation
from knowledge_base.regulations import law_key
from knowledge_base.tables import ARTICLES, DOCUMENTS
from nlu.text.normalise import normalise
from nlu.text.numbers import NUMERAL_CHARS, whole

_ARTICLE = re.compile(rf"第\s*([{NUMERAL_CHARS}\d]+)\s*条(?:\s*之\s*([{NUMERAL_CHARS}\d]+))?")
APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a law, or of the part of it that stands in a file."""

    id: int
    law: str
    key: str
    part: str
    region: str
    version: date | None
    effective: date | None
    in_force: bool
    superseded_by: str
    imported_at: datetime

    @property
    def age(self) -> tuple[date, int]:
        """Later is newer."""
        return self.version or self.effective or date.min, self.id


@dataclass(frozen=True, slots=True)
class Sources:
    """The laws that some entries cite, with those articles that they cite."""

    documents: Mapping[str, Sequence[Document]]
    """All versions, by the law's key."""
    texts: Mapping[tuple[int, str], str]
    """By document and number as `number_key` writes it."""
    printed: Mapping[tuple[int, str], str]
    """The same numbers as the document prints them."""

    def versions(self, citation: Citation) -> Sequence[Document]:
        """Every version of the law that is known."""
        return self.documents.get(law_key(citation.law), ())

    def text(self, document: Document, number: str) -> ArticleText:
        """The article as this version words it; its text is empty when there is none."""
        place = (document.id, number_key(number))
        return ArticleText(
            document.law,
            self.printed.get(place, number),
            self.texts.get(place, ""),
            document.version,
        )

    def in_force(self, citation: Citation) -> ArticleText | None:
        """The article as it is in force; None: the law is not in force, or not known."""
        found = [one for one in self.versions(citation) if one.in_force]
        for document in found:
            text = self.text(document, citation.article)
            if text.text:
                return text
        return self.text(found[0], citation.article) if found else None

    def before(self, citation: Citation) -> tuple[Document, ArticleText] | None:
        """The newest version out of force that has the article."""
        gone = sorted(
            (one for one in self.versions(citation) if not one.in_force and one.superseded_by),
            key=lambda one: one.age,
            reverse=True,
        )
        for document in gone:
            text = self.text(document, citation.article)
            if text.text:
                return document, text
        return None


def number_key(number: str) -> str:
    """One key for the ways an article's number is written: 第34条 = 第三十四条第二款 = 34."""
    found = _ARTICLE.search(normalise(number))
    if not found:
        return normalise(number)
    value, suffix = whole(found[1]), whole(found[2]) if found[2] else None
    return f"{value}-{suffix}" if suffix else str(value)


def read_sources(connection: Connection, citations: Iterable[Citation]) -> Sources:
    """All versions of the laws cited, and of their articles those that are cited."""
    wanted: dict[str, set[str]] = {}
    for cited in citations:
        numbers = wanted.setdefault(law_key(cited.law)[:300], set())
        if cited.article:
            numbers.add(number_key(cited.article))
    documents: dict[str, list[Document]] = {}
    keys = list(wanted)
    for start in range(0, len(keys), CHUNK):
        for row in connection.execute(
            sa.select(DOCUMENTS)
            .where(DOCUMENTS.c.key.in_(keys[start : start + CHUNK]), DOCUMENTS.c.status == APPROVED)
            .order_by(DOCUMENTS.c.id)
        ):
            documents.setdefault(row.key, []).append(
                Document(
                    row.id, row.law, row.key, row.part, row.region, row.version, row.effective,
                    row.in_force, row.superseded_by, aware(row.imported_at),
                )
            )  # fmt: skip
    texts: dict[tuple[int, str], str] = {}
    printed: dict[tuple[int, str], str] = {}
    by_id = {one.id: wanted[key] for key, found in documents.items() for one in found}
    numbered = [number for number, articles in by_id.items() if articles]
    for start in range(0, len(numbered), CHUNK):
        chosen = numbered[start : start + CHUNK]
        # Numbers first: they are short, and the texts of most articles are not wanted.
        found_ids = [
            row.id
            for row in connection.execute(
                sa.select(ARTICLES.c.id, ARTICLES.c.document, ARTICLES.c.number).where(
                    ARTICLES.c.document.in_(chosen)
                )
            )
            if number_key(row.number) in by_id[row.document]
        ]
        for at in range(0, len(found_ids), CHUNK):
            for row in connection.execute(
                sa.select(ARTICLES).where(ARTICLES.c.id.in_(found_ids[at : at + CHUNK]))
            ):
                place = (row.document, number_key(row.number))
                texts.setdefault(place, row.text)
                printed.setdefault(place, row.number)
    return Sources(documents, texts, printed)


def law_names(connection: Connection, q: str = "", limit: int = 20) -> list[str]:
    """Names of laws in force that hold the words, for choosing one."""
    query = sa.select(DOCUMENTS.c.law).where(DOCUMENTS.c.in_force, DOCUMENTS.c.status == APPROVED)
    for word in normalise(q).split():
        query = query.where(DOCUMENTS.c.law.contains(word, autoescape=True))
    shortest = query.distinct().order_by(sa.func.length(DOCUMENTS.c.law), DOCUMENTS.c.law)
    return list(connection.scalars(shortest.limit(limit)))

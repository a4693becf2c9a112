"""A law as the parser hands it over, and how it is put into the tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from pydantic import BaseModel
from sqlalchemy import Connection

from knowledge_base.documents.parser import parsed
from knowledge_base.regulations import law_key
from knowledge_base.tables import ARTICLES, DOCUMENTS

APPROVED = "approved"
ARTICLES_AT_ONCE = 800
LAWS_AT_ONCE = 50
"""Together what a transaction writes in well under 50 ms, so that citizens' messages never wait."""


class Told(BaseModel):
    """What the first line of a parsed law says of it."""

    law: str
    part: str
    region: str
    version: date | None
    effective: date | None
    history: list[str]
    repeals: list[str]
    articles: int
    digest: str

    @property
    def place(self) -> tuple[str, str, str]:
        """The same for all versions of one law."""
        return self.region[:50], law_key(self.law)[:300], self.part[:100]

    @property
    def age(self) -> date:
        """Later is newer; what tells no day is older than all."""
        return self.version or self.effective or date.min


@dataclass(frozen=True, slots=True)
class ParsedLaw:
    """A law with its articles, ready to be written."""

    told: Told
    articles: Sequence[dict[str, str]]
    file: str
    position: int = 0
    """Where it stands in its import."""


def told_of(out: Path) -> Told:
    """What a result says of its law; the articles are not read."""
    return Told.model_validate(next(parsed(out)))


def read_law(out: Path, file: str, position: int = 0) -> ParsedLaw:
    """The whole law of a result."""
    first, *articles = parsed(out)
    return ParsedLaw(Told.model_validate(first), articles, file, position)


def slices(laws: Iterable[ParsedLaw]) -> Iterator[list[ParsedLaw]]:
    """As many laws at a time as one short transaction takes."""
    waiting: list[ParsedLaw] = []
    articles = 0
    for law in laws:
        if waiting and (
            articles + len(law.articles) > ARTICLES_AT_ONCE or len(waiting) == LAWS_AT_ONCE
        ):
            yield waiting
            waiting, articles = [], 0
        waiting.append(law)
        articles += len(law.articles)
    if waiting:
        yield waiting


def put_law(connection: Connection, law: ParsedLaw, *, by: str, at: datetime) -> bool:
    """Store a law with its articles; False when this very text is there already."""
    told = law.told
    if connection.scalar(sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.digest == told.digest)):
        return False
    region, key, part = told.place
    document = connection.scalar(
        sa.insert(DOCUMENTS)
        .values(
            law=told.law[:300],
            key=key,
            part=part,
            region=region,
            file=law.file[-500:],
            version=told.version,
            effective=told.effective,
            digest=told.digest,
            status=APPROVED,
            # Until all are read nobody knows whether a newer one is among them.
            in_force=False,
            superseded_by="",
            repeals=[law_key(name) for name in told.repeals],
            imported_at=at,
            imported_by=by[:64],
        )
        .returning(DOCUMENTS.c.id)
    )
    rows: list[dict[str, Any]] = [
        {
            "document": document,
            "position": position,
            "chapter": article["chapter"][:500],
            "number": article["number"][:50],
            "text": article["text"],
        }
        for position, article in enumerate(law.articles)
    ]
    connection.execute(sa.insert(ARTICLES), rows)
    return True

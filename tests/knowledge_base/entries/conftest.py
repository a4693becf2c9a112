"""A migrated, empty base on each kind of database, and entries to put into it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import date, datetime, timezone
from typing import Any, Protocol

import pytest
import sqlalchemy as sa

from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries import life
from knowledge_base.entries.records import EntryRecord
from knowledge_base.entries.service import Entries
from knowledge_base.migrations import upgrade
from knowledge_base.models import FaqEntry
from knowledge_base.regulations import law_key
from knowledge_base.search import SCRIPTS, VERSION_TABLE
from knowledge_base.tables import ARTICLES, DOCUMENTS

TODAY = date(2026, 6, 1)
CURATOR = Actor("甲", "10.0.0.1")
APPROVER = Actor("乙", "10.0.0.2")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    upgrade(database_url, SCRIPTS, VERSION_TABLE)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def entries(database: Database) -> Entries:
    return Entries(database, today=lambda: TODAY)


def entry(question: str = "路灯坏了找谁", answer: str = "打12345。", **more: Any) -> FaqEntry:
    values = {"id": "", "phrasings": ("灯不亮",), "citation": (), "category": "市政设施", **more}
    return FaqEntry(question=question, answer=answer, **values)


async def publish(database: Database, entries: Entries, one: FaqEntry) -> EntryRecord:
    """Save, hand in and approve."""
    record = await entries.save(one, CURATOR)
    await entries.submit(record.entry.id, CURATOR)
    await database.write(
        lambda c: life.mark_approved(c, record.entry.id, record.version, APPROVER, "同意")
    )
    return await entries.get(record.entry.id)


class PutLaw(Protocol):
    async def __call__(
        self,
        law: str,
        articles: Sequence[tuple[str, str]],
        *,
        version: date,
        in_force: bool = True,
        superseded_by: str = "",
        imported_at: datetime = ...,
    ) -> int: ...


@pytest.fixture
def put_law(database: Database) -> PutLaw:
    """Writes one version of a law, as an import leaves it."""

    async def put(
        law: str,
        articles: Sequence[tuple[str, str]],
        *,
        version: date,
        in_force: bool = True,
        superseded_by: str = "",
        imported_at: datetime = datetime(2020, 1, 1, tzinfo=timezone.utc),
    ) -> int:
        def write(connection: sa.Connection) -> int:
            document = connection.scalar(
                sa.insert(DOCUMENTS)
                .values(
                    law=law, key=law_key(law), part="", region="", file="x.md", version=version,
                    effective=version, digest=f"{law}{version}", status="approved",
                    in_force=in_force, superseded_by=superseded_by, repeals=[],
                    imported_at=imported_at, imported_by="甲",
                )
                .returning(DOCUMENTS.c.id)
            )  # fmt: skip
            assert document is not None
            connection.execute(
                sa.insert(ARTICLES),
                [
                    {
                        "document": document,
                        "position": position,
                        "chapter": "",
                        "number": number,
                        "text": text,
                    }
                    for position, (number, text) in enumerate(articles)
                ],
            )
            return document

        return await database.write(write)

    return put

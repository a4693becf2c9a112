"""The trail tells who, when, from where, before and after; a row changed by hand breaks it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
import sqlalchemy as sa

from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.migrations import upgrade
from knowledge_base.search import HISTORY, VERSION_TABLE
from knowledge_base.tables import AUDIT

JIA = Actor("jia", "10.0.0.8")


@pytest.fixture
async def base(database_url: str) -> AsyncIterator[Database]:
    upgrade(database_url, HISTORY, VERSION_TABLE)
    database = Database(database_url)
    yield database
    await database.close()


async def fill(base: Database, count: int) -> None:
    def record(connection: sa.Connection) -> None:
        audit.record(
            connection, JIA, "saved", "faq", "a",
            before={"answer": "旧"}, after={"answer": "新"}, reason="改错字",
        )  # fmt: skip

    await asyncio.gather(*(base.write(record) for _ in range(count)))


async def test_a_change_is_told_whole(base: Database) -> None:
    await fill(base, 1)
    row = await base.read(lambda c: c.execute(sa.select(AUDIT)).one())
    assert (row.by, row.address, row.act, row.kind, row.object) == (
        "jia", "10.0.0.8", "saved", "faq", "a",
    )  # fmt: skip
    assert (row.before, row.after, row.reason) == ({"answer": "旧"}, {"answer": "新"}, "改错字")


async def test_rows_added_at_the_same_time_make_one_whole_chain(base: Database) -> None:
    await fill(base, 12)
    assert await base.read(audit.verify) is None


@pytest.mark.parametrize(
    "harm",
    ["UPDATE audit_trail SET reason = '' WHERE id = 2", "DELETE FROM audit_trail WHERE id = 2"],
)
async def test_a_row_changed_or_taken_out_by_hand_is_noticed(base: Database, harm: str) -> None:
    await fill(base, 4)
    await base.write(lambda c: c.execute(sa.text(harm)))
    assert await base.read(audit.verify) in (2, 3)

"""What citizens asked is kept without them; votes and calls for a person belong to the last."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
import sqlalchemy as sa

from knowledge_base.asked import KEPT, Asked, Asker
from knowledge_base.database import Database
from knowledge_base.migrations import upgrade
from knowledge_base.models import Hit, SearchResult
from knowledge_base.search import SCRIPTS, VERSION_TABLE
from knowledge_base.tables import ASKED

MA, LI = Asker("wechat", "wx1", "openid-of-ma"), Asker("wechat", "wx1", "openid-of-li")
NOTHING = SearchResult(answered=False, hits=())


def found(title: str = "路灯坏了找谁？") -> SearchResult:
    hit = Hit("ld-broken", "faq", title, "打给路灯所。", "《路灯法》第二条", 0.9, version=3)
    return SearchResult(answered=True, hits=(hit,), release=7)


class Clock:
    now = datetime(2026, 11, 25, 9, tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def base(database_url: str) -> AsyncIterator[Database]:
    upgrade(database_url, SCRIPTS, VERSION_TABLE)
    database = Database(database_url)
    yield database
    await database.close()


@pytest.fixture
def asked(base: Database, clock: Clock) -> Asked:
    return Asked(base, b"a key", clock)


async def rows(base: Database) -> list[Any]:
    return await base.read(lambda c: list(c.execute(sa.select(ASKED).order_by(ASKED.c.id)).all()))


async def test_a_question_is_kept_masked_and_without_its_asker(
    asked: Asked, base: Database
) -> None:
    await asked.note(MA, "我叫马志强，电话13519351187，路灯坏了找谁", found(), "answered", "凤翔县")
    (row,) = await rows(base)
    assert "13519351187" not in row.question
    assert "马志强" not in row.question
    assert "路灯坏了找谁" in row.question
    assert MA.citizen not in repr(tuple(row))
    assert (row.outcome, row.hit, row.hit_version, row.release, row.area) == (
        "answered", "ld-broken", 3, 7, "凤翔县",
    )  # fmt: skip


async def test_the_same_citizen_can_be_counted_and_two_can_be_told_apart(
    asked: Asked, base: Database
) -> None:
    for who in (MA, MA, LI):
        await asked.note(who, "养老院补贴", NOTHING, "refused")
    hashes = [row.asker for row in await rows(base)]
    assert hashes[0] == hashes[1] != hashes[2]


async def test_a_vote_goes_to_the_last_answer_of_this_citizen_only(
    asked: Asked, base: Database
) -> None:
    await asked.note(MA, "路灯坏了找谁", found(), "answered")
    await asked.note(LI, "路灯怎么报修", found(), "answered")
    assert await asked.vote(MA, useful=False)
    assert [row.vote for row in await rows(base)] == ["useless", ""]


async def test_there_is_no_vote_without_an_answer_or_long_after_it(
    asked: Asked, clock: Clock, base: Database
) -> None:
    assert not await asked.vote(MA, useful=True)
    await asked.note(MA, "养老院补贴", NOTHING, "refused")
    assert not await asked.vote(MA, useful=True)
    await asked.note(MA, "路灯坏了找谁", found(), "answered")
    clock.now += timedelta(hours=3)
    assert not await asked.vote(MA, useful=True)
    assert {row.vote for row in await rows(base)} == {""}


async def test_a_call_for_a_person_marks_the_question_just_before(
    asked: Asked, clock: Clock, base: Database
) -> None:
    await asked.note(MA, "路灯坏了找谁", found(), "answered")
    clock.now += timedelta(minutes=30)
    await asked.handed_off(MA)
    await asked.note(MA, "那要等多久", found(), "answered")
    await asked.handed_off(MA)
    assert [row.handoff for row in await rows(base)] == [False, True]


async def test_a_question_picked_from_what_was_offered_was_not_asked_in_vain(
    asked: Asked, base: Database
) -> None:
    await asked.note(MA, "灯不亮", NOTHING, "offered")
    await asked.note(MA, "路灯坏了找谁?", found(), "answered")
    assert [row.outcome for row in await rows(base)] == ["picked", "answered"]


async def test_rows_go_after_a_year(asked: Asked, clock: Clock, base: Database) -> None:
    await asked.note(MA, "养老院补贴", NOTHING, "refused")
    clock.now += KEPT + timedelta(days=1)
    await asked.note(LI, "养老院补贴", NOTHING, "refused")
    assert await asked.forget_old() == 1
    assert len(await rows(base)) == 1

"""The ledger: an answer goes out by one route, nothing is lost, nothing comes twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.inbox import DONE, PENDING, Inbox
from channels.message import Attachment, Inbound, Option, Place, Reply, Route
from knowledge_base.database import Database
from knowledge_base.migrations import upgrade

SCRIPTS = Path(__file__).parents[2] / "bot" / "migrations"


@pytest.fixture
async def inbox(database_url: str) -> AsyncIterator[Inbox]:
    upgrade(database_url, SCRIPTS, "conversation_version")
    database = Database(database_url)
    yield Inbox(database)
    await database.close()


def message(number: int, citizen: str = "o1", text: str | None = "你好") -> Inbound:
    return Inbound(
        message_id=str(number), channel="wechat", citizen=citizen, text=text, account="wx1"
    )


async def answered(inbox: Inbox, number: int, *texts: str, citizen: str = "o1") -> Inbound:
    inbound = message(number, citizen)
    letter = await inbox.take(inbound, None)
    await inbox.answer(letter, [Reply(text) for text in texts], DONE)
    return inbound


def said(replies: list[Reply] | None) -> list[str]:
    return [reply.text for reply in replies or ()]


async def test_the_same_message_is_the_same_row(inbox: Inbox) -> None:
    first = await inbox.take(message(1), None)
    again = await inbox.take(message(1), None)
    other = await inbox.take(message(2), None)
    assert first.row == again.row != other.row


async def test_what_was_said_comes_back_whole(inbox: Inbox) -> None:
    inbound = Inbound(
        message_id="1",
        channel="wechat",
        citizen="o1",
        text=None,
        account="wx1",
        event="scan",
        place=Place("北关村", 35.5, 104.6),
        attachments=(Attachment("image", "media-1", "https://example.org/1"),),
        owns=False,
    )
    letter = await inbox.take(inbound, "fire")
    assert letter.inbound == inbound
    assert letter.danger == "fire"
    assert letter.answer is None


async def test_an_answer_is_claimed_by_one_route(inbox: Inbox) -> None:
    inbound = await answered(inbox, 1, "一")
    assert said(await inbox.claim(inbound.key, Route.ACTIVE)) == ["一"]
    assert await inbox.claim(inbound.key, Route.PASSIVE) is None
    assert await inbox.claim(inbound.key, Route.ACTIVE) is None


async def test_wechat_asking_again_gets_the_same_again(inbox: Inbox) -> None:
    inbound = await answered(inbox, 1, "一", "二")
    assert said(await inbox.claim(inbound.key, Route.PASSIVE)) == ["一", "二"]
    assert said(await inbox.claim(inbound.key, Route.PASSIVE)) == ["一", "二"]


async def test_an_unanswered_message_cannot_be_claimed(inbox: Inbox) -> None:
    await inbox.take(message(1), None)
    assert await inbox.claim(message(1).key, Route.PASSIVE) is None


async def test_what_never_arrived_travels_with_the_next_answer_once(inbox: Inbox) -> None:
    first = await answered(inbox, 1, "一")
    second = await answered(inbox, 2, "二")
    assert said(await inbox.claim(second.key, Route.PASSIVE)) == ["一", "二"]
    assert await inbox.claim(first.key, Route.ACTIVE) is None
    third = await answered(inbox, 3, "三")
    assert said(await inbox.claim(third.key, Route.PASSIVE)) == ["三"]
    assert said(await inbox.claim(second.key, Route.PASSIVE)) == ["一", "二"]


async def test_another_citizens_answers_never_travel_along(inbox: Inbox) -> None:
    await answered(inbox, 1, "别人的", citizen="o2")
    mine = await answered(inbox, 2, "我的")
    assert said(await inbox.claim(mine.key, Route.PASSIVE)) == ["我的"]


async def test_a_released_answer_waits_for_the_next_message(inbox: Inbox) -> None:
    first = await answered(inbox, 1, "一")
    await inbox.claim(first.key, Route.ACTIVE)
    await inbox.release(first.key)
    assert await inbox.is_owed(("wechat", "wx1", "o1"))
    second = await answered(inbox, 2, "二")
    assert said(await inbox.claim(second.key, Route.PASSIVE)) == ["一", "二"]
    assert not await inbox.is_owed(("wechat", "wx1", "o1"))


async def test_the_rest_of_a_long_answer_waits(inbox: Inbox) -> None:
    first = await answered(inbox, 1, "很长")
    await inbox.claim(first.key, Route.PASSIVE)
    await inbox.defer(first.key, [Reply("后半")])
    second = await answered(inbox, 2, "二")
    assert said(await inbox.claim(second.key, Route.PASSIVE)) == ["后半", "二"]


async def test_what_was_in_doubt_at_a_crash_waits_again(inbox: Inbox) -> None:
    sent = await answered(inbox, 1, "送到了")
    await inbox.claim(sent.key, Route.ACTIVE)
    await inbox.delivered(sent.key)
    doubtful = await answered(inbox, 2, "说不准")
    await inbox.claim(doubtful.key, Route.ACTIVE)
    assert await inbox.return_doubtful() == 1
    assert await inbox.undelivered("wechat") == [(doubtful.key, "o1")]
    assert said(await inbox.claim(doubtful.key, Route.ACTIVE)) == ["说不准"]


async def test_what_was_handed_to_a_push_just_before_a_crash_waits_again(inbox: Inbox) -> None:
    inbound = await answered(inbox, 1, "编号在这里")
    await inbox.claim(inbound.key, Route.PASSIVE)
    assert await inbox.return_doubtful() == 1
    second = await answered(inbox, 2, "二")
    assert said(await inbox.claim(second.key, Route.PASSIVE)) == ["编号在这里", "二"]


async def test_a_late_answer_is_stored_once(inbox: Inbox) -> None:
    letter = await inbox.take(message(1), None)
    await inbox.answer(letter, [Reply("稍等")], PENDING)
    assert [item.row for item in await inbox.put_off()] == [letter.row]
    key = await inbox.answer_late(letter, [Reply("办好了")])
    await inbox.answer_late(letter, [Reply("办好了")])
    assert await inbox.put_off() == []
    assert key is not None
    assert said(await inbox.claim(key, Route.ACTIVE)) == ["稍等", "办好了"]


async def test_the_last_options_are_those_of_the_last_answer(inbox: Inbox) -> None:
    letter = await inbox.take(message(1), None)
    yes = Option("确认提交", "确认提交")
    await inbox.answer(letter, [Reply("对吗？", (yes,))], DONE)
    citizen = ("wechat", "wx1", "o1")
    assert await inbox.last_options(citizen, before=99) == (yes,)
    await answered(inbox, 2, "没有选项")
    assert await inbox.last_options(citizen, before=99) == ()

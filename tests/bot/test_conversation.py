"""Once, in order, emergencies first, nothing lost: with a dialogue that fails on command."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import pytest

import bot.bursts
import bot.conversation
from bot.conversation import Conversation
from bot.dialogue import DialogueFailed
from bot.inbox import Inbox
from bot.letters import Letter
from bot.voice import load_speech
from case_api.client import CaseApiClient
from channels.message import Inbound, MessageKey, Reply, Route
from knowledge_base.database import Database
from knowledge_base.migrations import upgrade
from nlu.text.errors import Unavailable

SCRIPTS = Path(__file__).parents[2] / "bot" / "migrations"
SPEECH = load_speech()


@dataclass
class Dialogue:
    """Says back what it hears; `answer` may be replaced by something worse."""

    heard: list[str] = field(default_factory=list)
    up: bool = True
    answer: Callable[[Letter], Awaitable[list[Reply]]] | None = None

    async def talk(self, letter: Letter) -> list[Reply]:
        if not self.up:
            raise Unavailable
        self.heard.append(letter.inbound.text or "")
        if self.answer is not None:
            return await self.answer(letter)
        return [Reply(f"答：{letter.inbound.text}")]

    async def is_up(self) -> bool:
        return self.up


@dataclass
class World:
    conversation: Conversation
    dialogue: Dialogue
    inbox: Inbox
    handoffs: list[dict[str, object]]
    sent: list[str]


def message(number: int, text: str, citizen: str = "o1") -> Inbound:
    return Inbound(str(number), "wechat", citizen, text, account="wx1")


def said(replies: list[Reply] | None) -> list[str]:
    return [reply.text for reply in replies or ()]


@pytest.fixture
async def world(database_url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    monkeypatch.setattr(bot.conversation, "_MEND_EVERY", 0.05)
    monkeypatch.setattr(bot.conversation, "_RETRY_COMES_WITHIN", 0.05)
    monkeypatch.setattr(bot.conversation, "_PATIENCE", 0.3)
    upgrade(database_url, SCRIPTS, "conversation_version")
    database = Database(database_url)
    handoffs: list[dict[str, object]] = []

    def receive(request: httpx.Request) -> httpx.Response:
        handoffs.append(json.loads(request.content))
        body = {"id": 1, "at": "2026-11-22T00:00:00Z", "reason": "x", "status": "waiting"}
        return httpx.Response(201, json=body)

    http = httpx.AsyncClient(transport=httpx.MockTransport(receive), base_url="http://cases")
    inbox, dialogue = Inbox(database), Dialogue()
    conversation = Conversation(inbox, dialogue, CaseApiClient(http, "t"), SPEECH, pause=0.5)
    sent: list[str] = []

    async def deliver(key: MessageKey, _citizen: str) -> bool:
        replies = await inbox.claim(key, Route.ACTIVE)
        sent.extend(said(replies))
        await inbox.delivered(key)
        return replies is not None

    conversation.delivers_late("wechat", deliver)
    yield World(conversation, dialogue, inbox, handoffs, sent)
    await conversation.close(grace=1)
    await database.close()


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.02)


async def test_the_same_message_twice_at_once_is_heard_once(world: World) -> None:
    both = await asyncio.gather(
        world.conversation(message(1, "路灯坏了")), world.conversation(message(1, "路灯坏了"))
    )
    assert both[0] == both[1] == [Reply("答：路灯坏了")]
    assert await world.conversation(message(1, "路灯坏了")) == both[0]
    assert world.dialogue.heard == ["路灯坏了"]


async def test_one_citizen_is_heard_in_order_and_others_do_not_wait(world: World) -> None:
    gate = asyncio.Event()

    async def slow_for_one(letter: Letter) -> list[Reply]:
        if letter.inbound.text == "慢":
            await gate.wait()
        return [Reply(letter.inbound.text or "")]

    world.dialogue.answer = slow_for_one
    first = asyncio.create_task(world.conversation(message(1, "慢")))
    await until(lambda: world.dialogue.heard == ["慢"])
    second = asyncio.create_task(world.conversation(message(2, "快")))
    assert said(await world.conversation(message(3, "别人", "o2"))) == ["别人"]
    assert world.dialogue.heard == ["慢", "别人"]
    gate.set()
    assert said(await first) == ["慢"]
    assert said(await second) == ["快"]


async def test_while_rasa_is_down_an_honest_sentence_and_later_the_answer_once(
    world: World,
) -> None:
    await world.conversation.start()
    world.dialogue.up = False
    told = message(1, "我家停水了")
    assert said(await world.conversation(told)) == [SPEECH("say_rasa_down")]
    await world.inbox.claim(told.key, Route.PASSIVE)
    world.dialogue.up = True
    await until(lambda: bool(world.sent))
    await asyncio.sleep(0.2)
    assert world.sent == ["答：我家停水了"]
    assert world.dialogue.heard == ["我家停水了"]


async def test_what_was_put_off_is_heard_before_what_comes_next(world: World) -> None:
    world.dialogue.up = False
    first = message(1, "先说的")
    await world.conversation(first)
    await world.inbox.claim(first.key, Route.PASSIVE)
    world.dialogue.up = True
    second = message(2, "后说的")
    await world.conversation(second)
    assert world.dialogue.heard == ["先说的", "后说的"]
    replies = await world.inbox.claim(second.key, Route.PASSIVE)
    assert said(replies) == ["答：先说的", "答：后说的"]
    assert not await world.inbox.is_owed(("wechat", "wx1", "o1"))


async def test_a_message_that_breaks_the_dialogue_is_set_aside_for_a_person(world: World) -> None:
    async def fail(_letter: Letter) -> list[Reply]:
        raise DialogueFailed

    world.dialogue.answer = fail
    assert said(await world.conversation(message(1, "怪话"))) == [SPEECH("say_unreadable")]
    assert len(world.dialogue.heard) == 3
    assert [item["reason"] for item in world.handoffs] == ["poison"]


async def test_a_mistake_of_ours_does_not_stop_a_citizens_line(world: World) -> None:
    async def bug(letter: Letter) -> list[Reply]:
        if letter.inbound.text == "坏":
            raise ZeroDivisionError
        return [Reply("好")]

    world.dialogue.answer = bug
    assert said(await world.conversation(message(1, "坏"))) == [SPEECH("say_unreadable")]
    assert said(await world.conversation(message(2, "好的吗"))) == ["好"]


async def test_help_lines_do_not_wait_for_a_slow_dialogue(world: World) -> None:
    gate = asyncio.Event()

    async def slow(_letter: Letter) -> list[Reply]:
        await gate.wait()
        return [Reply("迟来的话")]

    world.dialogue.answer = slow
    async with asyncio.timeout(2):
        replies = await world.conversation(message(1, "着火了，楼里还有人"))
    assert "119" in replies[0].text
    key = message(1, "").key
    claimed = await world.inbox.claim(key, Route.PASSIVE)
    assert said(claimed) == [SPEECH("say_danger_fire")]
    assert world.handoffs[0]["urgent"] is True
    following = asyncio.create_task(world.conversation(message(2, "我在三楼")))
    await asyncio.sleep(0.2)
    assert world.dialogue.heard == ["着火了，楼里还有人"], "in order"
    gate.set()
    await following
    await until(lambda: world.sent == ["迟来的话"])


async def test_what_was_taken_before_a_crash_is_answered_after_it(world: World) -> None:
    await world.inbox.take(message(1, "没来得及答"), None)
    await world.conversation.start(after_crash=True)
    await until(lambda: world.sent == ["答：没来得及答"])


async def test_the_rest_of_a_long_answer_is_fetched_with_one_word(world: World) -> None:
    first = message(1, "长")
    await world.conversation(first)
    await world.inbox.claim(first.key, Route.PASSIVE)
    await world.inbox.defer(first.key, [Reply("后半段")])
    more = message(2, "继续")
    assert await world.conversation(more) == []
    assert said(await world.inbox.claim(more.key, Route.PASSIVE)) == ["后半段"]
    assert world.dialogue.heard == ["长"]


async def test_quick_messages_are_one_telling_and_the_last_gets_the_answer(world: World) -> None:
    pieces = ("我要投诉", "楼下那家烧烤店", "天天吵到后半夜", "孩子没法睡")
    waiting = []
    for number, piece in enumerate(pieces, start=1):
        waiting.append(asyncio.create_task(world.conversation(message(number, piece))))
        await asyncio.sleep(0.05)
    answers = await asyncio.gather(*waiting)

    whole = "我要投诉，楼下那家烧烤店，天天吵到后半夜，孩子没法睡"
    assert world.dialogue.heard == [whole]
    assert [said(replies) for replies in answers] == [[], [], [], [f"答：{whole}"]]
    # WeChat asks again for a piece: silence again, and nothing is heard twice.
    assert await world.conversation(message(2, "楼下那家烧烤店")) == []
    assert len(world.dialogue.heard) == 1


async def test_a_burst_never_waits_past_its_limit(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bot.bursts, "LONGEST", 1.0)
    began = asyncio.get_running_loop().time()
    waiting = []
    for number in range(8):
        waiting.append(asyncio.create_task(world.conversation(message(number, "还有一件事就是"))))
        await asyncio.sleep(0.3)
        if world.dialogue.heard:
            break
    assert asyncio.get_running_loop().time() - began < 2.0
    assert 2 <= world.dialogue.heard[0].count("还有一件事就是") < 8
    await asyncio.gather(*waiting)


@pytest.mark.parametrize("second", ["确认提交", "13900001234", "MS-261125-R39FV-Y", "转人工"])
async def test_a_command_after_a_story_is_a_message_of_its_own(world: World, second: str) -> None:
    story = asyncio.create_task(world.conversation(message(1, "村口的垃圾没人清")))
    await asyncio.sleep(0.05)
    command = asyncio.create_task(world.conversation(message(2, second)))
    assert said(await story) == ["答：村口的垃圾没人清"]
    assert said(await command) == [f"答：{second}"]


async def test_two_questions_at_once_are_answered_one_by_one(world: World) -> None:
    first = asyncio.create_task(world.conversation(message(1, "低保怎么申请？")))
    second = asyncio.create_task(world.conversation(message(2, "信访多久有答复？")))
    assert said(await first) == ["答：低保怎么申请？"]
    assert said(await second) == ["答：信访多久有答复？"]


async def test_danger_that_only_the_whole_tells_is_heard(world: World) -> None:
    first = asyncio.create_task(world.conversation(message(1, "家里全是烟，")))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(world.conversation(message(2, "着火了")))
    await first
    assert any("119" in text for text in said(await second))

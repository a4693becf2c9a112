"""Sending by ourselves, and the moments in which a push and a message of ours meet."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator

import httpx
import pytest

from channels.message import Inbound, MessageKey, Reply, Route
from channels.wechat.delivery import Delivery
from channels.wechat.desk import Desk, Timing
from channels.wechat.platform import Platform
from channels.wechat.sandbox import Api, Fault, ProtocolLog
from tests.channels.wechat.office import ACCOUNT, APPID, IDENTITY, SERVICE, Office

CITIZEN = "o-citizen"
MORE = "（回复“继续”）"


class Post:
    """A delivery with WeChat behind it."""

    def __init__(self) -> None:
        self.office = Office()
        self.shown: list[str] = []
        self.observed: list[str] = []
        self.api = Api(IDENTITY, ProtocolLog(), lambda _openid, text: self.shown.append(text))
        self.api.citizen_spoke(CITIZEN, by_event=False)
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.api.app))
        platform = Platform(SERVICE, self.http, base="http://127.0.0.1:1", pauses=(0.01,))
        self.delivery = Delivery(
            {APPID: platform}, self.office, more=MORE, observe=self.observed.append
        )

    async def answered(self, text: str, *replies: str) -> MessageKey:
        """A message whose answer is ready and unclaimed."""
        inbound = said(text)
        self.office.answers[text] = [Reply(reply) for reply in replies]
        await self.office.converse(inbound)
        return inbound.key

    def desk(self, **more: float) -> Desk:
        timing = Timing(**{"deadline": 0.1, "hold": 0.2, **more})
        return Desk(self.office.converse, self.office, self.delivery, more=MORE, timing=timing)


def said(text: str) -> Inbound:
    return Inbound(f"id of {text}", "wechat", CITIZEN, text, APPID)


@pytest.fixture
async def post() -> AsyncIterator[Post]:
    made = Post()
    yield made
    await made.delivery.close(1.0)
    await made.http.aclose()


async def test_an_answer_is_sent_once_however_often_it_is_delivered(post: Post) -> None:
    key = await post.answered("喂", "一", "二")
    results = await asyncio.gather(*(post.delivery.deliver(key, CITIZEN) for _ in range(5)))
    assert sorted(results) == [False, False, False, False, True]
    assert post.shown == ["一\n\n二"]
    assert post.office.arrived == [key]


async def test_five_parts_go_out_and_the_rest_waits_for_continue(post: Post) -> None:
    whole = "".join(f"第{n}句话说得不短也不长。" for n in range(600))
    key = await post.answered("喂", whole)
    assert await post.delivery.deliver(key, CITIZEN)
    assert len(post.shown) == 5
    assert post.shown[-1].endswith(MORE)
    assert not post.office.arrived
    following = await post.answered("继续")
    rest = await post.office.claim(following, Route.PASSIVE)
    assert rest
    told = "".join(post.shown).removesuffix(f"\n{MORE}")
    assert told + rest[0].text == whole


async def test_what_is_refused_at_once_keeps_its_shape(post: Post) -> None:
    key = await post.answered("喂", "一", "二")
    post.api.faults["custom/send"].append(Fault(errcode=45047))
    assert not await post.delivery.deliver(key, CITIZEN)
    assert post.observed == ["quota_spent"]
    following = await post.answered("在吗", "三")
    assert await post.office.claim(following, Route.PASSIVE) == [
        Reply("一"),
        Reply("二"),
        Reply("三"),
    ]


async def test_answers_to_one_citizen_keep_their_order_when_wechat_is_slow(post: Post) -> None:
    first, second = await post.answered("甲", "一"), await post.answered("乙", "二")
    post.api.faults["custom/send"].append(Fault(delay=0.2))
    await asyncio.gather(
        post.delivery.deliver(first, CITIZEN), post.delivery.deliver(second, CITIZEN)
    )
    assert post.shown == ["一", "二"]


async def test_a_push_does_not_overtake_what_is_on_its_way(post: Post) -> None:
    first = await post.answered("甲", "一")
    post.api.faults["custom/send"].append(Fault(delay=0.3))
    sending = asyncio.create_task(post.delivery.deliver(first, CITIZEN))
    await asyncio.sleep(0.05)
    text = await post.desk().answer(
        SERVICE, said("乙"), arrived=time.monotonic(), gone=asyncio.Future()
    )
    assert text is None
    await sending
    await post.delivery.close(2.0)
    assert post.shown == ["一", "您说：乙"]


async def test_a_last_try_that_hung_up_while_claiming_gives_the_answer_back(post: Post) -> None:
    desk = post.desk()
    post.office.gates["喂"] = asyncio.Event()
    for _ in range(2):
        gone: asyncio.Future[None] = asyncio.Future()
        await desk.answer(ACCOUNT, said("喂"), arrived=time.monotonic(), gone=gone)
    post.office.gates["喂"].set()

    gone = asyncio.Future()
    claim = post.office.claim

    async def claim_and_lose(key: MessageKey, route: Route) -> list[Reply] | None:
        taken = await claim(key, route)
        gone.set_result(None)
        return taken

    post.office.claim = claim_and_lose  # type: ignore[method-assign]
    text = await desk.answer(ACCOUNT, said("喂"), arrived=time.monotonic(), gone=gone)
    assert text is None
    post.office.claim = claim  # type: ignore[method-assign]
    following = await post.answered("在吗", "在")
    taken = await post.office.claim(following, Route.PASSIVE)
    assert taken == [Reply("您说：喂"), Reply("在")]


async def test_closing_lets_a_message_on_its_way_arrive(post: Post) -> None:
    post.api.faults["custom/send"].append(Fault(delay=0.2))
    inbound = said("喂")
    answer = asyncio.create_task(post.office.converse(inbound))
    post.delivery.later(inbound, answer)
    await post.delivery.close(2.0)
    assert post.shown == ["您说：喂"]


async def test_closing_does_not_wait_for_answers_without_end(post: Post) -> None:
    inbound = said("喂")
    post.office.gates["喂"] = asyncio.Event()
    answer = asyncio.create_task(post.office.converse(inbound))
    post.delivery.later(inbound, answer)
    began = time.monotonic()
    await post.delivery.close(0.2)
    assert time.monotonic() - began < 1.0
    assert not answer.done()
    post.office.gates["喂"].set()
    await answer


async def test_messages_are_forgotten_after_a_while(post: Post) -> None:
    desk = post.desk(remember=0.05)
    await desk.answer(ACCOUNT, said("喂"), arrived=time.monotonic(), gone=asyncio.Future())
    assert desk._cases
    await asyncio.sleep(0.1)
    assert not desk._cases

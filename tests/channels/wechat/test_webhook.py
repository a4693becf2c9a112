"""The callback behind a real server: five seconds, three tries, nothing lost, nothing twice.

Times are WeChat's divided by ten; the sandbox cuts at 0.5 s and the callback's deadline is 0.35 s.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import replace

import httpx
import pytest

from channels.message import Inbound, Option, Reply, Route
from channels.wechat.account import Account
from channels.wechat.crypto import BODY_LIMIT
from channels.wechat.sandbox import Fault, Identity, Mode
from channels.wechat.sandbox.wire import envelope
from channels.wechat.sandbox.world import UNAVAILABLE
from nlu.text import errors
from nlu.text.speech import Speech
from tests.channels.wechat.conftest import Start
from tests.channels.wechat.office import ACCOUNT, IDENTITY, SERVICE, TOKEN, Bot, Office

LONG = [Reply("".join(f"第{n}句话很长，要分几次才能说完。" for n in range(200)))]


async def eventually(check: object, within: float = 2.0) -> None:
    """Wait until it is so."""
    deadline = time.monotonic() + within
    while not check():  # type: ignore[operator]
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("mode", [Mode.SAFE, Mode.COMPATIBLE, Mode.PLAIN])
async def test_a_message_is_answered_in_the_mode_it_came_in(start: Start, mode: Mode) -> None:
    account = replace(ACCOUNT, plain_allowed=mode is Mode.PLAIN)
    bot = await start(account, identity=replace(IDENTITY, mode=mode))
    assert await bot.sandbox.verify_address()
    assert await bot.sandbox.citizen().says("路灯坏了 ]]> <b>") == "您说：路灯坏了 ]]> <b>"
    assert not bot.sandbox.log.breaches


async def test_every_kind_of_message_reaches_the_conversation(start: Start) -> None:
    bot = await start(ACCOUNT)
    phone = bot.sandbox.citizen()
    await phone.sends_voice()
    await phone.sends_voice("停水了")
    await phone.sends_picture()
    await phone.sends_video()
    await phone.sends_place("凤翔小区", 30.5, 114.3)
    await phone.sends_link("通知", "https://e.cn")
    await phone.subscribes("grid:jz-03")
    await phone.scans("grid:jz-03")
    await phone.clicks("progress")
    worked = bot.office.worked
    assert [(i.text, i.event) for i in worked] == [
        (None, "voice_unheard"),
        ("停水了", None),
        (None, None),
        (None, None),
        (None, None),
        ("通知\nhttps://e.cn", None),
        (None, "subscribe"),
        (None, "scan"),
        ("查询办理进度", "menu"),
    ]
    assert [i.attachments[0].kind for i in worked[2:4]] == ["image", "video"]
    assert worked[6].place == worked[7].place
    assert not bot.sandbox.log.breaches


async def test_no_answer_and_no_need_of_one_are_success(start: Start) -> None:
    bot = await start(ACCOUNT)
    bot.office.answers["喂"] = []
    phone = bot.sandbox.citizen()
    assert await phone.sends({"MsgType": "text", "Content": "喂"}, patience=0) == ""
    assert await phone.does("VIEW", "https://e.cn", patience=0) == ""
    assert [i.text for i in bot.office.worked] == ["喂"]
    assert not bot.sandbox.log.breaches


async def test_an_answer_with_options_shows_their_numbers(start: Start) -> None:
    bot = await start(ACCOUNT)
    bot.office.answers["好"] = [Reply("要提交吗？", (Option("提交", "提交"),))]
    assert await bot.sandbox.citizen().says("好") == "要提交吗？\n1. 提交"


async def test_a_late_answer_comes_as_a_message_of_our_own_in_order(start: Start) -> None:
    bot = await start(SERVICE)
    bot.office.delays["慢"] = 0.8
    phone = bot.sandbox.citizen()
    assert await phone.says("慢") == "您说：慢"
    assert await phone.says("快") == "您说：快"
    assert [seen.is_passive for seen in phone.seen] == [False, True]
    assert [route for _, route in bot.office.claims] == [Route.ACTIVE, Route.PASSIVE]
    assert len(bot.office.arrived) == 1
    assert bot.sandbox.log.count("typing") == 1
    assert not bot.sandbox.log.breaches


async def test_without_that_right_the_answer_waits_for_wechats_retry(start: Start) -> None:
    bot = await start(ACCOUNT)
    bot.office.delays["慢"] = 0.75
    phone = bot.sandbox.citizen()
    assert await phone.says("慢") == "您说：慢"
    assert bot.sandbox.log.count("cut") == 1
    assert len(bot.office.worked) == 1
    assert phone.seen[0].is_passive
    assert not bot.sandbox.log.breaches


async def test_an_answer_too_late_for_all_tries_travels_with_the_next_message(
    start: Start,
) -> None:
    bot = await start(ACCOUNT)
    bot.office.gates["很慢"] = asyncio.Event()
    phone = bot.sandbox.citizen()
    assert await phone.sends({"MsgType": "text", "Content": "很慢"}, patience=0) == ""
    assert bot.sandbox.log.count("push") == 3
    assert "kept_for_next_message" in bot.observed
    assert not bot.office.claims

    bot.office.gates["很慢"].set()
    await asyncio.sleep(0)
    assert await phone.says("在吗") == "您说：很慢\n\n您说：在吗"
    assert not bot.sandbox.log.breaches


async def test_a_sentence_for_the_third_try_can_be_set(start: Start) -> None:
    speech = Speech(
        {"say_more": [""], "say_still_working": ["正在查，请稍后再发一条消息来看结果。"]}
    )
    bot = await start(ACCOUNT, speech=speech)
    bot.office.gates["很慢"] = asyncio.Event()
    assert "正在查" in await bot.sandbox.citizen().says("很慢")
    assert not bot.office.claims
    bot.office.gates["很慢"].set()


@pytest.mark.parametrize("account", [ACCOUNT, SERVICE])
async def test_of_two_pushes_of_one_message_the_newest_gets_the_answer(
    start: Start, account: Account
) -> None:
    bot = await start(account)
    bot.office.delays["喂"] = 0.15
    phone = bot.sandbox.citizen()
    assert await phone.says("喂", copies=2) == "您说：喂"
    assert len(bot.office.worked) == 1
    answers = [e.detail for e in bot.sandbox.log.entries if e.what == "answer"]
    assert sorted(len(a) for a in answers)
    assert "200 7 bytes" in answers  # success
    assert not bot.sandbox.log.breaches


async def test_a_push_after_the_answer_was_lost_on_the_way_gets_it_again(start: Start) -> None:
    bot = await start(ACCOUNT)
    sent = push("喂", message_id=7)
    first = await bot.http.post(bot.url, **sent)
    assert first.text != "success"
    again = await bot.http.post(bot.url, **push("喂", message_id=7))
    assert again.text != "success"
    assert len(bot.office.worked) == 1


async def test_a_caller_who_hung_up_claims_nothing(start: Start) -> None:
    bot = await start(ACCOUNT)
    bot.office.delays["喂"] = 0.2
    with pytest.raises(httpx.ReadTimeout):
        await bot.http.post(bot.url, **push("喂", message_id=7), timeout=0.1)
    await asyncio.sleep(0.25)
    assert not bot.office.claims
    assert (await bot.http.post(bot.url, **push("喂", message_id=7))).text != "success"
    assert len(bot.office.worked) == 1


async def test_one_slow_citizen_holds_up_nobody_else(start: Start) -> None:
    bot = await start(ACCOUNT)
    bot.office.gates["慢"] = asyncio.Event()
    slow = asyncio.create_task(bot.sandbox.citizen().says("慢"))
    began = time.monotonic()
    texts = await asyncio.gather(*(bot.sandbox.citizen().says(f"第{n}位") for n in range(30)))
    assert texts == [f"您说：第{n}位" for n in range(30)]
    assert time.monotonic() - began < 1.5
    bot.office.gates["慢"].set()
    assert await slow == "您说：慢"
    assert not bot.sandbox.log.breaches


async def test_an_answer_that_does_not_fit_is_told_to_its_end_on_continue(start: Start) -> None:
    bot = await start(ACCOUNT)
    bot.office.answers |= {"说来听听": LONG, "继续": []}
    phone = bot.sandbox.citizen()
    told = [await phone.says("说来听听")]
    while told[-1].endswith("（还有后半段，回复“继续”查看）"):
        told.append(await phone.says("继续"))
    assert len(told) == 5
    whole = "".join(part.removesuffix("\n（还有后半段，回复“继续”查看）") for part in told)
    assert whole == LONG[0].text
    assert not bot.sandbox.log.breaches


async def test_an_account_that_may_send_tells_a_long_answer_at_once(start: Start) -> None:
    bot = await start(SERVICE)
    bot.office.answers["说来听听"] = LONG
    phone = bot.sandbox.citizen()
    assert (await phone.says("说来听听")).replace("\n", "") == LONG[0].text
    assert len(phone.seen) == 5
    assert not bot.sandbox.log.breaches


async def test_what_wechat_does_not_take_comes_with_the_next_message(start: Start) -> None:
    bot = await start(SERVICE)
    bot.office.delays["慢"] = 0.5
    bot.sandbox.api.faults["custom/send"].append(Fault(errcode=45015))
    phone = bot.sandbox.citizen()
    assert await phone.sends({"MsgType": "text", "Content": "慢"}, patience=0.6) == ""
    await eventually(lambda: "window_closed" in bot.observed)
    assert await phone.says("在吗") == "您说：慢\n\n您说：在吗"
    assert not bot.sandbox.log.breaches


async def test_a_long_answer_that_stops_half_way_goes_on_where_it_stopped(start: Start) -> None:
    bot = await start(SERVICE)
    bot.office.answers["说来听听"] = LONG
    bot.sandbox.api.faults["custom/send"].extend([Fault(), Fault(), Fault(errcode=45047)])
    phone = bot.sandbox.citizen()
    told = await phone.says("说来听听")
    assert LONG[0].text.startswith(told.replace("\n", ""))
    bot.office.answers["继续"] = []
    rest = await phone.says("继续")
    rest += await phone.says("继续")
    rest += await phone.says("继续")
    whole = (told + rest).replace("\n", "").replace("（还有后半段，回复“继续”查看）", "")
    assert whole == LONG[0].text
    assert not bot.sandbox.log.breaches


async def test_a_conversation_that_fails_does_not_pretend(start: Start) -> None:
    class Down(Office):
        failures = 3

        async def converse(self, inbound: Inbound) -> list[Reply]:
            if self.failures:
                self.failures -= 1
                raise errors.Unavailable
            return await super().converse(inbound)

    for account in (ACCOUNT, SERVICE):
        bot = await start(account, office=Down())
        assert await bot.sandbox.citizen().says("喂") == UNAVAILABLE


async def test_a_conversation_that_recovers_in_time_is_asked_again(start: Start) -> None:
    class Stumbling(Office):
        has_failed = False

        async def converse(self, inbound: Inbound) -> list[Reply]:
            if not self.has_failed:
                self.has_failed = True
                raise errors.Unavailable
            return await super().converse(inbound)

    bot = await start(ACCOUNT, office=Stumbling())
    assert await bot.sandbox.citizen().says("喂") == "您说：喂"


async def test_a_mini_program_gets_success_and_its_answer_as_a_message(start: Start) -> None:
    account = replace(SERVICE, channel="miniprogram", answers_in_response=False)
    bot = await start(account)
    phone = bot.sandbox.citizen()
    fields = {"MsgType": "text", "Content": "喂", "MsgId": 5}
    assert await phone.sends(fields, as_json=True) == "您说：喂"
    assert not phone.seen[0].is_passive
    assert bot.office.worked[0].channel == "miniprogram"


async def test_several_accounts_never_share_an_identity(start: Start) -> None:
    other = Account("wx-other", "other-token", "b" * 42 + "8", path="second")
    bot = await start(ACCOUNT, other)
    second = Identity(other.appid, other.token, other.aes_key or "")
    mine, theirs = push("喂"), push("喂", identity=second)
    assert (await bot.http.post(bot.url + "/second", **theirs)).status_code == 200
    assert (await bot.http.post(bot.url, **theirs)).status_code == 200
    for path in ("/second", "/nobody"):
        assert (await bot.http.post(bot.url + path, **mine)).status_code == 403
    assert {i.account for i in bot.office.worked} == {"wx-other"}


def push(
    text: str, *, message_id: int = 1, identity: Identity = IDENTITY, now: float | None = None
) -> dict[str, object]:
    """A push as arguments for httpx."""
    fields = {
        "ToUserName": identity.original_id,
        "FromUserName": "o-someone",
        "CreateTime": 1,
        "MsgType": "text",
        "Content": text,
        "MsgId": message_id,
    }
    sent = envelope(identity, fields, now=int(now or time.time()))
    return {"params": sent.query, "content": sent.body}


async def refusals(bot: Bot) -> list[tuple[int, bytes]]:
    """What is answered to each way of not being WeChat."""
    right = push("喂")
    query: dict[str, str] = right["params"]  # type: ignore[assignment]
    others = [
        {"params": {}, "content": right["content"]},
        {"params": query | {"msg_signature": "0" * 40}, "content": right["content"]},
        {"params": query | {"nonce": "other"}, "content": right["content"]},
        {"params": query, "content": b"<xml><Encrypt>AAAA</Encrypt></xml>"},
        {"params": query, "content": b""},
        {"params": query, "content": b"<a>" * 50_000},
        push("喂", now=time.time() - 301),
        push("喂", identity=replace(IDENTITY, appid="wx-forged")),
        push("喂", identity=replace(IDENTITY, aes_key="z" * 42 + "8")),
        push("喂", identity=replace(IDENTITY, mode=Mode.PLAIN)),
    ]
    answers = [await bot.http.post(bot.url, **other) for other in others]  # type: ignore[arg-type]
    return [(answer.status_code, answer.content) for answer in answers]


async def test_whoever_is_not_wechat_gets_one_and_the_same_refusal(start: Start) -> None:
    bot = await start(ACCOUNT)
    answers = await refusals(bot)
    assert len(set(answers)) == 1
    assert answers[0][0] == 403
    assert bot.observed.count("bad_signature") == len(answers)
    assert not bot.office.worked


async def test_a_replayed_plain_address_with_other_words_is_refused(start: Start) -> None:
    bot = await start(ACCOUNT)
    seen = push("喂", identity=replace(IDENTITY, mode=Mode.PLAIN))
    answer = await bot.http.post(bot.url, params=seen["params"], content=b"<xml>forged</xml>")
    assert answer.status_code == 403


async def test_bodies_are_limited_before_anything_looks_at_them(start: Start) -> None:
    bot = await start(ACCOUNT)
    right = push("喂")
    big = b"<" * (BODY_LIMIT + 1)

    async def in_chunks() -> object:
        for _ in range(BODY_LIMIT // 1024 + 2):
            yield b"<" * 1024

    for content, headers, status in (
        (big, {}, 413),
        (in_chunks(), {}, 413),
        (right["content"], {"Content-Encoding": "gzip"}, 400),
    ):
        answer = await bot.http.post(
            bot.url,
            params=right["params"],
            content=content,
            headers=headers,
        )
        assert answer.status_code == status
    assert not bot.office.worked


async def test_a_signed_push_that_makes_no_sense_is_a_bad_request(start: Start) -> None:
    bot = await start(ACCOUNT)
    identity = replace(IDENTITY, token=TOKEN)
    sent = envelope(
        identity, {"FromUserName": "o1", "ToUserName": "gh_sandbox"}, now=int(time.time())
    )
    answer = await bot.http.post(bot.url, params=sent.query, content=sent.body)
    assert answer.status_code == 400


async def test_a_citizen_may_send_anything_at_all(start: Start) -> None:
    bot = await start(ACCOUNT)
    phone = bot.sandbox.citizen()
    for words in ("😀" * 300, "\u202e反过来\u200b", "]]>" * 100, "长" * 30_000, "<xml>&"):
        assert await phone.says(words)
    assert not bot.sandbox.log.breaches

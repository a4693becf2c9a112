"""The sandbox is as strict as WeChat: a bot that breaks a rule is found out."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI, Request, Response

from benchmarks.echo_app import create_app
from channels.wechat.render import text_xml
from channels.wechat.sandbox import Api, Fault, Identity, Mode, ProtocolLog, Rule, Sandbox
from channels.wechat.sandbox import __main__ as command
from channels.wechat.sandbox import chat as chat_module
from channels.wechat.sandbox.chat import Options, chat
from channels.wechat.sandbox.sealing import seal, signature
from channels.wechat.sandbox.world import UNAVAILABLE
from tests.channels.wechat.conftest import Start
from tests.channels.wechat.office import ACCOUNT, AES_KEY, APPID, IDENTITY, PACE, TOKEN, serving

OPENID = "o-citizen"
Answer = Callable[[str], bytes]


def xml(openid: str, text: str = "好") -> str:
    return text_xml(to=openid, sender=IDENTITY.original_id, text=text, now=1)


def sealed(words: str, *, key: str = AES_KEY, token: str = TOKEN, appid: str = APPID) -> bytes:
    body = seal(key, appid, words)
    return (
        f"<xml><Encrypt>{body}</Encrypt><MsgSignature>{signature(token, '1', 'n', body)}"
        "</MsgSignature><TimeStamp>1</TimeStamp><Nonce>n</Nonce></xml>"
    ).encode()


async def shown_by(answer: Answer, mode: Mode = Mode.SAFE) -> tuple[str, set[Rule]]:
    """What a citizen sees of a bot that always answers so, and the rules that it breaks."""
    app = FastAPI()

    async def push(request: Request) -> Response:
        return Response(answer(request.query_params["openid"]))

    app.add_api_route("/", push, methods=["POST"])
    identity = replace(IDENTITY, mode=mode)
    async with serving(app) as url, Sandbox(identity, url, pace=PACE) as sandbox:
        text = await sandbox.citizen(OPENID).says("喂")
        return text, {breach.rule for breach in sandbox.log.breaches}


async def test_a_right_answer_is_shown() -> None:
    assert await shown_by(lambda openid: sealed(xml(openid))) == ("好", set())
    plain = await shown_by(lambda openid: xml(openid).encode(), Mode.PLAIN)
    assert plain == ("好", set())


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (lambda openid: xml(openid).encode(), Rule.UNENCRYPTED),
        (lambda openid: sealed(xml(openid), key="z" * 42 + "8"), Rule.BAD_SEAL),
        (lambda openid: sealed(xml(openid), token="other"), Rule.BAD_SEAL),
        (lambda openid: sealed(xml(openid), appid="wx-other"), Rule.BAD_SEAL),
        (lambda openid: sealed(xml("o-other")), Rule.WRONG_ADDRESSEE),
        (lambda openid: sealed(xml(openid, "长" * 700)), Rule.TOO_LONG),
        (lambda openid: sealed(f"<xml><Content>{openid}"), Rule.NOT_XML),
        (lambda openid: b"hello", Rule.NOT_XML),
        (lambda openid: b'{"errcode":0}', Rule.NOT_XML),
    ],
)
async def test_an_answer_that_wechat_cannot_show_is_an_error_to_the_citizen(
    answer: Answer, rule: Rule
) -> None:
    assert await shown_by(answer) == (UNAVAILABLE, {rule})


async def test_a_bot_that_is_not_there_is_asked_three_times() -> None:
    async with Sandbox(IDENTITY, "http://127.0.0.1:1/", pace=PACE) as sandbox:
        assert await sandbox.citizen().says("喂") == UNAVAILABLE
        assert sandbox.log.count("push") == 3
        assert [breach.rule for breach in sandbox.log.breaches] == [Rule.UNAVAILABLE]
        assert "三次" in str(sandbox.log.breaches[0])


class Caller:
    """A bot's calls to the sandbox's interfaces, with a clock."""

    def __init__(self, identity: Identity = IDENTITY) -> None:
        self.time = 1_795_000_000.0
        self.log = ProtocolLog()
        self.api = Api(identity, self.log, lambda _openid, _text: None, now=lambda: self.time)
        transport = httpx.ASGITransport(self.api.app)
        self.http = httpx.AsyncClient(transport=transport, base_url="http://wechat/cgi-bin")

    async def token(self, *, force: bool = False) -> str:
        body = {"appid": APPID, "secret": "a-secret", "force_refresh": force}
        answer = (await self.http.post("/stable_token", json=body)).json()
        return str(answer.get("access_token", answer.get("errcode")))

    async def send(self, text: str = "好", *, token: str | None = None) -> int:
        return await self.call(
            "/message/custom/send",
            {"touser": OPENID, "msgtype": "text", "text": {"content": text}},
            token,
        )

    async def call(self, path: str, body: object, token: str | None = None) -> int:
        query = {"access_token": token or await self.token()}
        return int((await self.http.post(path, params=query, json=body)).json()["errcode"])


async def test_five_messages_may_follow_one_of_the_citizens_within_two_days() -> None:
    bot = Caller()
    assert await bot.send() == 40003
    bot.api.citizen_spoke(OPENID, by_event=False)
    assert [await bot.send(f"{n}") for n in range(6)] == [0, 0, 0, 0, 0, 45047]
    bot.api.citizen_spoke(OPENID, by_event=False)
    bot.time += 48 * 3600 + 1
    assert await bot.send() == 45015
    assert [breach.rule for breach in bot.log.breaches] == [Rule.QUOTA, Rule.WINDOW]


async def test_three_messages_may_follow_a_tap_within_a_minute() -> None:
    bot = Caller()
    bot.api.citizen_spoke(OPENID, by_event=True)
    assert [await bot.send(f"{n}") for n in range(4)] == [0, 0, 0, 45047]
    bot.time += 61
    assert await bot.send() == 45015


async def test_texts_over_the_limit_or_escaped_are_found_out() -> None:
    bot = Caller()
    bot.api.citizen_spoke(OPENID, by_event=False)
    assert await bot.send("长" * 683) == 45002
    escaped = b'{"touser":"o-citizen","msgtype":"text","text":{"content":"\\u597d"}}'
    await bot.http.post(
        "/message/custom/send", params={"access_token": await bot.token()}, content=escaped
    )
    assert [breach.rule for breach in bot.log.breaches] == [Rule.TOO_LONG, Rule.ESCAPED]


async def test_tokens_expire_rotate_and_may_not_be_forced_too_often() -> None:
    bot = Caller()
    bot.api.citizen_spoke(OPENID, by_event=False)
    first = await bot.token()
    assert await bot.token() == first
    assert await bot.send(token="x") == 40014
    assert await bot.send(token="x" * 80) == 40001
    bot.api.rotate_token()
    assert await bot.send(token=first) == 40001
    second = await bot.token()
    bot.time += 7200
    assert await bot.send(token=second) == 42001
    assert [await bot.token(force=True) for _ in range(21)][-1] == "45009"
    assert {breach.rule for breach in bot.log.breaches} == {Rule.TOKEN_HUNGER}
    classic = {"appid": APPID, "secret": "a-secret"}
    assert "access_token" in (await bot.http.get("/token", params=classic)).json()
    wrong = classic | {"secret": "guess"}
    assert (await bot.http.get("/token", params=wrong)).json()["errcode"] == 40125
    assert (await bot.http.get("/token", params={"appid": "wx"})).json()["errcode"] == 40013


async def test_typing_keeps_its_own_rules() -> None:
    bot = Caller()

    async def types(command: str = "Typing") -> int:
        body = {"touser": OPENID, "command": command}
        return await bot.call("/message/custom/typing", body)

    assert await types() == 45080
    bot.api.citizen_spoke(OPENID, by_event=False)
    assert [await types(), await types(), await types("Dance")] == [0, 45081, 45072]
    assert await types("CancelTyping") == 0
    bot.time += 31
    assert await types() == 45080


async def test_an_account_without_the_right_is_told_so_and_unknown_calls_too() -> None:
    bot = Caller(replace(IDENTITY, customer_service=False))
    bot.api.citizen_spoke(OPENID, by_event=False)
    assert await bot.send() == 48001
    assert await bot.call("/message/custom/typing", {"touser": OPENID}) == 48001
    assert await bot.call("/nothing", {}) == 40066
    answer = await bot.http.post("/stable_token", content=b"{")
    assert answer.json()["errcode"] == 47001


async def test_faults_happen_once_each_and_in_order() -> None:
    bot = Caller()
    bot.api.citizen_spoke(OPENID, by_event=False)
    faults = bot.api.faults["custom/send"]
    faults.extend([Fault(errcode=-1), Fault(delay=0.05), Fault(errcode=40164)])
    token = await bot.token()
    began = time.monotonic()
    assert [await bot.send(f"{n}", token=token) for n in range(4)] == [-1, 0, 40164, 0]
    assert time.monotonic() - began >= 0.05


async def test_a_duplicate_answer_is_found_out() -> None:
    async with Sandbox(IDENTITY, "http://127.0.0.1:1/", pace=PACE) as sandbox:
        phone = sandbox.citizen()
        phone.show("好", is_passive=True)
        phone.show("好", is_passive=False)
        assert [breach.rule for breach in sandbox.log.breaches] == [Rule.DUPLICATE]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Sets what is typed, and the account's settings."""
    for name, value in (("APPID", APPID), ("TOKEN", TOKEN), ("AES_KEY", AES_KEY)):
        monkeypatch.setenv(f"MINSHENG_WECHAT_{name}", value)
    for name in ("SECRET", "ORIGINAL_ID", "API_BASE"):
        monkeypatch.setenv(f"MINSHENG_WECHAT_{name}", "")
    return lambda typed: monkeypatch.setattr("sys.stdin", io.StringIO(typed))


async def test_chat_plays_a_script_and_prints_both_sides(
    start: Start, terminal: Callable[[str], None]
) -> None:
    bot = await start(ACCOUNT)
    terminal(
        "# 注释\n路灯坏了\n\n/menu progress\n/follow grid:1\n/scan grid:1\n/pic\n/voice 停水\n"
        "/place 小区 30 114\n/as 老王\n你好\n/unfollow\n/wait 0\n/log\n/dance\n"
        "/place x y z\n/quit\n不会说的"
    )
    said: list[str] = []
    assert await chat(Options(bot.url, api_port=0), say=said.append) == 0
    printed = "\n".join(said)
    assert "我> 路灯坏了\n民声> 您说：路灯坏了" in printed
    assert "民声> 您说：查询办理进度" in printed
    assert "没有违反微信规则" in said[-1]
    assert printed.count("/help") >= 2
    assert "不会说的" not in printed
    assert len({i.citizen for i in bot.office.worked}) == 2


async def test_chat_says_what_is_missing(
    terminal: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    assert await chat(Options("http://127.0.0.1:1/", api_port=0), say=said.append) == 2
    assert "连不上" in said[-1]

    monkeypatch.delenv("MINSHENG_WECHAT_TOKEN")
    monkeypatch.setattr(chat_module, "dotenv_values", lambda _path: {})
    assert await chat(Options("http://127.0.0.1:1/"), say=said.append) == 2
    assert "MINSHENG_WECHAT_TOKEN" in said[-1]


async def test_chat_ends_with_an_error_when_the_bot_broke_a_rule(
    terminal: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    app = FastAPI()

    async def push(request: Request) -> Response:
        return Response(request.query_params.get("echostr", "plain words"))

    app.add_api_route("/", push, methods=["GET", "POST"])
    terminal("你好\n")
    said: list[str] = []
    async with serving(app) as url:
        assert await chat(Options(url + "/", api_port=0), say=said.append) == 1
    assert "违反微信规则 1 处" in "\n".join(said)


def test_the_command_line_reaches_chat_with_its_options(monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Options] = []

    async def fake(options: Options) -> int:
        given.append(options)
        return 0

    monkeypatch.setattr(command, "chat", fake)
    assert command.main(["chat"]) == 0
    assert command.main(["chat", "--url", "u", "--mode", "plain", "--no-customer-service"]) == 0
    assert given == [
        Options(),
        Options("u", mode=Mode.PLAIN, has_customer_service=False),
    ]


async def test_the_echo_that_benchmarks_compare_with_answers_as_wechat_reads_it() -> None:
    echo = create_app(APPID, TOKEN, AES_KEY)
    async with serving(echo) as url, Sandbox(IDENTITY, url + "/wechat", pace=PACE) as sandbox:
        assert await sandbox.citizen().says("路灯坏了") == "路灯坏了"
        assert not sandbox.log.breaches

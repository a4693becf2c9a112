"""The gateway: one token for everybody, one renewal and one retry, patience when WeChat is busy."""

from __future__ import annotations

import asyncio
import logging
import shutil
import subprocess
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import httpx
import pytest
from redis.asyncio import Redis

from channels.wechat.platform import (
    InDoubt,
    NotPermitted,
    Platform,
    QuotaSpent,
    TokenRejected,
    WeChatRefused,
    WindowClosed,
)
from channels.wechat.sandbox import Api, Fault, ProtocolLog, Rule
from channels.wechat.tokens import InProcessTokens, RedisTokens, Token, TokenStore
from nlu.text import errors
from tests.channels.wechat.office import ACCOUNT, APPID, IDENTITY

CITIZEN = "o-citizen"


class World:
    """WeChat's side, a clock, and what was shown and waited for."""

    def __init__(self) -> None:
        self.time = 1_795_000_000.0
        self.shown: list[str] = []
        self.slept: list[float] = []
        self.observed: list[str] = []
        self.log = ProtocolLog()
        self.api = Api(
            IDENTITY, self.log, lambda _openid, text: self.shown.append(text), now=lambda: self.time
        )
        self.http = httpx.AsyncClient(transport=httpx.ASGITransport(self.api.app))
        self.api.citizen_spoke(CITIZEN, by_event=False)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def platform(
        self, tokens: TokenStore | None = None, http: httpx.AsyncClient | None = None
    ) -> Platform:
        return Platform(
            ACCOUNT,
            http or self.http,
            tokens=tokens,
            base="http://127.0.0.1:1",
            now=lambda: self.time,
            sleep=self.sleep,
            observe=self.observed.append,
        )


@pytest.fixture
async def world() -> AsyncIterator[World]:
    made = World()
    yield made
    await made.http.aclose()


@pytest.fixture(scope="session")
def redis_socket(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A Redis of our own, on a socket file."""
    program = shutil.which("redis-server")
    assert program, "redis-server is needed for the tests (apt-get install redis-server)"
    socket = tmp_path_factory.mktemp("redis") / "s"
    server = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", str(socket), "--save", "", "--appendonly", "no"],
        stdout=subprocess.DEVNULL,
    )
    yield socket
    server.terminate()
    server.wait(10)


@pytest.fixture(params=["in process", "redis"])
async def tokens(request: pytest.FixtureRequest) -> AsyncIterator[TokenStore]:
    if request.param == "in process":
        yield InProcessTokens()
        return
    path = request.getfixturevalue("redis_socket")
    redis = Redis(unix_socket_path=str(path))
    for _ in range(100):
        if path.exists():
            break
        await asyncio.sleep(0.05)
    await redis.flushall()
    yield RedisTokens(redis)
    await redis.aclose()


async def test_a_hundred_at_once_fetch_one_token(world: World, tokens: TokenStore) -> None:
    platforms = [world.platform(tokens) for _ in range(4)]
    got = await asyncio.gather(*(p.token() for p in platforms for _ in range(25)))
    assert len(set(got)) == 1
    assert world.log.count("token") == 1


async def test_a_token_is_renewed_five_minutes_before_its_end(
    world: World, tokens: TokenStore
) -> None:
    platform = world.platform(tokens)
    first = await platform.token()
    world.time += 7200 - 301
    assert await platform.token() == first
    world.time += 2
    assert await platform.token() != first


async def test_a_token_that_another_program_replaced_costs_one_renewal(
    world: World, tokens: TokenStore
) -> None:
    platform = world.platform(tokens)
    await platform.token()
    world.api.rotate_token()
    await asyncio.gather(*(platform.send_text(CITIZEN, f"{n}") for n in range(4)))
    assert sorted(world.shown) == ["0", "1", "2", "3"]
    assert world.log.count("token") == 2


async def test_an_expired_token_is_renewed_and_the_call_made_again(world: World) -> None:
    platform = world.platform()
    await platform.token()
    world.api.expire_token()
    await platform.send_text(CITIZEN, "好")
    assert world.shown == ["好"]


@pytest.mark.parametrize("errcode", [40001, 40014, 42001])
async def test_a_token_refused_for_ever_is_no_endless_loop(world: World, errcode: int) -> None:
    platform = world.platform()
    world.api.faults["custom/send"].extend([Fault(errcode=errcode)] * 50)
    with pytest.raises(TokenRejected):
        await platform.send_text(CITIZEN, "好")
    assert len(world.api.faults["custom/send"]) == 48
    # First one, then one asked for, then one forced.
    assert world.log.count("token") == 3

    with pytest.raises(TokenRejected):
        await platform.send_text(CITIZEN, "好")
    assert world.log.count("token") == 4
    assert not world.log.breaches


@pytest.mark.parametrize(
    ("errcode", "kind"),
    [
        (45015, WindowClosed),
        (45047, QuotaSpent),
        (48001, NotPermitted),
        (40003, WeChatRefused),
        (40164, WeChatRefused),
    ],
)
async def test_a_refusal_is_told_by_its_kind_and_not_repeated(
    world: World, errcode: int, kind: type[WeChatRefused]
) -> None:
    world.api.faults["custom/send"].append(Fault(errcode=errcode))
    with pytest.raises(WeChatRefused) as caught:
        await world.platform().send_text(CITIZEN, "好")
    assert (type(caught.value), caught.value.errcode) == (kind, errcode)
    assert not world.slept


@pytest.mark.parametrize("fault", [Fault(errcode=-1), Fault(errcode=45009), Fault(status=502)])
async def test_a_busy_wechat_is_asked_again_after_growing_pauses(
    world: World, fault: Fault
) -> None:
    world.api.faults["custom/send"].extend([fault] * 2)
    await world.platform().send_text(CITIZEN, "好")
    assert world.shown == ["好"]
    assert world.slept[0] < 0.5 < world.slept[1] < 1.5

    world.api.faults["custom/send"].extend([fault] * 4)
    with pytest.raises(errors.Unavailable):
        await world.platform().send_text(CITIZEN, "好")


async def test_an_answer_that_was_lost_is_counted_as_in_doubt(world: World) -> None:
    world.api.faults["custom/send"].append(Fault(is_lost=True))
    await world.platform().send_text(CITIZEN, "好")
    assert world.shown == ["好", "好"]  # At least once: WeChat has no key to tell them apart.
    assert world.observed.count("in_doubt") == 1


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (httpx.ConnectError("x"), errors.Unavailable),
        (httpx.ConnectTimeout("x"), errors.Unavailable),
        (httpx.ReadTimeout("x"), InDoubt),
        (httpx.RemoteProtocolError("x"), InDoubt),
    ],
)
async def test_what_never_left_is_told_from_what_may_have_arrived(
    world: World, failure: httpx.TransportError, kind: type[errors.Unavailable]
) -> None:
    calls: Counter[str] = Counter()

    async def fails(request: httpx.Request) -> httpx.Response:
        calls[request.url.path] += 1
        raise failure

    store = InProcessTokens()
    await store.put(APPID, Token("t" * 40, world.time + 1000))
    async with httpx.AsyncClient(transport=httpx.MockTransport(fails)) as http:
        with pytest.raises(errors.Unavailable) as caught:
            await world.platform(store, http).send_text(CITIZEN, "好")
    assert type(caught.value) is kind
    assert calls == {"/cgi-bin/message/custom/send": 4}
    assert "t" * 40 not in repr(caught.value.__dict__) + str(caught.value.__cause__)


async def test_texts_travel_as_they_are_and_not_as_escapes(world: World) -> None:
    await world.platform().send_text(CITIZEN, "路灯“坏”了\n😀")
    assert world.shown == ["路灯“坏”了\n😀"]
    assert Rule.ESCAPED not in {breach.rule for breach in world.log.breaches}


async def test_no_log_shows_a_token_or_a_secret(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    platform = world.platform()
    world.api.faults["custom/send"].append(Fault(status=500))
    await platform.send_text(CITIZEN, "好")
    assert await platform.token() not in caplog.text
    assert ACCOUNT.secret not in caplog.text
    assert "trying again" in caplog.text


async def test_typing_is_shown_once(world: World) -> None:
    platform = world.platform()
    await platform.typing(CITIZEN)
    with pytest.raises(WeChatRefused) as caught:
        await platform.typing(CITIZEN)
    assert caught.value.errcode == 45081


async def test_a_wrong_secret_is_a_refusal(world: World) -> None:
    world.api.faults["stable_token"].append(Fault(errcode=40125))
    with pytest.raises(WeChatRefused):
        await world.platform().send_text(CITIZEN, "好")


@pytest.mark.parametrize("base", ["http://api.example.cn", "ftp://127.0.0.1", "api.weixin.qq.com"])
def test_words_and_tokens_never_travel_in_the_clear(world: World, base: str) -> None:
    with pytest.raises(ValueError, match="https"):
        Platform(ACCOUNT, world.http, base=base)


async def test_without_redis_the_gateway_says_that_it_is_unavailable(world: World) -> None:
    redis = Redis(unix_socket_path="/nowhere/s")
    with pytest.raises(errors.Unavailable):
        await world.platform(RedisTokens(redis)).send_text(CITIZEN, "好")
    await redis.aclose()


async def test_a_lock_that_is_never_freed_is_not_waited_for_without_end(
    redis_socket: Path, tokens: TokenStore
) -> None:
    redis = Redis(unix_socket_path=str(redis_socket))
    impatient = RedisTokens(redis, wait=0.1)
    async with impatient.lock("wx-stuck"):
        with pytest.raises(errors.Unavailable):
            async with impatient.lock("wx-stuck"):
                raise AssertionError
    await redis.aclose()

"""Talk to a running bot from a terminal, as a citizen does from WeChat."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shlex
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpx
import uvicorn
from dotenv import dotenv_values

from channels.wechat.sandbox.identity import Identity, Mode
from channels.wechat.sandbox.world import Phone, Sandbox, Seen

API_PORT = 8765
OPENID = "o-sandbox-citizen-0000000001"

HELP = """直接打字就是发文字。其他：
  /pic                 发一张图片
  /voice [识别出的字]    发一条语音
  /place 名称 纬度 经度  发一个位置
  /scan 场景值          扫码（已关注）
  /follow [场景值]      关注（可带场景值）
  /unfollow            取消关注
  /menu 键             点菜单
  /as 名字             换一位市民
  /wait [秒]           等机器人主动发来的消息
  /log                 看协议记录
  /help  /quit"""
NO_ACCOUNT = "没有找到公众号设置。请设好这些环境变量（或写在 .env 里）：{missing}"
NO_BOT = "连不上 {url}，或者它没有认出签名。先运行 make run，再核对 TOKEN 和 AES_KEY 是否一致。"
READY = "已连上 {url}。接口在 {api}（机器人的 MINSHENG_WECHAT_API_BASE 要指向它）。/help 看用法。"
BREACHED = "违反微信规则 {count} 处："
CLEAN = "没有违反微信规则。"


@dataclass(frozen=True, slots=True)
class Options:
    """What the command line says."""

    url: str | None = None
    """The bot's callback; on this machine, at its own port, unless given."""
    api_port: int | None = None
    mode: Mode = Mode.SAFE
    openid: str = OPENID
    has_customer_service: bool = True


class Incomplete(Exception):
    """Settings are missing; the message names them."""


def settings() -> dict[str, str]:
    """The bot's settings: the environment, else `.env` in the working folder."""
    stored = {name: value for name, value in dotenv_values(".env").items() if value}
    return stored | {name: value for name, value in os.environ.items() if value}


def identity(given: Mapping[str, str], options: Options) -> Identity:
    """The account that the bot is set up for."""
    prefix = "MINSHENG_WECHAT_"
    missing = [prefix + n for n in ("APPID", "TOKEN", "AES_KEY") if not given.get(prefix + n)]
    if missing:
        raise Incomplete(NO_ACCOUNT.format(missing=" ".join(missing)))
    return Identity(
        given[prefix + "APPID"],
        given[prefix + "TOKEN"],
        given[prefix + "AES_KEY"],
        given.get(prefix + "SECRET"),
        given.get(prefix + "ORIGINAL_ID") or "gh_sandbox",
        options.mode,
        options.has_customer_service,
    )


async def chat(options: Options, *, say: Callable[[str], None] = print) -> int:
    """The conversation until the input ends; 0 when the bot kept all rules."""
    given = settings()
    try:
        who = identity(given, options)
    except Incomplete as error:
        say(str(error))
        return 2
    url = options.url or f"http://127.0.0.1:{given.get('MINSHENG_PORT', '8000')}/wechat"
    base = urlsplit(given.get("MINSHENG_WECHAT_API_BASE", ""))
    is_here = base.hostname in ("127.0.0.1", "localhost")
    port = options.api_port
    if port is None:
        port = base.port if is_here and base.port else API_PORT
    async with Sandbox(who, url) as sandbox, _serving(sandbox, port):
        if not await _answers(sandbox):
            say(NO_BOT.format(url=url))
            return 2
        say(READY.format(url=url, api=f"http://127.0.0.1:{port}"))
        await _talk(sandbox, options.openid, say)
        breaches = sandbox.log.breaches
        say(BREACHED.format(count=len(breaches)) if breaches else CLEAN)
        for breach in breaches:
            say(str(breach))
        return 1 if breaches else 0


async def _talk(sandbox: Sandbox, openid: str, say: Callable[[str], None]) -> None:
    def on_seen(seen: Seen) -> None:
        say("\n".join(f"民声> {line}" for line in seen.text.splitlines()))

    phone = sandbox.citizen(openid)
    is_typed = sys.stdin.isatty()
    while True:
        phone.on_seen = on_seen
        line = await asyncio.to_thread(_line, "我> " if is_typed else "")
        if line is None or line.strip() == "/quit":
            return
        words = line.strip()
        if not words or words.startswith("#"):
            continue
        if not is_typed:
            say(f"我> {words}")
        if words.startswith("/as "):
            phone = sandbox.citizen("o-sandbox-" + words[4:].strip().encode().hex()[:48])
        else:
            await _one(sandbox, phone, words, say)


async def _one(sandbox: Sandbox, phone: Phone, words: str, say: Callable[[str], None]) -> None:
    if not words.startswith("/"):
        await phone.says(words)
        return
    try:
        command, *given = shlex.split(words)
        await _commands(sandbox, phone, say)[command](given)
    except (KeyError, ValueError, IndexError):
        say(HELP)


def _commands(
    sandbox: Sandbox, phone: Phone, say: Callable[[str], None]
) -> dict[str, Callable[[Sequence[str]], Awaitable[object]]]:
    async def log(_given: Sequence[str]) -> None:
        for entry in sandbox.log.entries:
            say(f"{entry.at:8.2f}s {entry.what:8} {entry.citizen} {entry.detail}")

    return {
        "/pic": lambda given: phone.sends_picture(*given[:1]),
        "/voice": lambda given: phone.sends_voice(" ".join(given)),
        "/place": lambda given: phone.sends_place(given[0], float(given[1]), float(given[2])),
        "/scan": lambda given: phone.scans(given[0]),
        "/follow": lambda given: phone.subscribes(*given[:1]),
        "/unfollow": lambda _given: phone.unsubscribes(),
        "/menu": lambda given: phone.clicks(given[0]),
        "/wait": lambda given: phone.reads_on(float(given[0]) if given else 5.0),
        "/log": log,
    }


def _line(prompt: str) -> str | None:
    try:
        return input(prompt)
    except EOFError:
        return None


async def _answers(sandbox: Sandbox) -> bool:
    try:
        return await sandbox.verify_address()
    except httpx.TransportError:
        return False


@contextlib.asynccontextmanager
async def _serving(sandbox: Sandbox, port: int) -> AsyncIterator[None]:
    config = uvicorn.Config(sandbox.api.app, port=port, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    try:
        yield
    finally:
        server.should_exit = True
        await task

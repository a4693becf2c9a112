"""The sandbox itself: citizens with phones, and WeChat's pushing between them and the bot."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from channels.wechat.sandbox.api import Api
from channels.wechat.sandbox.identity import Identity
from channels.wechat.sandbox.protocol import ProtocolLog, Rule
from channels.wechat.sandbox.wire import Fields, Unreadable, envelope, shown

UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"


@dataclass(frozen=True, slots=True)
class Pace:
    """WeChat's times, in seconds; tests run them faster."""

    cut: float = 5.0
    """When a push without an answer is given up and sent again."""
    tries: int = 3
    patience: float = 15.0
    """How long `says` waits for a message after `success`."""
    settle: float = 0.3
    """How long it is quiet before `says` takes it that nothing more comes."""


@dataclass(frozen=True, slots=True)
class Seen:
    """Something on the citizen's screen."""

    text: str
    at: float
    is_passive: bool


class Sandbox:
    """WeChat, for one account."""

    def __init__(
        self,
        identity: Identity,
        callback: str,
        *,
        http: httpx.AsyncClient | None = None,
        pace: Pace | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.identity = identity
        """May be replaced at any time: a new token, key or mode from the next push on."""
        self.callback = callback
        self.pace = pace or Pace()
        self.log = ProtocolLog()
        self.api = Api(identity, self.log, self._show_custom, now=now)
        self._http = http or httpx.AsyncClient(timeout=None, trust_env=False)  # noqa: S113
        self._now = now
        self._phones: dict[str, Phone] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        await self._http.aclose()

    def citizen(self, openid: str | None = None) -> Phone:
        """The phone of a citizen, always the same for the same openid."""
        openid = openid or "o" + secrets.token_urlsafe(21)[:27]
        return self._phones.setdefault(openid, Phone(openid, self))

    async def verify_address(self) -> bool:
        """The GET of 接入验证: whether the echo came back as it was."""
        query = envelope(self.identity, {"FromUserName": "", "ToUserName": ""}, now=self._second())
        echo = str(secrets.randbelow(10**18))
        asked = {name: query.query[name] for name in ("signature", "timestamp", "nonce")}
        response = await self._http.get(self.callback, params=asked | {"echostr": echo})
        return response.status_code == 200 and response.text == echo

    async def push(self, openid: str, fields: Fields, *, as_json: bool = False) -> str:
        """One message with all its tries; what the citizen is shown as an answer to it."""
        phone = self.citizen(openid)
        full: Fields = {
            "ToUserName": self.identity.original_id,
            "FromUserName": openid,
            "CreateTime": self._second(),
            **fields,
        }
        self.api.citizen_spoke(openid, by_event=fields["MsgType"] == "event")
        for number in range(1, self.pace.tries + 1):
            self.log.note("push", openid, f"{number} {fields.get('MsgId', fields.get('Event'))}")
            began = time.monotonic()
            answer = await self._tried(openid, full, as_json=as_json)
            if answer is not None:
                return phone.show(answer, is_passive=True) if answer else ""
            if number < self.pace.tries:
                await asyncio.sleep(max(0.0, began + self.pace.cut - time.monotonic()))
        self.log.breach(Rule.UNAVAILABLE, openid, str(fields)[:100])
        return phone.show(UNAVAILABLE, is_passive=True)

    async def _tried(self, openid: str, fields: Fields, *, as_json: bool) -> str | None:
        """One try; None when WeChat asks again."""
        sent = envelope(self.identity, fields, now=self._second(), as_json=as_json)
        try:
            async with asyncio.timeout(self.pace.cut):
                response = await self._http.post(
                    self.callback,
                    params=sent.query,
                    content=sent.body,
                    headers={"Content-Type": sent.content_type},
                )
        except TimeoutError:
            self.log.note("cut", openid)
            return None
        except httpx.TransportError as error:
            self.log.note("cut", openid, type(error).__name__)
            return None
        self.log.note("answer", openid, f"{response.status_code} {len(response.content)} bytes")
        if response.status_code != 200:
            return None
        try:
            return shown(self.identity, response.content, openid)
        except Unreadable as error:
            self.log.breach(error.rule, openid, error.detail)
            return UNAVAILABLE

    def _show_custom(self, openid: str, text: str) -> None:
        self.citizen(openid).show(text, is_passive=False)

    def _second(self) -> int:
        return int(self._now())


class Phone:
    """One citizen's WeChat."""

    def __init__(self, openid: str, sandbox: Sandbox) -> None:
        self.openid = openid
        self.seen: list[Seen] = []
        self.on_seen: Callable[[Seen], None] = lambda _seen: None
        """Called for everything that appears on the screen."""
        self._sandbox = sandbox
        self._news = asyncio.Event()
        self._spoke_at = 0
        """How much was on the screen when the citizen last did something."""

    async def says(self, text: str, *, copies: int = 1) -> str:
        """Type something and read what comes back; `copies`: WeChat pushes it so often at once."""
        return await self.sends({"MsgType": "text", "Content": text}, copies=copies)

    async def sends_voice(self, heard: str = "") -> str:
        """A voice message, with or without WeChat's own recognition of it."""
        return await self.sends(
            {"MsgType": "voice", "MediaId": _media(), "Format": "amr", "Recognition": heard}
        )

    async def sends_picture(self, url: str = "https://mmbiz.qpic.cn/sandbox/0") -> str:
        """A picture."""
        return await self.sends({"MsgType": "image", "PicUrl": url, "MediaId": _media()})

    async def sends_video(self) -> str:
        """A short video."""
        return await self.sends(
            {"MsgType": "shortvideo", "MediaId": _media(), "ThumbMediaId": _media()}
        )

    async def sends_place(self, label: str, latitude: float, longitude: float) -> str:
        """A place from the map."""
        return await self.sends(
            {
                "MsgType": "location",
                "Location_X": str(latitude),
                "Location_Y": str(longitude),
                "Scale": 15,
                "Label": label,
            }
        )

    async def sends_link(self, title: str, url: str) -> str:
        """A shared article."""
        return await self.sends({"MsgType": "link", "Title": title, "Description": "", "Url": url})

    async def subscribes(self, scene: str = "") -> str:
        """Follow the account, from a scanned code if there is a scene."""
        return await self.does("subscribe", f"qrscene_{scene}" if scene else "")

    async def unsubscribes(self) -> str:
        """Stop following."""
        return await self.does("unsubscribe", patience=0)

    async def scans(self, scene: str) -> str:
        """Scan a code while following already."""
        return await self.does("SCAN", scene)

    async def clicks(self, key: str) -> str:
        """Choose something from the menu."""
        return await self.does("CLICK", key)

    async def does(self, event: str, key: str = "", *, patience: float | None = None) -> str:
        """Any event."""
        fields: Fields = {"MsgType": "event", "Event": event, "EventKey": key}
        return await self.sends(fields, patience=patience)

    async def sends(
        self,
        fields: Fields,
        *,
        copies: int = 1,
        as_json: bool = False,
        patience: float | None = None,
    ) -> str:
        """Any message; all text that appears because of it (`patience` unset: the sandbox's)."""
        is_event = fields["MsgType"] == "event"
        named = fields if is_event else {"MsgId": secrets.randbelow(2**62), **fields}
        before = self._spoke_at = len(self.seen)
        self._news.clear()
        await asyncio.gather(
            *(self._sandbox.push(self.openid, named, as_json=as_json) for _ in range(copies))
        )
        if len(self.seen) == before:
            await self.reads_on(self._sandbox.pace.patience if patience is None else patience)
        return "\n".join(seen.text for seen in self.seen[before:])

    async def reads_on(self, patience: float) -> None:
        """Wait for something to appear, and then for quiet."""
        wait = patience
        while True:
            try:
                async with asyncio.timeout(wait):
                    await self._news.wait()
            except TimeoutError:
                return
            self._news.clear()
            wait = self._sandbox.pace.settle

    def show(self, text: str, *, is_passive: bool) -> str:
        """Something appears on the screen."""
        if any(seen.text == text for seen in self.seen[self._spoke_at :]):
            self._sandbox.log.breach(Rule.DUPLICATE, self.openid, text[:40])
        seen = Seen(text, time.monotonic(), is_passive)
        self.seen.append(seen)
        self._news.set()
        self.on_seen(seen)
        return text


def _media() -> str:
    return secrets.token_urlsafe(32)

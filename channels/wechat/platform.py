"""WeChat's own interfaces, called asynchronously: the few in use, by WeChat's rules.

One token an account, shared, renewed five minutes early under a lock; a rejected token is renewed
once and the call made once more, never in a loop (wechatpy's client recurses without end).

WeChatRefused (502)      WeChat said no; has .errcode
├── TokenRejected        40001 40014 42001, also after renewal
├── WindowClosed         45015 the citizen was last here more than 48 hours ago
├── QuotaSpent           45047 five messages were sent since the citizen's last
└── NotPermitted         48001 48004 50002 this account may not call this
Unavailable (503)        no connection, a time-out, 5xx, -1, 45009, after a few tries
└── InDoubt              the answer was lost: WeChat may have done it
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx

from channels.wechat.account import Account
from channels.wechat.tokens import InProcessTokens, Token, TokenStore
from nlu.text import errors

OFFICIAL = "https://api.weixin.qq.com"
RENEW_EARLY = 300.0
"""Seconds before its end from which a token is renewed."""
FORCED_GAP = 300.0
"""Seconds between forced renewals: WeChat allows 20 a day, and one in 30 s."""

_log = logging.getLogger(__name__)
_TOKEN_CODES = frozenset({40001, 40014, 42001})
_BUSY_CODES = frozenset({-1, 45009, 45011})


class WeChatRefused(errors.MinshengError):
    """WeChat understood the call and said no."""

    status = 502
    title = "微信没有接受这次调用"

    def __init__(self, errcode: int, errmsg: str = "") -> None:
        super().__init__(f"{errcode} {errmsg}".strip())
        self.errcode = errcode


class TokenRejected(WeChatRefused):
    """The token is refused although it was just renewed."""


class WindowClosed(WeChatRefused):
    """More than 48 hours since the citizen's last message."""


class QuotaSpent(WeChatRefused):
    """No more messages until the citizen writes again."""


class NotPermitted(WeChatRefused):
    """This kind of account may not do this."""


class InDoubt(errors.Unavailable):
    """The call left, no answer came back: it may or may not have been done."""


_REFUSALS: Mapping[int, type[WeChatRefused]] = {
    40001: TokenRejected,
    40014: TokenRejected,
    42001: TokenRejected,
    45015: WindowClosed,
    45047: QuotaSpent,
    48001: NotPermitted,
    48004: NotPermitted,
    50002: NotPermitted,
}


class Platform:
    """One account's way to WeChat."""

    def __init__(
        self,
        account: Account,
        http: httpx.AsyncClient,
        *,
        tokens: TokenStore | None = None,
        base: str = OFFICIAL,
        timeout: float = 5.0,
        pauses: tuple[float, ...] = (0.3, 1.0, 2.5),
        now: Callable[[], float] = time.time,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        observe: Callable[[str], None] = lambda _event: None,
    ) -> None:
        self._account = account
        self._http = http
        self._tokens = tokens or InProcessTokens()
        self._base = _checked(base)
        self._timeout = httpx.Timeout(timeout)
        self._pauses = pauses
        self._now = now
        self._sleep = sleep
        self._observe = observe
        self._forced_at = float("-inf")
        # httpx logs every address it calls, and WeChat wants the token in the address.
        logging.getLogger("httpx").addFilter(_hide_token)

    async def send_text(self, openid: str, text: str) -> None:
        """A customer-service message (发送客服消息); at least once when WeChat's answer is lost."""
        await self._call(
            "/cgi-bin/message/custom/send",
            {"touser": openid, "msgtype": "text", "text": {"content": text}},
        )

    async def typing(self, openid: str) -> None:
        """Show 「对方正在输入」 (客服输入状态); WeChat ends it by itself."""
        await self._call("/cgi-bin/message/custom/typing", {"touser": openid, "command": "Typing"})

    async def token(self) -> str:
        """The account's access token, renewed when its end is near."""
        stored = await self._tokens.get(self._account.appid)
        if stored and self._now() < stored.use_until:
            return stored.value
        return await self._renewed(rejected=None)

    async def _call(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        token = await self.token()
        answer = await self._post(path, body, token)
        if answer.get("errcode", 0) in _TOKEN_CODES:
            answer = await self._post(path, body, await self._renewed(rejected=token))
        return _accepted(answer)

    async def _renewed(self, rejected: str | None) -> str:
        """A token other than the rejected one; whoever comes second finds it already there."""
        appid = self._account.appid
        async with self._tokens.lock(appid):
            stored = await self._tokens.get(appid)
            if stored and stored.value != rejected and self._now() < stored.use_until:
                return stored.value
            token = await self._fetched(force=False)
            if token.value == rejected:
                # WeChat itself still thinks it good. Forcing puts it out of force for everybody.
                if self._now() - self._forced_at < FORCED_GAP:
                    raise TokenRejected(40001, "again, right after a forced renewal")
                self._forced_at = self._now()
                token = await self._fetched(force=True)
            await self._tokens.put(appid, token)
            return token.value

    async def _fetched(self, *, force: bool) -> Token:
        if not self._account.secret:
            raise NotPermitted(41004, "no AppSecret is set for this account")
        asked_at = self._now()
        body = {
            "grant_type": "client_credential",
            "appid": self._account.appid,
            "secret": self._account.secret,
            "force_refresh": force,
        }
        answer = _accepted(await self._post("/cgi-bin/stable_token", body, token=None))
        try:
            value, lasts = str(answer["access_token"]), float(answer["expires_in"])
        except (KeyError, TypeError, ValueError) as error:
            raise errors.Unavailable("WeChat gave no token") from error
        self._observe("token_renewed")
        # stable_token hands out the same token until 5 minutes before its end, then a new one.
        return Token(value, asked_at + max(lasts - RENEW_EARLY, 1.0))

    async def _post(self, path: str, body: Mapping[str, Any], token: str | None) -> dict[str, Any]:
        """One call, tried again while WeChat is busy or out of reach."""
        for pause in (*self._pauses, None):
            try:
                answer = await self._tried(path, body, token)
            except errors.Unavailable as error:
                if isinstance(error, InDoubt):
                    self._observe("in_doubt")
                if pause is None:
                    raise
                _log.warning("WeChat %s: %s; trying again", path, error.detail)
            else:
                if answer.get("errcode", 0) not in _BUSY_CODES:
                    return answer
                if pause is None:
                    raise errors.Unavailable(f"WeChat is busy ({answer['errcode']})")
            # Not in step with every other caller that was turned away at the same moment.
            await self._sleep(pause * (0.75 + secrets.randbelow(500) / 1000))
        raise AssertionError("unreachable")

    async def _tried(self, path: str, body: Mapping[str, Any], token: str | None) -> dict[str, Any]:
        # Written out as it is: WeChat shows \\uXXXX escapes of a text to the citizen as such.
        content = json.dumps(body, ensure_ascii=False).encode()
        try:
            response = await self._http.post(
                self._base + path,
                params={"access_token": token} if token else None,
                content=content,
                headers={"Content-Type": "application/json"},
                timeout=self._timeout,
                follow_redirects=False,
            )
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise errors.Unavailable(f"not reached ({type(error).__name__})") from None
        except httpx.TransportError as error:
            # `from None`: httpx keeps the request, and with it the token, in its errors.
            raise InDoubt(f"no answer ({type(error).__name__})") from None
        if response.status_code != httpx.codes.OK:
            raise InDoubt(f"status {response.status_code}")
        try:
            answer = response.json()
        except ValueError:
            raise InDoubt("not JSON") from None
        if not isinstance(answer, dict):
            raise InDoubt("not a JSON object")
        return answer


def _hide_token(record: logging.LogRecord) -> bool:
    return "access_token=" not in record.getMessage()


def _accepted(answer: dict[str, Any]) -> dict[str, Any]:
    errcode = answer.get("errcode", 0)
    if errcode:
        code = int(errcode)
        raise _REFUSALS.get(code, WeChatRefused)(code, str(answer.get("errmsg", ""))[:200])
    return answer


def _checked(base: str) -> str:
    """The address without its closing slash; the token and the words never travel in the clear."""
    parts = urlsplit(base)
    is_loopback = parts.hostname in ("127.0.0.1", "::1", "localhost")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback):
        raise ValueError("the WeChat address must be https (http only on loopback)")
    return base.rstrip("/")

"""WeChat's interfaces as a bot calls them: tokens, customer-service messages, typing."""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from fastapi import FastAPI, Request, Response

from channels.wechat.sandbox.identity import Identity
from channels.wechat.sandbox.protocol import ProtocolLog, Rule

TOKEN_LIFE = 7200.0
HARD_LIMIT = 2048
MESSAGE_QUOTA, MESSAGE_WINDOW = 5, 48 * 3600.0
EVENT_QUOTA, EVENT_WINDOW = 3, 60.0
TYPING_AFTER_MESSAGE, TYPING_LASTS = 30.0, 15.0
FORCED_A_DAY = 20


@dataclass(frozen=True, slots=True)
class Fault:
    """Something that goes wrong with one call."""

    errcode: int | None = None
    """Answered instead of doing it: -1, 45009, 40164…"""
    status: int = 200
    """HTTP status of that answer."""
    delay: float = 0.0
    """Seconds before anything happens."""
    is_lost: bool = False
    """It is done, but the answer is a 504."""


@dataclass(slots=True)
class _Allowance:
    left: int = 0
    until: float = float("-inf")


@dataclass(slots=True)
class _Citizen:
    message: _Allowance = field(default_factory=_Allowance)
    event: _Allowance = field(default_factory=_Allowance)
    spoke_at: float = float("-inf")
    typing_until: float = float("-inf")


class Api:
    """The side of WeChat that the bot calls; `app` serves it."""

    def __init__(
        self,
        identity: Identity,
        log: ProtocolLog,
        show: Callable[[str, str], None],
        *,
        now: Callable[[], float] = time.time,
        token_life: float = TOKEN_LIFE,
    ) -> None:
        self._identity = identity
        self._log = log
        self._show = show
        self._now = now
        self._token_life = token_life
        self._token = ""
        self._token_until = float("-inf")
        self._forced: list[float] = []
        self._citizens: dict[str, _Citizen] = {}
        self.faults: defaultdict[str, deque[Fault]] = defaultdict(deque)
        """By the path's end (`custom/send`); each call takes the next one."""
        self.app = FastAPI(title="WeChat sandbox", docs_url=None, openapi_url=None)
        self.app.add_api_route("/cgi-bin/{path:path}", self._serve, methods=["POST", "GET"])

    def citizen_spoke(self, openid: str, *, by_event: bool) -> None:
        """A message (or tap) of the citizen opens the window and fills the quota."""
        citizen = self._citizens.setdefault(openid, _Citizen())
        if by_event:
            citizen.event = _Allowance(EVENT_QUOTA, self._now() + EVENT_WINDOW)
        else:
            citizen.message = _Allowance(MESSAGE_QUOTA, self._now() + MESSAGE_WINDOW)
        citizen.spoke_at = self._now()
        citizen.typing_until = float("-inf")

    def expire_token(self) -> None:
        """The token's time is up: the next call gets 42001."""
        self._token_until = float("-inf")

    def rotate_token(self) -> None:
        """Somebody else renewed the token: the next call gets 40001."""
        self._renew()

    async def _serve(self, path: str, request: Request) -> Response:
        raw = await request.body()
        queue = next((q for name, q in self.faults.items() if q and path.endswith(name)), None)
        fault = queue.popleft() if queue else Fault()
        if fault != Fault():
            self._log.note("fault", detail=f"{path} {fault}")
        await asyncio.sleep(fault.delay)
        if fault.errcode is not None or (fault.status != 200 and not fault.is_lost):
            return _json({"errcode": fault.errcode or -1, "errmsg": "fault"}, fault.status)
        answer = self._answered(path, request, raw)
        return Response(status_code=504) if fault.is_lost else _json(answer)

    def _answered(self, path: str, request: Request, raw: bytes) -> dict[str, Any]:
        try:
            body: dict[str, Any] = json.loads(raw) if raw else {}
        except ValueError:
            return _error(47001, "data format error")
        match path:
            case "stable_token":
                return self._stable_token(body)
            case "token":
                return self._classic_token(dict(request.query_params))
        if refused := self._check_token(request.query_params.get("access_token", "")):
            return refused
        match path:
            case "message/custom/send":
                return self._custom(body, raw)
            case "message/custom/typing":
                return self._typing(body)
            case _:
                return _error(40066, f"invalid url {path}")

    def _stable_token(self, body: dict[str, Any]) -> dict[str, Any]:
        if refused := self._check_secret(str(body.get("appid")), str(body.get("secret"))):
            return refused
        if body.get("force_refresh") is True:
            today = [at for at in self._forced if at > self._now() - 86_400]
            self._forced = [*today, self._now()]
            if len(self._forced) > FORCED_A_DAY:
                self._log.breach(Rule.TOKEN_HUNGER, detail=f"{len(self._forced)} times today")
                return _error(45009, "reach max api daily quota limit")
            self._renew()
        elif self._now() >= self._token_until - 300:
            self._renew()
        self._log.note("token")
        left = int(self._token_until - self._now())
        return {"access_token": self._token, "expires_in": left}

    def _classic_token(self, query: dict[str, str]) -> dict[str, Any]:
        if refused := self._check_secret(query.get("appid", ""), query.get("secret", "")):
            return refused
        self._renew()
        self._log.note("token")
        return {"access_token": self._token, "expires_in": int(self._token_life)}

    def _renew(self) -> None:
        self._token = secrets.token_urlsafe(60)
        self._token_until = self._now() + self._token_life

    def _check_secret(self, appid: str, secret: str) -> dict[str, Any] | None:
        if appid != self._identity.appid:
            return _error(40013, "invalid appid")
        if self._identity.secret is not None and secret != self._identity.secret:
            return _error(40125, "invalid appsecret")
        return None

    def _check_token(self, token: str) -> dict[str, Any] | None:
        if not token:
            return _error(41001, "access_token missing")
        if len(token) < 20:
            return _error(40014, "invalid access_token")
        if token != self._token:
            return _error(40001, "invalid credential, access_token is invalid or not latest")
        return _error(42001, "access_token expired") if self._now() >= self._token_until else None

    def _custom(self, body: dict[str, Any], raw: bytes) -> dict[str, Any]:
        openid = str(body.get("touser", ""))
        if not self._identity.customer_service:
            return self._refuse(openid, 48001, "api unauthorized")
        if openid not in self._citizens:
            return self._refuse(openid, 40003, "invalid openid")
        if body.get("msgtype") != "text":
            return self._refuse(openid, 40008, "invalid message type")
        content = (body.get("text") or {}).get("content")
        if not isinstance(content, str) or not content:
            return self._refuse(openid, 44004, "empty content")
        if len(content.encode()) > HARD_LIMIT:
            self._log.breach(Rule.TOO_LONG, openid, f"{len(content.encode())} bytes")
            return self._refuse(openid, 45002, "content size out of limit")
        if b"\\u" in raw and not content.isascii():
            self._log.breach(Rule.ESCAPED, openid, content[:20])
        allowance = self._allowance(self._citizens[openid])
        if allowance is None:
            self._log.breach(Rule.WINDOW, openid, content[:20])
            return self._refuse(openid, 45015, "response out of time limit")
        if not allowance.left:
            self._log.breach(Rule.QUOTA, openid, content[:20])
            return self._refuse(openid, 45047, "out of response count limit")
        allowance.left -= 1
        self._citizens[openid].typing_until = float("-inf")
        self._log.note("custom", openid, content)
        self._show(openid, content)
        return _error(0, "ok")

    def _allowance(self, citizen: _Citizen) -> _Allowance | None:
        """The one to take from; None when no window is open."""
        open_ones = [a for a in (citizen.event, citizen.message) if a.until > self._now()]
        return next((a for a in open_ones if a.left), open_ones[0] if open_ones else None)

    def _typing(self, body: dict[str, Any]) -> dict[str, Any]:
        openid, command = str(body.get("touser", "")), body.get("command")
        citizen = self._citizens.get(openid)
        if not self._identity.customer_service:
            return self._refuse(openid, 48001, "api unauthorized")
        if command not in ("Typing", "CancelTyping"):
            return self._refuse(openid, 45072, "invalid command")
        if citizen is None or citizen.spoke_at < self._now() - TYPING_AFTER_MESSAGE:
            return self._refuse(openid, 45080, "no message within 30 s")
        if command == "Typing" and citizen.typing_until > self._now():
            return self._refuse(openid, 45081, "already typing")
        is_typing = command == "Typing"
        citizen.typing_until = self._now() + TYPING_LASTS if is_typing else float("-inf")
        self._log.note("typing", openid, str(command))
        return _error(0, "ok")

    def _refuse(self, openid: str, errcode: int, errmsg: str) -> dict[str, Any]:
        self._log.note("refused", openid, f"{errcode} {errmsg}")
        return _error(errcode, errmsg)


def _error(errcode: int, errmsg: str) -> dict[str, Any]:
    return {"errcode": errcode, "errmsg": errmsg}


def _json(body: dict[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body, ensure_ascii=False), status, media_type="application/json")

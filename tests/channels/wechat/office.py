"""A conversation and a ledger in memory, and apps behind real servers."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from channels.message import Inbound, MessageKey, Reply, Route
from channels.wechat.account import Account, Capability
from channels.wechat.desk import Timing
from channels.wechat.sandbox import Identity, Pace, Sandbox
from nlu.text import errors
from nlu.text.speech import Speech

APPID, TOKEN, AES_KEY = "wx0123456789abcdef", "a-token", "k" * 42 + "8"
ACCOUNT = Account(APPID, TOKEN, AES_KEY, secret="a-secret", original_id="gh_sandbox")
SERVICE = replace(ACCOUNT, capabilities=frozenset({Capability.CUSTOMER_SERVICE}))
IDENTITY = Identity(APPID, TOKEN, AES_KEY, "a-secret")
# WeChat's times, ten times as fast.
TIMING = Timing(deadline=0.35, hold=0.9, remember=5.0)
PACE = Pace(cut=0.5, patience=2.0, settle=0.15)
SPEECH = Speech({"say_more": ["（还有后半段，回复“继续”查看）"]})


class Office:
    """Answers, and the ledger of who delivered them, as `channels.message` describes both."""

    def __init__(self) -> None:
        self.worked: list[Inbound] = []
        """Every piece of work, once however often it was asked for."""
        self.answers: dict[str, list[Reply]] = {}
        """By what was said; unknown words are echoed."""
        self.gates: dict[str, asyncio.Event] = {}
        """Words whose answer waits until their event is set."""
        self.delays: dict[str, float] = {}
        self.claims: list[tuple[str, Route]] = []
        self.arrived: list[MessageKey] = []
        self._work: dict[MessageKey, asyncio.Task[list[Reply]]] = {}
        self._citizen: dict[MessageKey, tuple[str, str]] = {}
        self._waiting: dict[MessageKey, list[Reply]] = {}
        self._claimed: dict[MessageKey, tuple[Route, list[Reply]]] = {}

    async def converse(self, inbound: Inbound) -> list[Reply]:
        if inbound.key not in self._work:
            self.worked.append(inbound)
            self._citizen[inbound.key] = (inbound.account, inbound.citizen)
            self._work[inbound.key] = asyncio.create_task(self._answer(inbound))
        return await asyncio.shield(self._work[inbound.key])

    async def _answer(self, inbound: Inbound) -> list[Reply]:
        said = inbound.text or ""
        await asyncio.sleep(self.delays.get(said, 0))
        if said in self.gates:
            await self.gates[said].wait()
        replies = self.answers.get(said, [Reply(f"您说：{said}")])
        self._waiting[inbound.key] = replies
        return replies

    async def claim(self, key: MessageKey, route: Route) -> list[Reply] | None:
        before = self._claimed.get(key)
        if before and route is Route.PASSIVE and before[0] is Route.PASSIVE:
            return before[1]
        if before or key not in self._waiting:
            return None
        citizen = self._citizen[key]
        mine = [k for k in self._waiting if self._citizen[k] == citizen]
        taken = [reply for k in mine[: mine.index(key) + 1] for reply in self._waiting.pop(k)]
        self._claimed[key] = (route, taken)
        self.claims.append((key.message_id, route))
        return taken

    async def release(self, key: MessageKey) -> None:
        self._waiting = {key: self._claimed[key][1], **self._waiting}

    async def defer(self, key: MessageKey, rest: list[Reply]) -> None:
        self._waiting = {key: rest, **self._waiting}

    async def delivered(self, key: MessageKey) -> None:
        self.arrived.append(key)


class Bot:
    """The callback at an address, with the office behind it and a sandbox in front."""

    def __init__(self, office: Office, sandbox: Sandbox, url: str, http: httpx.AsyncClient) -> None:
        self.office = office
        self.sandbox = sandbox
        self.url = url
        self.http = http
        """A client of nobody in particular."""
        self.observed: list[str] = []


def application(*routers: object) -> FastAPI:
    """The routes with our errors turned into answers, as `bot.app` does."""
    app = FastAPI()
    for routes in routers:
        app.include_router(routes)  # type: ignore[arg-type]

    async def told(_request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, errors.MinshengError)
        return JSONResponse({"title": error.title, "detail": error.detail}, error.status)

    app.add_exception_handler(errors.MinshengError, told)
    return app


@contextlib.asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """The app behind a real server on a free port of the loopback; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        task = asyncio.create_task(server.serve([listening]))
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = server.force_exit = True
            await task

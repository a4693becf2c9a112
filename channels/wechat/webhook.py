"""The official-account callback (接入指南, 接收普通消息, 接收事件推送, 被动回复用户消息)."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager

from fastapi import APIRouter, Request, Response
from starlette.requests import ClientDisconnect

from channels.message import Converse
from channels.wechat import render
from channels.wechat.account import Accounts
from channels.wechat.crypto import BODY_LIMIT, Query, Seal
from channels.wechat.delivery import Delivery
from channels.wechat.desk import Desk, Timing
from channels.wechat.ledger import Outbox
from channels.wechat.parse import parse
from nlu.text import errors
from nlu.text.speech import Speech

READ_WITHIN = 3.0
"""Seconds for a push's body to arrive: WeChat sends it at once, a slow one is someone else's."""

_HEADERS = {"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"}


def router(
    accounts: Accounts,
    converse: Converse,
    ledger: Outbox,
    delivery: Delivery,
    *,
    speech: Speech,
    seal: Seal | None = None,
    timing: Timing | None = None,
    observe: Callable[[str], None] = lambda _event: None,
    prefix: str = "/wechat",
) -> APIRouter:
    """GET and POST at `/wechat` (any account) and `/wechat/{account}` (that one only).

    Raises the errors of `nlu.text.errors`; turning them into answers is the application's part.
    Every failed signature, decryption or foreign appid is the same `BadSignature`.
    """
    lock = seal or Seal()
    desk = Desk(
        converse,
        ledger,
        delivery,
        more=speech("say_more"),
        still_working=speech("say_still_working") if "say_still_working" in speech else None,
        timing=timing,
        observe=observe,
    )
    routes = APIRouter(tags=["wechat"], include_in_schema=False)

    async def check(request: Request, account: str | None = None) -> Response:
        """WeChat asks whether this address is ours: the echo, as it came."""
        with _counted(observe):
            lock.check_address(accounts.at(account), _query(request))
        return _said(request.query_params.get("echostr", "")[:512])

    async def push(request: Request, account: str | None = None) -> Response:
        """A message or an event; the answer, or `success`."""
        arrived = time.monotonic()
        body = await _body(request)
        with _counted(observe):
            opened = lock.open(accounts.at(account), _query(request), body)
            pushed = parse(opened)
        if pushed.inbound is None:
            return _said("success")
        async with _hang_up(request) as gone:
            text = await desk.answer(opened.account, pushed.inbound, arrived=arrived, gone=gone)
        if text is None:
            return _said("success")
        answer = render.text_xml(
            to=pushed.openid, sender=pushed.to_user, text=text, now=int(time.time())
        )
        return _said(lock.seal(opened, answer), "application/xml")

    for path in (prefix, prefix + "/{account}"):
        routes.add_api_route(path, check, methods=["GET"])
        routes.add_api_route(path, push, methods=["POST"])
    return routes


def _query(request: Request) -> Query:
    given = request.query_params
    return Query(*(given.get(name, "")[:64] for name in Query.__slots__))


def _said(body: str, media_type: str = "text/plain") -> Response:
    return Response(body, media_type=media_type, headers=_HEADERS)


async def _body(request: Request) -> bytes:
    """The body, up to the limit; a compressed one is refused, not inflated."""
    if request.headers.get("content-encoding", "identity").lower() != "identity":
        raise errors.BadRequest
    declared = request.headers.get("content-length", "0")
    if not declared.isdecimal() or int(declared[:12]) > BODY_LIMIT:
        raise errors.TooLarge
    body = bytearray()
    try:
        async with asyncio.timeout(READ_WITHIN):
            async for chunk in request.stream():
                body += chunk
                if len(body) > BODY_LIMIT:
                    raise errors.TooLarge
    except (TimeoutError, ClientDisconnect):
        raise errors.BadRequest from None
    return bytes(body)


@contextmanager
def _counted(observe: Callable[[str], None]) -> Iterator[None]:
    try:
        yield
    except errors.BadSignature:
        observe("bad_signature")
        raise
    except errors.BadRequest:
        observe("bad_request")
        raise


@asynccontextmanager
async def _hang_up(request: Request) -> AsyncIterator[asyncio.Future[None]]:
    """A future that is done once the other side has closed the connection."""

    async def watch() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    gone = asyncio.create_task(watch(), name="wechat-hang-up")
    try:
        yield gone
    finally:
        gone.cancel()

"""The web chat: page `/`, and `POST /web/messages`."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse
from pydantic import BaseModel, ConfigDict, StringConstraints

from channels.message import Converse, Inbound, Ledger, Option, Reply, Route
from channels.web.limits import Allowance
from channels.web.session import WebSessions, stated
from nlu.text.errors import Forbidden
from nlu.text.speech import Speech

CHANNEL = "web"
STATIC = Path(__file__).parent / "static"
_PAGE = STATIC / "chat.html"
_PATIENCE = 25.0
_YEAR = 365 * 24 * 3600
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

IsOwed = Callable[[str], Awaitable[bool]]
"""Whether an answer for this web identity has not reached it yet."""


class Said(BaseModel):
    """What the page, or a program, sends."""

    model_config = ConfigDict(extra="forbid")

    sender: Annotated[str, StringConstraints(min_length=1, max_length=128)] = "anonymous"
    """Only a name for the dialogue: it proves nothing (an identity is the cookie's)."""
    text: Annotated[str, StringConstraints(max_length=10_000)]
    message_id: Annotated[str, StringConstraints(max_length=64)] | None = None
    """The same id again gets the same answer; made up when absent."""


class ChatOption(BaseModel):
    title: str
    says: str


class ChatReply(BaseModel):
    text: str
    options: list[ChatOption] = []


class Answer(BaseModel):
    replies: list[ChatReply]


class Owed(BaseModel):
    owed: bool


def router(
    converse: Converse,
    ledger: Ledger,
    sessions: WebSessions,
    speech: Speech,
    is_owed: IsOwed,
    *,
    by_identity: Allowance | None = None,
    by_address: Allowance | None = None,
) -> APIRouter:
    """The page and its messages; the identity is a cookie that this server issued."""
    routes = APIRouter(tags=["web"])
    identities = by_identity or Allowance(a_minute=30, burst=30)
    addresses = by_address or Allowance(a_minute=600, burst=600)

    @routes.get("/", include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        response = HTMLResponse(_PAGE.read_text(encoding="utf-8"))
        response.headers["Content-Security-Policy"] = _POLICY
        response.headers["Cache-Control"] = "no-store"
        if sessions.read(request.cookies.get(_cookie(request))) is None:
            response.set_cookie(
                _cookie(request),
                sessions.issue(),
                max_age=_YEAR,
                httponly=True,
                samesite="strict",
                secure=request.url.scheme == "https",
            )
        return response

    @routes.post("/web/messages")
    async def messages(said: Said, request: Request) -> Answer:
        """Say something; the answer is all that there is to say, earlier answers owed included."""
        inbound = _inbound(said, request)
        identities.spend(inbound.citizen)
        addresses.spend(request.client.host if request.client else "")
        try:
            async with asyncio.timeout(_PATIENCE):
                await converse(inbound)
        except TimeoutError:
            return Answer(replies=[_shown(Reply(speech("say_still_working")))])
        replies = await ledger.claim(inbound.key, Route.PASSIVE)
        return Answer(replies=[_shown(reply) for reply in replies or ()])

    @routes.get("/web/owed")
    async def owed(request: Request, response: Response) -> Owed:
        """Whether an answer is waiting; `POST /web/messages` with an empty text brings it."""
        response.headers["Cache-Control"] = "no-store"
        identity = sessions.read(request.cookies.get(_cookie(request)))
        return Owed(owed=identity is not None and await is_owed(identity))

    def _inbound(said: Said, request: Request) -> Inbound:
        _same_site(request)
        identity = sessions.read(request.cookies.get(_cookie(request)))
        citizen = identity or stated(said.sender)
        message_id = said.message_id or secrets.token_hex(16)
        return Inbound(
            # Ids are the client's: they must not meet another citizen's.
            message_id=f"{citizen}:{message_id}",
            channel=CHANNEL,
            citizen=citizen,
            text=said.text or None,
            owns=identity is not None,
        )

    return routes


def _cookie(request: Request) -> str:
    # Browsers accept the __Host- prefix over TLS only; on the office's own machine there is none.
    return "__Host-minsheng" if request.url.scheme == "https" else "minsheng"


def _same_site(request: Request) -> None:
    """Refuse what another site's page sends in the citizen's name."""
    origin = request.headers.get("origin")
    if origin and urlsplit(origin).netloc != request.headers.get("host"):
        raise Forbidden


def _shown(reply: Reply) -> ChatReply:
    def option(item: Option) -> ChatOption:
        return ChatOption(title=item.title, says=item.says)

    return ChatReply(text=reply.text, options=[option(item) for item in reply.options])

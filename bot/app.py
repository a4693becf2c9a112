"""Puts every part together into one FastAPI application."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import fastapi_offline
import httpx
from fastapi import FastAPI, Request, Response
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles
from redis.asyncio import Redis
from sqlalchemy import text
from starlette.middleware.base import RequestResponseEndpoint

import actions.webhook
import case_api.app
import case_api.endpoints
import channels.web.chat
import knowledge_base.endpoints
from actions.catalogue import all_actions
from actions.services import Services
from actions.tokens import TurnTokens
from bot import console, health, wechat
from bot.conversation import Conversation
from bot.daily import Daily
from bot.desk import TurnDesk
from bot.dialogue import Dialogue
from bot.inbox import Inbox
from bot.rasa_server import RasaServer
from bot.settings import Settings
from bot.voice import load_speech
from bot.votes import Votes
from case_api import problems
from case_api.client import CaseApiClient, in_process
from channels.web.session import WebSessions
from knowledge_base.asked import Asked
from knowledge_base.building import Apart
from knowledge_base.database import Database
from knowledge_base.encoder import load_encoder
from knowledge_base.search import KnowledgeBase
from nlu.text.errors import Unavailable

VERSION = "0.1.0"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "X-Frame-Options": "DENY",
}
Progress = Callable[[str], None]


@dataclass(slots=True)
class Running:
    """The parts that tests and the command line look at."""

    app: FastAPI
    database: Database
    conversation: Conversation
    knowledge: KnowledgeBase
    rasa: RasaServer | None
    first_password: str | None
    """Of the console's first administrator, when it has just been made."""


@asynccontextmanager
async def running(
    settings: Settings, rasa: RasaServer | None, say: Progress = lambda _: None
) -> AsyncIterator[Running]:
    """The whole service, ready to be served; `rasa` is handed in already started, or None."""
    async with AsyncExitStack() as stack:
        database = Database(settings.database)
        stack.push_async_callback(database.close)
        encoder = load_encoder(settings.encoder)
        say("打开知识库索引……")
        knowledge = await KnowledgeBase.open(
            database,
            encoder,
            settings.data_dir,
            apart=Apart(settings.database, settings.data_dir, settings.encoder),
        )
        stack.push_async_callback(knowledge.close)
        app = _bare_app()
        cases = await case_api.app.open_service(
            database,
            encoder,
            case_api.app.Settings(settings.data_dir, settings.kept_secret("cases").encode()),
        )
        stack.push_async_callback(cases.close)
        app.include_router(
            case_api.endpoints.router(cases, settings.token), prefix=case_api.app.PREFIX
        )
        app.include_router(knowledge_base.endpoints.router(knowledge), prefix=case_api.app.PREFIX)
        cases_http = await stack.enter_async_context(in_process(app))
        client = CaseApiClient(cases_http, settings.token)
        staff = await console.install(app, stack, settings, database, knowledge, cases_http)

        speech = load_speech()
        inbox = Inbox(database)
        tokens = TurnTokens(settings.kept_secret("turns").encode())
        desk = TurnDesk(database, inbox, tokens)
        rasa_secret = settings.kept_secret("rasa")
        asked = Asked(database, settings.kept_secret("askers").encode())
        services = Services(desk, client, knowledge, asked, speech)
        app.include_router(actions.webhook.router(all_actions(services), rasa_secret))

        # trust_env: a proxy in the environment must not see what citizens say.
        rasa_http = await stack.enter_async_context(
            httpx.AsyncClient(base_url=f"http://127.0.0.1:{settings.rasa_port}", trust_env=False)
        )
        dialogue = Dialogue(rasa_http, rasa_secret, tokens, desk, settings.rasa_timeout)
        votes = Votes(inbox, desk, asked, speech)
        conversation = Conversation(inbox, dialogue, client, speech, votes, settings.pause)

        metrics = health.Metrics()
        redis = None
        if settings.redis_url:
            redis = Redis.from_url(settings.redis_url, socket_timeout=3, socket_connect_timeout=3)
            stack.push_async_callback(redis.aclose)
        wechat_http = await stack.enter_async_context(httpx.AsyncClient(follow_redirects=False))
        account = wechat.build(settings, conversation, inbox, speech, wechat_http, redis, metrics)
        app.include_router(account.routes)
        stack.push_async_callback(account.delivery.close)
        conversation.delivers_late(wechat.CHANNEL, account.deliver_late)

        sessions = WebSessions(settings.kept_secret("web").encode())

        async def is_owed(citizen: str) -> bool:
            return await inbox.is_owed((channels.web.chat.CHANNEL, "", citizen))

        app.include_router(channels.web.chat.router(conversation, inbox, sessions, speech, is_owed))
        app.mount("/web/static", StaticFiles(directory=channels.web.chat.STATIC), "web-static")
        app.include_router(health.router(_checks(database, dialogue, knowledge), metrics))
        first_password = None
        if rasa is not None:  # else only preparing, perhaps beside a running app
            await cases.warm()
            mark = settings.data_dir / "running"
            knowledge.follow()
            first_password = await staff.open(settings)
            await conversation.start(after_crash=mark.exists())
            mark.touch()
            stack.callback(mark.unlink, missing_ok=True)
            stack.push_async_callback(conversation.close)
            daily = Daily({"old questions": asked.forget_old})
            daily.begin()
            stack.push_async_callback(daily.close)
        yield Running(app, database, conversation, knowledge, rasa, first_password)


def _bare_app() -> FastAPI:
    app = FastAPI(
        title="民声",
        version=VERSION,
        description="微信上的信访与 12345 诉求助手：诉求接口与知识检索",
        docs_url=None,
        redoc_url=None,
    )
    problems.install(app)
    assets = Path(fastapi_offline.__file__).parent / "static"
    app.mount("/docs/assets", StaticFiles(directory=assets), "docs-assets")

    @app.get("/docs", include_in_schema=False)
    async def docs() -> HTMLResponse:
        return get_swagger_ui_html(
            openapi_url=app.openapi_url or "",
            title="民声接口",
            swagger_js_url="/docs/assets/swagger-ui-bundle.js",
            swagger_css_url="/docs/assets/swagger-ui.css",
            swagger_favicon_url="/web/static/icon.svg",
        )

    @app.middleware("http")
    async def careful_headers(request: Request, call_next: RequestResponseEndpoint) -> Response:
        response = await call_next(request)
        for name, value in _HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return app


def _checks(
    database: Database, dialogue: Dialogue, knowledge: KnowledgeBase
) -> dict[str, Callable[[], Awaitable[bool]]]:
    async def database_answers() -> bool:
        try:
            return await database.read(
                lambda connection: connection.execute(text("SELECT 1")).scalar() == 1
            )
        except Unavailable:
            return False

    async def index_is_there() -> bool:
        return bool((await knowledge.search("信访")).hits)

    return {"database": database_answers, "rasa": dialogue.is_up, "index": index_is_there}

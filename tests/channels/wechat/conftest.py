"""The callback behind a real server, with a sandbox in front of it."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import httpx
import pytest

from channels.wechat.account import Account, Accounts
from channels.wechat.delivery import Delivery
from channels.wechat.desk import Timing
from channels.wechat.platform import Platform
from channels.wechat.sandbox import Identity, Sandbox
from channels.wechat.webhook import router
from nlu.text.speech import Speech
from tests.channels.wechat.office import (
    IDENTITY,
    PACE,
    SPEECH,
    TIMING,
    Bot,
    Office,
    application,
    serving,
)

Start = Callable[..., Awaitable[Bot]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Starts bots: `await start(ACCOUNT, …)`; the sandbox plays for the first account."""
    async with contextlib.AsyncExitStack() as stack:

        async def started(
            *accounts: Account,
            office: Office | None = None,
            identity: Identity = IDENTITY,
            timing: Timing = TIMING,
            speech: Speech = SPEECH,
        ) -> Bot:
            office = office or Office()
            http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False))
            sandbox = await stack.enter_async_context(Sandbox(identity, "", pace=PACE))
            api = await stack.enter_async_context(serving(sandbox.api.app))
            bot = Bot(office, sandbox, "", http)
            platforms = {
                account.appid: Platform(account, http, base=api, pauses=(0.02, 0.05))
                for account in accounts
            }
            delivery = Delivery(
                platforms, office, more=SPEECH("say_more"), observe=bot.observed.append
            )
            stack.push_async_callback(delivery.close, 1.0)
            routes = router(
                Accounts(accounts),
                office.converse,
                office,
                delivery,
                speech=speech,
                timing=timing,
                observe=bot.observed.append,
            )
            bot.url = await stack.enter_async_context(serving(application(routes))) + "/wechat"
            sandbox.callback = bot.url
            return bot

        yield started

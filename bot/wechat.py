"""The WeChat side of the composition: accounts from settings, gateways, delivery, callback."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import httpx
from fastapi import APIRouter
from redis.asyncio import Redis

from bot.health import Metrics
from bot.inbox import Inbox
from bot.settings import Settings
from channels.message import Converse, MessageKey
from channels.wechat.account import Account, Accounts, Capability
from channels.wechat.crypto import Seal
from channels.wechat.delivery import Delivery
from channels.wechat.desk import Timing
from channels.wechat.platform import Platform
from channels.wechat.tokens import InProcessTokens, RedisTokens, TokenStore
from channels.wechat.webhook import router
from nlu.text.speech import Speech

CHANNEL = "wechat"


class Misconfigured(Exception):
    """The settings contradict each other; the message is for the engineer."""


@dataclass(frozen=True, slots=True)
class WeChat:
    """What the app needs of it."""

    routes: APIRouter
    delivery: Delivery
    accounts: Accounts

    async def deliver_late(self, key: MessageKey, citizen: str) -> bool:
        """Send an answer by ourselves, if its account may."""
        if not self.accounts.of(key.account).can(Capability.CUSTOMER_SERVICE):
            return False
        return await self.delivery.deliver(key, citizen)


def accounts(settings: Settings) -> Accounts:
    """The configured official account, or none."""
    if not settings.wechat_appid:
        return Accounts(())
    can = {Capability.CUSTOMER_SERVICE} if settings.wechat_customer_service else set()
    try:
        account = Account(
            appid=settings.wechat_appid,
            original_id=settings.wechat_original_id or None,
            token=settings.wechat_token.get_secret_value(),
            previous_token=settings.wechat_previous_token.get_secret_value() or None,
            aes_key=settings.wechat_aes_key.get_secret_value() or None,
            previous_aes_key=settings.wechat_previous_aes_key.get_secret_value() or None,
            secret=settings.wechat_secret.get_secret_value() or None,
            plain_allowed=settings.wechat_plain_allowed,
            capabilities=frozenset(can),
        )
    except ValueError as error:
        raise Misconfigured(f"公众号的设置不对：{error}。可以运行 make doctor 看缺什么") from error
    return Accounts((account,))


def build(
    settings: Settings,
    converse: Converse,
    inbox: Inbox,
    speech: Speech,
    http: httpx.AsyncClient,
    redis: Redis | None,
    metrics: Metrics,
) -> WeChat:
    """Put the channel together."""
    tokens: TokenStore = RedisTokens(redis) if redis is not None else InProcessTokens()
    known = accounts(settings)
    platforms = {
        account.appid: Platform(
            account, http, tokens=tokens, base=settings.wechat_api_base, observe=metrics.wechat
        )
        for account in known
    }
    delivery = Delivery(platforms, inbox, more=speech("say_more"), observe=metrics.wechat)
    routes = router(
        known,
        converse,
        inbox,
        delivery,
        speech=speech,
        seal=Seal(window=timedelta(seconds=settings.wechat_replay_window)),
        timing=Timing(deadline=settings.wechat_deadline),
        observe=metrics.wechat,
    )
    return WeChat(routes, delivery, known)

"""Where an access token lives, so that all processes of a deployment share one.

WeChat gives each account one token at a time; two processes that refresh on their own put each
other's out of force (获取稳定版接口调用凭据).
"""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass, field
from typing import Protocol

from redis.asyncio import Redis
from redis.exceptions import RedisError

from nlu.text import errors

_KEY = "minsheng:wechat:token:"


@dataclass(frozen=True, slots=True)
class Token:
    """An access token and the wall-clock second from which it is no longer used."""

    value: str = field(repr=False)
    use_until: float


class TokenStore(Protocol):
    """Keeps one token an account, with a lock around its renewal."""

    async def get(self, appid: str) -> Token | None:
        """The stored token, stale or not."""

    async def put(self, appid: str, token: Token) -> None:
        """Replace the stored token."""

    def lock(self, appid: str) -> AbstractAsyncContextManager[None]:
        """Held by whoever renews; raises `Unavailable` when it cannot be had in time."""


class InProcessTokens:
    """For a single process."""

    def __init__(self) -> None:
        self._tokens: dict[str, Token] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, appid: str) -> Token | None:
        return self._tokens.get(appid)

    async def put(self, appid: str, token: Token) -> None:
        self._tokens[appid] = token

    @asynccontextmanager
    async def lock(self, appid: str) -> AsyncIterator[None]:
        async with self._locks[appid]:
            yield


class RedisTokens:
    """For several processes or machines."""

    def __init__(self, redis: Redis, *, wait: float = 10.0) -> None:
        self._redis = redis
        self._wait = wait

    async def get(self, appid: str) -> Token | None:
        try:
            stored = await self._redis.get(_KEY + appid)
        except RedisError as error:
            raise errors.Unavailable("Redis is not reachable") from error
        return Token(*json.loads(stored)) if stored else None

    async def put(self, appid: str, token: Token) -> None:
        stored = json.dumps([token.value, token.use_until])
        try:
            # A token that stays in Redis after its end helps nobody but a thief.
            await self._redis.set(_KEY + appid, stored, ex=7200)
        except RedisError as error:
            raise errors.Unavailable("Redis is not reachable") from error

    @asynccontextmanager
    async def lock(self, appid: str) -> AsyncIterator[None]:
        # Longer than one renewal can take, so that it is never taken from a living holder.
        lock = self._redis.lock(_KEY + appid + ":lock", timeout=30, blocking_timeout=self._wait)
        try:
            held = await lock.acquire()
        except RedisError as error:
            raise errors.Unavailable("Redis is not reachable") from error
        if not held:
            raise errors.Unavailable("another process is renewing the access token")
        try:
            yield
        finally:
            with suppress(RedisError):  # It runs out by itself.
                await lock.release()

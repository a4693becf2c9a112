"""Answers that we send ourselves (客服消息): in order a citizen, kept when WeChat says no."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine, Mapping
from typing import Any
from weakref import WeakValueDictionary

from channels.message import Inbound, MessageKey, Reply, Route
from channels.wechat.ledger import Outbox
from channels.wechat.platform import Platform, QuotaSpent, WeChatRefused, WindowClosed
from channels.wechat.render import merged, split
from nlu.text import errors

_log = logging.getLogger(__name__)


class Delivery:
    """Sends claimed answers; owns the tasks that wait for answers which are late."""

    def __init__(
        self,
        platforms: Mapping[str, Platform],
        ledger: Outbox,
        *,
        more: str,
        observe: Callable[[str], None] = lambda _event: None,
    ) -> None:
        self._platforms = platforms
        self._ledger = ledger
        self._more = more
        self._observe = observe
        self._turns: WeakValueDictionary[tuple[str, str], asyncio.Lock] = WeakValueDictionary()
        self._tasks: set[asyncio.Task[None]] = set()

    def turn(self, appid: str, citizen: str) -> asyncio.Lock:
        """Held while something is on its way to this citizen, so that answers arrive in order."""
        return self._turns.setdefault((appid, citizen), asyncio.Lock())

    def later(self, inbound: Inbound, answer: asyncio.Future[list[Reply]]) -> None:
        """Wait for the answer in the background, then send it; meanwhile show 「正在输入」."""
        self._start(self._type(inbound), "wechat-typing")
        self._start(self._wait_and_deliver(inbound, answer), "wechat-late-answer")

    async def deliver(self, inbound_key: MessageKey, citizen: str) -> bool:
        """Claim an answer and send it; whether all that we may send of it was taken by WeChat.

        Also for answers that were found waiting when the app started.
        """
        platform = self._platforms[inbound_key.account]
        async with self.turn(inbound_key.account, citizen):
            replies = await self._ledger.claim(inbound_key, Route.ACTIVE)
            if replies is None:
                return False
            parts = split(merged(replies), more=self._more)
            for said, part in enumerate(parts.parts):
                try:
                    await platform.send_text(citizen, part)
                except (WeChatRefused, errors.Unavailable) as error:
                    self._observe(_outcome(error))
                    _log.warning("a WeChat message waits for its citizen: %s", error.detail)
                    if said:
                        await self._ledger.defer(inbound_key, [Reply(parts.after(said))])
                    else:
                        await self._ledger.release(inbound_key)
                    return False
            if parts.rest:
                await self._ledger.defer(inbound_key, [Reply(parts.rest)])
            else:
                await self._ledger.delivered(inbound_key)
            self._observe("active")
            return True

    async def close(self, grace: float = 10.0) -> None:
        """Let what is being sent finish; answers still being worked out stay with the ledger."""
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _wait_and_deliver(
        self, inbound: Inbound, answer: asyncio.Future[list[Reply]]
    ) -> None:
        try:
            # Others wait for the same answer: this one's end must not be its end.
            await asyncio.shield(answer)
        except errors.MinshengError as error:
            # Nothing to claim: whoever took the message keeps it.
            self._observe("no_answer")
            _log.warning("no answer to a late message: %s", error.detail)
            return
        await self.deliver(inbound.key, inbound.citizen)

    async def _type(self, inbound: Inbound) -> None:
        try:
            await self._platforms[inbound.account].typing(inbound.citizen)
        except (WeChatRefused, errors.Unavailable):
            self._observe("typing_refused")  # A courtesy: 45080 and 45081 are no one's loss.

    def _start(self, work: Coroutine[Any, Any, None], name: str) -> None:
        task = asyncio.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._observe("failed")
            _log.error("%s failed", task.get_name(), exc_info=error)


def _outcome(error: errors.MinshengError) -> str:
    match error:
        case WindowClosed():
            return "window_closed"
        case QuotaSpent():
            return "quota_spent"
        case WeChatRefused():
            return "refused"
        case _:
            return "unavailable"

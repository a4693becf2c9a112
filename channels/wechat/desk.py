"""When an answer goes out, and which way: WeChat's five seconds and three tries.

ready by the deadline              → in the response
not ready, may send by itself      → `success`, then a message of our own
not ready, may not, tries 1 and 2  → the connection stays open until WeChat cuts it and asks again
not ready, may not, try 3          → `success`; the answer waits for the citizen's next message
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from channels.message import Converse, Inbound, MessageKey, Reply, Route
from channels.wechat.account import Account, Capability
from channels.wechat.delivery import Delivery
from channels.wechat.ledger import Outbox
from channels.wechat.render import PART_LIMIT, merged, split


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds; all measured from a push's arrival."""

    deadline: float = 4.5
    """The last moment to answer: WeChat cuts at 5, and the network takes its part."""
    hold: float = 8.0
    """How long a push that is to be cut stays open if nobody cuts it."""
    remember: float = 60.0
    """How long tries are counted after the last."""
    tries: int = 3
    """After a time-out WeChat asks three times in all (被动回复用户消息)."""


@dataclass(slots=True, eq=False)
class _Visit:
    """One open push."""

    number: int
    superseded: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(slots=True, eq=False)
class _Case:
    """One message, over all its pushes."""

    answer: asyncio.Task[list[Reply]]
    visits: int = 0
    newest: _Visit | None = None
    is_left_to_delivery: bool = False
    forgets: asyncio.TimerHandle | None = None


class Desk:
    """Takes messages to the conversation and hands answers to the push that waits for them."""

    def __init__(
        self,
        converse: Converse,
        ledger: Outbox,
        delivery: Delivery,
        *,
        more: str,
        still_working: str | None = None,
        timing: Timing | None = None,
        observe: Callable[[str], None] = lambda _event: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._converse = converse
        self._ledger = ledger
        self._delivery = delivery
        self._more = more
        self._still_working = still_working
        self._timing = timing or Timing()
        self._observe = observe
        self._clock = clock
        self._cases: dict[MessageKey, _Case] = {}

    async def answer(
        self, account: Account, inbound: Inbound, *, arrived: float, gone: asyncio.Future[None]
    ) -> str | None:
        """The text to respond with; None means `success`.

        `gone` is done when the other side has hung up: then nothing is claimed.
        """
        case, visit = self._enter(inbound)
        deadline = arrived + self._timing.deadline
        try:
            if case.is_left_to_delivery:
                return None
            if account.answers_in_response:
                await self._until(visit, gone, deadline, case.answer)
            if gone.done() or visit.superseded.is_set():
                return None
            can_send = account.can(Capability.CUSTOMER_SERVICE)
            replies = case.answer.result() if case.answer.done() else None
            in_response = replies is not None and account.answers_in_response
            if in_response and not (can_send and _is_long(replies or [])):
                lock = self._delivery.turn(inbound.account, inbound.citizen)
                if await self._got(lock, deadline):
                    try:
                        return await self._respond(visit, inbound, gone)
                    finally:
                        lock.release()
            if can_send:
                case.is_left_to_delivery = True
                self._observe("late")
                self._delivery.later(inbound, case.answer)
                return None
            if visit.number >= self._timing.tries:
                self._observe("kept_for_next_message")
                return self._still_working
            self._observe("held_for_retry")
            await self._until(visit, gone, arrived + self._timing.hold)
            return None
        finally:
            self._leave(inbound.key, case, visit)

    async def _respond(
        self, visit: _Visit, inbound: Inbound, gone: asyncio.Future[None]
    ) -> str | None:
        replies = await self._ledger.claim(inbound.key, Route.PASSIVE)
        if not replies:
            return None
        parts = split(merged(replies), more=self._more, most=1)
        if parts.rest:
            # Before the first part goes out: a crash in between then repeats, and loses nothing.
            await self._ledger.defer(inbound.key, [Reply(parts.rest)])
            self._observe("deferred")
        if gone.done():
            if visit.number >= self._timing.tries:
                # Nobody will ask again. (Before that, the next try claims the same answer.)
                await self._ledger.release(inbound.key)
            return None
        self._observe("passive")
        return parts.parts[0] if parts.parts else None

    def _enter(self, inbound: Inbound) -> tuple[_Case, _Visit]:
        case = self._cases.get(inbound.key)
        if case is None:
            case = self._cases[inbound.key] = _Case(self._ask(inbound))
        elif case.answer.done() and case.answer.exception():
            # It was not taken the first time: the retry is its second chance.
            case.answer = self._ask(inbound)
        case.visits += 1
        if case.newest:
            # WeChat has given up on the older one, or pushed twice: the newest is the one it reads.
            case.newest.superseded.set()
        if case.forgets:
            case.forgets.cancel()
        case.newest = _Visit(case.visits)
        return case, case.newest

    def _ask(self, inbound: Inbound) -> asyncio.Task[list[Reply]]:
        return asyncio.create_task(_coroutine(self._converse, inbound), name="wechat-converse")

    def _leave(self, key: MessageKey, case: _Case, visit: _Visit) -> None:
        if case.newest is visit:
            case.newest = None
            self._forget_later(key, case)

    def _forget_later(self, key: MessageKey, case: _Case) -> None:
        def forget() -> None:
            if case.answer.done():
                self._cases.pop(key, None)
            else:
                self._forget_later(key, case)

        loop = asyncio.get_running_loop()
        case.forgets = loop.call_later(self._timing.remember, forget)

    async def _until(
        self, visit: _Visit, gone: asyncio.Future[None], moment: float, *more: asyncio.Future[Any]
    ) -> None:
        """Until the moment, or that this push has no more use, or one of `more` is done."""
        superseded = asyncio.create_task(visit.superseded.wait())
        try:
            waited: tuple[asyncio.Future[Any], ...] = (superseded, gone, *more)
            await asyncio.wait(
                waited,
                timeout=max(moment - self._clock(), 0),
                return_when=asyncio.FIRST_COMPLETED,
            )
        finally:
            superseded.cancel()

    async def _got(self, lock: asyncio.Lock, moment: float) -> bool:
        try:
            async with asyncio.timeout(max(moment - self._clock(), 0.05)):
                return await lock.acquire()
        except TimeoutError:
            return False


async def _coroutine(converse: Converse, inbound: Inbound) -> list[Reply]:
    return await converse(inbound)


def _is_long(replies: list[Reply]) -> bool:
    return len(merged(replies).encode()) > PART_LIMIT

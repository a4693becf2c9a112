"""Converse: every message once, each citizen's in order, emergencies first, nothing lost."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Protocol

from bot import bursts, emergency
from bot.dialogue import DialogueFailed
from bot.inbox import DONE, PENDING, POISON, Inbox
from bot.letters import Citizen, Letter
from case_api.client import CaseApiClient
from case_api.schemas import Viewer
from channels.message import Inbound, MessageKey, Reply, utcnow
from nlu.text.errors import MinshengError, Unavailable
from nlu.text.normalise import normalise
from nlu.text.speech import Speech

_log = logging.getLogger(__name__)

MOST_CHARACTERS = 4000
"""Of one message; WeChat itself sends at most 2,048 bytes, the web page could send more."""
_TRIES = 3
"""After so many failed answers of the dialogue a message is set aside for a person."""
_MOST_WAITING = 20
"""Messages of one citizen in line; who sends faster is asked to slow down, and nothing is dropped
that was accepted before."""
_PATIENCE = 2.0
"""Seconds that help lines wait for the rest of the answer: somebody may be in danger."""
_MEND_EVERY = 2.0
_RETRY_COMES_WITHIN = 6.0
"""Seconds: WeChat pushes again 5 s after it was not answered."""
_CONTINUE = {"继续", "接着说", "后面呢", "还有呢", "下一页", "接着"}

_Rest = asyncio.Task[tuple[list[Reply], str]]
_Answer = tuple[list[Reply], _Rest | None]
"""What to say now, and what is still being worked out."""
DeliverLate = Callable[[MessageKey, str], Awaitable[bool]]


class Talks(Protocol):
    """The dialogue, as far as the conversation needs it."""

    async def talk(self, letter: Letter) -> list[Reply]: ...

    async def is_up(self) -> bool: ...


class HearsVotes(Protocol):
    """有用 and 没用, as far as the conversation needs it."""

    async def heard(self, letter: Letter) -> list[Reply] | None: ...


@dataclass(slots=True)
class _Queue:
    """One citizen's line."""

    waiting: deque[Letter] = field(default_factory=deque)
    news: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when another message comes in."""
    worker: asyncio.Task[None] | None = None


class Conversation:
    """Implements `channels.message.Converse`."""

    def __init__(
        self,
        inbox: Inbox,
        dialogue: Talks,
        cases: CaseApiClient,
        speech: Speech,
        votes: HearsVotes | None = None,
        pause: float = 0.0,
    ) -> None:
        """`pause`: seconds without a further message after which a telling is taken as whole."""
        self._pause = pause
        self._votes = votes
        self._inbox = inbox
        self._dialogue = dialogue
        self._cases = cases
        self._speech = speech
        self._queues: dict[Citizen, _Queue] = {}
        self._conversing: dict[MessageKey, asyncio.Task[list[Reply]]] = {}
        """By key from the first moment: two pushes of one message may both be on their way in."""
        self._open: dict[int, asyncio.Future[list[Reply]]] = {}
        self._mender: asyncio.Task[None] | None = None
        self._background: set[asyncio.Task[None]] = set()
        self._deliver_late: dict[str, DeliverLate] = {}

    async def __call__(self, inbound: Inbound) -> list[Reply]:
        """Take the message and wait for its answer; see `channels.message.Converse`."""
        task = self._conversing.get(inbound.key)
        if task is None:
            task = asyncio.create_task(self._converse(inbound), name="converse")
            self._conversing[inbound.key] = task
            task.add_done_callback(lambda _: self._conversing.pop(inbound.key))
        return await asyncio.shield(task)

    async def _converse(self, inbound: Inbound) -> list[Reply]:
        letter = await self._inbox.take(_within_limits(inbound), emergency.heard(inbound.text))
        if letter.answer is not None:
            return letter.answer
        return await self._enqueue(letter)

    def delivers_late(self, channel: str, deliver: DeliverLate) -> None:
        """How a channel delivers an answer that has no push to respond to any more."""
        self._deliver_late[channel] = deliver

    async def start(self, *, after_crash: bool = False) -> None:
        """Take up what was left when the app last stopped, and begin to watch over it."""
        if after_crash:
            doubtful = await self._inbox.return_doubtful()
            _log.warning("the app was cut off; %d answers were on their way then", doubtful)
        for letter in await self._inbox.put_off():
            if letter.answer is None:
                self._spawn(self._recover(letter))
        for channel in self._deliver_late:
            for key, citizen in await self._inbox.undelivered(channel):
                self._spawn(self._deliver(key, citizen))
        self._mender = asyncio.create_task(self._mend(), name="conversation-mender")

    async def close(self, grace: float = 10.0) -> None:
        """Finish what is being answered; the rest stays in the inbox."""
        for task in self._background:
            task.cancel()
        if self._mender is not None:
            self._mender.cancel()
        workers = [queue.worker for queue in self._queues.values() if queue.worker is not None]
        if workers:
            _, late = await asyncio.wait(workers, timeout=grace)
            for worker in late:
                worker.cancel()

    def _enqueue(self, letter: Letter) -> asyncio.Future[list[Reply]]:
        known = self._open.get(letter.row)
        if known is not None:
            return known
        future: asyncio.Future[list[Reply]] = asyncio.get_running_loop().create_future()
        self._open[letter.row] = future
        queue = self._queues.setdefault(letter.citizen, _Queue())
        queue.waiting.append(letter)
        queue.news.set()
        if queue.worker is None:
            queue.worker = asyncio.create_task(self._work(letter.citizen, queue))
        return future

    async def _work(self, citizen: Citizen, queue: _Queue) -> None:
        while queue.waiting:
            letter = await self._whole(queue)
            future = self._open[letter.row]
            crowded = len(queue.waiting) >= _MOST_WAITING
            try:
                replies, rest = await self._answer_or_set_aside(letter, crowded=crowded)
                future.set_result(replies)
                self._open.pop(letter.row, None)
                if rest is not None:
                    # Answered already; what the citizen says next is still heard after it.
                    await self._answer_rest(letter, rest)
            except MinshengError as error:
                self._open.pop(letter.row, None)
                if not future.done():
                    future.set_exception(error)
                    future.exception()  # retrieved: nobody may be waiting any more
        if self._queues.get(citizen) is queue:
            del self._queues[citizen]

    async def _whole(self, queue: _Queue) -> Letter:
        """The next message, with the pieces that follow it within a breath joined to it.

        The answer goes out with the last piece; those before it are answered with silence.
        """
        parts = [queue.waiting.popleft()]
        until = parts[0].inbound.received_at + timedelta(seconds=bursts.LONGEST)
        while bursts.may_go_on(parts[-1]):
            left = min(self._pause, (until - utcnow()).total_seconds())
            if not queue.waiting and not await _comes_within(queue, left):
                break
            if not bursts.joins(queue.waiting[0], parts[-1]):
                break
            parts.append(queue.waiting.popleft())
        if len(parts) == 1:
            return parts[0]
        text = bursts.joined(parts)[:MOST_CHARACTERS]
        whole = await self._inbox.join(parts, text, emergency.heard(text))
        for part in parts[:-1]:
            self._open.pop(part.row).set_result([])
        return whole

    async def _recover(self, letter: Letter) -> None:
        """Answer what the last run left unanswered; WeChat's own retry may still fetch it first."""
        await self._enqueue(letter)
        await asyncio.sleep(_RETRY_COMES_WITHIN)
        await self._deliver(letter.inbound.key, letter.inbound.citizen)

    async def _answer_or_set_aside(self, letter: Letter, *, crowded: bool) -> _Answer:
        try:
            return await self._answer(letter, crowded=crowded)
        except MinshengError:
            raise
        except Exception:
            # The one place where a mistake of ours ends: it must not stop a citizen's line.
            _log.exception("inbox row %d is set aside", letter.row)
            replies = [Reply(self._speech("say_unreadable"))]
            await self._inbox.answer(letter, replies, POISON)
            await self._flag(letter, "poison")
            return replies, None

    async def _answer(self, letter: Letter, *, crowded: bool) -> _Answer:
        if letter.danger is not None:
            return await self._answer_danger(letter, letter.danger)
        if letter.is_behind:
            await self._catch_up(letter)
        replies, dialogue = await self._reply(letter, crowded=crowded)
        await self._inbox.answer(letter, replies, dialogue)
        return replies, None

    async def _answer_danger(self, letter: Letter, kind: str) -> _Answer:
        """Help lines at once; what the dialogue has to say joins them if it is quick."""
        help_lines = emergency.help_lines(kind, self._speech)
        await self._flag(letter, "danger")
        rest = asyncio.create_task(self._reply(letter, crowded=False))
        done, _ = await asyncio.wait((rest,), timeout=_PATIENCE)
        if done:
            replies, dialogue = rest.result()
            await self._inbox.answer(letter, [help_lines, *replies], dialogue)
            return [help_lines, *replies], None
        # Still pending in the inbox: a crash from here on brings the dialogue's part later.
        await self._inbox.answer(letter, [help_lines], PENDING)
        return [help_lines], rest

    async def _answer_rest(self, letter: Letter, rest: _Rest) -> None:
        replies, dialogue = await rest
        key = await self._inbox.answer_late(letter, replies, dialogue)
        if key is not None:
            self._spawn(self._deliver(key, letter.inbound.citizen))

    async def _reply(self, letter: Letter, *, crowded: bool) -> tuple[list[Reply], str]:
        """What to say, and what became of the dialogue."""
        fixed = await self._without_dialogue(letter)
        if fixed is not None:
            return fixed, DONE
        if crowded:
            return [Reply(self._speech("say_too_fast"))], PENDING
        try:
            tries = await self._inbox.count_try(letter)
            replies = await self._dialogue.talk(letter)
            if not replies:
                raise DialogueFailed("nothing was said")  # every message deserves an answer
        except Unavailable:
            return [Reply(self._speech("say_rasa_down"))], PENDING
        except DialogueFailed as failure:
            _log.error("the dialogue failed on inbox row %d: %s", letter.row, failure.detail)
            if tries < _TRIES:
                return await self._reply(letter, crowded=False)
            await self._flag(letter, "poison")
            return [Reply(self._speech("say_unreadable"))], POISON
        if _is_cut(letter):
            note = self._speech("say_too_long", limit=MOST_CHARACTERS)
            replies = [Reply(note), *replies]
        return replies, DONE

    async def _without_dialogue(self, letter: Letter) -> list[Reply] | None:
        """What needs no understanding: events, and 「继续」 after a long answer."""
        inbound = letter.inbound
        if inbound.event in ("unsubscribe", "unknown"):
            return []
        if inbound.event == "subscribe" and inbound.place is None:
            return [Reply(self._speech("say_welcome"))]
        if inbound.event == "voice_unheard":
            return [Reply(self._speech("say_voice_unheard"))]
        if normalise(inbound.text or "") in _CONTINUE and await self._inbox.is_owed(
            letter.citizen, letter.row
        ):
            return []  # what is owed goes out with this answer
        nothing_said = not normalise(inbound.text or "")
        if nothing_said and inbound.place is None and not inbound.attachments:
            return []
        return await self._votes.heard(letter) if self._votes and not nothing_said else None

    async def _catch_up(self, letter: Letter) -> None:
        """Have the dialogue hear first what was said while it was down."""
        for earlier in await self._inbox.put_off(letter.citizen):
            if earlier.row >= letter.row or earlier.answer is None:
                continue
            replies, dialogue = await self._reply(earlier, crowded=False)
            if dialogue == PENDING:
                return
            await self._inbox.answer_late(earlier, replies, dialogue)

    async def _mend(self) -> None:
        """When Rasa is back, answer those who were told to wait, without waiting for them."""
        while True:
            await asyncio.sleep(_MEND_EVERY)
            try:
                put_off = [item for item in await self._inbox.put_off() if item.answer is not None]
                if put_off and await self._dialogue.is_up():
                    for letter in put_off:
                        await self._mend_one(letter)
            except MinshengError as error:
                _log.warning("what was put off waits on: %s", error.detail)

    async def _mend_one(self, letter: Letter) -> None:
        if letter.citizen in self._queues:
            return  # its worker catches up by itself
        queue = self._queues[letter.citizen] = _Queue()
        queue.worker = asyncio.current_task()
        try:
            replies, dialogue = await self._reply(letter, crowded=False)
            if dialogue != PENDING:
                key = await self._inbox.answer_late(letter, replies, dialogue)
                if key is not None:
                    self._spawn(self._deliver(key, letter.inbound.citizen))
        finally:
            queue.worker = None
            if queue.waiting:
                queue.worker = asyncio.create_task(self._work(letter.citizen, queue))
            else:
                del self._queues[letter.citizen]

    async def _deliver(self, key: MessageKey, citizen: str) -> None:
        deliver = self._deliver_late.get(key.channel)
        if deliver is not None:
            await deliver(key, citizen)

    async def _flag(self, letter: Letter, reason: str) -> None:
        """Put the conversation before a person; the inbox row stays flagged if that fails."""
        inbound = letter.inbound
        viewer = Viewer(
            channel=inbound.channel,
            account=inbound.account,
            citizen=inbound.citizen,
            owns=inbound.owns,
        )
        try:
            await self._cases.handoff(viewer, reason, inbound.text or "", urgent=reason == "danger")
        except MinshengError as error:
            _log.error("inbox row %d could not be put before staff: %s", letter.row, error.detail)

    def _spawn(self, work: Awaitable[None]) -> None:
        task: asyncio.Task[None] = asyncio.ensure_future(work)
        self._background.add(task)
        task.add_done_callback(self._background.discard)


async def _comes_within(queue: _Queue, seconds: float) -> bool:
    """Whether another message comes in so soon."""
    queue.news.clear()
    try:
        async with asyncio.timeout(max(0.0, seconds)):
            await queue.news.wait()
    except TimeoutError:
        return False
    return True


def _within_limits(inbound: Inbound) -> Inbound:
    """The message with its text cut to what is read; the citizen is told (see `_is_cut`)."""
    text = inbound.text
    if text is None or len(text) <= MOST_CHARACTERS:
        return inbound
    return replace(inbound, text=text[:MOST_CHARACTERS])


def _is_cut(letter: Letter) -> bool:
    return len(letter.inbound.text or "") == MOST_CHARACTERS

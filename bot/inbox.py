"""Every message once, on disk before any work starts, and its answer until it has arrived."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, func, insert, null, or_, select, update
from sqlalchemy.exc import IntegrityError

from bot.letters import Citizen, Letter, as_letter, dump_inbound, dump_reply, load_reply
from bot.tables import inbox
from channels.message import Inbound, MessageKey, Option, Reply, Route, utcnow
from knowledge_base.database import Database

_LATE = "#late"
"""Ends the key of an answer that was worked out after its message had been answered."""
_ON_THE_WIRE = timedelta(seconds=2)
"""How long before a crash an answer may have been claimed for a push and not have left."""
PENDING, DONE, POISON = "pending", "done", "poison"


class Inbox:
    """The durable queue of messages; also the ledger of who delivers an answer."""

    def __init__(self, database: Database, clock: Callable[[], datetime] = utcnow) -> None:
        self._database = database
        self._clock = clock

    async def take(self, inbound: Inbound, danger: str | None) -> Letter:
        """Store the message, or find it when it came before: one key, one row."""
        values = {
            "channel": inbound.channel,
            "account": inbound.account,
            "message_id": inbound.message_id,
            "citizen": inbound.citizen,
            "owns": inbound.owns,
            "said": dump_inbound(inbound),
            "received_at": inbound.received_at,
            "danger": danger,
            "dialogue": PENDING,
            "tries": 0,
        }

        def store(connection: Connection) -> Letter:
            try:
                with connection.begin_nested():
                    connection.execute(insert(inbox).values(values))
            except IntegrityError:
                pass
            letter = as_letter(connection.execute(select(inbox).where(_is(inbound.key))).one())
            behind = select(inbox.c.id).where(
                _of(letter.citizen), inbox.c.dialogue == PENDING, inbox.c.id < letter.row
            )
            return replace(letter, is_behind=connection.execute(behind).first() is not None)

        return await self._database.write(store)

    async def get(self, row: int) -> Letter | None:
        """The message in this row."""
        found = await self._database.read(
            lambda connection: connection.execute(
                select(inbox).where(inbox.c.id == row)
            ).one_or_none()
        )
        return as_letter(found) if found is not None else None

    async def join(self, parts: Sequence[Letter], text: str, danger: str | None) -> Letter:
        """One message out of several quick ones: the last gets all the words, in one transaction.

        Those before it are answered with nothing, so that nobody is left waiting after a crash.
        """
        last = parts[-1]
        inbound = replace(last.inbound, text=text)
        said = {**dump_inbound(inbound), "pieces": [part.inbound.text for part in parts]}

        def store(connection: Connection) -> None:
            connection.execute(
                update(inbox).where(inbox.c.id == last.row).values(said=said, danger=danger)
            )
            connection.execute(
                update(inbox)
                .where(inbox.c.id.in_([part.row for part in parts[:-1]]))
                .values(answer=[], waiting=null(), dialogue=DONE, answered_at=self._clock())
            )

        await self._database.write(store)
        return replace(last, inbound=inbound, danger=danger)

    async def count_try(self, letter: Letter) -> int:
        """Note that the dialogue is about to be tried; returns which try this is."""

        def count(connection: Connection) -> int:
            tries = connection.execute(
                update(inbox)
                .where(inbox.c.id == letter.row)
                .values(tries=inbox.c.tries + 1)
                .returning(inbox.c.tries)
            ).scalar_one()
            return int(tries)

        return await self._database.write(count)

    async def answer(self, letter: Letter, replies: Sequence[Reply], dialogue: str) -> None:
        """Store the answer; from now on it waits to be delivered, however long that takes."""
        dumped = [dump_reply(reply) for reply in replies]
        values = {
            "answer": dumped,
            "waiting": dumped or null(),
            "dialogue": dialogue,
            "answered_at": self._clock(),
        }
        await self._database.write(
            lambda connection: connection.execute(
                update(inbox)
                .where(inbox.c.id == letter.row, inbox.c.answer.is_(None))
                .values(values)
            )
        )

    async def answer_late(
        self, letter: Letter, replies: Sequence[Reply], dialogue: str = DONE
    ) -> MessageKey | None:
        """Store what came of a message that was put off; returns the late answer's own key."""
        key = replace(letter.inbound.key, message_id=letter.inbound.message_id + _LATE)
        dumped = [dump_reply(reply) for reply in replies]

        def store(connection: Connection) -> None:
            connection.execute(
                update(inbox).where(inbox.c.id == letter.row).values(dialogue=dialogue)
            )
            if not dumped or connection.execute(select(inbox.c.id).where(_is(key))).first():
                return
            connection.execute(
                insert(inbox).values(
                    channel=key.channel,
                    account=key.account,
                    message_id=key.message_id,
                    citizen=letter.inbound.citizen,
                    owns=letter.inbound.owns,
                    said={},
                    received_at=self._clock(),
                    dialogue=DONE,
                    tries=0,
                    answer=dumped,
                    waiting=dumped,
                    answered_at=self._clock(),
                )
            )

        await self._database.write(store)
        return key if dumped else None

    async def put_off(self, citizen: Citizen | None = None) -> list[Letter]:
        """Messages whose dialogue is still to come, oldest first; of one citizen or of all."""
        wanted = select(inbox).where(inbox.c.dialogue == PENDING).order_by(inbox.c.id)
        if citizen is not None:
            wanted = wanted.where(_of(citizen))
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return [as_letter(row) for row in rows]

    async def last_options(self, citizen: Citizen, before: int) -> tuple[Option, ...]:
        """What the citizen was last offered to choose from."""
        wanted = (
            select(inbox.c.answer)
            .where(_of(citizen), inbox.c.id < before, inbox.c.answer.is_not(None))
            .order_by(inbox.c.id.desc())
            .limit(1)
        )
        answer = await self._database.read(
            lambda connection: connection.execute(wanted).scalar_one_or_none()
        )
        offered = [reply.options for reply in map(load_reply, answer or ()) if reply.options]
        return offered[-1] if offered else ()

    async def is_owed(self, citizen: Citizen, before: int | None = None) -> bool:
        """Whether earlier answers, or parts of them, have not reached the citizen yet."""
        wanted = select(inbox.c.id).where(_of(citizen), _waits()).limit(1)
        if before is not None:
            wanted = wanted.where(inbox.c.id < before)
        return await self._database.read(
            lambda connection: connection.execute(wanted).first() is not None
        )

    async def claim(self, key: MessageKey, route: Route) -> list[Reply] | None:
        """See `channels.message.Ledger`."""

        def take(connection: Connection) -> list[Reply] | None:
            row = connection.execute(select(inbox).where(_is(key)).with_for_update()).one_or_none()
            if row is None or row.answer is None:
                return None
            again = row.route == Route.PASSIVE.value == route.value
            if row.route is not None and not again:
                return None
            if row.route is None and row.waiting is None and row.answer:
                return None  # a later message has taken it along
            citizen = (row.channel, row.account, row.citizen)
            brought = list(row.brought or ())
            earlier_rows = _earlier(connection, key, row.id)
            earlier = connection.execute(
                select(inbox.c.id, inbox.c.waiting)
                .where(_of(citizen), earlier_rows, _waits())
                .order_by(inbox.c.id)
                .with_for_update()
            ).all()
            for other in earlier:
                brought += other.waiting
            connection.execute(
                update(inbox)
                .where(inbox.c.id.in_([other.id for other in earlier]))
                .values(waiting=null())
            )
            connection.execute(
                update(inbox)
                .where(inbox.c.id == row.id)
                .values(
                    route=route.value,
                    claimed_at=self._clock(),
                    waiting=null(),
                    brought=brought or null(),
                )
            )
            return [load_reply(item) for item in [*brought, *row.answer]]

        return await self._database.write(take)

    async def release(self, key: MessageKey) -> None:
        """See `channels.message.Ledger`."""
        await self._database.write(lambda connection: _give_back(connection, _is(key)))

    async def defer(self, key: MessageKey, rest: list[Reply]) -> None:
        """See `channels.wechat.ledger.Outbox`."""
        await self._database.write(
            lambda connection: connection.execute(
                update(inbox)
                .where(_is(key))
                .values(waiting=[dump_reply(reply) for reply in rest], delivered_at=self._clock())
            )
        )

    async def delivered(self, key: MessageKey) -> None:
        """See `channels.wechat.ledger.Outbox`."""
        await self._database.write(
            lambda connection: connection.execute(
                update(inbox).where(_is(key)).values(delivered_at=self._clock())
            )
        )

    async def return_doubtful(self) -> int:
        """After a crash: answers that were on their way wait for their citizens again.

        At least once, and as few as can be: what was being sent by ourselves (WeChat's call has no
        idempotency key), and what was handed to a push in the last seconds.
        """

        def give_back(connection: Connection) -> int:
            last = connection.execute(select(func.max(inbox.c.claimed_at))).scalar_one()
            if last is None:
                return 0
            active = and_(inbox.c.route == Route.ACTIVE.value, inbox.c.delivered_at.is_(None))
            passive = and_(
                inbox.c.route == Route.PASSIVE.value,
                inbox.c.claimed_at >= last - _ON_THE_WIRE,
                inbox.c.waiting.is_(None),
            )
            return _give_back(connection, or_(active, passive))

        return await self._database.write(give_back)

    async def undelivered(self, channel: str) -> list[tuple[MessageKey, str]]:
        """Answers on this channel that no route has taken, with their citizens, oldest first."""
        wanted = (
            select(inbox.c.account, inbox.c.message_id, inbox.c.citizen)
            .where(inbox.c.channel == channel, inbox.c.route.is_(None), _waits())
            .order_by(inbox.c.id)
        )
        rows = await self._database.read(lambda connection: connection.execute(wanted).all())
        return [(MessageKey(channel, row.account, row.message_id), row.citizen) for row in rows]


def _earlier(connection: Connection, key: MessageKey, row: int) -> Any:
    """Which rows were said before this one; late answers count as said with their message."""
    if key.message_id.endswith(_LATE):
        message = replace(key, message_id=key.message_id.removesuffix(_LATE))
        origin = connection.execute(select(inbox.c.id).where(_is(message))).scalar_one()
        return inbox.c.id <= origin
    late = and_(inbox.c.message_id.like(f"%{_LATE}"), inbox.c.message_id != key.message_id + _LATE)
    return and_(or_(inbox.c.id < row, late), inbox.c.id != row)


def _give_back(connection: Connection, which: Any) -> int:
    rows = connection.execute(
        select(inbox.c.id, inbox.c.brought, inbox.c.answer).where(which, inbox.c.route.is_not(None))
    ).all()
    for row in rows:
        connection.execute(
            update(inbox)
            .where(inbox.c.id == row.id)
            .values(
                route=None, brought=null(), waiting=[*(row.brought or ()), *row.answer] or null()
            )
        )
    return len(rows)


def _is(key: MessageKey) -> Any:
    return and_(
        inbox.c.channel == key.channel,
        inbox.c.account == key.account,
        inbox.c.message_id == key.message_id,
    )


def _of(citizen: Citizen) -> Any:
    channel, account, identity = citizen
    return and_(inbox.c.channel == channel, inbox.c.account == account, inbox.c.citizen == identity)


def _waits() -> Any:
    return inbox.c.waiting.is_not(None)

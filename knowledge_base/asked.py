"""What citizens asked and how it ended: the ground of every improvement.

Questions are masked before they are stored, and who asked is kept as a keyed hash only:
citizens can be counted, and nobody can be looked up.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.database import Database
from knowledge_base.models import SearchResult
from knowledge_base.store import utcnow
from knowledge_base.tables import ASKED
from nlu.text.normalise import normalise
from nlu.text.privacy import mask

LONGEST = 200
VOTE_WITHIN = timedelta(hours=2)
"""A 「没用」 belongs to the answer before it only while that is still on the screen."""
HANDOFF_WITHIN = timedelta(minutes=10)
PICKED_WITHIN = timedelta(minutes=10)
KEPT = timedelta(days=365)
"""Long enough to see a year's course; then the rows go."""

Outcome = Literal["answered", "offered", "refused"]


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, as the channel knows them; only a hash of it is ever written."""

    channel: str
    account: str
    citizen: str


class Asked:
    """Writes down questions, votes, and calls for a person that follow an answer."""

    def __init__(
        self, database: Database, key: bytes, clock: Callable[[], datetime] = utcnow
    ) -> None:
        self._database = database
        self._key = key
        self._clock = clock

    async def note(
        self, asker: Asker, question: str, result: SearchResult, outcome: Outcome, area: str = ""
    ) -> None:
        """Keep a question and how it ended.

        A question that is the title of an entry offered a moment ago was picked from the list:
        what was asked before it has found its answer after all.
        """
        # Masked before it is cut: half a phone number would no longer look like one.
        words = mask(normalise(question))[:LONGEST]
        if not words:
            return
        who, now = self._hash(asker), self._clock()
        hit = result.hits[0] if result.hits else None
        row = {
            "at": now,
            "question": words,
            "channel": asker.channel[:50],
            "asker": who,
            "area": area[:50],
            "outcome": outcome,
            "hit": hit.id[:100] if hit else "",
            "hit_kind": hit.kind if hit else "",
            "hit_version": hit.version if hit else None,
            "release": result.release,
            "score": hit.score if hit else 0.0,
            "vote": "",
            "handoff": False,
            "group": None,
        }
        picked = outcome == "answered" and hit is not None and normalise(hit.title) == words

        def write(connection: Connection) -> None:
            if picked:
                before = self._last(connection, who, now - PICKED_WITHIN)
                if before is not None and before.outcome == "offered":
                    _change(connection, before.id, outcome="picked")
            connection.execute(sa.insert(ASKED).values(**row))

        await self._database.write(write)

    async def can_vote(self, asker: Asker) -> bool:
        """Whether this citizen was given an answer just now."""
        who, since = self._hash(asker), self._clock() - VOTE_WITHIN
        return await self._database.read(
            lambda connection: self._answered(connection, who, since) is not None
        )

    async def vote(self, asker: Asker, *, useful: bool) -> bool:
        """Take 有用 or 没用 for the last answer; False when there is none to speak of."""
        who, since = self._hash(asker), self._clock() - VOTE_WITHIN

        def write(connection: Connection) -> bool:
            row = self._answered(connection, who, since)
            if row is None:
                return False
            _change(connection, row.id, vote="useful" if useful else "useless")
            return True

        return await self._database.write(write)

    async def handed_off(self, asker: Asker) -> None:
        """A person was called for: what was asked just before was not settled."""
        who, since = self._hash(asker), self._clock() - HANDOFF_WITHIN

        def write(connection: Connection) -> None:
            row = self._last(connection, who, since)
            if row is not None:
                _change(connection, row.id, handoff=True)

        await self._database.write(write)

    async def forget_old(self) -> int:
        """Drop rows past their time; returns how many went."""
        until = self._clock() - KEPT
        return await self._database.write(
            lambda connection: (
                connection.execute(sa.delete(ASKED).where(ASKED.c.at < until)).rowcount
            )
        )

    def _hash(self, asker: Asker) -> str:
        told = "\0".join((asker.channel, asker.account, asker.citizen)).encode()
        return hmac.new(self._key, told, hashlib.sha256).hexdigest()[:32]

    def _last(self, connection: Connection, who: str, since: datetime) -> Any:
        return connection.execute(
            sa.select(ASKED)
            .where(ASKED.c.asker == who, ASKED.c.at >= since)
            .order_by(ASKED.c.id.desc())
            .limit(1)
        ).one_or_none()

    def _answered(self, connection: Connection, who: str, since: datetime) -> Any:
        row = self._last(connection, who, since)
        return row if row is not None and row.outcome == "answered" else None


def _change(connection: Connection, number: int, **values: Any) -> None:
    connection.execute(sa.update(ASKED).where(ASKED.c.id == number).values(**values))

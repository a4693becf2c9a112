"""Puts new questions into groups of one meaning."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.closeness import Closeness, Read
from knowledge_base.database import Database, hold_lock
from knowledge_base.group_lines import without_numbers
from knowledge_base.neighbours import Neighbours
from knowledge_base.tables import ASKED, GROUPS

SAMPLES = 8
"""Questions of a group that a new one is compared with: the newest."""
GROUPS_LOCK = 0x67726F757073
"""PostgreSQL advisory lock ("groups")."""
AT_ONCE = 50
"""Questions a call: whoever opens a page does not wait for a pile that grew for months."""


@dataclass(slots=True, eq=False)
class _Pile:
    """One group as far as comparing needs it."""

    number: int | None
    """None: not stored yet."""
    members: list[Read]
    taken: list[int] = field(default_factory=list)
    """Rows that go into it now."""


class Sorter:
    """Compares in a thread, then writes: citizens' messages do not wait behind the comparing."""

    def __init__(
        self, database: Database, closeness: Closeness, clock: Callable[[], datetime]
    ) -> None:
        self._database = database
        self._closeness = closeness
        self._clock = clock
        self._one_at_a_time = asyncio.Lock()

    async def sort_in(self) -> None:
        """Put what is new into groups; of very much, the oldest."""
        async with self._one_at_a_time:
            rows = await self._database.read(_unsorted)
            if rows:
                samples = await self._database.read(_samples)
                await self._write(await asyncio.to_thread(self._place, rows, samples))

    def _place(
        self, rows: Sequence[tuple[int, str]], samples: Sequence[tuple[int, str]]
    ) -> list[_Pile]:
        reads = self._closeness.read([text for _, text in (*samples, *rows)])
        neighbours = Neighbours(reads)
        stored = {number: _Pile(number, []) for number, _ in samples}
        # The pile of each question, at the question's own position.
        piles = [stored[number] for number, _ in samples]
        for pile, read in zip(piles, reads, strict=False):
            pile.members.append(read)
        for position, (row, _) in enumerate(rows, start=len(samples)):
            near = dict.fromkeys(piles[other] for other in neighbours.before(position))
            pile = self._nearest(reads[position], near) or _Pile(None, [])
            pile.members.append(reads[position])
            pile.taken.append(row)
            piles.append(pile)
        return list(dict.fromkeys(pile for pile in piles if pile.taken))

    def _nearest(self, read: Read, piles: Iterable[_Pile]) -> _Pile | None:
        best, found = self._closeness.threshold, None
        for pile in piles:
            close = sorted(
                (self._closeness.probability(read, one) for one in pile.members), reverse=True
            )
            # The mean of the two nearest: one odd member must not draw everything in.
            score = sum(close[:2]) / max(1, len(close[:2]))
            if score >= best:
                best, found = score, pile
        return found

    async def _write(self, piles: Sequence[_Pile]) -> None:
        moment = self._clock()

        def write(connection: Connection) -> None:
            # Two processes that compared at the same time: the first one's word stands. And
            # a group may have been merged away meanwhile: its rows are compared anew.
            lock(connection)
            there = set(connection.scalars(sa.select(GROUPS.c.id)))
            free = set(connection.scalars(_new(ASKED.c.id)))
            for pile in piles:
                rows = [row for row in pile.taken if row in free]
                if not rows or (pile.number is not None and pile.number not in there):
                    continue
                group = pile.number or new_group(connection, pile.members[0].text, moment)
                connection.execute(sa.update(ASKED).where(ASKED.c.id.in_(rows)).values(group=group))

        await self._database.write(write)


def lock(connection: Connection) -> None:
    """Whoever changes what lies in which group does so alone, until the transaction ends."""
    hold_lock(connection, GROUPS_LOCK)


def new_group(connection: Connection, question: str, moment: datetime) -> int:
    """A group that is named after a question; returns its number."""
    made = connection.execute(
        sa.insert(GROUPS).values(
            title=without_numbers(question) or question,
            state="open",
            faq="",
            note="",
            decided_by="",
            made_at=moment,
        )
    ).inserted_primary_key
    assert made is not None
    return int(made[0])


def _unsorted(connection: Connection) -> list[tuple[int, str]]:
    rows = connection.execute(_new(ASKED.c.id, ASKED.c.question))
    return [(row.id, row.question) for row in rows]


def _new(*columns: sa.Column[Any]) -> sa.Select[Any]:
    oldest = sa.select(*columns).where(ASKED.c.vain, ASKED.c.group.is_(None))
    return oldest.order_by(ASKED.c.id).limit(AT_ONCE)


def _samples(connection: Connection) -> list[tuple[int, str]]:
    """The newest questions of each group, with the group's number."""
    place = sa.func.row_number().over(partition_by=ASKED.c.group, order_by=ASKED.c.id.desc())
    ranked = (
        sa.select(ASKED.c.group, ASKED.c.question, place.label("place"))
        .where(ASKED.c.group.is_not(None))
        .subquery()
    )
    rows = connection.execute(
        sa.select(ranked.c.group, ranked.c.question)
        .where(ranked.c.place <= SAMPLES)
        .order_by(ranked.c.group, ranked.c.place)
    )
    return [(row.group, row.question) for row in rows]

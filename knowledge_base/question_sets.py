"""Sets of questions with known answers to test with: the gold ones, and what citizens asked."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import gold
from knowledge_base.database import Database
from knowledge_base.effects import RECENT
from knowledge_base.judging import Asked
from knowledge_base.tables import ASKED, FAQS


class QuestionSets:
    """Where a batch takes its questions from."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def all_gold(self) -> list[Asked]:
        """Everything that must be answered or refused."""
        found = await self._database.read(gold.active)
        return [Asked(one.question, one.right) for one in found]

    async def gold_of(self, category: str) -> list[Asked]:
        """What entries of one category must answer."""

        def read(connection: Connection) -> list[Asked]:
            there = set(connection.scalars(sa.select(FAQS.c.id).where(FAQS.c.category == category)))
            return [
                Asked(one.question, one.right)
                for one in gold.active(connection)
                if there.intersection(one.right)
            ]

        return await self._database.read(read)

    async def recent_answers(self, limit: int = RECENT) -> list[Asked]:
        """What citizens were answered of late, by the entry that did, unless they said 没用.

        Nobody has judged these; they show whether what was answered still is, and by the same.
        """
        return await self._database.read(lambda connection: _recent_answers(connection, limit))

    async def entry_ids(self) -> Sequence[str]:
        """Every entry there is, for reading the sheets of staff."""
        return await self._database.read(
            lambda connection: list(connection.scalars(sa.select(FAQS.c.id)))
        )


def _recent_answers(connection: Connection, limit: int) -> list[Asked]:
    rows = connection.execute(
        sa.select(ASKED.c.question, ASKED.c.hit)
        .where(
            ASKED.c.outcome == "answered",
            ASKED.c.hit_kind.in_(("faq", "precedent")),
            ASKED.c.vote != "useless",
            ~ASKED.c.handoff,
        )
        .order_by(ASKED.c.id.desc())
        .limit(4 * limit)
    )
    found: dict[str, Asked] = {}
    for row in rows:
        if len(found) < limit:
            found.setdefault(row.question, Asked(row.question, (row.hit,)))
    return list(found.values())

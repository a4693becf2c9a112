"""What a change would do, before it is saved: which questions move, and where to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.database import Database
from knowledge_base.gate import GateReport, run_gate
from knowledge_base.models import FaqEntry
from knowledge_base.search import KnowledgeBase
from knowledge_base.serving import Fate
from knowledge_base.tables import ASKED

RECENT = 500
"""Distinct questions of citizens that are asked again."""
LOOKED_THROUGH = 4_000
"""Rows that the recent ones are taken from: many ask the same."""

Way = Literal["gained", "lost", "other", "offered"]


@dataclass(frozen=True, slots=True)
class Moved:
    """A question of a citizen that would end otherwise."""

    question: str
    times: int
    """How often it was asked of late."""
    way: Way
    """gained: answered now · lost: no longer · other: answered by something else · offered: the
    entry is now offered, or no longer."""
    before: Fate
    after: Fate


@dataclass(frozen=True, slots=True)
class Effects:
    """What would move if this were published; nothing is kept."""

    entry: FaqEntry
    gold: GateReport
    recent: tuple[Moved, ...]
    recent_asked: int

    @property
    def moves_nothing(self) -> bool:
        return not (self.gold.worse or self.gold.better or self.recent)


async def effects(kb: KnowledgeBase, database: Database, changed: FaqEntry) -> Effects:
    """Ask all gold questions and the recent ones, before and after."""
    candidate = await kb.candidate({changed.id: changed})
    gold = await run_gate(kb, database, candidate, [changed.id])
    asked = await database.read(recent_questions)
    before = await kb.run_questions(list(asked))
    after = await kb.run_questions(list(asked), candidate)
    moved = [
        Moved(question, times, way, before[question], after[question])
        for question, times in asked.items()
        if (way := _way(before[question], after[question], changed.id)) is not None
    ]
    return Effects(changed, gold, tuple(moved), len(asked))


def recent_questions(connection: Connection, limit: int = RECENT) -> dict[str, int]:
    """What citizens asked last, masked as it is kept, each with how often."""
    rows = connection.scalars(
        sa.select(ASKED.c.question).order_by(ASKED.c.id.desc()).limit(LOOKED_THROUGH)
    )
    counts: dict[str, int] = {}
    for question in rows:
        if question in counts or len(counts) < limit:
            counts[question] = counts.get(question, 0) + 1
    return counts


def _way(before: Fate, after: Fate, entry: str) -> Way | None:
    if before.answered != after.answered:
        return "gained" if after.answered else "lost"
    if after.answered:
        return "other" if before.first != after.first else None
    if (entry in before.offered) != (entry in after.offered):
        return "offered"
    return None

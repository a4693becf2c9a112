"""What citizens asked in vain, kept for the curators without personal data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.store import UNANSWERED, utcnow
from nlu.text.normalise import normalise
from nlu.text.privacy import mask

LONGEST = 200
LONGEST_NAME = 50


@dataclass(frozen=True, slots=True)
class Unanswered:
    """One question that got no answer."""

    id: int
    question: str
    """Masked: phones, identity numbers, bank cards, names."""
    channel: str
    reason: str
    """refused, not_helpful, handoff."""
    asked_at: datetime


def record(connection: Connection, question: str, channel: str, reason: str) -> None:
    """Keep a question for the curators; who asked is not kept at all."""
    # Masked before it is cut: half a phone number would no longer look like one.
    words = mask(normalise(question))[:LONGEST]
    if words:
        connection.execute(
            sa.insert(UNANSWERED).values(
                question=words,
                channel=channel[:LONGEST_NAME],
                reason=reason[:LONGEST_NAME],
                asked_at=utcnow(),
                status="open",
            )
        )


def unanswered(connection: Connection, limit: int = 100) -> list[Unanswered]:
    """The newest questions that nobody has dealt with yet."""
    rows = connection.execute(
        sa.select(
            UNANSWERED.c.id,
            UNANSWERED.c.question,
            UNANSWERED.c.channel,
            UNANSWERED.c.reason,
            UNANSWERED.c.asked_at,
        )
        .where(UNANSWERED.c.status == "open")
        .order_by(UNANSWERED.c.id.desc())
        .limit(limit)
    )
    return [Unanswered(*row) for row in rows]

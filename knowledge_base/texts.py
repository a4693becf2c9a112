"""The pool of texts: each distinct one once, under an id that never comes to mean another."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence

import sqlalchemy as sa
from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite

from knowledge_base.store import CHUNK
from knowledge_base.tables import TEXTS


def digest(text: str) -> str:
    """What a text is known by."""
    return hashlib.sha256(text.encode()).hexdigest()


def known(connection: Connection, texts: Iterable[str]) -> dict[str, int]:
    """Ids of those texts that are in the pool."""
    by_digest = {digest(text): text for text in texts}
    wanted = list(by_digest)
    found: dict[str, int] = {}
    for start in range(0, len(wanted), CHUNK):
        rows = connection.execute(
            sa.select(TEXTS.c.id, TEXTS.c.digest).where(
                TEXTS.c.digest.in_(wanted[start : start + CHUNK])
            )
        )
        found.update((by_digest[row.digest], row.id) for row in rows)
    return found


def add(connection: Connection, texts: Sequence[str]) -> None:
    """Put texts into the pool; one that another process has put there meanwhile stays as it is."""
    if not texts:
        return
    rows = [{"digest": digest(text), "text": text} for text in texts]
    if connection.dialect.name == "postgresql":
        insert: sa.Insert = postgresql.insert(TEXTS).on_conflict_do_nothing()
    else:
        insert = sqlite.insert(TEXTS).on_conflict_do_nothing()
    connection.execute(insert, rows)

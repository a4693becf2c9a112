"""What releases changed: in a list, and one by one."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import releases, store
from knowledge_base.releases import Content, Release
from knowledge_base.tables import DOCUMENTS, FAQS

MOST_SHOWN = 400
"""Of what a release changed; the first one changes everything."""


@dataclass(frozen=True, slots=True)
class ReleaseLine:
    """A release in a list, with how much it changed."""

    release: Release
    entries: int
    laws_added: int
    laws_removed: int


@dataclass(frozen=True, slots=True)
class EntryChange:
    """An entry that is served otherwise than before; None: not served."""

    id: str
    kind: str
    question: str
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """What a release changed, in full (of very many, the first)."""

    release: Release
    entries: tuple[EntryChange, ...]
    entries_changed: int
    laws_added: tuple[str, ...]
    laws_removed: tuple[str, ...]


def lines(connection: Connection, limit: int, offset: int = 0) -> list[ReleaseLine]:
    """Releases with how much each changed, the newest first."""
    found = releases.newest(connection, limit + 1, offset)
    known = {one.id: one for one in found}
    made = []
    for one in found[:limit]:
        base = None
        if one.base is not None:
            base = known.get(one.base) or releases.get(connection, one.base)
        before = base.content if base else None
        told = releases.moved(before, one.content)
        changed = told["faqs"]
        made.append(
            ReleaseLine(
                one,
                changed if isinstance(changed, int) else len(changed),
                told["documents_added"],
                told["documents_removed"],
            )
        )
    return made


def change(connection: Connection, number: int) -> ReleaseChange | None:
    """What a release changed against the one before."""
    release = releases.get(connection, number)
    if release is None:
        return None
    base = releases.get(connection, release.base) if release.base is not None else None
    old = base.content if base else Content({}, ())
    names = [
        name
        for name in sorted({*old.faqs, *release.content.faqs})
        if old.faqs.get(name) != release.content.faqs.get(name)
    ]
    shown = names[:MOST_SHOWN]
    kinds = {
        row.id: row
        for start in range(0, len(shown), store.CHUNK)
        for row in connection.execute(
            sa.select(FAQS.c.id, FAQS.c.kind, FAQS.c.question).where(
                FAQS.c.id.in_(shown[start : start + store.CHUNK])
            )
        )
    }
    return ReleaseChange(
        release,
        tuple(
            EntryChange(
                name,
                kinds[name].kind,
                kinds[name].question,
                old.faqs.get(name),
                release.content.faqs.get(name),
            )
            for name in shown
            if name in kinds
        ),
        len(names),
        _laws(connection, set(release.content.documents) - set(old.documents)),
        _laws(connection, set(old.documents) - set(release.content.documents)),
    )


def _laws(connection: Connection, documents: set[int]) -> tuple[str, ...]:
    """Names of documents, the first of many."""
    rows = connection.execute(
        sa.select(DOCUMENTS.c.law, DOCUMENTS.c.version)
        .where(DOCUMENTS.c.id.in_(sorted(documents)[:MOST_SHOWN]))
        .order_by(DOCUMENTS.c.id)
    )
    return tuple(f"{row.law}（{row.version}）" if row.version else row.law for row in rows)

"""Releases: what citizens are served, whole, and since when.

Every publish writes one row with the whole content and names it in `kb_meta`, in the
transaction that changes the entries: a process serves one release or the next, never a mixture.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import store
from knowledge_base.audit import Actor, record
from knowledge_base.database import hold_lock
from knowledge_base.entries.listing import published
from knowledge_base.entries.store import aware
from knowledge_base.tables import RELEASES

Act = Literal["start", "approve", "retire", "rollback", "import", "day"]
PUBLISH_LOCK = 0x72656C65617365
"""PostgreSQL advisory lock held while a release is made ("release")."""
IN_FORCE = "release"
"""Fact of `kb_meta`: the release that citizens are served."""
SETTLED = "settled"
"""Fact of `kb_meta`: the last day for which it was decided what is in force."""


@dataclass(frozen=True, slots=True)
class Content:
    """All that is served: which version of which entry, and which documents."""

    faqs: Mapping[str, int]
    documents: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Release:
    """One release and how it came about."""

    id: int
    at: datetime
    by: str
    act: str
    note: str
    content: Content
    base: int | None
    """The release that was served before."""
    run: int | None
    """The test run that it was let through with."""
    worse: int
    """Gold questions that had got worse."""
    overruled_by: str
    """Who published all the same."""
    overrule_reason: str


@dataclass(frozen=True, slots=True)
class Overrule:
    """The second, recorded confirmation that a publish goes on despite a loss."""

    reason: str
    by: str


def lock(connection: Connection) -> None:
    """One publish at a time; held until the transaction ends."""
    hold_lock(connection, PUBLISH_LOCK)


def in_force(connection: Connection) -> int | None:
    """The release that citizens are served; None before the first start."""
    found = store.fact(connection, IN_FORCE)
    return int(found) if found else None


def get(connection: Connection, number: int) -> Release | None:
    """One release."""
    row = connection.execute(sa.select(RELEASES).where(RELEASES.c.id == number)).one_or_none()
    return None if row is None else _release(row)


def served(connection: Connection) -> Release | None:
    """The release in force."""
    number = in_force(connection)
    return None if number is None else get(connection, number)


def newest(connection: Connection, limit: int, offset: int = 0) -> list[Release]:
    """Releases, the newest first."""
    rows = connection.execute(
        sa.select(RELEASES).order_by(RELEASES.c.id.desc()).limit(limit).offset(offset)
    )
    return [_release(row) for row in rows]


def count(connection: Connection) -> int:
    """How many releases there have been."""
    return connection.scalar(sa.select(sa.func.count()).select_from(RELEASES)) or 0


def add(
    connection: Connection,
    content: Content,
    act: Act,
    by: Actor,
    *,
    note: str = "",
    run: int | None = None,
    worse: int = 0,
    overrule: Overrule | None = None,
) -> Release:
    """Make a release and put it in force, with its line in the audit trail."""
    base = served(connection)
    number = connection.scalar(
        sa.insert(RELEASES)
        .values(
            at=store.utcnow(),
            by=by.name[:64],
            act=act,
            note=note[:500],
            content={"faqs": dict(content.faqs), "documents": list(content.documents)},
            base=base.id if base else None,
            run=run,
            worse=worse,
            overruled_by=overrule.by[:64] if overrule else "",
            overrule_reason=overrule.reason[:500] if overrule else "",
        )
        .returning(RELEASES.c.id)
    )
    assert number is not None
    store.set_fact(connection, IN_FORCE, str(number))
    told: dict[str, Any] = {"release": number, **moved(base.content if base else None, content)}
    if overrule:
        told |= {"worse": worse, "run": run, "overruled_by": overrule.by}
    record(
        connection,
        by,
        f"release_{act}",
        "release",
        str(number),
        before={"release": base.id if base else None},
        after=told,
        reason=overrule.reason if overrule else note,
    )
    made = get(connection, number)
    assert made is not None
    return made


def content_now(connection: Connection) -> Content:
    """What the tables say is published and in force."""
    return Content(published(connection), tuple(store.documents_in_force(connection)))


def take_over(connection: Connection, act: Act, by: Actor, note: str = "") -> Release | None:
    """Serve what the tables say; None when that is served already."""
    content = content_now(connection)
    now = served(connection)
    if now is not None and now.content == content:
        return None
    return add(connection, content, act if now else "start", by, note=note)


def settle(connection: Connection, today: date, act: Act, by: Actor) -> Release | None:
    """Serve what has been settled to be in force on this day, when something has changed."""
    lock(connection)
    store.set_fact(connection, SETTLED, today.isoformat())
    return take_over(connection, act, by)


def settled(connection: Connection, today: date) -> bool:
    """Whether another process has seen to this day already."""
    return store.fact(connection, SETTLED) >= today.isoformat()


def moved(before: Content | None, after: Content) -> dict[str, Any]:
    """What a release changes: entries as {id: [version before, version after]}, documents."""
    old, documents = (before.faqs, set(before.documents)) if before else ({}, set())
    faqs = {
        name: [old.get(name), after.faqs.get(name)]
        for name in sorted({*old, *after.faqs})
        if old.get(name) != after.faqs.get(name)
    }
    # At the start everything is new, and a list of all would tell nothing.
    shown: Any = faqs if before is not None else len(faqs)
    return {
        "faqs": shown,
        "documents_added": len(set(after.documents) - documents),
        "documents_removed": len(documents - set(after.documents)),
    }


def _release(row: Any) -> Release:
    return Release(
        id=row.id,
        at=aware(row.at),
        by=row.by,
        act=row.act,
        note=row.note,
        content=Content(dict(row.content["faqs"]), tuple(row.content["documents"])),
        base=row.base,
        run=row.run,
        worse=row.worse,
        overruled_by=row.overruled_by,
        overrule_reason=row.overrule_reason,
    )

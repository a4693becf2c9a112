"""口径 by region: which regions there are, and which answers lack one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.entries.content import load
from knowledge_base.entries.listing import live_contents
from knowledge_base.tables import SETTINGS
from nlu.text.errors import Unprocessable
from nlu.text.normalise import visible

NAME = "regions"
LONGEST = 50
MOST = 500


@dataclass(frozen=True, slots=True)
class Lacking:
    """An entry that answers by region, and the regions that it has no answer for."""

    id: str
    question: str
    has: tuple[str, ...]
    missing: tuple[str, ...]


def regions(connection: Connection) -> list[str]:
    """The regions of this office, in the order given."""
    found = connection.scalar(sa.select(SETTINGS.c.value).where(SETTINGS.c.name == NAME))
    return list(found or [])


def set_regions(connection: Connection, names: Sequence[str], by: Actor) -> list[str]:
    """Replace the list; a region that an entry in use answers for cannot go."""
    wanted = list(dict.fromkeys(name for name in map(visible, names) if name))
    if too_long := next((name for name in wanted if len(name) > LONGEST), None):
        raise Unprocessable(f"“{too_long[:20]}…”太长，最多 {LONGEST} 个字", field=NAME)
    if len(wanted) > MOST:
        raise Unprocessable(f"最多 {MOST} 个地区", field=NAME)
    before = regions(connection)
    used = in_use(connection)
    if lost := [name for name in before if name not in wanted and name in used]:
        raise Unprocessable(
            f"“{lost[0]}”还有 {used[lost[0]]} 条知识在用，先改那些知识再删", field=NAME
        )
    if wanted == before:
        return before
    changed = connection.execute(
        sa.update(SETTINGS).where(SETTINGS.c.name == NAME).values(value=wanted)
    )
    if not changed.rowcount:
        connection.execute(sa.insert(SETTINGS).values(name=NAME, value=wanted))
    audit.record(
        connection, by, "regions_set", "setting", NAME,
        before={NAME: before}, after={NAME: wanted},
    )  # fmt: skip
    return wanted


def in_use(connection: Connection) -> dict[str, int]:
    """How many entries in use name each region."""
    found: dict[str, int] = {}
    for row in live_contents(connection):
        entry = load(row.id, row.content)
        for name in {entry.region, *(variant.region for variant in entry.variants)} - {""}:
            found[name] = found.get(name, 0) + 1
    return found


def lacking(connection: Connection) -> list[Lacking]:
    """Entries that answer by region but not for every region."""
    known = regions(connection)
    found = []
    for row in live_contents(connection):
        entry = load(row.id, row.content)
        has = tuple(variant.region for variant in entry.variants)
        missing = tuple(name for name in known if name not in has)
        if has and missing:
            found.append(Lacking(entry.id, entry.question, has, missing))
    return sorted(found, key=lambda one: (-len(one.missing), one.question))

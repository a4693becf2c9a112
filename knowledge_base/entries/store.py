"""Versions of entries in the tables; every function runs in a transaction of the caller's."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.entries.content import dump, haystack, load
from knowledge_base.entries.records import DRAFT, Act, Step
from knowledge_base.models import FaqEntry
from knowledge_base.tables import FAQ_STEPS, FAQ_VERSIONS, FAQS
from nlu.text.errors import NotFound

CHINA = ZoneInfo("Asia/Shanghai")
CHUNK = 400
"""Ids in one IN (…): SQLite takes 32,766 parameters, older builds 999."""


def new_id() -> str:
    """An id that nobody has to think of and that is short enough to say on the telephone."""
    return f"e-{secrets.token_hex(4)}"


def row_of(connection: Connection, id: str, *, lock: bool = False) -> Any:
    """The entry's row; `lock` holds it against other processes until the transaction ends."""
    query = sa.select(FAQS).where(FAQS.c.id == id)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("没有这条知识")
    return row


def load_version(connection: Connection, id: str, version: int) -> FaqEntry:
    """The entry as that version has it."""
    content = connection.scalar(
        sa.select(FAQ_VERSIONS.c.content).where(
            FAQ_VERSIONS.c.faq == id, FAQ_VERSIONS.c.version == version
        )
    )
    if content is None:
        raise NotFound("没有这个版本")
    return load(id, content)


def load_versions(connection: Connection, versions: Mapping[str, int]) -> list[FaqEntry]:
    """Many entries, each as the version named has it, in the order asked for."""
    found: dict[str, FaqEntry] = {}
    ids = list(versions)
    for start in range(0, len(ids), CHUNK):
        chosen = ids[start : start + CHUNK]
        rows = connection.execute(
            sa.select(FAQ_VERSIONS.c.faq, FAQ_VERSIONS.c.version, FAQ_VERSIONS.c.content).where(
                sa.tuple_(FAQ_VERSIONS.c.faq, FAQ_VERSIONS.c.version).in_(
                    [(id, versions[id]) for id in chosen]
                )
            )
        )
        found.update((row.faq, load(row.faq, row.content)) for row in rows)
    return [found[id] for id in ids if id in found]


def add_version(
    connection: Connection,
    entry: FaqEntry,
    *,
    by: str,
    act: Act,
    note: str = "",
    status: str = DRAFT,
    edited: bool = True,
    starter_digest: str = "",
) -> int:
    """Store the entry as its newest version and make that the one worked on."""
    moment = utcnow()
    current = connection.scalar(sa.select(FAQS.c.version).where(FAQS.c.id == entry.id))
    version = (current or 0) + 1
    values = {
        **listed(entry),
        "status": status,
        "version": version,
        "edited": edited,
        "changed_at": moment,
        "changed_by": by[:64],
    }
    if current is None:
        connection.execute(
            sa.insert(FAQS).values(
                id=entry.id, published_version=None, starter_digest=starter_digest, **values
            )
        )
    else:
        connection.execute(sa.update(FAQS).where(FAQS.c.id == entry.id).values(**values))
    connection.execute(
        sa.insert(FAQ_VERSIONS).values(version_row(entry, version, moment, by, note))
    )
    add_step(connection, entry.id, version, act, by, note, moment)
    return version


def listed(entry: FaqEntry) -> dict[str, Any]:
    """The columns that lists and filters read."""
    return {
        "kind": entry.kind,
        "question": entry.question[:500],
        "category": entry.category[:50],
        "region": entry.region[:50],
        "owner": entry.owner[:100],
        "valid_from": entry.valid_from,
        "valid_until": entry.valid_until,
        "haystack": haystack(entry),
    }


def version_row(
    entry: FaqEntry, version: int, moment: datetime, by: str, note: str
) -> dict[str, Any]:
    """A row of kb_faq_versions."""
    return {
        "faq": entry.id,
        "version": version,
        "content": dump(entry),
        "made_at": moment,
        "made_by": by[:64],
        "note": note[:500],
    }


def add_step(
    connection: Connection,
    id: str,
    version: int,
    act: Act,
    by: str,
    note: str = "",
    moment: datetime | None = None,
) -> None:
    """Add to the entry's line of steps."""
    connection.execute(
        sa.insert(FAQ_STEPS).values(
            faq=id, version=version, act=act, at=moment or utcnow(), by=by[:64], note=note[:500]
        )
    )


def steps_of(connection: Connection, ids: Sequence[str]) -> dict[str, list[Step]]:
    """The steps of each entry, oldest first."""
    found: dict[str, list[Step]] = {id: [] for id in ids}
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(
            sa.select(FAQ_STEPS)
            .where(FAQ_STEPS.c.faq.in_(ids[start : start + CHUNK]))
            .order_by(FAQ_STEPS.c.id)
        )
        for row in rows:
            found[row.faq].append(as_step(row))
    return found


def as_step(row: Any) -> Step:
    """A row of kb_faq_steps."""
    return Step(row.version, row.act, aware(row.at), row.by, row.note)


def aware(moment: datetime) -> datetime:
    """SQLite gives moments back without their zone: they were UTC."""
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def utcnow() -> datetime:
    return datetime.now(timezone.utc)

"""How an entry moves: draft → in review → approved (published) → retired.

Every function runs in a transaction of the caller's and writes the step and the audit row
in it. Publishing itself (the release, the gate) is `knowledge_base.publishing`'s.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import audit
from knowledge_base.audit import SYSTEM, Actor
from knowledge_base.entries.records import (
    APPROVED,
    DRAFT,
    IN_REVIEW,
    RETIRED,
    Act,
    EntryRecord,
    Status,
)
from knowledge_base.entries.store import add_step, row_of, utcnow
from knowledge_base.tables import FAQ_STEPS, FAQS
from nlu.text.errors import Conflict, Unprocessable

WRITING: tuple[Act, ...] = ("created", "edited", "restored", "imported", "submitted")
STATUS_WORDS: Mapping[str, str] = {
    DRAFT: "草稿",
    IN_REVIEW: "待审",
    APPROVED: "已通过",
    RETIRED: "已停用",
}


def submit(connection: Connection, id: str, by: Actor, note: str = "") -> None:
    """Hand the draft in for review."""
    row = _in(connection, id, DRAFT)
    _move(connection, row, IN_REVIEW, "submitted", by, note)


def recall(connection: Connection, id: str, by: Actor, note: str = "") -> None:
    """Take it back before anybody has decided; only who handed it in may."""
    row = _in(connection, id, IN_REVIEW)
    if submitter(connection, id) != by.name:
        raise Conflict("只有提交人可以撤回；审核人请用“退回”")
    _move(connection, row, DRAFT, "recalled", by, note)


def reject(connection: Connection, id: str, by: Actor, note: str) -> None:
    """Send it back to who wrote it, with an opinion."""
    if not note.strip():
        raise Unprocessable("退回要写明意见", field="note")
    row = _in(connection, id, IN_REVIEW)
    _move(connection, row, DRAFT, "rejected", by, note.strip())


def confirm(connection: Connection, id: str, by: Actor, note: str = "") -> None:
    """Say that the published answer still holds, though a law or the calendar raised a doubt."""
    row = row_of(connection, id, lock=True)
    if row.published_version is None:
        raise Conflict("这条还没有发布，不用核对")
    add_step(connection, id, row.published_version, "confirmed", by.name, note)
    audit.record(
        connection, by, "faq_confirm", row.kind, id, after={"version": row.published_version},
        reason=note,
    )  # fmt: skip


def mark_approved(connection: Connection, id: str, version: int, by: Actor, note: str = "") -> None:
    """The version under review becomes the one that citizens are answered from."""
    row = _in(connection, id, IN_REVIEW)
    if row.version != version:
        raise Conflict(f"{row.question}：已经有了新版本（第 {row.version} 版），请重新审核")
    _move(connection, row, APPROVED, "approved", by, note, published_version=version)


def mark_retired(connection: Connection, id: str, by: Actor, reason: str = "") -> None:
    """Citizens are no longer answered from it; it can be taken up again by editing."""
    row = row_of(connection, id, lock=True)
    if row.status == RETIRED:
        raise Conflict(f"{row.question}：已经停用了")
    _move(connection, row, RETIRED, "retired", by, reason, published_version=None)


def set_published(
    connection: Connection,
    published: Mapping[str, int],
    by: Actor = SYSTEM,
    note: str = "",
) -> list[str]:
    """Bring ALL entries in line with a release: those not named are no longer published.

    For going back to an earlier release. An entry whose approved version is not the one
    published any more is a draft again, so that it can be handed in anew. Returns the ids
    that changed.
    """
    changed = []
    rows = connection.execute(sa.select(FAQS).order_by(FAQS.c.id)).all()
    for row in rows:
        version = published.get(row.id)
        if row.published_version == version:
            continue
        status: Status = row.status
        if version is not None and version == row.version:
            status = APPROVED
        elif status == APPROVED or (status == RETIRED and version is not None):
            status = DRAFT
        act: Act = "published" if version is not None else "withdrawn"
        _move(
            connection, row, status, act, by, note,
            published_version=version, step_version=version or row.published_version,
        )  # fmt: skip
        changed.append(row.id)
    return changed


def submitter(connection: Connection, id: str) -> str:
    """Who handed the entry in last; empty: nobody yet."""
    found = connection.scalar(
        sa.select(FAQ_STEPS.c.by)
        .where(FAQ_STEPS.c.faq == id, FAQ_STEPS.c.act == "submitted")
        .order_by(FAQ_STEPS.c.id.desc())
        .limit(1)
    )
    return str(found or "")


def hands(record: EntryRecord) -> list[str]:
    """Who wrote or handed in the version worked on, the last one last."""
    return [
        step.by for step in record.steps if step.version == record.version and step.act in WRITING
    ]


def _in(connection: Connection, id: str, status: Status) -> Any:
    row = row_of(connection, id, lock=True)
    if row.status != status:
        raise Conflict(
            f"{row.question}：现在是“{STATUS_WORDS[row.status]}”，"
            f"要在“{STATUS_WORDS[status]}”时才能这样操作"
        )
    return row


def _move(
    connection: Connection,
    row: Any,
    status: Status,
    act: Act,
    by: Actor,
    note: str,
    **published: int | None,
) -> None:
    step_version = published.pop("step_version", None) or row.version
    values: dict[str, Any] = {"status": status, **published}
    before = {name: getattr(row, name) for name in values}
    connection.execute(
        sa.update(FAQS)
        .where(FAQS.c.id == row.id)
        .values(
            **values,
            # What staff decided of an entry is not undone by the starter's files.
            edited=row.edited or by.name != SYSTEM.name,
            changed_at=utcnow(),
            changed_by=by.name[:64],
        )
    )
    add_step(connection, row.id, step_version, act, by.name, note)
    audit.record(
        connection, by, f"faq_{act}", row.kind, row.id,
        before=before, after={**values, "version": step_version}, reason=note,
    )  # fmt: skip

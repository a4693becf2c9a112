"""Saving versions, one or many, and the history that comes of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.entries import life, store
from knowledge_base.entries.checking import checked
from knowledge_base.entries.content import dump
from knowledge_base.entries.records import IN_REVIEW, Act, BulkChange, RowResult, VersionLine
from knowledge_base.entries.regions import regions
from knowledge_base.models import FaqEntry
from knowledge_base.tables import FAQ_VERSIONS, FAQS
from nlu.text.errors import Conflict, MinshengError

AT_ONCE = 20
"""Entries a transaction: short enough that citizens' writes do not wait."""


def save(
    connection: Connection,
    entry: FaqEntry,
    by: Actor,
    *,
    note: str = "",
    base_version: int | None = None,
    act: Act | None = None,
) -> str:
    """Store an entry, checked already, as its next version; returns its id."""
    row = connection.execute(
        sa.select(FAQS).where(FAQS.c.id == entry.id).with_for_update()
    ).one_or_none()
    before: dict[str, Any] = {}
    if row is not None:
        if base_version is not None and row.version != base_version:
            raise Conflict(_saved_since(connection, row))
        if row.status == IN_REVIEW:
            raise Conflict("这条正在待审，请先撤回或退回，再修改")
        before = dump(store.load_version(connection, entry.id, row.version))
        if before == dump(entry) and act is None:
            return entry.id
    after = dump(entry)
    done: Act = act or ("created" if row is None else "edited")
    version = store.add_version(connection, entry, by=by.name, act=done, note=note)
    changed = [name for name in after if before.get(name) != after[name]]
    audit.record(
        connection, by, f"faq_{done}", entry.kind, entry.id,
        before={name: before[name] for name in changed if name in before},
        after={**{name: after[name] for name in changed}, "version": version},
        reason=note,
    )  # fmt: skip
    return entry.id


def change(
    connection: Connection, *, ids: Sequence[str], wanted: BulkChange, by: Actor
) -> list[RowResult]:
    """Do the same with each, and tell of each what became of it; one refused stops no other."""
    known = regions(connection)
    results = []
    for id in ids:
        question = ""
        try:
            row = store.row_of(connection, id, lock=True)
            question = row.question
            if wanted.recall:
                life.recall(connection, id, by, wanted.note)
            if wanted.changes_content:
                entry = store.load_version(connection, id, row.version)
                entry = checked(_changed(entry, wanted), known)
                save(connection, entry, by, note=wanted.note or "批量修改")
            if wanted.submit:
                life.submit(connection, id, by, wanted.note)
        except MinshengError as error:
            reason = error.detail.removeprefix(f"{question}：")
            results.append(RowResult(id, question or id, done=False, reason=reason))
        else:
            results.append(RowResult(id, question, done=True))
    return results


def history(connection: Connection, id: str) -> list[VersionLine]:
    """Every version of an entry with what was done with it, newest first."""
    row = store.row_of(connection, id)
    steps = store.steps_of(connection, [id])[id]
    versions = connection.execute(
        sa.select(
            FAQ_VERSIONS.c.version,
            FAQ_VERSIONS.c.made_at,
            FAQ_VERSIONS.c.made_by,
            FAQ_VERSIONS.c.note,
        )
        .where(FAQ_VERSIONS.c.faq == id)
        .order_by(FAQ_VERSIONS.c.version.desc())
    )
    return [
        VersionLine(
            one.version,
            store.aware(one.made_at),
            one.made_by,
            one.note,
            is_current=one.version == row.version,
            is_published=one.version == row.published_version,
            steps=tuple(step for step in steps if step.version == one.version),
        )
        for one in versions
    ]


def _changed(entry: FaqEntry, wanted: BulkChange) -> FaqEntry:
    values: dict[str, Any] = {
        name: value
        for name in ("category", "region", "owner")
        if (value := getattr(wanted, name)) is not None
    }
    if wanted.valid_until is not None:
        values["valid_until"] = wanted.valid_until or None
    return replace(entry, **values)


def _saved_since(connection: Connection, row: Any) -> str:
    made = connection.execute(
        sa.select(FAQ_VERSIONS.c.made_by, FAQ_VERSIONS.c.made_at).where(
            FAQ_VERSIONS.c.faq == row.id, FAQ_VERSIONS.c.version == row.version
        )
    ).one()
    when = store.aware(made.made_at).astimezone(store.CHINA)
    return (
        f"{made.made_by} 在 {when:%Y-%m-%d %H:%M} 保存了第 {row.version} 版，"
        "您的修改没有存入；请对照新版本再改"
    )

"""What a curator has to look at: validity, repealed or changed law, what an entry lacks."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, get_args

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.entries.content import load
from knowledge_base.entries.listing import live_contents
from knowledge_base.entries.records import Flag, FlagKind
from knowledge_base.entries.sources import Sources, read_sources
from knowledge_base.entries.store import CHUNK, aware
from knowledge_base.models import Citation, FaqEntry
from knowledge_base.tables import AUDIT, DOCUMENTS, FAQ_STEPS, GOLD, META

GRAVITY: tuple[FlagKind, ...] = get_args(FlagKind)
SOON = timedelta(days=30)
REVIEW_AFTER = timedelta(days=365)
"""An answer that nobody has looked at for a year has to be confirmed by its owner."""
TOGETHER = timedelta(seconds=3)
"""Versions of a law that came in so close were imported as its history: nobody had relied on
the older one."""


@dataclass(frozen=True, slots=True)
class Looked:
    """An entry's content, and when somebody last vouched for it."""

    entry: FaqEntry
    at: datetime
    is_published: bool


def flags_by_id(
    connection: Connection, today: date, ids: list[str] | None = None
) -> dict[str, tuple[Flag, ...]]:
    """The flags of these entries, or of all that are in use; those without any are left out."""
    looked = _looked(connection, ids)
    cited = [cited for one in looked for cited in cited_by(one.entry)]
    sources = read_sources(connection, dict.fromkeys(cited))
    asked = gold_questions(connection)
    found = {
        one.entry.id: tuple(flags_of(one, sources, one.entry.id in asked, today)) for one in looked
    }
    return {id: flags for id, flags in found.items() if flags}


def state(connection: Connection) -> tuple[Any, ...]:
    """Something that is another whenever the flags of some entry may be: cheap to read, so that
    what all pages count need not be worked out anew for each of them."""

    def newest(column: sa.Column[Any]) -> Any:
        return connection.scalar(sa.select(sa.func.max(column)))

    in_force = sa.select(sa.func.count(), sa.func.max(DOCUMENTS.c.id)).where(DOCUMENTS.c.in_force)
    active = sa.select(sa.func.count(), sa.func.max(GOLD.c.id)).where(GOLD.c.active)
    return (
        newest(FAQ_STEPS.c.id),
        newest(DOCUMENTS.c.id),
        newest(AUDIT.c.id),
        *connection.execute(in_force).one(),
        *connection.execute(active).one(),
        *(tuple(row) for row in connection.execute(sa.select(META).order_by(META.c.name))),
    )


def flags_of(one: Looked, sources: Sources, has_gold: bool, today: date) -> list[Flag]:
    """What has to be looked at, gravest first."""
    found = [
        *_validity(one.entry, today),
        *(
            flag
            for cited in cited_by(one.entry)
            if (flag := citation_flag(cited, sources, one.at)) is not None
        ),
    ]
    if one.is_published and one.at.date() + REVIEW_AFTER < today:
        found.append(Flag("overdue", day=one.at.date()))
    if not cited_by(one.entry):
        found.append(Flag("no_citation"))
    if not has_gold:
        found.append(Flag("no_gold"))
    return sorted(found, key=lambda flag: GRAVITY.index(flag.kind))


def _validity(entry: FaqEntry, today: date) -> Iterator[Flag]:
    if entry.valid_until and entry.valid_until < today:
        yield Flag("expired", day=entry.valid_until)
    elif entry.valid_until and entry.valid_until - today <= SOON:
        yield Flag("expiring", day=entry.valid_until)
    if entry.valid_from and entry.valid_from > today:
        yield Flag("not_yet_valid", day=entry.valid_from)


def citation_flag(cited: Citation, sources: Sources, since: datetime) -> Flag | None:
    """Whether what is cited is in force, and reads as it did when it was cited."""
    versions = sources.versions(cited)
    if not versions:
        return Flag("law_not_imported", citation=cited)
    now = sources.in_force(cited)
    before = sources.before(cited)
    if now is None:
        ended = max(
            (one for one in versions if one.superseded_by), key=lambda one: one.age, default=None
        )
        # Imported ahead of its day: it is not in force, but not repealed either.
        if ended is None:
            return None
        return Flag(
            "law_repealed",
            citation=cited,
            successor=ended.superseded_by,
            old=before[1] if before else None,
        )
    if not cited.article:
        return None
    if not now.text:
        return Flag("article_missing", citation=cited, old=before[1] if before else None, new=now)
    if before is None or before[1].text == now.text:
        return None
    newer = [one for one in versions if one.in_force and sources.text(one, cited.article).text]
    came = max(one.imported_at for one in newer)
    if came <= since or came - before[0].imported_at < TOGETHER:
        return None
    return Flag("article_changed", citation=cited, old=before[1], new=now)


def cited_by(entry: FaqEntry) -> list[Citation]:
    """Every citation of an entry, those of single regions too, each once."""
    cited = [*entry.citation, *(one for variant in entry.variants for one in variant.citation)]
    return list(dict.fromkeys(cited))


def gold_questions(connection: Connection) -> Mapping[str, Sequence[str]]:
    """Questions that must be answered, by the entries that may answer them."""
    found: dict[str, list[str]] = {}
    rows = connection.execute(
        sa.select(GOLD.c.question, GOLD.c.right).where(GOLD.c.active).order_by(GOLD.c.id)
    )
    for row in rows:
        for id in row.right:
            found.setdefault(id, []).append(row.question)
    return found


def _looked(connection: Connection, ids: list[str] | None) -> list[Looked]:
    rows = live_contents(connection, ids)
    confirmed = _confirmed(connection, [row.id for row in rows])
    return [
        Looked(
            load(row.id, row.content),
            max(aware(row.made_at), confirmed.get(row.id, aware(row.made_at))),
            row.published_version is not None,
        )
        for row in rows
    ]


def _confirmed(connection: Connection, ids: Sequence[str]) -> dict[str, datetime]:
    """When somebody last said that an entry still holds."""
    found: dict[str, datetime] = {}
    for start in range(0, len(ids), CHUNK):
        rows = connection.execute(
            sa.select(FAQ_STEPS.c.faq, sa.func.max(FAQ_STEPS.c.at).label("at"))
            .where(FAQ_STEPS.c.faq.in_(ids[start : start + CHUNK]), FAQ_STEPS.c.act == "confirmed")
            .group_by(FAQ_STEPS.c.faq)
        )
        found.update((row.faq, aware(row.at)) for row in rows)
    return found

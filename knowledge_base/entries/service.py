"""What curators do with entries; publishing apart, which is `knowledge_base.publishing`'s."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from typing import Any, Literal

from sqlalchemy import Connection

from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries import (
    flags,
    life,
    listing,
    redrafting,
    regions,
    saving,
    sources,
    store,
)
from knowledge_base.entries.checking import checked
from knowledge_base.entries.contradictions import Contradiction, contradictions
from knowledge_base.entries.records import (
    LIGHT,
    Act,
    BulkChange,
    Counts,
    EntryPage,
    EntryQuery,
    EntryRecord,
    Flag,
    ReviewLine,
    RowResult,
    VersionLine,
)
from knowledge_base.entries.redrafting import Redraft
from knowledge_base.entries.regions import Lacking
from knowledge_base.entries.sources import Sources
from knowledge_base.models import Citation, FaqEntry
from nlu.text.errors import Conflict

Near = Callable[[str], Awaitable[Mapping[str, float]]]
"""Entries that the search takes for near to a question, each with how near it is."""
ReviewTab = Literal["waiting", "mine", "decided"]


class Entries:
    """Entries with their versions, steps, flags and lists."""

    def __init__(
        self,
        database: Database,
        near: Near | None = None,
        today: Callable[[], date] = lambda: datetime.now(store.CHINA).date(),
    ) -> None:
        self._database = database
        self._near = near
        self._today = today
        self._flagged: tuple[tuple[Any, ...], dict[str, tuple[Flag, ...]]] | None = None

    # Reading

    async def page(self, query: EntryQuery) -> EntryPage:
        """One page of those that fit, with their flags."""
        today = self._today()

        def read(connection: Connection) -> EntryPage:
            if query.flag:
                found, known = self._flagged_ids(connection, query, today)
                start = (query.page - 1) * query.size
                lines = listing.lines(connection, found[start : start + query.size])
                total = len(found)
            else:
                lines = listing.page(connection, query)
                total = listing.count(connection, query)
                known = flags.flags_by_id(connection, today, [line.id for line in lines])
            shown = tuple(replace(line, flags=known.get(line.id, ())) for line in lines)
            return EntryPage(shown, total)

        return await self._database.read(read)

    async def ids(self, query: EntryQuery) -> list[str]:
        """Ids of all that fit, for 选择全部."""
        today = self._today()

        def read(connection: Connection) -> list[str]:
            if query.flag:
                return self._flagged_ids(connection, query, today)[0]
            return listing.ids(connection, query)

        return await self._database.read(read)

    async def get(self, id: str) -> EntryRecord:
        """The entry as it is worked on."""
        return await self._database.read(partial(self._record, id=id))

    async def version(self, id: str, version: int) -> FaqEntry:
        """The entry as that version has it."""
        return await self._database.read(lambda c: store.load_version(c, id, version))

    async def published(self, id: str) -> FaqEntry | None:
        """The entry as citizens are answered from it."""

        def read(connection: Connection) -> FaqEntry | None:
            number = store.row_of(connection, id).published_version
            return store.load_version(connection, id, number) if number else None

        return await self._database.read(read)

    async def history(self, id: str) -> list[VersionLine]:
        """Every version, newest first."""
        return await self._database.read(lambda c: saving.history(c, id))

    async def flagged(self) -> EntryPage:
        """Everything in use that needs care, all on one page."""
        return await self.page(EntryQuery(flag="any", size=10_000))

    async def counts(self) -> Counts:
        """Figures for the home page."""
        today = self._today()

        def read(connection: Connection) -> Counts:
            found, known = self._flagged_ids(connection, EntryQuery(kind="faq", flag="any"), today)
            by_flag: dict[str, int] = {}
            for flagged in known.values():
                for kind in {flag.kind for flag in flagged}:
                    by_flag[kind] = by_flag.get(kind, 0) + 1
            statuses, published = listing.status_counts(connection), listing.published(connection)
            return Counts(statuses, len(published), by_flag, len(found))

        return await self._database.read(read)

    async def flags(self, entry: FaqEntry) -> tuple[Flag, ...]:
        """What would have to be looked at if the entry were published as it is."""
        today = self._today()

        def read(connection: Connection) -> tuple[Flag, ...]:
            known = sources.read_sources(connection, flags.cited_by(entry))
            asked = entry.id in flags.gold_questions(connection)
            looked = flags.Looked(entry, store.utcnow(), is_published=False)
            return tuple(flags.flags_of(looked, known, asked, today))

        return await self._database.read(read)

    async def sources(self, citations: Sequence[Citation]) -> Sources:
        """The articles cited, as they read."""
        return await self._database.read(lambda c: sources.read_sources(c, citations))

    async def law_names(self, q: str = "") -> list[str]:
        """Names of laws that can be cited."""
        return await self._database.read(lambda c: sources.law_names(c, q))

    async def choices(self, column: Literal["category", "owner"]) -> list[str]:
        """What entries have there, for filters."""
        return await self._database.read(lambda c: listing.distinct(c, column))

    async def titles(self, ids: Sequence[str]) -> dict[str, str]:
        """The question of each entry, for naming it."""
        found = await self._database.read(lambda c: listing.lines(c, list(ids)))
        return {line.id: line.question for line in found}

    async def reviews(
        self, tab: ReviewTab, by: str, page: int = 1, size: int = 20
    ) -> tuple[list[ReviewLine], int]:
        """待我审, 我发起, 已审."""
        return await self._database.read(
            lambda c: listing.reviews(c, tab, by, size, (page - 1) * size)
        )

    async def same_wordings(self, entry: FaqEntry) -> list[tuple[str, str, str]]:
        """Wordings that other entries have too: wording, id and question of the other."""

        def read(connection: Connection) -> list[tuple[str, str, str]]:
            return [
                (wording, id, question)
                for wording in entry.wordings
                for id, question in listing.with_wording(connection, wording, entry.id)
            ]

        return await self._database.read(read)

    async def contradictions(self, entry: FaqEntry) -> list[Contradiction]:
        """Published entries that answer nearly the same question otherwise."""
        also = await self._near(entry.question) if self._near else {}
        others = await self._database.read(lambda c: store.load_versions(c, listing.published(c)))
        return await asyncio.to_thread(contradictions, entry, others, also)

    # Writing

    async def save(
        self,
        entry: FaqEntry,
        by: Actor,
        *,
        note: str = "",
        base_version: int | None = None,
        act: Act | None = None,
    ) -> EntryRecord:
        """Store a new version as a draft; without an id, a new entry.

        `base_version` is the version that was edited: when somebody has saved since, that is
        a Conflict which names them. None: whatever is there is replaced.
        """

        def write(connection: Connection) -> EntryRecord:
            id = self.save_in(connection, entry, by, note=note, base_version=base_version, act=act)
            return self._record(connection, id)

        return await self._database.write(write)

    def save_in(
        self,
        connection: Connection,
        entry: FaqEntry,
        by: Actor,
        *,
        note: str = "",
        base_version: int | None = None,
        act: Act | None = None,
    ) -> str:
        """`save` inside a transaction of the caller's; returns the id."""
        entry = checked(entry, regions.regions(connection))
        entry = replace(entry, id=entry.id or store.new_id())
        return saving.save(connection, entry, by, note=note, base_version=base_version, act=act)

    async def redraft(self, id: str) -> Redraft:
        """What the entry would be with its citations brought up to the law in force."""

        def read(connection: Connection) -> Redraft:
            record = self._record(connection, id)
            return redrafting.redraft(connection, record.entry, record.flags)

        return await self._database.read(read)

    async def restore(self, id: str, version: int, by: Actor, note: str = "") -> EntryRecord:
        """Make a draft of an old version."""

        def write(connection: Connection) -> EntryRecord:
            entry = store.load_version(connection, id, version)
            told = note or f"恢复第 {version} 版的内容"
            saving.save(connection, entry, by, note=told, base_version=None, act="restored")
            return self._record(connection, id)

        return await self._database.write(write)

    async def submit(self, id: str, by: Actor, note: str = "") -> EntryRecord:
        """Hand the draft in for review."""
        return await self._moved(life.submit, id, by, note)

    async def recall(self, id: str, by: Actor, note: str = "") -> EntryRecord:
        """Take back what one handed in."""
        return await self._moved(life.recall, id, by, note)

    async def reject(self, id: str, by: Actor, note: str) -> EntryRecord:
        """Send it back with an opinion."""
        return await self._moved(life.reject, id, by, note)

    async def confirm(self, id: str, by: Actor, note: str = "") -> EntryRecord:
        """Say that the published answer still holds."""
        return await self._moved(life.confirm, id, by, note)

    async def retire_unpublished(self, id: str, by: Actor, reason: str) -> EntryRecord:
        """Put away a draft; what citizens are answered from is retired by `Publishing`."""

        def move(connection: Connection, id: str, by: Actor, note: str) -> None:
            if store.row_of(connection, id, lock=True).published_version is not None:
                raise Conflict("已发布的知识要在“停用”里处理")
            life.mark_retired(connection, id, by, note)

        return await self._moved(move, id, by, reason)

    async def bulk(self, ids: Sequence[str], change: BulkChange, by: Actor) -> list[RowResult]:
        """Change many, a few a transaction, so that citizens' writes pass between them."""
        wanted = list(dict.fromkeys(ids))
        results: list[RowResult] = []
        for start in range(0, len(wanted), saving.AT_ONCE):
            chosen = wanted[start : start + saving.AT_ONCE]
            results += await self._database.write(
                partial(saving.change, ids=chosen, wanted=change, by=by)
            )
        return results

    async def regions(self) -> list[str]:
        """The regions of this office."""
        return await self._database.read(regions.regions)

    async def set_regions(self, names: Sequence[str], by: Actor) -> list[str]:
        """Replace the list of regions."""
        return await self._database.write(lambda c: regions.set_regions(c, names, by))

    async def regions_in_use(self) -> dict[str, int]:
        """How many entries in use name each region."""
        return await self._database.read(regions.in_use)

    async def lacking_regions(self) -> list[Lacking]:
        """Entries that answer by region, but not for all."""
        return await self._database.read(regions.lacking)

    async def _moved(
        self, move: Callable[[Connection, str, Actor, str], None], id: str, by: Actor, note: str
    ) -> EntryRecord:
        def write(connection: Connection) -> EntryRecord:
            move(connection, id, by, note)
            return self._record(connection, id)

        return await self._database.write(write)

    def _record(self, connection: Connection, id: str) -> EntryRecord:
        row = store.row_of(connection, id)
        known = flags.flags_by_id(connection, self._today(), [id])
        return EntryRecord(
            entry=store.load_version(connection, id, row.version),
            status=row.status,
            version=row.version,
            published_version=row.published_version,
            changed_at=store.aware(row.changed_at),
            changed_by=row.changed_by,
            is_starter=bool(row.starter_digest) and not row.edited,
            steps=tuple(store.steps_of(connection, [id])[id]),
            flags=known.get(id, ()),
        )

    def _all_flags(self, connection: Connection, today: date) -> dict[str, tuple[Flag, ...]]:
        """Of all entries in use; kept until something changes: every open page counts them."""
        state = (today, *flags.state(connection))
        kept = self._flagged
        if kept is None or kept[0] != state:
            kept = self._flagged = (state, flags.flags_by_id(connection, today))
        return kept[1]

    def _flagged_ids(
        self, connection: Connection, query: EntryQuery, today: date
    ) -> tuple[list[str], dict[str, tuple[Flag, ...]]]:
        known = self._all_flags(connection, today)

        def fits(id: str) -> bool:
            kinds = {flag.kind for flag in known.get(id, ())}
            if query.flag == "any":
                return bool(kinds - LIGHT)
            return query.flag in kinds

        return [id for id in listing.ids(connection, query) if fits(id)], known

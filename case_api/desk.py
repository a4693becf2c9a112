"""What staff do at the desk: the work list, the case page, masked data, the queue."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, RowMapping

from case_api import acts, desk_schemas, desk_views, moves, repository, traces, words, worklist
from case_api.categories import CATEGORIES
from case_api.deadlines import LocalLimits
from case_api.desk_schemas import WorkQuery
from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from nlu.text import case_code
from nlu.text.errors import Conflict, MinshengError, NotFound, Unprocessable

PRESENT = timedelta(seconds=60)
"""A viewer not heard of for so long has left."""
SLICE = 20
"""Cases moved in one transaction: citizens wait for the one writer meanwhile."""
MOST = 20_000
"""Rows of one export, codes of one choice."""


class Desk:
    """Reads are masked; what changes or unmasks something is in the audit trail."""

    def __init__(
        self,
        database: Database,
        limits: LocalLimits,
        offices: Sequence[str],
        clock: Callable[[], datetime],
    ) -> None:
        self._database = database
        self._limits = limits
        self._offices = tuple(offices)
        self._clock = clock

    async def page(self, query: WorkQuery) -> desk_schemas.WorkPage:
        """One page of the work list, with how many there are of what."""
        now, near = self._clock(), self._limits.near_days

        def work(connection: Connection) -> desk_schemas.WorkPage:
            rows = worklist.page(connection, query, now, near)
            return desk_schemas.WorkPage(
                cases=self._lines(connection, rows, now),
                total=worklist.total(connection, query, now, near),
                page=query.page,
                size=query.size,
                statuses=worklist.statuses(connection, query, now, near),
                colours=worklist.colours(connection, query, now, near),
                offices=self._offices_known(connection),
                takers=self._takers(connection),
                categories=list(CATEGORIES),
                channels=worklist.distinct(connection, "channel"),
            )

        return await self._database.read(work)

    async def standing(self) -> desk_schemas.Standing:
        """What waits for somebody's hand, for the first page of the day."""
        now, near = self._clock(), self._limits.near_days
        found = await self._database.read(lambda c: worklist.standing(c, now, near))
        return desk_schemas.Standing.model_validate(found)

    async def codes(self, query: WorkQuery) -> desk_schemas.Codes:
        """All codes of a filter, for a choice that reaches past the page."""
        now, near = self._clock(), self._limits.near_days

        def work(connection: Connection) -> desk_schemas.Codes:
            return desk_schemas.Codes(
                codes=worklist.codes(connection, query, now, near, MOST),
                total=worklist.total(connection, query, now, near),
            )

        return await self._database.read(work)

    async def sheet(self, code: str) -> desk_schemas.Sheet:
        """All of a case, masked."""
        now = self._clock()

        def work(connection: Connection) -> desk_schemas.Sheet:
            row = acts.found(repository.case(connection, code))
            links = repository.links(connection, code)
            others = {link["other"] for link in links} | {link["code"] for link in links}
            return desk_views.sheet(
                row,
                now,
                self._limits,
                events=repository.events(connection, code),
                links=links,
                linked=repository.cases_by_code(connection, others),
                followers=repository.followers(connection, code),
                looks=traces.looks(connection, code),
                takers=self._takers(connection),
            )

        return await self._database.read(work)

    async def assign_all(
        self, ask: desk_schemas.BulkAssignment, actor: Actor | None
    ) -> desk_schemas.BulkResult:
        """Many cases into one office's hands; each stands alone, and each is told its fate."""
        codes, now = list(dict.fromkeys(ask.codes)), self._clock()
        results: list[desk_schemas.RowResult] = []
        for start in range(0, len(codes), SLICE):
            work = partial(
                _assigned, codes=codes[start : start + SLICE], ask=ask, actor=actor, now=now
            )
            results += await self._database.write(work)
        return desk_schemas.BulkResult(results=results)

    async def unmask(
        self, code: str, ask: desk_schemas.Unmasking, actor: Actor
    ) -> desk_schemas.Disclosure:
        """What is masked, in clear, this once; who saw it and why is on disk before."""
        now = self._clock()

        def work(connection: Connection) -> desk_schemas.Disclosure:
            row = acts.found(repository.case(connection, code))
            shown = desk_views.revealed(row, repository.events(connection, code), ask.field)
            if not shown:
                raise Unprocessable(words.NOTHING_TO_SHOW, field="field")
            traces.add_looks(connection, [code], now, actor, ask.field, ask.way, ask.reason)
            seen = {"field": ask.field, "way": ask.way}
            audit.record(
                connection, actor, "unmask", acts.KIND, code, after=seen, reason=ask.reason
            )
            return desk_schemas.Disclosure(field=ask.field, values=shown)

        return await self._database.write(work)

    async def export(self, ask: desk_schemas.ExportIn, actor: Actor) -> desk_schemas.Export:
        """What a filter shows, as rows; who took them out and why is on disk before."""
        now, near = self._clock(), self._limits.near_days

        def read(connection: Connection) -> list[desk_schemas.ExportRow]:
            rows = worklist.rows(connection, ask.query, now, near, MOST)
            if len(rows) > MOST:
                total = worklist.total(connection, ask.query, now, near)
                raise Unprocessable(
                    words.TOO_MANY_ROWS.format(total=total, most=MOST), field="query"
                )
            counts = worklist.followers(connection, [row["code"] for row in rows])
            return [
                desk_views.export_row(
                    row, now, self._limits, counts.get(row["code"], 0), unmasked=ask.unmasked
                )
                for row in rows
            ]

        rows = await self._database.read(read)

        def write(connection: Connection) -> None:
            if ask.unmasked:
                codes = [row.code for row in rows]
                traces.add_looks(connection, codes, now, actor, "contact", "export", ask.reason)
            taken = {
                "rows": len(rows),
                "unmasked": ask.unmasked,
                "columns": ask.columns,
                "filter": ask.query.model_dump(
                    mode="json", exclude_defaults=True, exclude={"page", "size"}
                ),
            }
            audit.record(
                connection, actor, "export", acts.KIND, "list", after=taken, reason=ask.reason
            )

        await self._database.write(write)
        return desk_schemas.Export(rows=rows, made_at=now)

    async def look_on(
        self, code: str, presence: desk_schemas.Presence, actor: Actor
    ) -> desk_schemas.Others:
        """Say that somebody has the case open, and hear who else has."""
        now = self._clock()

        def work(connection: Connection) -> desk_schemas.Others:
            acts.found(repository.case(connection, code))
            traces.mark_viewer(connection, code, actor.name, presence.shown, now, now - PRESENT)
            return desk_schemas.Others(names=traces.other_viewers(connection, code, actor.name))

        return await self._database.write(work)

    async def queue(self, *, waiting: bool, page: int, size: int) -> desk_schemas.Queue:
        """Who waits for a person; with `waiting` False, who has been seen to."""

        def work(connection: Connection) -> desk_schemas.Queue:
            rows, total = worklist.queue(connection, waiting=waiting, page=page, size=size)
            left = total
            if not waiting:
                left = worklist.queue(connection, waiting=True, page=1, size=1)[1]
            lines = [desk_views.queue_line(row) for row in rows]
            return desk_schemas.Queue(
                handoffs=lines, total=total, waiting=left, page=page, size=size
            )

        return await self._database.read(work)

    async def unmask_handoff(
        self, number: int, ask: desk_schemas.HandoffUnmasking, actor: Actor
    ) -> desk_schemas.Disclosure:
        """What somebody in the queue said, in clear: often the number to call them back on."""

        def work(connection: Connection) -> desk_schemas.Disclosure:
            row = acts.found(traces.handoff(connection, number))
            audit.record(
                connection,
                actor,
                "unmask",
                "handoff",
                str(number),
                after={"field": "text", "way": "page"},
                reason=ask.reason,
            )
            shown = desk_schemas.Shown(what=words.TOLD["text"], value=row["text"])
            return desk_schemas.Disclosure(field="text", values=[shown])

        return await self._database.write(work)

    async def close_handoff(
        self, number: int, ask: desk_schemas.HandoffClosure, actor: Actor
    ) -> None:
        """Somebody has been seen to."""
        now = self._clock()

        def work(connection: Connection) -> None:
            row = acts.found(traces.handoff(connection, number))
            if row["status"] != "open":
                raise Conflict(words.HANDOFF_SEEN_TO)
            traces.close_handoff(connection, number, now, actor.name, ask.note)
            audit.record(
                connection,
                actor,
                "close",
                "handoff",
                str(number),
                before={"status": "open"},
                after={"status": "closed"},
                reason=ask.note,
            )

        await self._database.write(work)

    def _offices_known(self, connection: Connection) -> list[str]:
        return sorted({*worklist.distinct(connection, "office"), *self._offices})

    def _takers(self, connection: Connection) -> list[str]:
        return [name for name in self._offices_known(connection) if name != words.BY_HAND]

    def _lines(
        self, connection: Connection, rows: Sequence[RowMapping], now: datetime
    ) -> list[desk_schemas.WorkLine]:
        counts = worklist.followers(connection, [row["code"] for row in rows])
        return [desk_views.line(row, now, self._limits, counts.get(row["code"], 0)) for row in rows]


def _assigned(
    connection: Connection,
    codes: Sequence[str],
    ask: desk_schemas.BulkAssignment,
    actor: Actor | None,
    now: datetime,
) -> list[desk_schemas.RowResult]:
    # All rows are locked first, and in one order: the trail's own lock comes after every row's.
    rows = traces.locked(connection, [parsed for code in codes if (parsed := _parsed(code))])
    results = []
    for code in codes:
        row = rows.get(_parsed(code) or "")
        try:
            if row is None:
                raise NotFound(words.NOT_SHOWN)
            if row["office"] == ask.office:
                raise Conflict(words.ALREADY_THERE.format(office=ask.office))
            acts.carry_out(connection, row, moves.assign, ask, actor, now)
        except MinshengError as error:
            # Every check stands before the first write, so there is nothing to undo.
            results.append(desk_schemas.RowResult(code=code, done=False, reason=error.detail))
        else:
            results.append(desk_schemas.RowResult(code=code, done=True, reason=""))
    return results


def _parsed(code: str) -> str | None:
    mention = case_code.find(code)
    return mention.code if mention is not None and mention.valid else None

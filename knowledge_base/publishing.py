"""Publishing: entries go to the citizens, or back from them, through the gate."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import release_changes, releases
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.effects import Effects, effects
from knowledge_base.entries import life
from knowledge_base.entries.records import IN_REVIEW
from knowledge_base.entries.store import load_version, row_of
from knowledge_base.gate import GateRefused, GateReport, run_gate
from knowledge_base.models import FaqEntry
from knowledge_base.release_changes import ReleaseChange, ReleaseLine
from knowledge_base.releases import (
    Act,
    Content,
    Overrule,
    Release,
)
from knowledge_base.runs import keep_gate
from knowledge_base.search import KnowledgeBase
from knowledge_base.store import documents_in_force
from knowledge_base.tables import FAQ_STEPS, FAQ_VERSIONS
from nlu.text.errors import Conflict, Forbidden, MinshengError, NotFound, Unprocessable

TRIES = 3
"""Somebody else may publish while the gate is running; then it is run again, on theirs."""
MADE_BY = ("created", "edited", "restored", "imported", "submitted")
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Published:
    """What came of a publish."""

    release: int | None
    """None: nothing that citizens see has changed."""
    report: GateReport | None
    run: int | None


@dataclass(frozen=True, slots=True)
class _Planned:
    """Entries about to change, as they were when the gate was run."""

    changes: Mapping[str, FaqEntry | None]
    versions: Mapping[str, int]
    title: str


Plan = Callable[[Connection], _Planned]
Apply = Callable[[Connection, _Planned], None]


class Publishing:
    """Approves, retires, goes back; every act is one release, one transaction, one trail."""

    def __init__(self, database: Database, kb: KnowledgeBase) -> None:
        self._database = database
        self._kb = kb

    async def approve(
        self,
        ids: Sequence[str],
        by: Actor,
        *,
        four_eyes: bool = True,
        overrule: Overrule | None = None,
        note: str = "",
    ) -> Published:
        """Publish entries under review.

        Raises `GateRefused` with its report when gold questions would get worse and nobody
        overrules that; `Forbidden` when `four_eyes` and the approver had a hand in one of them.
        """
        wanted = _wanted(ids, overrule)

        def plan(connection: Connection) -> _Planned:
            rows = [row_of(connection, name) for name in wanted]
            for row in rows:
                if row.status != IN_REVIEW:
                    raise Conflict(f"{row.question}：不在待审状态，可能别人已经处理了")
                if four_eyes and by.name in _hands(connection, row.id, row.version):
                    raise Forbidden(f"{row.question}：自己写的或提交的，要由另一个人审核")
            return _Planned(
                {row.id: load_version(connection, row.id, row.version) for row in rows},
                {row.id: row.version for row in rows},
                _title([row.question for row in rows], "发布"),
            )

        def apply(connection: Connection, planned: _Planned) -> None:
            for name, version in planned.versions.items():
                life.mark_approved(connection, name, version, by, note)

        return await self._publish("approve", plan, apply, by, overrule, note)

    async def retire(
        self, ids: Sequence[str], by: Actor, reason: str, overrule: Overrule | None = None
    ) -> Published:
        """Take entries out of use; those never published only change their state."""
        wanted = _wanted(ids, overrule)
        _needs(reason, "停用要写明原因")

        def plan(connection: Connection) -> _Planned:
            rows = [row_of(connection, name) for name in wanted]
            return _Planned(
                {row.id: None for row in rows if row.published_version is not None},
                {},
                _title([row.question for row in rows], "停用"),
            )

        def apply(connection: Connection, _planned: _Planned) -> None:
            for name in wanted:
                life.mark_retired(connection, name, by, reason)

        return await self._publish("retire", plan, apply, by, overrule, reason)

    async def rollback(self, release: int, by: Actor, reason: str) -> Published:
        """Serve the entries of an earlier release again.

        Laws stay as they are: which of them is in force is no matter of choice. No gate is
        run, because going back must be possible at once.
        """
        _needs(reason, "回退要写明原因")

        def write(connection: Connection) -> Release | None:
            releases.lock(connection)
            earlier = releases.get(connection, release)
            if earlier is None:
                raise NotFound("没有这一版")
            life.set_published(connection, earlier.content.faqs, by, reason)
            content = releases.content_now(connection)
            now = releases.served(connection)
            if now is not None and now.content == content:
                raise Conflict(f"现在的内容与第 {release} 版相同，不用回退")
            return releases.add(
                connection, content, "rollback", by, note=f"回到第 {release} 版：{reason}"
            )

        made = await self._database.write(write)
        await self._serve()
        return Published(made.id if made else None, None, None)

    async def take_over(self, act: Act, by: Actor) -> None:
        """Serve what an import or a new day has changed."""
        await self._kb.take_over(act, by)

    async def try_out(self, changes: Mapping[str, FaqEntry | None]) -> GateReport:
        """What the gate would say; nothing is kept."""
        candidate = await self._kb.candidate(changes)
        return await run_gate(self._kb, self._database, candidate, list(changes))

    async def effects(self, changed: FaqEntry) -> Effects:
        """Which questions would move if this entry, not saved yet, were published."""
        return await effects(self._kb, self._database, changed)

    async def release(self, number: int) -> Release:
        """One release."""
        found = await self._database.read(lambda connection: releases.get(connection, number))
        if found is None:
            raise NotFound("没有这一版")
        return found

    async def releases(self, page: int = 1, size: int = 20) -> tuple[list[ReleaseLine], int]:
        """Releases with how much each changed, the newest first, and how many there are."""
        offset = (max(1, page) - 1) * size
        return await self._database.read(
            lambda connection: (
                release_changes.lines(connection, size, offset),
                releases.count(connection),
            )
        )

    async def change(self, number: int) -> ReleaseChange:
        """What one release changed against the one before."""
        found = await self._database.read(
            lambda connection: release_changes.change(connection, number)
        )
        if found is None:
            raise NotFound("没有这一版")
        return found

    async def _publish(
        self,
        act: Act,
        plan: Plan,
        apply: Apply,
        by: Actor,
        overrule: Overrule | None,
        note: str,
    ) -> Published:
        for _ in range(TRIES):
            made = await self._attempt(act, plan, apply, by, overrule, note)
            if made is not None:
                await self._serve()
                return made
        raise Conflict("同时有人在发布，请稍后再试")

    async def _attempt(
        self,
        act: Act,
        plan: Plan,
        apply: Apply,
        by: Actor,
        overrule: Overrule | None,
        note: str,
    ) -> Published | None:
        await self._kb.catch_up()
        planned = await self._database.read(plan)
        report = await self.try_out(planned.changes) if planned.changes else None
        if report is not None and report.worse and overrule is None:
            run = await self._database.write(
                lambda connection: keep_gate(connection, report, planned.title, by)
            )
            raise GateRefused(report, run)
        return await self._database.write(
            lambda connection: self._write(
                connection, act, planned, apply, by, overrule, note, report
            )
        )

    def _write(
        self,
        connection: Connection,
        act: Act,
        planned: _Planned,
        apply: Apply,
        by: Actor,
        overrule: Overrule | None,
        note: str,
        report: GateReport | None,
    ) -> Published | None:
        """None when another release has come meanwhile, so that the gate spoke of another base."""
        releases.lock(connection)
        now = releases.served(connection)
        if report is not None and (now is None or now.id != report.base):
            return None
        apply(connection, planned)
        if report is None:
            return Published(None, None, None)
        run = keep_gate(connection, report, planned.title, by)
        faqs = dict(now.content.faqs) if now else {}
        for name in planned.changes:
            faqs.pop(name, None)
        faqs |= planned.versions
        made = releases.add(
            connection,
            Content(faqs, tuple(documents_in_force(connection))),
            act,
            by,
            note=note,
            run=run,
            worse=len(report.worse),
            overrule=overrule if report.worse else None,
        )
        return Published(made.id, report, run)

    async def _serve(self) -> None:
        try:
            await self._kb.catch_up()
        except MinshengError as error:
            # It is published; every process takes it over in its next round.
            _log.warning("published, but not served yet: %s", error.detail)


def _hands(connection: Connection, name: str, version: int) -> set[str]:
    """Who wrote or handed in this version."""
    steps = connection.scalars(
        sa.select(FAQ_STEPS.c.by).where(
            FAQ_STEPS.c.faq == name,
            FAQ_STEPS.c.version == version,
            FAQ_STEPS.c.act.in_(MADE_BY),
        )
    )
    made = connection.scalar(
        sa.select(FAQ_VERSIONS.c.made_by).where(
            FAQ_VERSIONS.c.faq == name, FAQ_VERSIONS.c.version == version
        )
    )
    return {*steps, *([made] if made else [])}


def _wanted(ids: Sequence[str], overrule: Overrule | None) -> list[str]:
    if overrule is not None:
        _needs(overrule.reason, "仍要发布，请写明原因")
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        raise Unprocessable("请先勾选条目", field="ids")
    return wanted


def _needs(reason: str, words: str) -> None:
    if not reason.strip():
        raise Unprocessable(words, field="reason")


def _title(questions: Sequence[str], act: str) -> str:
    more = f" 等 {len(questions)} 条" if len(questions) > 1 else ""
    return f"{act}前：{questions[0][:60]}{more}"

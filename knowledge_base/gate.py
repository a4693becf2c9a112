"""The gate before a publish: all gold questions, asked before and after."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from knowledge_base import gold
from knowledge_base.database import Database
from knowledge_base.judging import Asked, Figures, Judged, got_better, got_worse, judge, wavers
from knowledge_base.search import KnowledgeBase
from knowledge_base.serving import State
from nlu.text.errors import Conflict


@dataclass(frozen=True, slots=True)
class Change:
    """One question before and after."""

    before: Judged
    after: Judged

    @property
    def question(self) -> str:
        return self.after.question


@dataclass(frozen=True, slots=True)
class GateReport:
    """How the gold questions would do."""

    base: int | None
    """The release that it was held against."""
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    wavering: tuple[Change, ...]
    """At the very floor before and after, on the other side of it now: told, but no loss."""
    gone: tuple[Judged, ...]
    """Questions whose entries would all be out of use: they are no loss, but nobody answers them
    any more."""
    failing: tuple[Judged, ...]
    """Questions of the entries being published that these do not answer, though nothing got
    worse."""
    before: Figures
    after: Figures
    judged: tuple[Judged, ...]
    took_ms: int

    def summary(self) -> dict[str, Any]:
        """The figures, as they are kept with the run."""
        return {
            "figures": asdict(self.after),
            "before": asdict(self.before),
            "worse": [[one.before.row(), one.after.row()] for one in self.worse],
            "better": len(self.better),
            "wavering": len(self.wavering),
            "gone": len(self.gone),
        }


class GateRefused(Conflict):
    """Gold questions would get worse; going on takes a second confirmation, with a reason."""

    title = "有必答问题变差，没有发布"

    def __init__(self, report: GateReport, run: int) -> None:
        super().__init__(f"{len(report.worse)} 个问题会变差，没有发布")
        self.report = report
        self.run = run
        """The kept run of this test."""


async def run_gate(
    kb: KnowledgeBase, database: Database, candidate: State, publishing: Sequence[str] = ()
) -> GateReport:
    """Ask all gold questions of what is served and of the candidate; changes nothing."""
    started = time.perf_counter()
    base = kb.release
    questions = [Asked(one.question, one.right) for one in await database.read(gold.active)]
    texts = [one.question for one in questions]
    fates_before = await kb.run_questions(texts)
    fates_after = await kb.run_questions(texts, candidate)
    before = [judge(one, fates_before[one.question]) for one in questions]
    after = [judge(one, fates_after[one.question]) for one in questions]
    there = {entry.id for entry in candidate.entries}
    gone = {
        one.question
        for one in after
        # Not those that something else would now answer wrongly: that is a loss.
        if one.right and there.isdisjoint(one.right) and one.outcome != "wrong"
    }
    pairs = [Change(*pair) for pair in zip(before, after, strict=True)]
    left = [one for one in pairs if one.question not in gone]
    worse = tuple(one for one in left if got_worse(one.before, one.after))
    lost = {one.question for one in worse}
    return GateReport(
        base=base,
        worse=worse,
        better=tuple(one for one in left if got_better(one.before, one.after)),
        wavering=tuple(one for one in left if wavers(one.before, one.after)),
        gone=tuple(one.after for one in pairs if one.question in gone),
        failing=tuple(
            one
            for one in after
            if one.outcome != "right"
            and one.question not in lost
            and set(publishing).intersection(one.right)
        ),
        before=Figures.of(before),
        after=Figures.of(after),
        judged=tuple(after),
        took_ms=round((time.perf_counter() - started) * 1000),
    )

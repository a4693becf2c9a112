"""Tests of the search that are kept: sets of questions, and the gates before publishes."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.audit import Actor, record
from knowledge_base.database import Database
from knowledge_base.entries.store import aware
from knowledge_base.gate import Change, GateReport
from knowledge_base.judging import Asked, Figures, Judged, got_better, got_worse, judge
from knowledge_base.search import KnowledgeBase
from knowledge_base.store import utcnow
from knowledge_base.tables import RUNS
from nlu.text.errors import NotFound, Unprocessable

RESULTS_KEPT = 300
"""Runs whose single questions are kept; of older ones the figures stay."""
MOST_QUESTIONS = 5_000

Kind = Literal["gate", "batch"]


@dataclass(frozen=True, slots=True)
class RunLine:
    """One run in a list."""

    id: int
    at: datetime
    by: str
    kind: Kind
    title: str
    release: int | None
    took_ms: int
    figures: Figures
    worse: int
    """Of a gate: questions that had got worse."""


@dataclass(frozen=True, slots=True)
class Run:
    """A run with every question's fate."""

    line: RunLine
    judged: tuple[Judged, ...]
    """Empty when it is so old that only the figures were kept."""
    worse: tuple[Change, ...]
    """Of a gate: what had got worse."""

    @property
    def losers(self) -> tuple[Judged, ...]:
        """Questions that did not go as they should."""
        return tuple(one for one in self.judged if one.outcome not in ("right", "refused"))


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs, question by question."""

    older: RunLine
    newer: RunLine
    worse: tuple[Change, ...]
    better: tuple[Change, ...]
    same: int
    only_older: int
    only_newer: int


class Runs:
    """Runs batches and keeps all runs."""

    def __init__(self, database: Database, kb: KnowledgeBase) -> None:
        self._database = database
        self._kb = kb

    async def batch(self, title: str, questions: Sequence[Asked], by: Actor) -> int:
        """Ask a set of questions of what is served now; returns the number of the run."""
        asked = list({one.question: one for one in questions if one.question}.values())
        if not asked:
            raise Unprocessable("没有读到问题", field="questions")
        if len(asked) > MOST_QUESTIONS:
            raise Unprocessable(f"一次最多 {MOST_QUESTIONS} 个问题", field="questions")
        started = time.perf_counter()
        release = self._kb.release
        fates = await self._kb.run_questions([one.question for one in asked])
        judged = [judge(one, fates[one.question]) for one in asked]
        took = round((time.perf_counter() - started) * 1000)

        def write(connection: Connection) -> int:
            number = keep(
                connection, "batch", title or "批量测试", by,
                release=release, took_ms=took, judged=judged,
                summary={"figures": asdict(Figures.of(judged))},
            )  # fmt: skip
            record(
                connection, by, "run_batch", "run", str(number),
                after={"title": title, "questions": len(judged)},
            )  # fmt: skip
            return number

        return await self._database.write(write)

    async def page(
        self, kind: Kind | Literal[""] = "", page: int = 1, size: int = 20
    ) -> tuple[list[RunLine], int]:
        """Runs, the newest first, and how many there are."""
        where = [RUNS.c.kind == kind] if kind else []

        def read(connection: Connection) -> tuple[list[RunLine], int]:
            rows = connection.execute(
                sa.select(*_LINE).where(*where).order_by(RUNS.c.id.desc())
                .limit(size).offset((max(1, page) - 1) * size)
            )  # fmt: skip
            lines = [_line(row) for row in rows]
            count = sa.select(sa.func.count()).select_from(RUNS).where(*where)
            return lines, connection.scalar(count) or 0

        return await self._database.read(read)

    async def get(self, number: int) -> Run:
        """One run with its questions."""
        row = await self._database.read(
            lambda connection: connection.execute(
                sa.select(RUNS).where(RUNS.c.id == number)
            ).one_or_none()
        )
        if row is None:
            raise NotFound("没有这次测试")
        return Run(
            _line(row),
            tuple(Judged.of_row(one) for one in row.results),
            tuple(
                Change(Judged.of_row(before), Judged.of_row(after))
                for before, after in _pairs(row.summary)
            ),
        )

    async def compare(self, first: int, second: int) -> Comparison:
        """Which questions went better or worse in the later of two runs."""
        older, newer = await self.get(min(first, second)), await self.get(max(first, second))
        if not older.judged or not newer.judged:
            raise NotFound("太早的测试只留下了总的数字，不能逐题比较")
        before = {one.question: one for one in older.judged}
        after = {one.question: one for one in newer.judged}
        # A question whose answer was changed between the runs is another question.
        both = [
            Change(before[name], after[name])
            for name in after
            if name in before and bool(before[name].right) == bool(after[name].right)
        ]
        worse = tuple(one for one in both if got_worse(one.before, one.after))
        better = tuple(one for one in both if got_better(one.before, one.after))
        return Comparison(
            older.line, newer.line, worse, better,
            same=len(both) - len(worse) - len(better),
            only_older=len(before) - len(both), only_newer=len(after) - len(both),
        )  # fmt: skip

    async def trend(self, kind: Kind, title: str = "", limit: int = 100) -> list[RunLine]:
        """The last runs of a kind, oldest first; of batches those of one title."""
        where = [RUNS.c.kind == kind, *([RUNS.c.title == title] if title else [])]
        rows = await self._database.read(
            lambda connection: connection.execute(
                sa.select(*_LINE).where(*where).order_by(RUNS.c.id.desc()).limit(limit)
            ).all()
        )
        return [_line(row) for row in reversed(rows)]


def keep(
    connection: Connection,
    kind: Kind,
    title: str,
    by: Actor,
    *,
    release: int | None,
    took_ms: int,
    judged: Sequence[Judged],
    summary: Mapping[str, Any],
) -> int:
    """Write a run down; single questions of runs long ago are let go."""
    number = connection.scalar(
        sa.insert(RUNS)
        .values(
            at=utcnow(),
            by=by.name[:64],
            kind=kind,
            title=title[:200],
            release=release,
            took_ms=took_ms,
            summary=dict(summary),
            results=[one.row() for one in judged],
        )
        .returning(RUNS.c.id)
    )
    assert number is not None
    connection.execute(sa.update(RUNS).where(RUNS.c.id == number - RESULTS_KEPT).values(results=[]))
    return int(number)


def keep_gate(connection: Connection, report: GateReport, title: str, by: Actor) -> int:
    """Write down what a gate found."""
    return keep(
        connection, "gate", title, by,
        release=report.base, took_ms=report.took_ms, judged=report.judged,
        summary=report.summary(),
    )  # fmt: skip


_LINE = tuple(column for column in RUNS.c if column.name != "results")


def _line(row: Any) -> RunLine:
    return RunLine(
        id=row.id,
        at=aware(row.at),
        by=row.by,
        kind=row.kind,
        title=row.title,
        release=row.release,
        took_ms=row.took_ms,
        figures=Figures(**row.summary["figures"]),
        worse=len(_pairs(row.summary)),
    )


def _pairs(summary: Mapping[str, Any]) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    return [(before, after) for before, after in summary.get("worse", ())]

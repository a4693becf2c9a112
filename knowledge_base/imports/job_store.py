"""The tables of import jobs; every function runs in a transaction of the caller's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.audit import Actor
from knowledge_base.imports.records import (
    RUNNING,
    STALLED_AFTER,
    TICKABLE,
    Fate,
    Job,
    JobPage,
    JobRow,
    Kind,
    Options,
    RowPage,
    State,
)
from knowledge_base.tables import JOB_ROWS, JOBS
from nlu.text.errors import NotFound

PARAMETERS = 500


def utcnow() -> datetime:
    return datetime.now(timezone.utc)


def add(
    connection: Connection, kind: Kind, title: str, folder: str, options: Options, by: Actor
) -> int:
    """A new job, waiting to be read."""
    number = connection.scalar(
        sa.insert(JOBS)
        .values(
            kind=kind,
            state="waiting",
            title=title[:200],
            folder=folder,
            options={
                "region": options.region,
                "update": options.update,
                "address": by.address,
                "confirmed": False,
            },
            total=0,
            done=0,
            counts={},
            message="",
            made_at=utcnow(),
            made_by=by.name[:64],
            beat_at=utcnow(),
        )
        .returning(JOBS.c.id)
    )
    assert number is not None
    return int(number)


def get(connection: Connection, job: int, *, lock: bool = False) -> Any:
    """The row of a job."""
    query = sa.select(JOBS).where(JOBS.c.id == job)
    row = connection.execute(query.with_for_update() if lock else query).one_or_none()
    if row is None:
        raise NotFound("没有这次导入")
    return row


def change(connection: Connection, job: int, **values: Any) -> None:
    """Set columns of a job; every change is a sign of life."""
    connection.execute(sa.update(JOBS).where(JOBS.c.id == job).values(**values, beat_at=utcnow()))


def begun(connection: Connection, job: int) -> datetime:
    """When the job was made."""
    return _aware(get(connection, job).made_at)


def next_waiting(connection: Connection) -> Any | None:
    """The job whose turn it is."""
    return connection.execute(
        sa.select(JOBS).where(JOBS.c.state == "waiting").order_by(JOBS.c.beat_at).limit(1)
    ).one_or_none()


def in_state(connection: Connection, states: Sequence[State]) -> list[Any]:
    return list(connection.execute(sa.select(JOBS).where(JOBS.c.state.in_(states))))


def page(connection: Connection, number: int, size: int) -> JobPage:
    """Jobs, newest first."""
    rows = connection.execute(
        sa.select(JOBS).order_by(JOBS.c.id.desc()).limit(size).offset((number - 1) * size)
    )
    total = connection.scalar(sa.select(sa.func.count()).select_from(JOBS)) or 0
    return JobPage(tuple(as_job(row) for row in rows), total)


def as_job(row: Any) -> Job:
    beat = _aware(row.beat_at)
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        title=row.title,
        options=Options(row.options.get("region", ""), bool(row.options.get("update"))),
        confirmed=bool(row.options.get("confirmed")),
        total=row.total,
        done=row.done,
        counts=row.counts,
        message=row.message,
        made_at=_aware(row.made_at),
        made_by=row.made_by,
        beat_at=beat,
        finished_at=_aware(row.finished_at) if row.finished_at else None,
        stalled=row.state in RUNNING and utcnow() - beat > STALLED_AFTER,
    )


def put_rows(connection: Connection, job: int, rows: Sequence[JobRow]) -> None:
    """Add rows of a preview."""
    if rows:
        connection.execute(
            sa.insert(JOB_ROWS),
            [
                {
                    "job": job,
                    "position": row.position,
                    "name": row.name[:500],
                    "fate": row.fate,
                    "chosen": row.chosen,
                    "reason": row.reason[:500],
                    "content": dict(row.content),
                }
                for row in rows
            ],
        )


def drop_rows(connection: Connection, job: int) -> None:
    connection.execute(sa.delete(JOB_ROWS).where(JOB_ROWS.c.job == job))


def row_page(
    connection: Connection, job: int, fates: Sequence[str], q: str, number: int, size: int
) -> RowPage:
    """A page of rows in the order of the file."""
    where = [JOB_ROWS.c.job == job]
    if fates:
        where.append(JOB_ROWS.c.fate.in_(fates))
    if q:
        where.append(JOB_ROWS.c.name.contains(q, autoescape=True))
    rows = connection.execute(
        sa.select(JOB_ROWS)
        .where(*where)
        .order_by(JOB_ROWS.c.position)
        .limit(size)
        .offset((number - 1) * size)
    )
    total = connection.scalar(sa.select(sa.func.count()).select_from(JOB_ROWS).where(*where))
    tickable = sa.and_(JOB_ROWS.c.job == job, JOB_ROWS.c.fate.in_(TICKABLE))
    ticked, all_of_them = connection.execute(
        sa.select(sa.func.count().filter(JOB_ROWS.c.chosen), sa.func.count()).where(tickable)
    ).one()
    return RowPage(tuple(as_row(row) for row in rows), total or 0, ticked, all_of_them)


def as_row(row: Any) -> JobRow:
    return JobRow(row.position, row.name, row.fate, row.chosen, row.reason, row.content)


def rows_of(
    connection: Connection, job: int, fates: Sequence[str], after: int, limit: int
) -> list[JobRow]:
    """The next rows with one of these fates."""
    rows = connection.execute(
        sa.select(JOB_ROWS)
        .where(JOB_ROWS.c.job == job, JOB_ROWS.c.fate.in_(fates), JOB_ROWS.c.position > after)
        .order_by(JOB_ROWS.c.position)
        .limit(limit)
    )
    return [as_row(row) for row in rows]


def chosen_rows(connection: Connection, job: int, after: int, limit: int) -> list[JobRow]:
    """The next rows that are to be imported."""
    rows = connection.execute(
        sa.select(JOB_ROWS)
        .where(
            JOB_ROWS.c.job == job,
            JOB_ROWS.c.chosen,
            JOB_ROWS.c.fate.in_(TICKABLE),
            JOB_ROWS.c.position > after,
        )
        .order_by(JOB_ROWS.c.position)
        .limit(limit)
    )
    return [as_row(row) for row in rows]


def choose(
    connection: Connection, job: int, positions: Sequence[int] | None, fate: str, chosen: bool
) -> int:
    """Tick or untick rows, or all with this fate; those that cannot be imported stay."""
    where = [JOB_ROWS.c.job == job, JOB_ROWS.c.fate.in_(TICKABLE)]
    if positions is not None:
        where.append(JOB_ROWS.c.position.in_(positions[:PARAMETERS]))
    if fate:
        where.append(JOB_ROWS.c.fate == fate)
    return connection.execute(sa.update(JOB_ROWS).where(*where).values(chosen=chosen)).rowcount


def set_fates(connection: Connection, job: int, fates: Mapping[int, tuple[Fate, str]]) -> None:
    """What became of rows; a reason that is empty leaves the one that stands there."""
    if fates:
        connection.execute(
            sa.update(JOB_ROWS)
            .where(JOB_ROWS.c.job == job, JOB_ROWS.c.position == sa.bindparam("at"))
            .values(
                fate=sa.bindparam("became"),
                reason=sa.case(
                    (sa.bindparam("why", type_=sa.String) == "", JOB_ROWS.c.reason),
                    else_=sa.bindparam("why", type_=sa.String),
                ),
            ),
            [
                {"at": position, "became": fate, "why": reason[:500]}
                for position, (fate, reason) in fates.items()
            ],
        )


def end_rows(connection: Connection, job: int) -> None:
    """What was left: not ticked means skipped, not readable means failed."""
    for old, new in (("invalid", "failed"), ("twice", "failed")):
        connection.execute(
            sa.update(JOB_ROWS)
            .where(JOB_ROWS.c.job == job, JOB_ROWS.c.fate == old)
            .values(fate=new)
        )
    connection.execute(
        sa.update(JOB_ROWS)
        .where(JOB_ROWS.c.job == job, JOB_ROWS.c.fate.in_((*TICKABLE, "existing")))
        .values(fate="skipped")
    )


def counts(connection: Connection, job: int) -> dict[str, int]:
    """Rows by fate."""
    rows = connection.execute(
        sa.select(JOB_ROWS.c.fate, sa.func.count())
        .where(JOB_ROWS.c.job == job)
        .group_by(JOB_ROWS.c.fate)
    )
    return {row[0]: row[1] for row in rows}


def _aware(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)

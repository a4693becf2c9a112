"""What was asked in vain, put into groups of one meaning for the curators.

In vain: refused, answered and then 没用, or followed by 转人工. Groups grow by themselves:
a new question joins the nearest group, also one that was dismissed, so that a dismissal
holds for the meaning and not for one wording. Citizens are counted, not messages.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.closeness import Closeness, Read
from knowledge_base.database import Database
from knowledge_base.group_lines import (
    IN_VAIN,
    ORDER,
    GroupLine,
    GroupPage,
    GroupQuery,
    Question,
    State,
    as_lines,
    as_question,
    fits,
    joined,
    wanted,
    without_numbers,
)
from knowledge_base.store import utcnow
from knowledge_base.tables import ASKED, GROUPS
from nlu.text.errors import Conflict, NotFound, Unprocessable

SAMPLES = 8
"""Questions of a group that a new one is compared with: the newest."""
AT_ONCE = 200
SHOWN = 200


class Groups:
    """The pile of what was asked in vain."""

    def __init__(
        self,
        database: Database,
        closeness: Closeness,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._database = database
        self._closeness = closeness
        self._clock = clock

    async def sort_in(self) -> int:
        """Put what is new into groups; returns how many questions that were."""
        rows = await self._database.read(_unsorted)
        if not rows:
            return 0
        samples = await self._database.read(_samples)
        closeness = self._closeness
        known = {
            group: closeness.read([text for _, text in members])
            for group, members in _by_group(samples).items()
        }
        moment = self._clock()

        def place(connection: Connection) -> int:
            for row in rows:
                (read,) = closeness.read([row.question])
                group = self._nearest(read, known)
                if group is None:
                    group = _new_group(connection, row.question, moment)
                    known[group] = []
                known[group].append(read)
                connection.execute(
                    sa.update(ASKED)
                    .where(ASKED.c.id == row.id, ASKED.c.group.is_(None))
                    .values(group=group)
                )
            return len(rows)

        return await self._database.write(place)

    async def page(self, query: GroupQuery) -> GroupPage:
        """Groups in one state, those that most citizens asked for first."""
        await self.sort_in()
        rows = await self._database.read(lambda c: c.execute(wanted(query)).all())
        lines = [line for line in as_lines(rows, self._clock()) if fits(line, query)]
        lines.sort(key=ORDER[query.sort])
        start = (query.page - 1) * query.size
        return GroupPage(tuple(lines[start : start + query.size]), len(lines))

    async def get(self, group: int) -> tuple[GroupLine, tuple[Question, ...]]:
        """A group with its questions, newest first."""
        rows = await self._database.read(
            lambda c: c.execute(joined().where(GROUPS.c.id == group)).all()
        )
        if not rows:
            raise NotFound("没有这一组问题")
        (line,) = as_lines(rows, self._clock())
        newest = sorted(rows, key=lambda row: row.asked_id, reverse=True)[:SHOWN]
        return line, tuple(as_question(row) for row in newest)

    async def open_count(self) -> int:
        """How many groups wait for a curator."""
        await self.sort_in()
        count = (
            sa.select(sa.func.count(sa.distinct(GROUPS.c.id)))
            .join(ASKED, ASKED.c.group == GROUPS.c.id)
            .where(GROUPS.c.state == "open", IN_VAIN)
        )
        return await self._database.read(lambda c: c.scalar(count) or 0)

    async def areas(self) -> list[str]:
        """Areas that questions came from."""
        areas = sa.select(sa.distinct(ASKED.c.area)).where(ASKED.c.area != "")
        return sorted(await self._database.read(lambda c: list(c.scalars(areas))))

    async def decide(
        self, group: int, state: State, by: Actor, *, faq: str = "", note: str = ""
    ) -> None:
        """Say what becomes of a group; a dismissal needs its reason."""
        if state == "dismissed" and not note.strip():
            raise Unprocessable("请写明为什么忽略", field="note")
        moment = self._clock()

        def write(connection: Connection) -> None:
            before = _group(connection, group)
            values = {
                "state": state,
                "faq": faq or (before.faq if state != "open" else ""),
                "note": note.strip()[:500],
            }
            connection.execute(
                sa.update(GROUPS)
                .where(GROUPS.c.id == group)
                .values(**values, decided_by=by.name, decided_at=moment)
            )
            audit.record(
                connection, by, f"group_{state}", "question_group", str(group),
                before={"title": before.title, "state": before.state}, after=values,
                reason=note.strip(),
            )  # fmt: skip

        await self._database.write(write)

    async def merge(self, into: int, others: Sequence[int], by: Actor) -> None:
        """Put other groups into this one."""
        gone = [number for number in dict.fromkeys(others) if number != into]
        if not gone:
            raise Unprocessable("请至少选两组", field="groups")

        def write(connection: Connection) -> None:
            kept = _group(connection, into)
            titles = [_group(connection, number).title for number in gone]
            connection.execute(sa.update(ASKED).where(ASKED.c.group.in_(gone)).values(group=into))
            connection.execute(sa.delete(GROUPS).where(GROUPS.c.id.in_(gone)))
            audit.record(
                connection, by, "group_merge", "question_group", str(into),
                before={"groups": titles}, after={"into": kept.title},
            )  # fmt: skip

        await self._database.write(write)

    async def split(self, group: int, questions: Sequence[int], by: Actor) -> int:
        """Take questions out into a group of their own; returns its number."""
        moment = self._clock()

        def write(connection: Connection) -> int:
            before = _group(connection, group)
            rows = connection.execute(
                sa.select(ASKED.c.id, ASKED.c.question)
                .where(ASKED.c.group == group, ASKED.c.id.in_(list(questions)))
                .order_by(ASKED.c.id)
            ).all()
            left = connection.scalar(
                sa.select(sa.func.count()).select_from(ASKED).where(ASKED.c.group == group)
            )
            if not rows or len(rows) == left:
                raise Conflict("请选这一组里的一部分问题")
            new = _new_group(connection, rows[0].question, moment)
            connection.execute(
                sa.update(ASKED).where(ASKED.c.id.in_([row.id for row in rows])).values(group=new)
            )
            audit.record(
                connection, by, "group_split", "question_group", str(group),
                before={"title": before.title}, after={"taken_out": [row.question for row in rows]},
            )  # fmt: skip
            return new

        return await self._database.write(write)

    def _nearest(self, read: Read, known: dict[int, list[Read]]) -> int | None:
        best, found = self._closeness.threshold, None
        for group, members in known.items():
            close = sorted(
                (self._closeness.probability(read, one) for one in members), reverse=True
            )
            # The mean of the two nearest: one odd member must not draw everything in.
            score = sum(close[:2]) / max(1, len(close[:2]))
            if score >= best:
                best, found = score, group
        return found


def _unsorted(connection: Connection) -> Sequence[Any]:
    return connection.execute(
        sa.select(ASKED.c.id, ASKED.c.question)
        .where(ASKED.c.group.is_(None), IN_VAIN)
        .order_by(ASKED.c.id)
        .limit(AT_ONCE)
    ).all()


def _samples(connection: Connection) -> list[tuple[int, str]]:
    """The newest questions of each group."""
    place = sa.func.row_number().over(partition_by=ASKED.c.group, order_by=ASKED.c.id.desc())
    ranked = (
        sa.select(ASKED.c.group, ASKED.c.question, place.label("place"))
        .where(ASKED.c.group.is_not(None))
        .subquery()
    )
    rows = connection.execute(
        sa.select(ranked.c.group, ranked.c.question).where(ranked.c.place <= SAMPLES)
    )
    return [(row.group, row.question) for row in rows]


def _by_group(samples: Sequence[tuple[int, str]]) -> dict[int, list[tuple[int, str]]]:
    gathered: dict[int, list[tuple[int, str]]] = {}
    for group, text in samples:
        gathered.setdefault(group, []).append((group, text))
    return gathered


def _group(connection: Connection, number: int) -> Any:
    row = connection.execute(sa.select(GROUPS).where(GROUPS.c.id == number)).one_or_none()
    if row is None:
        raise NotFound("没有这一组问题")
    return row


def _new_group(connection: Connection, title: str, moment: datetime) -> int:
    made = connection.execute(
        sa.insert(GROUPS).values(
            title=without_numbers(title) or title,
            state="open",
            faq="",
            note="",
            decided_by="",
            made_at=moment,
        )
    ).inserted_primary_key
    assert made is not None
    return int(made[0])

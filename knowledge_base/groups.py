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

from knowledge_base import audit, group_lines
from knowledge_base.audit import Actor
from knowledge_base.closeness import Closeness
from knowledge_base.database import Database
from knowledge_base.group_lines import GroupLine, GroupPage, GroupQuery, Question, State
from knowledge_base.grouping import Sorter, lock, new_group
from knowledge_base.store import utcnow
from knowledge_base.tables import ASKED, GROUPS
from nlu.text.errors import Conflict, NotFound, Unprocessable

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
        self._sorter = Sorter(database, closeness, clock)
        self._clock = clock

    async def page(self, query: GroupQuery) -> GroupPage:
        """Groups in one state, those that most citizens asked for first."""
        await self._sorter.sort_in()
        now = self._clock()
        return await self._database.read(lambda c: group_lines.page(c, query, now))

    async def get(self, group: int) -> tuple[GroupLine, tuple[Question, ...]]:
        """A group with its questions, newest first."""
        now = self._clock()

        def read(connection: Connection) -> tuple[GroupLine, tuple[Question, ...]]:
            line = group_lines.line(connection, group, now)
            if line is None:
                raise NotFound("没有这一组问题")
            return line, group_lines.questions(connection, group, SHOWN)

        return await self._database.read(read)

    async def open_count(self) -> int:
        """How many groups wait for a curator."""
        await self._sorter.sort_in()
        return await self._database.read(group_lines.open_groups)

    async def areas(self) -> list[str]:
        """Areas that questions came from."""
        return await self._database.read(group_lines.areas)

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
            lock(connection)
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
            lock(connection)
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
            new = new_group(connection, rows[0].question, moment)
            connection.execute(
                sa.update(ASKED).where(ASKED.c.id.in_([row.id for row in rows])).values(group=new)
            )
            audit.record(
                connection, by, "group_split", "question_group", str(group),
                before={"title": before.title}, after={"taken_out": [row.question for row in rows]},
            )  # fmt: skip
            return new

        return await self._database.write(write)


def _group(connection: Connection, number: int) -> Any:
    row = connection.execute(sa.select(GROUPS).where(GROUPS.c.id == number)).one_or_none()
    if row is None:
        raise NotFound("没有这一组问题")
    return row

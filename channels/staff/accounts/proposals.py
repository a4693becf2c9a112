"""Four eyes: what one person asks for and a second one lets happen.

An act is registered with what carries it out and with who may agree to it. Approving goes
open → running → done or failed, so that an act happens once however often one presses the
button, and a process that dies half-way leaves a row that says so.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import Connection

from channels.staff.accounts import proposal_rows as rows
from channels.staff.accounts import settings as console_settings
from channels.staff.accounts.proposal_rows import Change, Page, Proposal, Reader
from channels.staff.accounts.records import Clock, utcnow
from channels.staff.accounts.tables import PROPOSALS
from channels.staff.roles import Right
from channels.staff.words import proposals as words
from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from nlu.text.errors import Conflict, Forbidden, MinshengError, NotFound, Unprocessable

KIND = "proposal"
STALLED_AFTER = timedelta(minutes=10)
"""No act takes that long: whoever was at it is gone."""
OPEN, RUNNING = "open", "running"
Pile = Literal["to_decide", "made", "ended"]
Execute = Callable[[Mapping[str, Any], Actor, Actor], Awaitable[str]]
"""Payload, who proposed, who approves; returns in words what was done."""


@dataclass(frozen=True, slots=True)
class _Act:
    execute: Execute
    rights: frozenset[Right]


class Proposals:
    """Keeps proposals, and carries them out once a second person agrees."""

    def __init__(self, database: Database, now: Clock = utcnow) -> None:
        self._database = database
        self._now = now
        self._acts: dict[str, _Act] = {}

    def register(self, act: str, execute: Execute, *rights: Right) -> None:
        """Say what an act does, and that whoever has one of these rights may agree to it."""
        self._acts[act] = _Act(execute, frozenset(rights))

    async def needed(self, switch: str) -> bool:
        """Whether the office has this one of `settings.FOUR_EYES` switched on."""
        settings = await self._database.read(console_settings.read)
        return settings.four_eyes[switch]

    async def propose(
        self,
        act: str,
        title: str,
        payload: Mapping[str, Any],
        changes: Sequence[Change],
        reason: str,
        by: Actor,
    ) -> int:
        """Put an act up; nothing has happened yet. Refused while the same one is open."""
        if act not in self._acts:
            raise NotFound(words.UNKNOWN)
        if not reason.strip():
            raise Unprocessable(words.REASON_NEEDED, field="reason")
        title = title[:200]

        def work(connection: Connection) -> int:
            same = sa.select(PROPOSALS.c.id).where(
                PROPOSALS.c.act == act,
                PROPOSALS.c.title == title,
                PROPOSALS.c.state.in_((OPEN, RUNNING)),
            )
            if connection.scalar(same) is not None:
                raise Conflict(words.SAME_OPEN)
            row = {
                "act": act,
                "title": title,
                "payload": dict(payload),
                "changes": [[one.what, one.before, one.after] for one in changes],
                "reason": reason.strip()[:500],
            }
            number: int = connection.execute(
                sa.insert(PROPOSALS)
                .values(
                    **row,
                    made_at=self._now(),
                    made_by=by.name,
                    state=OPEN,
                    decided_by="",
                    opinion="",
                    outcome="",
                )
                .returning(PROPOSALS.c.id)
            ).scalar_one()
            told = {"act": act, "title": title, "changes": row["changes"]}
            _record(connection, by, "proposal_made", number, after=told, reason=reason.strip())
            return number

        return await self._database.write(work)

    async def approve(self, number: int, by: Actor, rights: Collection[Right]) -> Proposal:
        """Agree, and have it done now; how it went stands in the returned `outcome`."""

        def begin(connection: Connection) -> Proposal:
            found = self._to_decide(connection, number, by, rights)
            rows.change(
                connection, number, state=RUNNING, decided_at=self._now(), decided_by=by.name
            )
            told = {"act": found.act, "title": found.title, "made_by": found.made_by}
            _record(connection, by, "proposal_approved", number, after=told)
            return found

        found = await self._database.write(begin)
        state, outcome = "failed", words.BROKEN
        try:
            execute = self._acts[found.act].execute
            outcome = await execute(found.payload, Actor(found.made_by), by)
            state = "done"
        except MinshengError as error:
            outcome = error.detail
        finally:
            # Whatever went wrong, the row must not stand as if somebody were still at it.
            end = {"state": state, "outcome": outcome[:500]}
            await self._database.write(lambda c: self._end(c, found, by, end))
        return await self.get(number)

    async def reject(self, number: int, by: Actor, rights: Collection[Right], opinion: str) -> None:
        """Say no, and why."""
        opinion = opinion.strip()[:500]
        if not opinion:
            raise Unprocessable(words.OPINION_NEEDED, field="opinion")

        def work(connection: Connection) -> None:
            found = self._to_decide(connection, number, by, rights)
            rows.change(
                connection,
                number,
                state="rejected",
                decided_at=self._now(),
                decided_by=by.name,
                opinion=opinion,
            )
            told = {"act": found.act, "title": found.title, "made_by": found.made_by}
            _record(connection, by, "proposal_rejected", number, after=told, reason=opinion)

        await self._database.write(work)

    async def withdraw(self, number: int, by: Actor) -> None:
        """Its proposer takes it back."""

        def work(connection: Connection) -> None:
            found = rows.get(connection, number, lock=True)
            if found.made_by != by.name:
                raise Forbidden(words.ONLY_PROPOSER)
            if found.state != OPEN:
                raise Conflict(words.DECIDED)
            rows.change(
                connection, number, state="withdrawn", decided_at=self._now(), decided_by=by.name
            )
            told = {"act": found.act, "title": found.title}
            _record(connection, by, "proposal_withdrawn", number, after=told)

        await self._database.write(work)

    async def get(self, number: int) -> Proposal:
        """One of them; `NotFound` when there is none."""
        found = await self._database.read(lambda c: rows.get(c, number))
        return self._seen(found)

    async def page(self, pile: Pile, reader: Reader, page: int = 1, size: int = 20) -> Page:
        """A pile as this one sees it."""

        def look(connection: Connection) -> Page:
            where = self._where(pile, reader)
            total = connection.scalar(
                sa.select(sa.func.count()).select_from(PROPOSALS).where(*where)
            )
            found = connection.execute(
                sa.select(PROPOSALS)
                .where(*where)
                .order_by(PROPOSALS.c.id.desc())
                .limit(size)
                .offset((max(1, page) - 1) * size)
            )
            return Page(tuple(self._seen(rows.proposal(row)) for row in found), total or 0)

        return await self._database.read(look)

    async def waiting(self, reader: Reader) -> int:
        """How many wait for this one."""
        return (await self.page("to_decide", reader, size=1)).total

    async def opened(self, act: str, title: str) -> Proposal | None:
        """The one of this title that waits, for the page where it was proposed."""

        def look(connection: Connection) -> Proposal | None:
            row = connection.execute(
                sa.select(PROPOSALS).where(
                    PROPOSALS.c.act == act, PROPOSALS.c.title == title, PROPOSALS.c.state == OPEN
                )
            ).first()
            return rows.proposal(row) if row else None

        return await self._database.read(look)

    def may_decide(self, proposal: Proposal, reader: Reader) -> bool:
        """Whether this one could be its second person."""
        act = self._acts.get(proposal.act)
        return (
            proposal.state == OPEN
            and proposal.made_by != reader.account
            and act is not None
            and bool(act.rights & set(reader.rights))
        )

    def may_see(self, proposal: Proposal, reader: Reader) -> bool:
        """Its proposer, and those who agree to such acts."""
        act = self._acts.get(proposal.act)
        decides = act is not None and bool(act.rights & set(reader.rights))
        return proposal.made_by == reader.account or decides

    def _where(self, pile: Pile, reader: Reader) -> list[sa.ColumnElement[bool]]:
        mine = PROPOSALS.c.made_by == reader.account
        if pile == "made":
            return [mine]
        acts = [name for name, act in self._acts.items() if act.rights & set(reader.rights)]
        decided_by_me = PROPOSALS.c.act.in_(acts)
        if pile == "to_decide":
            return [PROPOSALS.c.state == OPEN, ~mine, decided_by_me]
        return [PROPOSALS.c.state.not_in((OPEN, RUNNING)), sa.or_(mine, decided_by_me)]

    def _to_decide(
        self, connection: Connection, number: int, by: Actor, rights: Collection[Right]
    ) -> Proposal:
        """Locked until the transaction ends: of two deciders the second finds it decided."""
        found = rows.get(connection, number, lock=True)
        if found.state != OPEN:
            raise Conflict(words.DECIDED)
        if found.made_by == by.name:
            raise Forbidden(words.OWN)
        if not self.may_decide(found, Reader(by.name, rights)):
            raise Forbidden(words.NOT_YOURS)
        return found

    def _end(
        self, connection: Connection, found: Proposal, by: Actor, end: Mapping[str, str]
    ) -> None:
        rows.change(connection, found.id, **end)
        told = {"title": found.title, "made_by": found.made_by, **end}
        _record(connection, by, f"proposal_{end['state']}", found.id, after=told)

    def _seen(self, proposal: Proposal) -> Proposal:
        """As it is shown: one whose process died is told as failed."""
        begun = proposal.decided_at
        if proposal.state == RUNNING and begun and self._now() - begun > STALLED_AFTER:
            return replace(proposal, state="failed", outcome=words.BROKEN)
        return proposal


def _record(
    connection: Connection,
    by: Actor,
    act: str,
    number: int,
    *,
    after: Mapping[str, Any],
    reason: str = "",
) -> None:
    audit.record(connection, by, act, KIND, str(number), after=after, reason=reason)

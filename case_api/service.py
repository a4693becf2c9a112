"""The life of a case: filed once, found again, followed, moved on."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timezone

from sqlalchemy import Connection, RowMapping

from case_api import acts, moves, repository, schemas, staff_schemas, views, words
from case_api.access import Access, Limits, owns
from case_api.deadlines import LocalLimits
from case_api.desk import Desk
from case_api.filing import Filing
from case_api.idempotency import Idempotency, Work
from case_api.security import Secrets
from case_api.similar import SimilarCases
from case_api.triage import Triage
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from nlu.text import case_code
from nlu.text.errors import NotFound


def utcnow() -> datetime:
    return datetime.now(timezone.utc)


class CaseService:
    """Everything that can be done with cases; one call is one transaction."""

    def __init__(
        self,
        database: Database,
        secrets: Secrets,
        triage: Triage,
        similar: SimilarCases,
        *,
        local_limits: LocalLimits | None = None,
        limits: Limits | None = None,
        clock: Callable[[], datetime] = utcnow,
    ) -> None:
        self._database = database
        self._secrets = secrets
        self._triage = triage
        self._similar = similar
        self._clock = clock
        self._access = Access(secrets, limits)
        self._idempotency = Idempotency(database, secrets, clock)
        self._filing = Filing(secrets, local_limits or LocalLimits())
        self.desk = Desk(database, local_limits or LocalLimits(), triage.offices, clock)

    async def warm(self) -> None:
        """Take the stored cases into the similarity index; run it in the background at start."""
        await self._similar.warm(self._clock())

    async def close(self) -> None:
        """Write the similarity index down; before the database is closed."""
        await self._similar.close()

    async def create(self, new: schemas.NewCase, *, token: str, key: str) -> schemas.CreatedCase:
        """Register a petition, once per key; on disk and synced before this returns."""
        now = self._clock()

        async def prepare() -> Work:
            viewer = schemas.Viewer(
                channel=new.channel, citizen=new.citizen, account=new.account, owns=new.owns
            )
            routed = await self._triage.route(new.text, new.place, category=new.category)
            matches = await self._similar.find(
                new.text, new.place, category=routed.category, viewer=viewer, now=now
            )
            return lambda connection: (
                self._filing.register(connection, new, routed, matches, now)
                .model_dump_json()
                .encode()
            )

        scope = self._scope("create", token, new.channel, new.account, new.citizen)
        answer = await self._idempotency.once(scope, key, new.model_dump_json(), prepare)
        return schemas.CreatedCase.model_validate_json(answer)

    async def get(self, code: str) -> staff_schemas.StaffCase:
        """All of a case but its proofs, for staff."""

        def work(connection: Connection) -> staff_schemas.StaffCase:
            row = _found(repository.case(connection, code))
            return views.for_staff(
                row,
                repository.events(connection, code),
                repository.links(connection, code),
                repository.followers(connection, code),
            )

        return await self._database.read(work)

    async def page(self, query: staff_schemas.ListQuery) -> staff_schemas.Page:
        """Newest first; `next` leads on."""
        before = self._secrets.read_cursor(query.cursor) if query.cursor else None
        rows = await self._database.read(lambda c: repository.page(c, query, before))
        more = len(rows) > query.limit
        shown = rows[: query.limit]
        following = self._secrets.cursor(shown[-1]["seq"]) if more else None
        return staff_schemas.Page(
            cases=[views.line_for_staff(row) for row in shown], next=following
        )

    async def triage(self, told: schemas.Told) -> schemas.Triage:
        """Which kind of matter, and who takes it."""
        return await self._triage.route(told.text, told.place)

    async def similar(self, query: schemas.SimilarQuery) -> list[schemas.Similar]:
        """Cases that may be the same matter; for a citizen, few and in general words."""
        now = self._clock()
        routed = await self._triage.route(query.text, query.place)
        found = await self._similar.find(
            query.text,
            query.place,
            category=routed.category,
            viewer=query.viewer,
            now=now,
            limit=query.limit,
        )
        viewer = query.viewer
        if viewer is None or all(match.mine for match in found):
            return found
        return await self._database.write(lambda c: self._offer(c, viewer, found, now))

    def _offer(
        self,
        connection: Connection,
        viewer: schemas.Viewer,
        found: list[schemas.Similar],
        now: datetime,
    ) -> list[schemas.Similar]:
        """Count what is shown of others' matters, and stop where looking becomes fishing."""
        repository.hold(connection, self._access.identity(viewer))
        left = self._access.offers_left(connection, viewer, now)
        shown = []
        for match in found:
            if not match.mine:
                if left == 0:
                    continue
                left -= 1
                self._access.count_offer(connection, viewer, match.code, now)
            shown.append(match)
        return shown

    async def progress(self, code: str, query: schemas.ProgressQuery) -> schemas.CaseView:
        """How a case stands, for one who may know; wrong proofs are counted on disk first."""
        now = self._clock()

        def work(connection: Connection) -> Callable[[], schemas.CaseView]:
            seen = self._access.look(connection, code, query.viewer, query.proof, now)
            events = repository.events(connection, code) if seen.access == "full" else []

            def show() -> schemas.CaseView:
                row = seen.allowed()
                owner = owns(row, query.viewer)
                return views.for_citizen(row, events, full=seen.access == "full", owner=owner)

            return show

        run = self._database.write if query.proof else self._database.read
        # Shown, or refused, only after the transaction: a refusal must not undo its counting.
        return (await run(work))()

    async def mine(self, query: schemas.MineQuery) -> list[schemas.CaseSummary]:
        """A citizen's own cases, then those that they follow; nothing for an unproven identity."""
        if not query.viewer.owns:
            return []

        def work(connection: Connection) -> list[schemas.CaseSummary]:
            own = repository.owned_by(connection, query.viewer, query.limit)
            followed = repository.followed_by(connection, query.viewer, query.limit)
            return [views.line_for_owner(row) for row in own] + [
                views.line_for_follower(row) for row in followed
            ]

        return await self._database.read(work)

    async def supplement(
        self, code: str, ask: schemas.SupplementIn, *, token: str, key: str | None
    ) -> None:
        """Add to a case; with a key, once."""
        now = self._clock()
        added = [a.model_dump() for a in ask.attachments]

        def work(connection: Connection, row: RowMapping) -> None:
            moves.supplement(connection, row, ask.text, added, now)

        await self._by_citizen(code, ask, work, now, "supplement", token, key)

    async def withdraw(self, code: str, ask: schemas.WithdrawalIn) -> None:
        """Withdraw a case; the timeline keeps it."""
        now = self._clock()

        def work(connection: Connection, row: RowMapping) -> None:
            moves.withdraw(connection, row, ask.reason, now)

        await self._by_citizen(code, ask, work, now, "withdraw", "", None)
        await self._similar.forget(code)

    async def rate(self, code: str, ask: schemas.RatingIn) -> None:
        """One to five stars, once."""
        now = self._clock()

        def work(connection: Connection, row: RowMapping) -> None:
            moves.rate(connection, row, ask.stars, ask.comment, now)

        await self._by_citizen(code, ask, work, now, "rate", "", None)

    async def follow(self, code: str, ask: schemas.FollowIn) -> None:
        """Join somebody else's matter; doing it again changes nothing."""
        now = self._clock()

        def work(connection: Connection) -> None:
            row = _found(repository.case(connection, code, lock=True))
            if not owns(row, ask.viewer):
                moves.follow(connection, row, ask.viewer, now)

        await self._database.write(work)

    async def handoff(
        self, ask: schemas.HandoffIn, *, token: str, key: str | None
    ) -> schemas.Handoff:
        """Put somebody into the queue for a person."""
        now = self._clock()
        code = case_code.parse(ask.code) if ask.code else None

        def work(connection: Connection) -> bytes:
            if code is not None:
                _found(repository.case(connection, code))
            return self._filing.hand_off(connection, ask, code, now).model_dump_json().encode()

        async def prepare() -> Work:
            return work

        if key is None:
            return schemas.Handoff.model_validate_json(await self._database.write(work))
        who = ask.viewer
        scope = self._scope("handoff", token, who.channel, who.account, who.citizen)
        answer = await self._idempotency.once(scope, key, ask.model_dump_json(), prepare)
        return schemas.Handoff.model_validate_json(answer)

    async def waiting(self, limit: int) -> list[staff_schemas.WaitingHandoff]:
        """The queue, longest waiting first."""
        rows = await self._database.read(lambda c: repository.open_handoffs(c, limit))
        return [views.waiting(row) for row in rows]

    async def move(
        self, code: str, work: acts.Work[acts.Ask], ask: acts.Ask, actor: Actor | None = None
    ) -> staff_schemas.StaffCase:
        """Let staff do one of `moves` to a case; the audit trail tells of it."""
        now = self._clock()

        def transaction(connection: Connection) -> None:
            row = _found(repository.case(connection, code, lock=True))
            acts.carry_out(connection, row, work, ask, actor, now)

        await self._database.write(transaction)
        return await self.get(code)

    async def _by_citizen(
        self,
        code: str,
        ask: schemas.ByCitizen,
        work: Callable[[Connection, RowMapping], None],
        now: datetime,
        what: str,
        token: str,
        key: str | None,
    ) -> None:
        """Do it where the viewer owns the case or shows the 查询码."""
        seen = await self._database.write(
            lambda c: self._access.look(c, code, ask.viewer, ask.proof, now)
        )
        seen.allowed_in_full()

        def transaction(connection: Connection) -> bytes:
            work(connection, _found(repository.case(connection, code, lock=True)))
            return b""

        async def prepare() -> Work:
            return transaction

        if key is None:
            await self._database.write(transaction)
            return
        who = ask.viewer
        scope = self._scope(what, token, code, who.channel, who.account, who.citizen)
        await self._idempotency.once(scope, key, ask.model_dump_json(), prepare)

    def _scope(self, *parts: str) -> str:
        return self._secrets.hash("scope", *parts).hex()


def _found(row: RowMapping | None) -> RowMapping:
    if row is None:
        raise NotFound(words.NOT_SHOWN)
    return row

"""Putting a petition on record: code, 查询码, first deadline, first events, links."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from case_api import deadlines, moves, repository, schemas, security, words
from case_api.deadlines import OFFICIAL_TIME, Due, LocalLimits
from case_api.security import Secrets
from case_api.states import Status
from nlu.text import case_code
from nlu.text.errors import Unavailable, Unprocessable

DRAWS = 8
"""Tries for a free code: a second one is needed once in tens of thousands."""


class Filing:
    """Writes new cases; functions of a connection, run inside the caller's transaction."""

    def __init__(
        self,
        secrets: Secrets,
        local_limits: LocalLimits,
        new_code: Callable[..., str] = case_code.new,
    ) -> None:
        self._secrets = secrets
        self._local_limits = local_limits
        self._new_code = new_code

    def register(
        self,
        connection: Connection,
        new: schemas.NewCase,
        routed: schemas.Triage,
        matches: Sequence[schemas.Similar],
        now: datetime,
    ) -> schemas.CreatedCase:
        """Store the case with its first events and links."""
        code = self._free_code(connection, now)
        query_code = security.new_query_code()
        due = deadlines.on_filing(now, urgent=new.urgent, limits=self._local_limits)
        repository.add_case(connection, self._row(new, routed, code, query_code, due, now))
        self._first_events(connection, code, routed, now)
        self._link(connection, new, code, matches, now)
        return schemas.CreatedCase(
            code=code,
            query_code=query_code,
            category=routed.category,
            office=routed.office,
            status=Status.REGISTERED,
            status_label=words.STATUS[Status.REGISTERED.value],
            due=due.at,
            due_text=deadlines.describe(due.clock.key, due.at, office=routed.office),
            urgent=new.urgent,
            created_at=now,
            confidence=routed.confidence,
            matches=list(matches),
        )

    @staticmethod
    def hand_off(
        connection: Connection, ask: schemas.HandoffIn, code: str | None, now: datetime
    ) -> schemas.Handoff:
        """Queue a citizen for a person, with what they said last."""
        number = repository.add_handoff(
            connection,
            {
                "at": now,
                "channel": ask.viewer.channel,
                "account": ask.viewer.account,
                "citizen": ask.viewer.citizen,
                "code": code,
                "reason": ask.reason,
                "urgent": ask.urgent,
                "text": ask.text,
                "status": "open",
            },
        )
        return schemas.Handoff(id=number, at=now, reason=ask.reason, status="open")

    def _free_code(self, connection: Connection, now: datetime) -> str:
        for _ in range(DRAWS):
            code = self._new_code(now.astimezone(OFFICIAL_TIME).date())
            if repository.case(connection, code) is None:
                return code
        raise Unavailable(words.NO_FREE_CODE)

    def _row(
        self,
        new: schemas.NewCase,
        routed: schemas.Triage,
        code: str,
        query_code: str,
        due: Due,
        now: datetime,
    ) -> dict[str, Any]:
        told = new.model_dump(exclude={"owns", "links", "category", "attachments"})
        return {
            **told,
            "code": code,
            "created_at": now,
            "updated_at": now,
            "proven": new.owns,
            "attachments": [a.model_dump() for a in new.attachments],
            "category": routed.category,
            "office": routed.office,
            "confidence": routed.confidence,
            "status": Status.REGISTERED.value,
            "due": due.at,
            "clock": due.clock.key,
            "extended_days": 0,
            "query_hash": self._secrets.query_hash(code, query_code),
        }

    @staticmethod
    def _first_events(
        connection: Connection, code: str, routed: schemas.Triage, now: datetime
    ) -> None:
        text = words.EVENTS["registered"].format(code=code)
        told = "to_hand" if routed.office == words.BY_HAND else "routed"
        repository.add_event(
            connection, code, now, "registered", visible=True, actor="system", words=text
        )
        repository.add_event(
            connection,
            code,
            now,
            "routed",
            visible=True,
            actor="system",
            words=words.EVENTS[told].format(office=routed.office),
            data={"category": routed.category, "confidence": round(routed.confidence, 3)},
        )

    @staticmethod
    def _link(
        connection: Connection,
        new: schemas.NewCase,
        code: str,
        matches: Sequence[schemas.Similar],
        now: datetime,
    ) -> None:
        """Record what was found similar, and what the citizen said of it."""
        decisions = {case_code.parse(choice.code): choice.decision for choice in new.links}
        known = repository.cases_by_code(connection, decisions)
        unknown = decisions.keys() - known.keys()
        if unknown:
            raise Unprocessable(words.LINK_UNKNOWN, field="links")
        found = {match.code: match for match in matches}
        viewer = schemas.Viewer(
            channel=new.channel, citizen=new.citizen, account=new.account, owns=new.owns
        )
        for other in found.keys() | decisions.keys():
            match = found.get(other)
            decision = decisions.get(other, "unasked")
            link = {
                "relation": match.relation if match else "related",
                "probability": match.probability if match else 0.0,
                "mine": match.mine if match else False,
                "decision": decision,
            }
            repository.add_link(connection, {"code": code, "other": other, "at": now, **link})
            repository.add_event(
                connection,
                code,
                now,
                "linked",
                visible=False,
                actor="system",
                words=words.EVENTS["linked"].format(
                    other=other,
                    relation=words.RELATION[str(link["relation"])],
                    probability=link["probability"],
                ),
                data={"other": other, **link},
            )
            if decision == "follow":
                moves.follow(connection, known[other], viewer, now)

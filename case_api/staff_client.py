"""How the staff console speaks to the case API: the actor is named with every call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel

from case_api import desk_schemas, staff_schemas
from case_api.callers import ACTOR, ADDRESS
from case_api.line import Line
from knowledge_base.audit import Actor

Answer = TypeVar("Answer", bound=BaseModel)


class StaffClient:
    """The console's calls; problems come back as the errors that they were."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._line = Line(http, token)

    async def page(self, query: desk_schemas.WorkQuery) -> desk_schemas.WorkPage:
        """One page of the work list."""
        return await self._get(desk_schemas.WorkPage, "/staff/cases", _plain(query))

    async def standing(self) -> desk_schemas.Standing:
        """What waits for somebody's hand just now."""
        return await self._get(desk_schemas.Standing, "/staff/standing")

    async def codes(self, query: desk_schemas.WorkQuery) -> desk_schemas.Codes:
        """All codes of a filter."""
        return await self._get(desk_schemas.Codes, "/staff/codes", _plain(query))

    async def sheet(self, code: str) -> desk_schemas.Sheet:
        """All of a case, masked."""
        return await self._get(desk_schemas.Sheet, f"/staff{_case(code)}")

    async def accept(self, code: str, ask: staff_schemas.AcceptanceIn, actor: Actor) -> None:
        """受理"""
        await self._post(f"{_case(code)}/acceptance", ask, actor)

    async def refuse(self, code: str, ask: staff_schemas.RefusalIn, actor: Actor) -> None:
        """不予受理、不再受理"""
        await self._post(f"{_case(code)}/refusal", ask, actor)

    async def assign(self, code: str, ask: staff_schemas.AssignmentIn, actor: Actor) -> None:
        """交办、转送"""
        await self._post(f"{_case(code)}/assignment", ask, actor)

    async def assign_all(
        self, ask: desk_schemas.BulkAssignment, actor: Actor
    ) -> desk_schemas.BulkResult:
        """Many cases at once; each is told its fate."""
        response = await self._post("/staff/assignments", ask, actor)
        return desk_schemas.BulkResult.model_validate_json(response.content)

    async def extend(self, code: str, ask: staff_schemas.ExtensionIn, actor: Actor) -> None:
        """延期"""
        await self._post(f"{_case(code)}/extension", ask, actor)

    async def answer(self, code: str, ask: staff_schemas.AnswerIn, actor: Actor) -> None:
        """答复"""
        await self._post(f"{_case(code)}/answer", ask, actor)

    async def close(self, code: str, ask: staff_schemas.ClosureIn, actor: Actor) -> None:
        """办结"""
        await self._post(f"{_case(code)}/closure", ask, actor)

    async def unmask(
        self, code: str, ask: desk_schemas.Unmasking, actor: Actor
    ) -> desk_schemas.Disclosure:
        """What is masked, this once; it is written down who saw it and why."""
        response = await self._post(f"{_case(code)}/unmasking", ask, actor)
        return desk_schemas.Disclosure.model_validate_json(response.content)

    async def look_on(self, code: str, shown: str, actor: Actor) -> list[str]:
        """Say that the actor has the case open; who else has."""
        presence = desk_schemas.Presence(shown=shown)
        response = await self._post(f"{_case(code)}/viewers", presence, actor)
        return desk_schemas.Others.model_validate_json(response.content).names

    async def export(self, ask: desk_schemas.ExportIn, actor: Actor) -> desk_schemas.Export:
        """What a filter shows, as rows; it is written down who took them out and why."""
        response = await self._post("/staff/exports", ask, actor)
        return desk_schemas.Export.model_validate_json(response.content)

    async def queue(self, *, waiting: bool, page: int, size: int) -> desk_schemas.Queue:
        """Who waits for a person."""
        query = {"waiting": waiting, "page": page, "size": size}
        return await self._get(desk_schemas.Queue, "/staff/handoffs", query)

    async def unmask_handoff(
        self, number: int, reason: str, actor: Actor
    ) -> desk_schemas.Disclosure:
        """What somebody in the queue said, in clear; it is written down who saw it and why."""
        ask = desk_schemas.HandoffUnmasking(reason=reason)
        response = await self._post(f"/handoffs/{number}/unmasking", ask, actor)
        return desk_schemas.Disclosure.model_validate_json(response.content)

    async def close_handoff(self, number: int, note: str, actor: Actor) -> None:
        """They have been seen to."""
        ask = desk_schemas.HandoffClosure(note=note)
        await self._post(f"/handoffs/{number}/closure", ask, actor)

    async def _get(
        self, kind: type[Answer], path: str, query: Mapping[str, Any] | None = None
    ) -> Answer:
        response = await self._line.send("GET", path, query=query)
        return kind.model_validate_json(response.content)

    async def _post(self, path: str, body: BaseModel, actor: Actor) -> httpx.Response:
        # Percent-encoded: headers are Latin-1, names are not.
        headers = {ACTOR: quote(actor.name, safe=""), ADDRESS: quote(actor.address, safe="")}
        return await self._line.send("POST", path, body=body, headers=headers)


def _plain(query: desk_schemas.WorkQuery) -> dict[str, Any]:
    return query.model_dump(mode="json", exclude_defaults=True)


def _case(code: str) -> str:
    return f"/cases/{quote(code, safe='')}"

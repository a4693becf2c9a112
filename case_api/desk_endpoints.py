"""The console's part of the case API: thin; `Desk` decides."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query

from case_api import desk_schemas
from case_api.callers import Acting, Code, Named
from case_api.desk import Desk
from case_api.desk_schemas import WorkQuery

Work = Annotated[WorkQuery, Query()]


def router(desk: Desk) -> APIRouter:
    """Under `/staff`, and where a single case is meant, beside the rest of it."""
    routes = APIRouter()

    @routes.get("/staff/cases")
    async def page(query: Work) -> desk_schemas.WorkPage:
        """The work list: filters, order, pages, counts; everything masked."""
        return await desk.page(query)

    @routes.get("/staff/standing")
    async def standing() -> desk_schemas.Standing:
        """What waits for somebody's hand."""
        return await desk.standing()

    @routes.get("/staff/codes")
    async def codes(query: Work) -> desk_schemas.Codes:
        """All codes of a filter."""
        return await desk.codes(query)

    @routes.post("/staff/assignments")
    async def assign_all(
        ask: desk_schemas.BulkAssignment, actor: Acting
    ) -> desk_schemas.BulkResult:
        """Many cases into one office's hands, each with its own result."""
        return await desk.assign_all(ask, actor)

    @routes.post("/staff/exports")
    async def export(ask: desk_schemas.ExportIn, actor: Named) -> desk_schemas.Export:
        """What a filter shows, as rows; logged with its reason."""
        return await desk.export(ask, actor)

    @routes.get("/staff/cases/{code}")
    async def sheet(code: Code) -> desk_schemas.Sheet:
        """All of a case, masked."""
        return await desk.sheet(code)

    @routes.post("/cases/{code}/unmasking")
    async def unmask(
        code: Code, ask: desk_schemas.Unmasking, actor: Named
    ) -> desk_schemas.Disclosure:
        """What is masked, this once; logged with its reason."""
        return await desk.unmask(code, ask, actor)

    @routes.post("/cases/{code}/viewers")
    async def look_on(
        code: Code, presence: desk_schemas.Presence, actor: Named
    ) -> desk_schemas.Others:
        """Have the case open; answers who else has."""
        return await desk.look_on(code, presence, actor)

    @routes.get("/staff/handoffs")
    async def queue(
        waiting: bool = True,
        page: Annotated[int, Query(ge=1, le=100_000)] = 1,
        size: Annotated[int, Query(ge=1, le=200)] = 20,
    ) -> desk_schemas.Queue:
        """Who waits for a person, urgent first."""
        return await desk.queue(waiting=waiting, page=page, size=size)

    @routes.post("/handoffs/{number}/unmasking")
    async def unmask_handoff(
        number: int, ask: desk_schemas.HandoffUnmasking, actor: Named
    ) -> desk_schemas.Disclosure:
        """What they said, this once; logged with its reason."""
        return await desk.unmask_handoff(number, ask, actor)

    @routes.post("/handoffs/{number}/closure", status_code=204)
    async def close_handoff(number: int, ask: desk_schemas.HandoffClosure, actor: Named) -> None:
        """They have been seen to."""
        await desk.close_handoff(number, ask, actor)

    return routes

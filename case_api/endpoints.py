"""The case API over HTTP: thin; the service decides."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Query, Request

from case_api import callers, desk_endpoints, moves, schemas, staff_schemas, words
from case_api.callers import Acting, Code
from case_api.service import CaseService
from nlu.text.errors import BadRequest

KEY_LIMIT = 200


def optional_key(
    key: Annotated[str | None, Header(alias="Idempotency-Key")] = None,
) -> str | None:
    """The key of a request that may be sent again."""
    if key is not None and not (0 < len(key) <= KEY_LIMIT and key.isprintable()):
        raise BadRequest(words.KEY_BAD)
    return key


def needed_key(key: Annotated[str | None, Depends(optional_key)]) -> str:
    if key is None:
        raise BadRequest(words.KEY_MISSING)
    return key


Key = Annotated[str, Depends(needed_key)]
OptionalKey = Annotated[str | None, Depends(optional_key)]


def token_name(request: Request) -> str:
    """Which caller this is; keys of one caller mean nothing to another."""
    return str(request.state.caller)


Token = Annotated[str, Depends(token_name)]


def router(service: CaseService, token: str) -> APIRouter:
    """All of the case API; mount it under `/api/v1`. Errors: `case_api.problems.install`."""

    # `checked` runs first: what is wrong with a request is told to nobody without a token.
    routes = APIRouter(
        dependencies=[Depends(callers.checked(token)), Depends(callers.private)], tags=["cases"]
    )

    @routes.post("/cases", status_code=201)
    async def create(new: schemas.NewCase, key: Key, token: Token) -> schemas.CreatedCase:
        """Register a petition; the same key and body again give the same answer."""
        return await service.create(new, token=token, key=key)

    @routes.get("/cases")
    async def page(query: Annotated[staff_schemas.ListQuery, Query()]) -> staff_schemas.Page:
        """Newest first."""
        return await service.page(query)

    @routes.post("/cases/similar")
    async def similar(query: schemas.SimilarQuery) -> schemas.SimilarAnswer:
        """Cases that may be the same matter."""
        return schemas.SimilarAnswer(matches=await service.similar(query))

    @routes.post("/triage")
    async def triage(told: schemas.Told) -> schemas.Triage:
        """Which kind of matter, and which office."""
        return await service.triage(told)

    @routes.post("/mine")
    async def mine(query: schemas.MineQuery) -> schemas.MineAnswer:
        """A citizen's own cases and those that they follow."""
        return schemas.MineAnswer(cases=await service.mine(query))

    @routes.post("/handoffs", status_code=201)
    async def handoff(ask: schemas.HandoffIn, key: OptionalKey, token: Token) -> schemas.Handoff:
        """Queue a citizen for a person."""
        return await service.handoff(ask, token=token, key=key)

    @routes.get("/handoffs")
    async def handoffs(
        limit: Annotated[int, Query(ge=1, le=100)] = 20,
    ) -> staff_schemas.HandoffPage:
        """Who is waiting, longest first."""
        return staff_schemas.HandoffPage(handoffs=await service.waiting(limit))

    @routes.get("/cases/{code}")
    async def get(code: Code) -> staff_schemas.StaffCase:
        """All of a case but its proofs."""
        return await service.get(code)

    @routes.post("/cases/{code}/progress")
    async def progress(code: Code, query: schemas.ProgressQuery) -> schemas.CaseView:
        """What this viewer may see."""
        return await service.progress(code, query)

    @routes.post("/cases/{code}/supplements", status_code=204)
    async def supplement(
        code: Code, ask: schemas.SupplementIn, key: OptionalKey, token: Token
    ) -> None:
        """Add to a case."""
        await service.supplement(code, ask, token=token, key=key)

    @routes.post("/cases/{code}/withdrawal", status_code=204)
    async def withdraw(code: Code, ask: schemas.WithdrawalIn) -> None:
        """Withdraw a case; the timeline keeps it."""
        await service.withdraw(code, ask)

    @routes.post("/cases/{code}/rating", status_code=204)
    async def rate(code: Code, ask: schemas.RatingIn) -> None:
        """Rate once."""
        await service.rate(code, ask)

    @routes.post("/cases/{code}/followers", status_code=204)
    async def follow(code: Code, ask: schemas.FollowIn) -> None:
        """Join somebody else's matter; again changes nothing."""
        await service.follow(code, ask)

    @routes.post("/cases/{code}/acceptance")
    async def accept(
        code: Code, ask: staff_schemas.AcceptanceIn, actor: Acting
    ) -> staff_schemas.StaffCase:
        """Take it up: the 60 日 begin (第三十四条)."""
        return await service.move(code, moves.accept, ask, actor)

    @routes.post("/cases/{code}/refusal")
    async def refuse(
        code: Code, ask: staff_schemas.RefusalIn, actor: Acting
    ) -> staff_schemas.StaffCase:
        """Not taken up, with the reason."""
        return await service.move(code, moves.refuse, ask, actor)

    @routes.post("/cases/{code}/assignment")
    async def assign(
        code: Code, ask: staff_schemas.AssignmentIn, actor: Acting
    ) -> staff_schemas.StaffCase:
        """Put it into an office's hands."""
        return await service.move(code, moves.assign, ask, actor)

    @routes.post("/cases/{code}/extension")
    async def extend(
        code: Code, ask: staff_schemas.ExtensionIn, actor: Acting
    ) -> staff_schemas.StaffCase:
        """At most 30 日, once, with the reason (第三十四条)."""
        return await service.move(code, moves.extend, ask, actor)

    @routes.post("/cases/{code}/answer")
    async def answer(
        code: Code, ask: staff_schemas.AnswerIn, actor: Acting
    ) -> staff_schemas.StaffCase:
        """The written answer."""
        return await service.move(code, moves.answer, ask, actor)

    @routes.post("/cases/{code}/closure")
    async def close(
        code: Code, ask: staff_schemas.ClosureIn, actor: Acting
    ) -> staff_schemas.StaffCase:
        """Done."""
        return await service.move(code, moves.close, ask, actor)

    routes.include_router(desk_endpoints.router(service.desk))
    return routes

"""How other floors speak to the case API: HTTP, within the process by default."""

from __future__ import annotations

from typing import TypeVar
from urllib.parse import quote

import httpx
from fastapi import FastAPI
from pydantic import BaseModel

from case_api import schemas
from case_api.line import Line
from case_api.schemas import (
    CaseSummary,
    CaseView,
    CreatedCase,
    Handoff,
    NewCase,
    Proof,
    Similar,
    Triage,
    Viewer,
)

Answer = TypeVar("Answer", bound=BaseModel)


def in_process(app: FastAPI) -> httpx.AsyncClient:
    """A client that calls the app directly, without a socket."""
    return httpx.AsyncClient(
        transport=httpx.ASGITransport(app=app, raise_app_exceptions=False),
        base_url="http://case-api.internal",
    )


class CaseApiClient:
    """The case API's calls; problems come back as the errors that they were."""

    def __init__(self, http: httpx.AsyncClient, token: str) -> None:
        self._line = Line(http, token)

    async def create(self, case: NewCase, idempotency_key: str) -> CreatedCase:
        """Register a petition; safe to repeat with the same key."""
        return await self._ask(CreatedCase, "/cases", case, idempotency_key)

    async def similar(self, text: str, place: str, viewer: Viewer | None = None) -> list[Similar]:
        """Cases that may be the same matter; codes are for citizens' eyes only where `mine`."""
        query = schemas.SimilarQuery(text=text, place=place, viewer=viewer)
        return (await self._ask(schemas.SimilarAnswer, "/cases/similar", query)).matches

    async def triage(self, text: str, place: str = "") -> Triage:
        """Which kind of matter, and which office."""
        return await self._ask(Triage, "/triage", schemas.Told(text=text, place=place))

    async def progress(self, code: str, viewer: Viewer, proof: Proof | None = None) -> CaseView:
        """A case as this viewer may see it; `NotFound` for unknown and for unproven alike."""
        query = schemas.ProgressQuery(viewer=viewer, proof=proof)
        return await self._ask(CaseView, f"{_case(code)}/progress", query)

    async def mine(self, viewer: Viewer) -> list[CaseSummary]:
        """The viewer's own cases and those that they follow (these without code)."""
        query = schemas.MineQuery(viewer=viewer)
        return (await self._ask(schemas.MineAnswer, "/mine", query)).cases

    async def supplement(
        self,
        code: str,
        viewer: Viewer,
        text: str,
        idempotency_key: str,
        *,
        proof: Proof | None = None,
        attachments: tuple[schemas.AttachmentIn, ...] = (),
    ) -> None:
        """Add to a case; safe to repeat with the same key."""
        ask = schemas.SupplementIn(viewer=viewer, proof=proof, text=text, attachments=attachments)
        await self._tell(f"{_case(code)}/supplements", ask, idempotency_key)

    async def follow(self, code: str, viewer: Viewer, idempotency_key: str = "") -> None:
        """Join somebody else's matter; repeating changes nothing, so that the key is not needed."""
        await self._tell(
            f"{_case(code)}/followers", schemas.FollowIn(viewer=viewer), idempotency_key
        )

    async def withdraw(
        self, code: str, viewer: Viewer, reason: str = "", proof: Proof | None = None
    ) -> None:
        """Withdraw a case."""
        ask = schemas.WithdrawalIn(viewer=viewer, proof=proof, reason=reason)
        await self._tell(f"{_case(code)}/withdrawal", ask)

    async def rate(
        self,
        code: str,
        viewer: Viewer,
        stars: int,
        comment: str = "",
        proof: Proof | None = None,
    ) -> None:
        """One to five stars, once."""
        ask = schemas.RatingIn(viewer=viewer, proof=proof, stars=stars, comment=comment)
        await self._tell(f"{_case(code)}/rating", ask)

    async def handoff(
        self,
        viewer: Viewer,
        reason: str,
        text: str = "",
        *,
        urgent: bool = False,
        code: str | None = None,
        idempotency_key: str = "",
    ) -> Handoff:
        """Queue the viewer for a person; `reason` is a short name such as `asked` or `danger`."""
        ask = schemas.HandoffIn(viewer=viewer, reason=reason, text=text, urgent=urgent, code=code)
        return await self._ask(Handoff, "/handoffs", ask, idempotency_key)

    async def _ask(self, kind: type[Answer], path: str, body: BaseModel, key: str = "") -> Answer:
        response = await self._send(path, body, key)
        return kind.model_validate_json(response.content)

    async def _tell(self, path: str, body: BaseModel, key: str = "") -> None:
        await self._send(path, body, key)

    async def _send(self, path: str, body: BaseModel, key: str) -> httpx.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return await self._line.send("POST", path, body=body, headers=headers)


def _case(code: str) -> str:
    return f"/cases/{quote(code, safe='')}"

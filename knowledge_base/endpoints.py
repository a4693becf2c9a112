"""The knowledge base over HTTP: one search, open to everyone who may reach the service."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from knowledge_base.models import Hit, SearchResult
from knowledge_base.search import LONGEST_QUESTION, KnowledgeBase

MOST_HITS = 10
LONGEST_PLACE = 200


class HitView(BaseModel):
    """A curated answer or an article, with its source."""

    id: str
    kind: str
    title: str
    answer: str
    citation: str
    score: float

    @classmethod
    def of(cls, hit: Hit) -> HitView:
        return cls(
            id=hit.id,
            kind=hit.kind,
            title=hit.title,
            answer=hit.answer,
            citation=hit.citation,
            score=round(hit.score, 4),
        )


class SearchView(BaseModel):
    """`answered`: the first hit is sure enough to be said to a citizen."""

    answered: bool
    hits: list[HitView]

    @classmethod
    def of(cls, result: SearchResult) -> SearchView:
        return cls(answered=result.answered, hits=[HitView.of(hit) for hit in result.hits])


class SearchBody(BaseModel):
    """A question in the body: an address is written into the logs of every proxy."""

    model_config = ConfigDict(extra="forbid")
    q: Annotated[str, Field(min_length=1, max_length=LONGEST_QUESTION)]
    limit: Annotated[int, Field(ge=1, le=MOST_HITS)] = 5
    place: Annotated[str, Field(max_length=LONGEST_PLACE)] = ""
    """Where the citizen is, in words; chooses between the answers of regions."""


def router(kb: KnowledgeBase) -> APIRouter:
    """Routes below /api/v1."""
    routes = APIRouter(prefix="/knowledge", tags=["knowledge"])

    @routes.get("/search")
    async def search(
        q: Annotated[str, Query(min_length=1, max_length=LONGEST_QUESTION)],
        limit: Annotated[int, Query(ge=1, le=MOST_HITS)] = 5,
        place: Annotated[str, Query(max_length=LONGEST_PLACE)] = "",
    ) -> SearchView:
        """Ask a question; it is neither stored nor logged. `place`: where the citizen is."""
        return SearchView.of(await kb.search(q, limit, place=place))

    @routes.post("/search")
    async def search_privately(body: SearchBody) -> SearchView:
        """The same, for questions that should not stand in an address."""
        return SearchView.of(await kb.search(body.q, body.limit, place=body.place))

    return routes

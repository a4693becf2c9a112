from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from knowledge_base.database import Database
from knowledge_base.endpoints import router
from knowledge_base.search import KnowledgeBase


@pytest.fixture
async def http(database: Database, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    kb = await KnowledgeBase.open(database, None, tmp_path / "data")
    app = FastAPI()
    app.include_router(router(kb), prefix="/api/v1")
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        yield client
    await kb.close()


async def test_the_answer_has_the_fields_of_the_contract(http: httpx.AsyncClient) -> None:
    answer = (await http.get("/api/v1/knowledge/search", params={"q": "怎么催办？"})).json()
    assert answer["answered"] is True
    assert set(answer["hits"][0]) == {"id", "kind", "title", "answer", "citation", "score"}
    assert answer["hits"][0]["id"] == "xf-urge"


async def test_a_question_may_be_posted_so_that_it_stands_in_no_address(
    http: httpx.AsyncClient,
) -> None:
    posted = await http.post("/api/v1/knowledge/search", json={"q": "怎么催办？"})
    asked = await http.get("/api/v1/knowledge/search", params={"q": "怎么催办？"})
    assert posted.json() == asked.json()


@pytest.mark.parametrize("question", ["", "长" * 201])
async def test_an_empty_or_endless_question_is_refused(
    http: httpx.AsyncClient, question: str
) -> None:
    assert (await http.get("/api/v1/knowledge/search", params={"q": question})).status_code == 422
    assert (await http.post("/api/v1/knowledge/search", json={"q": question})).status_code == 422

"""Names and shapes that other programs rely on (ARCHITECTURE.md, contract)."""

from __future__ import annotations

import secrets

import httpx
import pytest

from tests.service import Service


@pytest.fixture
async def http(service: Service):
    async with httpx.AsyncClient(base_url=service.url, trust_env=False) as client:
        yield client


async def test_health(http: httpx.AsyncClient) -> None:
    assert (await http.get("/healthz")).json() == {"status": "ok"}
    ready = await http.get("/readyz")
    assert ready.status_code == 200
    assert ready.json() == {"database": True, "rasa": True, "index": True}
    assert "minsheng_wechat_events" in (await http.get("/metrics")).text


async def test_docs_need_nothing_from_outside(http: httpx.AsyncClient) -> None:
    page = (await http.get("/docs")).text
    assert "http://" not in page
    assert "https://" not in page
    assert (await http.get("/docs/assets/swagger-ui-bundle.js")).status_code == 200


async def test_web_messages(http: httpx.AsyncClient) -> None:
    sender = secrets.token_hex(8)
    response = await http.post("/web/messages", json={"sender": sender, "text": "你好"})
    assert response.status_code == 200
    assert "民声" in response.json()["replies"][0]["text"]


async def test_a_case_by_the_api(service: Service) -> None:
    body = {
        "text": "建设路工地半夜打桩，吵得睡不着",
        "place": "建设路",
        "channel": "web",
        "citizen": secrets.token_hex(8),
    }
    key = {"Idempotency-Key": secrets.token_hex(8)}
    async with service.api() as http:
        first = await http.post("/cases", json=body, headers=key)
        again = await http.post("/cases", json=body, headers=key)
        assert first.status_code == again.status_code == 201
        created = first.json()
        assert again.json() == created
        assert {"code", "category", "office", "status"} <= created.keys()
        read = await http.get(f"/cases/{created['code'].lower().replace('-', '')}")
        assert read.json()["text"] == body["text"]
        listed = await http.get("/cases")
        assert listed.status_code == 200
        similar = await http.post(
            "/cases/similar", json={"text": "建设路工地夜里打桩太吵", "place": "建设路"}
        )
        match = similar.json()["matches"][0]
        assert match["code"]
        assert match["relation"] in ("same", "related")
        triage = await http.post("/triage", json={"text": "老板拖欠三个月工资不发", "place": ""})
        assert triage.json()["category"] == "劳动社保"
        assert {"office", "confidence"} <= triage.json().keys()
        bad = await http.post("/cases", json={"text": ""}, headers=key)
        assert bad.status_code == 422
        assert bad.headers["content-type"].startswith("application/problem+json")
        assert "text" in bad.text


async def test_the_api_needs_its_token(http: httpx.AsyncClient) -> None:
    assert (await http.get("/api/v1/cases")).status_code == 401


async def test_knowledge_search(http: httpx.AsyncClient) -> None:
    found = (await http.get("/api/v1/knowledge/search", params={"q": "信访多久办结"})).json()
    assert found["answered"]
    assert {"id", "kind", "title", "answer", "citation", "score"} <= found["hits"][0].keys()
    foreign = (await http.get("/api/v1/knowledge/search", params={"q": "明天股票涨不涨"})).json()
    assert not foreign["answered"]


@pytest.mark.parametrize("path", ["/", "/docs", "/healthz", "/api/v1/cases"])
async def test_careful_headers(http: httpx.AsyncClient, path: str) -> None:
    response = await http.get(path)
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "no-referrer"

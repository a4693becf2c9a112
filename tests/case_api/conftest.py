from __future__ import annotations

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select

from case_api.app import Settings, create_app
from case_api.client import CaseApiClient, in_process
from case_api.staff_client import StaffClient
from case_api.triage import load_or_train
from case_api.triage_model import Model
from knowledge_base import audit
from knowledge_base.database import engine_for
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.tables import AUDIT

TOKEN = secrets.token_urlsafe(32)
START = datetime(2026, 11, 22, 1, 0, tzinfo=timezone.utc)


class Clock:
    """Time that stands still until it is told to move."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, **by: float) -> None:
        self.now += timedelta(**by)


@dataclass
class Api:
    """The case API over HTTP, with short names for what tests do a lot."""

    http: httpx.AsyncClient
    clock: Clock
    url: str
    keys: int = field(default=0)

    @property
    def client(self) -> CaseApiClient:
        return CaseApiClient(self.http, TOKEN)

    @property
    def staff(self) -> StaffClient:
        return StaffClient(self.http, TOKEN)

    @property
    def authorization(self) -> str:
        return f"Bearer {TOKEN}"

    def trail(self, *objects: str) -> list[dict[str, Any]]:
        """What the audit trail says, oldest first, read past the service; its chain is whole."""
        engine = engine_for(self.url)
        with engine.begin() as connection:
            assert audit.verify(connection) is None
            rows = connection.execute(select(AUDIT).order_by(AUDIT.c.id)).mappings().all()
        engine.dispose()
        return [dict(row) for row in rows if not objects or row["object"] in objects]

    async def post(
        self,
        path: str,
        body: Any,
        *,
        key: str | None = None,
        token: str | None = TOKEN,
        actor: str | None = None,
    ) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        if actor is not None:
            headers |= {"X-Staff-Actor": quote(actor), "X-Staff-Address": "10.1.2.3"}
        if key is not None:
            headers["Idempotency-Key"] = key
        return await self.http.post(f"/api/v1{path}", json=body, headers=headers)

    async def get(self, path: str, token: str | None = TOKEN, **query: Any) -> httpx.Response:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return await self.http.get(f"/api/v1{path}", params=query, headers=headers)

    async def file(self, **fields: Any) -> dict[str, Any]:
        """File a petition and return the answer."""
        self.keys += 1
        response = await self.post("/cases", self.petition(**fields), key=f"key-{self.keys}")
        assert response.status_code == 201, response.text
        answer: dict[str, Any] = response.json()
        return answer

    @staticmethod
    def petition(**fields: Any) -> dict[str, Any]:
        return {
            "text": "楼下烤肉店每晚营业到三点，吵得睡不着",
            "place": "凤翔小区2号楼",
            "channel": "wechat",
            "account": "wx1",
            "citizen": "o-ma",
            "name": "马志强",
            "phone": "13519351187",
            **fields,
        }

    @staticmethod
    def viewer(citizen: str = "o-ma", **fields: Any) -> dict[str, Any]:
        return {"channel": "wechat", "account": "wx1", "citizen": citizen, **fields}

    def proof(self, citizen: str, kind: str, value: str) -> dict[str, Any]:
        return {"viewer": self.viewer(citizen), "proof": {"kind": kind, "value": value}}


@pytest.fixture(scope="session")
def encoder() -> Encoder | None:
    return load_encoder()


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory, encoder: Encoder | None) -> Model:
    """The real triage model, trained once for all tests."""
    return load_or_train(tmp_path_factory.mktemp("models"), encoder)


@pytest.fixture
def url(database_url: str) -> str:
    """An empty database, once of each kind."""
    return database_url


@pytest.fixture
async def api(
    url: str, tmp_path: Path, model: Model, encoder: Encoder | None
) -> AsyncIterator[Api]:
    clock = Clock()
    settings = Settings(data_dir=tmp_path / "kept", secret=b"s" * 32, model=model, clock=clock)
    async with create_app(url, TOKEN, encoder, settings) as app, in_process(app) as http:
        yield Api(http, clock, url)


@pytest.fixture
async def second_api(
    api: Api, tmp_path: Path, model: Model, encoder: Encoder | None
) -> AsyncIterator[Api]:
    """Another process over the same database."""
    settings = Settings(data_dir=tmp_path / "kept", secret=b"s" * 32, model=model, clock=api.clock)
    async with create_app(api.url, TOKEN, encoder, settings) as app, in_process(app) as http:
        yield Api(http, api.clock, api.url)

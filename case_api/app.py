"""Builds the service, and an app of the case API alone (for tests, and for use by itself)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from fastapi import FastAPI

from case_api import problems
from case_api.access import Limits
from case_api.deadlines import LocalLimits
from case_api.duplicates import Duplicates
from case_api.endpoints import router
from case_api.security import Secrets
from case_api.service import CaseService, utcnow
from case_api.similar import SimilarCases
from case_api.triage import DATA, OFFICES, PETITIONS, Routing, Triage, load_or_train
from case_api.triage_model import Model
from knowledge_base.database import Database
from knowledge_base.encoder import Encoder
from knowledge_base.migrations import upgrade, upgrade_trail

MIGRATIONS = Path(__file__).parent / "migrations"
VERSION_TABLE = "case_api_version"
PREFIX = "/api/v1"
SNAPSHOT = "similar"
"""In the data directory: what duplicates are looked for among."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What the case base needs to know."""

    data_dir: Path
    """The trained model lies in its `models/`, the candidates' snapshot in `SNAPSHOT`."""
    secret: bytes
    """At least 32 random bytes, kept outside the database: 查询码 are hashed under it."""
    routing: Path = OFFICES
    local_limits: Path = DATA / "calendar" / "limits.toml"
    petitions: Path = PETITIONS
    model: Model | None = None
    """A triage model that is loaded already; otherwise it is loaded, or trained, at start."""
    limits: Limits | None = None
    clock: Callable[[], datetime] = utcnow


def migrate(url: str) -> None:
    """Bring the case tables up to date, and the audit trail that they write into."""
    upgrade_trail(url)
    upgrade(url, MIGRATIONS, VERSION_TABLE)


async def open_service(
    database: Database, encoder: Encoder | None, settings: Settings
) -> CaseService:
    """A ready service; trains the triage model first when its sources changed (seconds)."""
    model = settings.model
    if model is None:
        folder = settings.data_dir / "models"
        model = await asyncio.to_thread(load_or_train, folder, encoder, settings.petitions)
    triage = Triage(model, Routing.load(settings.routing), encoder)
    duplicates = Duplicates.load(encoder)
    return CaseService(
        database,
        Secrets(settings.secret),
        triage,
        SimilarCases(database, duplicates, triage, encoder, settings.data_dir / SNAPSHOT),
        local_limits=LocalLimits.load(settings.local_limits),
        limits=settings.limits,
        clock=settings.clock,
    )


@asynccontextmanager
async def create_app(
    url: str, token: str, encoder: Encoder | None, settings: Settings
) -> AsyncIterator[FastAPI]:
    """The case API by itself, its tables made; the database is closed at the end."""
    await asyncio.to_thread(migrate, url)
    database = Database(url)
    try:
        app = FastAPI(title="民声案件接口")
        problems.install(app)
        service = await open_service(database, encoder, settings)
        app.include_router(router(service, token), prefix=PREFIX)
        try:
            yield app
        finally:
            await service.close()
    finally:
        await database.close()

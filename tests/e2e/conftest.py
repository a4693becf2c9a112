"""A citizen at a phone, and what lies in the database."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser

from channels.wechat.sandbox import Phone, Sandbox
from tests.e2e.office import chromium, hire
from tests.service import Service, wechat_for


@pytest.fixture(scope="session")
async def service(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """One running service for all tests that leave it as it was."""
    running = Service.prepared(tmp_path_factory.mktemp("service"))
    try:
        await running.start()
        yield running
    finally:
        running.stop()


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    """A real Chromium."""
    async with chromium() as running:
        yield running


@pytest.fixture(scope="session")
async def office(service: Service) -> Service:
    """The service, with people who have accounts at its console."""
    await hire(service)
    return service


@pytest.fixture(scope="session")
async def wechat(service: Service) -> AsyncIterator[Sandbox]:
    """WeChat, as strict as the real one."""
    async with wechat_for(service) as sandbox:
        yield sandbox
        assert not sandbox.log.breaches


@pytest.fixture
def citizen(wechat: Sandbox) -> Phone:
    """Somebody who has never written before."""
    return wechat.citizen()


@dataclass(frozen=True)
class Cases:
    """The cases of one citizen, read from the real database."""

    service: Service
    citizen: Phone

    def all(self) -> list[sqlite3.Row]:
        return self.service.rows(
            "SELECT * FROM cases WHERE citizen = ? ORDER BY seq", self.citizen.openid
        )

    def only(self) -> sqlite3.Row:
        (case,) = self.all()
        return case


@pytest.fixture
def cases(service: Service, citizen: Phone) -> Cases:
    return Cases(service, citizen)

"""People of an office at their desks, each in a browser that is signed in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.channels.staff.office_world import Browser, Clock, World, office_at


@pytest.fixture
async def desks(tmp_path: Path) -> AsyncIterator[World]:
    """The office's own pages over a new base."""
    async with office_at(f"sqlite:///{tmp_path}/desk.db") as world:
        yield world


@pytest.fixture
async def timed(database_url: str) -> AsyncIterator[World]:
    """The services on both kinds of database, with a clock that only tests move."""
    async with office_at(database_url, clock=Clock()) as world:
        yield world


@pytest.fixture
async def jia(desks: World) -> Browser:
    return await desks.at_work("jia", "甲", "curator")


@pytest.fixture
async def yi(desks: World) -> Browser:
    return await desks.at_work("yi", "乙", "approver")


@pytest.fixture
async def bing(desks: World) -> Browser:
    return await desks.at_work("bing", "丙", "handler")


@pytest.fixture
async def auditor(desks: World) -> Browser:
    return await desks.at_work("ding", "丁", "auditor")


@pytest.fixture
async def admin(desks: World) -> Browser:
    return await desks.at_work("guan", "管理员", "administrator")


@pytest.fixture
async def other_admin(desks: World) -> Browser:
    return await desks.at_work("guan2", "另一位管理员", "administrator")

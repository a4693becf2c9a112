from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest

from knowledge_base import following
from knowledge_base.building import Apart
from knowledge_base.database import Database
from knowledge_base.entries.regions import set_regions
from knowledge_base.importer import import_laws
from knowledge_base.search import KnowledgeBase
from nlu.text.errors import Unavailable
from tests.knowledge_base.serving_world import TODAY, WRITER, World, entry, open_world

QUESTION = "路灯法规定养护单位接到报告之日起几日内修复熄灭的路灯"


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    apart = Apart(database.url, tmp_path / "data", "none")
    world = await open_world(database, tmp_path, apart=apart)
    yield world
    await world.kb.close()


async def test_a_new_day_is_taken_over_by_one_process_and_followed_by_all(
    database: Database, tmp_path: Path, laws: Path
) -> None:
    day = [date(2019, 2, 28)]
    kbs = [
        await KnowledgeBase.open(
            database, None, tmp_path / "data", starter=None, today=lambda: day[0]
        )
        for _ in range(2)
    ]
    await import_laws(database, [laws], today=day[0])
    await kbs[0].refresh()
    assert not (await kbs[0].search(QUESTION)).hits
    before = kbs[0].release
    # The law of the fixtures comes into force on 1 March.
    day[0] = date(2019, 3, 1)
    for kb in kbs:
        assert await kb.catch_up()
        assert (await kb.search(QUESTION)).hits[0].kind == "article"
        assert not await kb.catch_up()
    assert {kb.release for kb in kbs} == {(before or 0) + 1}
    for kb in kbs:
        await kb.close()


async def test_processes_may_start_together(database_url: str, tmp_path: Path) -> None:
    databases = [Database(database_url) for _ in range(3)]
    kbs = await asyncio.gather(
        *(
            KnowledgeBase.open(database, None, tmp_path / "data", today=lambda: TODAY)
            for database in databases
        )
    )
    assert {kb.release for kb in kbs} == {1}
    for kb in kbs:
        assert (await kb.search("怎么催办？")).answered
    for kb, database in zip(kbs, databases, strict=True):
        await kb.close()
        await database.close()


async def test_an_entry_past_its_day_is_no_longer_said(database: Database, tmp_path: Path) -> None:
    day = [TODAY]
    world = await open_world(database, tmp_path)
    await world.kb.close()
    kb = await KnowledgeBase.open(
        database, None, tmp_path / "data", starter=None, today=lambda: day[0]
    )
    world.kb = kb
    world.publishing = type(world.publishing)(database, kb)
    await world.publish(entry("crane", "塔吊占道几天要报备", (), "三天。", valid_until=TODAY))
    assert await world.first("塔吊占道几天要报备") == "crane"
    before = kb.release
    day[0] = date(2026, 6, 2)
    assert await kb.catch_up()
    assert await world.first("塔吊占道几天要报备") == ""
    assert kb.release == before
    await kb.close()


async def test_a_large_build_runs_apart_and_is_then_opened(
    world: World, laws: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LARGE_BUILD", 1)
    told: list[tuple[str, int, int]] = []
    await import_laws(world.database, [laws], today=TODAY)
    await world.kb.refresh(lambda *one: told.append(one))
    assert told == [("articles", 4, 4)]
    assert any(hit.kind == "article" for hit in (await world.kb.search(QUESTION)).hits)


async def test_what_is_served_goes_on_when_a_build_apart_fails(
    world: World, laws: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LARGE_BUILD", 1)
    await import_laws(world.database, [laws], today=TODAY)
    with monkeypatch.context() as broken:
        broken.setattr(sys, "executable", "/bin/false")
        with pytest.raises(Unavailable):
            await world.kb.refresh()
    assert await world.first("路灯坏了找谁修") == "lamp"
    assert not any(hit.kind == "article" for hit in (await world.kb.search(QUESTION)).hits)
    await world.kb.refresh()
    assert any(hit.kind == "article" for hit in (await world.kb.search(QUESTION)).hits)


async def test_entries_are_published_while_articles_are_indexed(
    world: World, laws: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "LARGE_BUILD", 1)
    await import_laws(world.database, [laws], today=TODAY)
    slow = tmp_path / "slow"
    slow.write_text("#!/bin/sh\nexec sleep 600\n")
    slow.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(slow))
    indexing = asyncio.create_task(world.kb.refresh())
    while world.kb.release == 2:
        await asyncio.sleep(0.05)
    await world.publish(entry("crane", "塔吊占道几天要报备", (), "三天。"))
    assert await world.first("塔吊占道几天要报备") == "crane"
    assert not indexing.done()
    indexing.cancel()


async def test_a_region_added_to_the_list_is_known_without_a_publish(world: World) -> None:
    async def set_to(*names: str) -> None:
        await world.database.write(lambda connection: set_regions(connection, names, WRITER))

    await set_to("南山县")
    await world.publish(entry("hill", "登山要登记吗", (), "要。", region="南山县"))
    assert await world.kb.catch_up() is False
    assert (await world.kb.explain("登山要登记吗", place="北山县")).places == ()
    await set_to("南山县", "北山县")
    assert await world.kb.catch_up()
    shown = await world.kb.explain("登山要登记吗", place="北山县")
    assert shown.places == ("北山县",)
    assert "hill" not in {hit.id for hit in shown.result.hits}

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge_base.database import Database
from knowledge_base.gold import GoldQuery, sync_starter
from nlu.text.errors import NotFound, Unprocessable
from tests.knowledge_base.serving_world import WRITER, World, open_world


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    database = Database(database_url)
    world = await open_world(database, tmp_path)
    yield world
    await world.kb.close()
    await database.close()


@pytest.fixture
def files(tmp_path: Path) -> Path:
    (tmp_path / "gold.yml").write_text(
        "- {q: 灯坏了, faq: [lamp]}\n- {q: 水黄了, faq: [water]}", encoding="utf-8"
    )
    (tmp_path / "foreign.yml").write_text(
        "unrelated: [今天天气怎么样]\nnot_covered: [养蜂要什么手续]", encoding="utf-8"
    )
    return tmp_path


async def questions(world: World, **query: object) -> set[str]:
    page = await world.gold.page(GoldQuery(**query, size=100))
    return {one.question for one in page.questions}


async def test_the_starters_questions_are_taken_over_once(world: World, files: Path) -> None:
    assert await sync_starter(world.database, files) == 3
    assert await sync_starter(world.database, files) == 0
    assert await questions(world, must="answer") == {"灯坏了", "水黄了"}
    assert await questions(world, must="refuse") == {"今天天气怎么样"}


async def test_what_staff_removed_or_changed_does_not_come_back(world: World, files: Path) -> None:
    await sync_starter(world.database, files)
    page = await world.gold.page(GoldQuery(q="灯坏了"))
    await world.gold.remove([page.questions[0].id], WRITER)
    await world.gold.add(["水黄了"], ["heating"], WRITER)
    (files / "gold.yml").write_text(
        "- {q: 灯坏了, faq: [lamp]}\n- {q: 水黄了, faq: [school]}\n- {q: 太吵, faq: [noise]}",
        encoding="utf-8",
    )
    assert await sync_starter(world.database, files) == 1
    assert await questions(world, must="answer") == {"水黄了", "太吵"}
    water = (await world.gold.page(GoldQuery(q="水黄了"))).questions[0]
    assert (water.right, water.source) == (("water", "heating"), "staff")


async def test_questions_gone_from_the_starter_go(world: World, files: Path) -> None:
    await sync_starter(world.database, files)
    (files / "gold.yml").write_text("- {q: 灯坏了, faq: [lamp]}", encoding="utf-8")
    await sync_starter(world.database, files)
    assert await questions(world, must="answer") == {"灯坏了"}


async def test_adding_masks_and_tells_what_was_not_added(world: World) -> None:
    added, refused = await world.gold.add(
        ["我电话13519351187，灯坏了", "灯坏了", "灯坏了", " "], ["lamp"], WRITER
    )
    assert len(added) == 2
    assert not any("13519351187" in one for one in added)
    _, refused = await world.gold.add(["灯坏了"], ["lamp"], WRITER)
    assert refused == [("灯坏了", "已经有了")]
    _, refused = await world.gold.add(["灯坏了"], [], WRITER)
    assert "应当回答" in refused[0][1]
    with pytest.raises(Unprocessable, match="nothing"):
        await world.gold.add(["灯"], ["nothing"], WRITER)


async def test_a_question_of_two_entries_is_removed_from_one(world: World) -> None:
    await world.gold.add(["找谁"], ["lamp", "noise"], WRITER)
    (one,) = await world.gold.of_entry("lamp")
    await world.gold.remove([one.id], WRITER, entry="lamp")
    assert await world.gold.of_entry("lamp") == ()
    assert [left.right for left in await world.gold.of_entry("noise")] == [("noise",)]
    await world.gold.remove([one.id], WRITER)
    with pytest.raises(NotFound):
        await world.gold.remove([one.id], WRITER)

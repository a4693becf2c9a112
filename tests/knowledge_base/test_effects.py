from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge_base.asked import Asked, Asker
from knowledge_base.database import Database
from knowledge_base.effects import effects, recent_questions
from knowledge_base.models import SearchResult
from knowledge_base.tables import FAQ_VERSIONS
from knowledge_base.verdict import offered
from tests.knowledge_base.serving_world import TEXTS, WRITER, World, entry, open_world

LAMP = entry("lamp", *TEXTS["lamp"])
REFUSED = SearchResult(answered=False, hits=())


@pytest.fixture
async def world(database: Database, tmp_path: Path) -> AsyncIterator[World]:
    world = await open_world(database, tmp_path)
    yield world
    await world.kb.close()


async def ask(world: World, *questions: str) -> None:
    asked = Asked(world.database, b"key")
    for question in questions:
        await asked.note(Asker("web", "", question), question, REFUSED, "refused")


async def test_a_phrasing_shows_what_it_would_move_and_changes_nothing(world: World) -> None:
    await ask(world, "灯杆子黑咕隆咚", "灯杆子黑咕隆咚", "今天天气怎么样")
    await world.gold.add(["灯杆子黑咕隆咚的"], ["lamp"], WRITER)
    changed = replace(LAMP, phrasings=(*LAMP.phrasings, "灯杆子黑咕隆咚"))
    found = await effects(world.kb, world.database, changed)
    assert [one.question for one in found.gold.better] == ["灯杆子黑咕隆咚的"]
    (moved,) = found.recent
    assert (moved.question, moved.times, moved.way) == ("灯杆子黑咕隆咚", 2, "gained")
    assert (moved.before.answered, moved.after.first) == (False, "lamp")
    assert found.recent_asked == 2
    assert not (await world.kb.search("灯杆子黑咕隆咚")).answered
    kept = await world.database.read(
        lambda connection: connection.scalar(sa.select(sa.func.count()).select_from(FAQ_VERSIONS))
    )
    assert kept == len(TEXTS)


async def test_losing_a_phrasing_shows_the_loss(world: World) -> None:
    await world.gold.add(["街上路灯不亮了"], ["lamp"], WRITER)
    await ask(world, "路灯不亮")
    found = await effects(world.kb, world.database, entry("lamp", "电线杆归谁管", (), "供电。"))
    assert [one.question for one in found.gold.worse] == ["街上路灯不亮了"]
    assert [one.way for one in found.recent] == ["lost"]
    assert (await effects(world.kb, world.database, LAMP)).moves_nothing


async def test_only_the_last_distinct_questions_are_asked_again(world: World) -> None:
    await ask(world, "一号", "二号", "一号", "三号")
    found = await world.database.read(lambda connection: recent_questions(connection, limit=2))
    assert found == {"三号": 1, "一号": 2}


async def test_explaining_shows_parts_words_floors_and_what_the_citizen_sees(
    world: World,
) -> None:
    shown = await world.kb.explain("街上路灯坏了找谁")
    assert shown.verdict == "answered"
    best = shown.result.hits[0]
    assert best.id == "lamp"
    assert {"路灯", "坏"} & set(best.matched) or "坏了" in best.matched
    assert best.parts.words > 0
    assert 0 < shown.floors["faq"] < best.score
    assert (await world.kb.explain("股票推荐")).verdict == "refused"


async def test_explaining_with_an_unsaved_entry_says_what_would_be(world: World) -> None:
    changed = replace(LAMP, phrasings=(*LAMP.phrasings, "灯杆子黑咕隆咚"))
    assert (await world.kb.explain("灯杆子黑咕隆咚")).verdict != "answered"
    tried = await world.kb.explain("灯杆子黑咕隆咚", changed=changed)
    assert (tried.verdict, tried.result.hits[0].id, tried.result.release) == (
        "answered", "lamp", None,
    )  # fmt: skip
    assert (await world.kb.explain("灯杆子黑咕隆咚")).verdict != "answered"


async def test_a_search_and_its_explanation_are_the_same(world: World) -> None:
    for question in ("路灯不亮", "水是黄的", "小学报名要带啥", "股票推荐"):
        result = await world.kb.search(question, limit=10)
        shown = await world.kb.explain(question)
        assert [(hit.id, hit.score) for hit in shown.result.hits] == [
            (hit.id, hit.score) for hit in result.hits
        ]
        assert (shown.verdict == "answered") == result.answered
        asked = await world.kb.search(question)
        (fate,) = (await world.kb.run_questions([question])).values()
        ids = tuple(hit.id for hit in offered(asked))
        assert ids == tuple(hit.id for hit in shown.offered)
        assert fate.offered == (() if asked.answered else ids)

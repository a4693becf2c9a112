from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from knowledge_base import runs as runs_module
from knowledge_base.database import Database
from knowledge_base.judging import Asked
from nlu.text.errors import NotFound, Unprocessable
from tests.knowledge_base.serving_world import APPROVER, WRITER, World, entry, open_world

QUESTIONS = [
    Asked("街上路灯不亮了", ("lamp",)),
    Asked("水管里流出黄水怎么办", ("water",)),
    Asked("塔吊占道几天要报备", ("noise",)),
    Asked("今天天气怎么样", ()),
]


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    database = Database(database_url)
    world = await open_world(database, tmp_path)
    yield world
    await world.kb.close()
    await database.close()


async def test_a_batch_gives_figures_and_losers_and_is_kept(world: World) -> None:
    number = await world.runs.batch("六月", QUESTIONS, WRITER)
    run = await world.runs.get(number)
    figures = run.line.figures
    assert (figures.answerable, figures.refusable) == (3, 1)
    assert figures.recall_at_1 == pytest.approx(2 / 3, abs=1e-3)
    assert figures.answered_rightly == pytest.approx(2 / 3, abs=1e-3)
    assert (figures.right_refusals, figures.wrong_answers) == (1.0, 0.0)
    assert 0.66 < (figures.mrr or 0) <= 1
    assert [one.question for one in run.losers] == ["塔吊占道几天要报备"]
    assert (run.line.title, run.line.by, run.line.release) == ("六月", "甲", world.kb.release)


async def test_two_runs_are_compared_question_by_question(world: World) -> None:
    first = await world.runs.batch("六月", QUESTIONS, WRITER)
    await world.publish(entry("noise", "塔吊占道几天要报备", ("吊车占路", "吊机"), "三天。"))
    await world.publishing.retire(["water"], APPROVER, "停用")
    second = await world.runs.batch("六月", QUESTIONS[1:], WRITER)
    compared = await world.runs.compare(second, first)
    assert (compared.older.id, compared.newer.id) == (first, second)
    assert [one.question for one in compared.better] == ["塔吊占道几天要报备"]
    assert [one.question for one in compared.worse] == ["水管里流出黄水怎么办"]
    assert (compared.same, compared.only_older, compared.only_newer) == (1, 1, 0)


async def test_runs_are_listed_and_their_course_is_told_oldest_first(world: World) -> None:
    for title in ("六月", "七月", "六月"):
        await world.runs.batch(title, QUESTIONS, WRITER)
    lines, total = await world.runs.page("batch", page=1, size=2)
    assert (total, [one.title for one in lines]) == (3, ["六月", "七月"])
    assert [one.id for one in await world.runs.trend("batch", "六月")] == sorted(
        one.id for one in await world.runs.trend("batch", "六月")
    )
    # Those of the first publish.
    assert (await world.runs.page("gate"))[1] == 1


async def test_of_runs_long_ago_the_figures_stay(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs_module, "RESULTS_KEPT", 1)
    first = await world.runs.batch("六月", QUESTIONS, WRITER)
    second = await world.runs.batch("六月", QUESTIONS, WRITER)
    old = await world.runs.get(first)
    assert (old.judged, old.line.figures.answerable) == ((), 3)
    with pytest.raises(NotFound, match="太早"):
        await world.runs.compare(first, second)


async def test_an_empty_set_is_refused(world: World) -> None:
    with pytest.raises(Unprocessable):
        await world.runs.batch("空", [], WRITER)

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge_base import releases
from knowledge_base.audit import SYSTEM, verify
from knowledge_base.database import Database
from knowledge_base.gate import GateRefused
from knowledge_base.publishing import Published
from knowledge_base.releases import Overrule
from knowledge_base.search import KnowledgeBase
from knowledge_base.tables import AUDIT, FAQS
from nlu.text.errors import Conflict, Forbidden, NotFound, Unprocessable
from tests.knowledge_base.serving_world import (
    APPROVER,
    TEXTS,
    TODAY,
    WRITER,
    World,
    entry,
    open_world,
)

LAMP = entry("lamp", *TEXTS["lamp"])
NEW = entry("crane", "塔吊占道几天要报备", ("吊车占路", "吊机停路边"), "三天以上要报备。")
SILENT = entry("lamp", "电线杆归谁管", ("杆子歪了", "线杆倒了"), "打供电热线。")
"""The lamp's entry, edited so that nobody who asks for lamps finds it."""


@pytest.fixture
async def world(database_url: str, tmp_path: Path) -> AsyncIterator[World]:
    database = Database(database_url)
    world = await open_world(database, tmp_path)
    yield world
    await world.kb.close()
    await database.close()


async def trail(world: World, act: str) -> list[sa.Row]:
    return await world.database.read(
        lambda connection: list(
            connection.execute(sa.select(AUDIT).where(AUDIT.c.act == act).order_by(AUDIT.c.id))
        )
    )


async def test_what_is_approved_is_answered_at_once_and_by_its_version(world: World) -> None:
    await world.submit(NEW)
    assert await world.first("塔吊占道几天要报备") == ""
    before = world.kb.release
    published = await world.publishing.approve(["crane"], APPROVER, note="同意")
    assert published.release == world.kb.release == (before or 0) + 1
    result = await world.kb.search("塔吊占道几天要报备")
    assert (result.answered, result.hits[0].id, result.hits[0].version) == (True, "crane", 1)
    assert result.release == published.release
    made = await world.publishing.release(published.release)
    assert made.content.faqs == {**dict.fromkeys(TEXTS, 1), "crane": 1}
    assert (made.act, made.by, made.base) == ("approve", "乙", before)
    assert (await trail(world, "release_approve"))[-1].after["faqs"] == {"crane": [None, 1]}
    assert await world.database.read(verify) is None


async def test_who_wrote_or_handed_in_a_version_cannot_approve_it(world: World) -> None:
    await world.submit(NEW)
    with pytest.raises(Forbidden, match="另一个人"):
        await world.publishing.approve(["crane"], WRITER)
    assert await world.first("塔吊占道几天要报备") == ""
    await world.publishing.approve(["crane"], WRITER, four_eyes=False)
    assert await world.first("塔吊占道几天要报备") == "crane"


async def test_what_is_not_under_review_cannot_be_approved(world: World) -> None:
    await world.entries.save(NEW, WRITER)
    with pytest.raises(Conflict, match="待审"):
        await world.publishing.approve(["crane"], APPROVER)
    with pytest.raises(Unprocessable):
        await world.publishing.approve([], APPROVER)


async def test_a_publish_that_makes_a_gold_question_worse_is_refused_and_told(
    world: World,
) -> None:
    await world.gold.add(["街上路灯不亮了"], ["lamp"], WRITER)
    await world.submit(SILENT)
    before = world.kb.release
    with pytest.raises(GateRefused) as refused:
        await world.publishing.approve(["lamp"], APPROVER)
    (worse,) = refused.value.report.worse
    assert worse.question == "街上路灯不亮了"
    assert (worse.before.outcome, worse.before.rank) == ("right", 1)
    assert worse.after.outcome != "right"
    assert world.kb.release == before
    assert await world.first("街上路灯不亮了") == "lamp"
    kept = await world.runs.get(refused.value.run)
    assert (kept.line.kind, kept.line.worse, len(kept.worse)) == ("gate", 1, 1)


async def test_going_on_takes_a_reason_and_both_are_kept(world: World) -> None:
    await world.gold.add(["街上路灯不亮了"], ["lamp"], WRITER)
    await world.submit(SILENT)
    with pytest.raises(Unprocessable, match="原因"):
        await world.publishing.approve(["lamp"], APPROVER, overrule=Overrule(" ", "乙"))
    published = await world.publishing.approve(
        ["lamp"], APPROVER, overrule=Overrule("路灯已移交供电公司", "乙")
    )
    made = await world.publishing.release(published.release)
    assert (made.worse, made.overruled_by, made.overrule_reason) == (
        1, "乙", "路灯已移交供电公司",
    )  # fmt: skip
    assert made.run is not None
    row = (await trail(world, "release_approve"))[-1]
    assert row.reason == "路灯已移交供电公司"
    assert (row.after["worse"], row.after["overruled_by"]) == (1, "乙")


async def test_a_question_that_must_be_refused_gates_too(world: World) -> None:
    await world.gold.add(["股票推荐"], [], WRITER)
    await world.submit(entry("stock", "股票推荐", ("推荐股票",), "不推荐。"))
    with pytest.raises(GateRefused) as refused:
        await world.publishing.approve(["stock"], APPROVER)
    (worse,) = refused.value.report.worse
    assert (worse.before.outcome, worse.after.outcome) == ("refused", "answered")


async def test_gold_questions_of_a_retired_entry_are_no_loss_but_are_told(world: World) -> None:
    await world.gold.add(["街上路灯不亮了"], ["lamp"], WRITER)
    published = await world.publishing.retire(["lamp"], APPROVER, "移交供电公司")
    assert published.report is not None
    assert [one.question for one in published.report.gone] == ["街上路灯不亮了"]
    assert await world.first("街上路灯不亮了") == ""
    with pytest.raises(Unprocessable):
        await world.publishing.retire(["water"], APPROVER, "")


async def test_retiring_a_draft_makes_no_release(world: World) -> None:
    await world.entries.save(NEW, WRITER)
    before = world.kb.release
    published = await world.publishing.retire(["crane"], APPROVER, "写重了")
    assert (published.release, world.kb.release) == (None, before)
    assert (await world.entries.get("crane")).status == "retired"


async def test_one_call_goes_back_to_an_earlier_release(world: World) -> None:
    first = world.kb.release
    assert first is not None
    await world.publish(NEW)
    await world.publishing.retire(["lamp"], APPROVER, "移交")
    published = await world.publishing.rollback(first, APPROVER, "答案有误")
    assert await world.first("路灯坏了找谁修") == "lamp"
    assert await world.first("塔吊占道几天要报备") == ""
    made = await world.publishing.release(published.release)
    assert made.content.faqs == dict.fromkeys(TEXTS, 1)
    published_now = await world.database.read(
        lambda connection: connection.execute(
            sa.select(FAQS.c.id).where(FAQS.c.published_version.is_not(None))
        ).scalars()
    )
    assert set(published_now) == set(TEXTS)
    assert (await trail(world, "release_rollback"))[-1].reason.endswith("答案有误")
    with pytest.raises(Conflict, match="相同"):
        await world.publishing.rollback(first, APPROVER, "再来")
    with pytest.raises(NotFound):
        await world.publishing.rollback(999, APPROVER, "没有")


async def test_two_approvers_at_once_lose_nothing(world: World) -> None:
    other = entry("bench", "公园长椅坏了", ("椅子断了", "长凳烂了"), "打12345。")
    await world.submit(NEW)
    await world.submit(other)
    done = await asyncio.gather(
        world.publishing.approve(["crane"], APPROVER),
        world.publishing.approve(["bench"], APPROVER),
    )
    assert len({one.release for one in done}) == 2
    served = await world.database.read(releases.served)
    assert served is not None
    assert set(served.content.faqs) == {*TEXTS, "crane", "bench"}
    assert await world.first("公园长椅坏了") == "bench"
    assert await world.first("塔吊占道几天要报备") == "crane"


async def test_of_two_who_approve_the_same_one_is_told_so(world: World) -> None:
    await world.submit(NEW)
    done = await asyncio.gather(
        world.publishing.approve(["crane"], APPROVER),
        world.publishing.approve(["crane"], APPROVER),
        return_exceptions=True,
    )
    assert sorted(type(one) for one in done if isinstance(one, Exception)) == [Conflict]
    assert sum(isinstance(one, Published) for one in done) == 1


async def test_citizens_are_answered_all_through_a_publish(world: World) -> None:
    answers: list[str] = []
    publishing = True

    async def ask() -> None:
        while publishing:
            answers.append(await world.first("路灯坏了找谁修"))

    asking = [asyncio.create_task(ask()) for _ in range(3)]
    for number in range(3):
        await world.publish(entry(f"new-{number}", f"第{number}种塔吊要报备吗", (), "要。"))
    publishing = False
    await asyncio.gather(*asking)
    assert answers
    assert set(answers) == {"lamp"}


async def test_another_process_serves_it_by_following(world: World, tmp_path: Path) -> None:
    other = await KnowledgeBase.open(
        world.database, None, tmp_path / "data", starter=None, today=lambda: TODAY
    )
    try:
        assert other.release == world.kb.release
        await world.publish(NEW)
        assert not (await other.search("塔吊占道几天要报备")).answered
        other.follow()
        async with asyncio.timeout(30):
            while not (await other.search("塔吊占道几天要报备")).answered:
                await asyncio.sleep(0.2)
        assert other.release == world.kb.release
        assert not await other.catch_up()
    finally:
        await other.close()


async def test_an_import_makes_a_release_only_when_it_changed_something(world: World) -> None:
    before = world.kb.release
    await world.publishing.take_over("import", SYSTEM)
    assert world.kb.release == before


async def test_releases_are_listed_with_the_newest_first(world: World) -> None:
    await world.publish(NEW)
    lines, total = await world.publishing.releases(page=1, size=2)
    assert [(one.release.act, one.entries) for one in lines] == [("approve", 1), ("approve", 5)]
    assert total == 3
    assert (await world.publishing.releases(page=2, size=2))[0][0].release.act == "start"
    change = await world.publishing.change(lines[0].release.id)
    (crane,) = change.entries
    assert (crane.id, crane.question, crane.before, crane.after) == (
        "crane", NEW.question, None, 1,
    )  # fmt: skip

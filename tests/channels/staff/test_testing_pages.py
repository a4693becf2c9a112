from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.staff.pages.testing import router
from channels.staff.shell import Shell
from knowledge_base.asked import Asked, Asker
from knowledge_base.audit import Actor
from knowledge_base.gold import Gold
from knowledge_base.models import SearchResult
from knowledge_base.publishing import Publishing
from knowledge_base.question_sets import QuestionSets
from knowledge_base.runs import Runs
from tests.channels.staff.entries_world import Desk, World, office

FILE = """
- {id: lamp, question: 路灯坏了找谁修, category: 市政,
   phrasings: [路灯不亮, 街上的灯灭了, 路灯黑着, 没有路灯], answer: 打12345报修路灯。,
   citation: [{law: 市政条例, article: 第三条}]}
- {id: water, question: 自来水发黄怎么办, category: 供水,
   phrasings: [水管里流出黄水, 水有铁锈味, 水是黄的, 水浑], answer: 先放水，仍黄就打供水热线。}
- {id: noise, question: 夜里施工太吵找谁, category: 噪音,
   phrasings: [工地半夜打桩, 晚上施工噪音, 夜间施工, 施工扰民], answer: 向城管部门反映。}
"""


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with office(tmp_path, [("faq.yml", FILE)]) as world:
        database, kb = world.database, world.kb
        world.app.include_router(
            router(
                Shell(world.sessions),
                kb,
                world.entries,
                Publishing(database, kb),
                Gold(database),
                Runs(database, kb),
                QuestionSets(database),
            )
        )
        yield world


@pytest.fixture
async def curator(world: World) -> Desk:
    return await world.signs_in("zhao", "curator")


@pytest.fixture
async def approver(world: World) -> Desk:
    return await world.signs_in("qian", "approver")


async def test_the_hit_test_says_first_what_the_citizen_sees(curator: Desk) -> None:
    page = await curator.opens("/staff/hit-test?q=街上路灯坏了找谁")
    assert page.index("市民会看到：答") < page.index("找到的内容")
    assert "打12345报修路灯。" in page
    assert "《市政条例》第三条" in page
    assert "<mark>路灯</mark>" in page
    for label in ("最后把握", "字面", "语义（向量）", "共有的词", "界限"):
        assert label in page
    assert 'href="/staff/faqs/lamp/edit"' in page
    assert "市民会看到：不答" in await curator.opens("/staff/hit-test?q=股票推荐")


async def test_where_nothing_is_near_the_hit_test_says_so(curator: Desk) -> None:
    assert "没有找到相近的内容" in await curator.opens("/staff/hit-test?q=股票推荐")
    assert "没有找到相近的内容" not in await curator.opens("/staff/hit-test?q=路灯不亮")
    assert "写一句市民可能会说的话" in await curator.opens("/staff/hit-test?q=%20")


async def test_a_phrasing_is_tried_before_it_is_saved_as_a_draft(
    world: World, curator: Desk
) -> None:
    asked = Asked(world.database, b"key")
    nothing = SearchResult(answered=False, hits=())
    await asked.note(Asker("web", "", "1"), "灯杆子黑咕隆咚", nothing, "refused")
    form = {"q": "灯杆子黑咕隆咚", "place": "", "entry": "lamp", "phrasing": "灯杆子黑咕隆咚"}
    page = await curator.gets("/staff/hit-test", **form)
    assert "变得答得上" in page
    assert "由《路灯坏了找谁修》回答" in page
    assert (await world.entries.get("lamp")).version == 1
    sent = await curator.does("/staff/hit-test/draft", **form, version="1")
    assert sent == "/staff/faqs/lamp"
    record = await world.entries.get("lamp")
    assert (record.status, record.version) == ("draft", 2)
    assert "灯杆子黑咕隆咚" in record.entry.phrasings
    assert not (await world.kb.search("灯杆子黑咕隆咚")).answered


async def test_a_phrasing_that_cannot_be_added_is_told_beside_the_field(curator: Desk) -> None:
    for fields, said in [
        ({"entry": "lamp", "phrasing": "路灯不亮"}, "已经有这个问法"),
        ({"entry": "lamp", "phrasing": ""}, "请写新的问法"),
        ({"entry": "", "other": "nothing", "phrasing": "灯"}, "没有这条知识"),
        ({"entry": "", "phrasing": "灯"}, "请选要加问法的知识"),
    ]:
        page = await curator.gets("/staff/hit-test", q="灯", **fields)
        assert said in page
        assert "invalid-feedback" in page


async def test_a_draft_over_another_one_is_refused(world: World, curator: Desk) -> None:
    form = {"q": "灯", "entry": "lamp", "phrasing": "灯杆子黑咕隆咚"}
    await curator.does("/staff/hit-test/draft", **form, version="1")
    page = await curator.gets(
        "/staff/hit-test/draft", **{**form, "phrasing": "灯瞎了"}, version="1"
    )
    assert "invalid-feedback" in page
    assert (await world.entries.get("lamp")).version == 2


async def test_gold_questions_are_added_found_tried_and_removed(curator: Desk) -> None:
    sent = await curator.does(
        "/staff/gold", must="answer", entry="lamp", questions="街上路灯坏了\n晚上黑\n街上路灯坏了"
    )
    assert sent == "/staff/gold?must=answer&entry=lamp"
    await curator.does("/staff/gold", must="refuse", questions="股票推荐")
    page = await curator.opens("/staff/gold?must=answer&q=街上")
    assert "街上路灯坏了" in page
    assert "晚上黑" not in page
    assert "答对" in page
    assert "共 1 条" in page
    number = re.search(r'name="id" value="(\d+)"', page)
    assert number is not None
    assert "股票推荐" in await curator.opens("/staff/gold?must=refuse")
    back = "/staff/gold?must=answer&q=街上"
    assert await curator.does("/staff/gold/removal", id=number[1], back=back) == back
    assert "街上路灯坏了" not in await curator.opens("/staff/gold?must=answer")
    assert await curator.does("/staff/gold/removal", back="//evil") == "/staff/gold"


async def test_what_is_missing_is_told_beside_the_field(curator: Desk) -> None:
    page = await curator.gets("/staff/gold", must="answer", entry="", questions="")
    assert "请选要加问法的知识" in page
    assert "请写至少一个问题" in page
    page = await curator.gets("/staff/gold", must="answer", entry="nothing", questions="灯")
    assert "没有这条知识" in page


async def test_only_curators_change_the_gold_questions(approver: Desk) -> None:
    assert await approver.refused("/staff/gold", must="refuse", questions="天气") == 403
    assert "＋ 加问题" not in await approver.opens("/staff/gold")


async def test_a_batch_is_run_read_and_compared(curator: Desk) -> None:
    lines = "街上路灯坏了,lamp\n工地半夜打桩太吵,noise\n塔吊占道几天要报备,noise\n股票推荐"
    first = await curator.does("/staff/batches", set="paste", lines=lines, title="六月")
    page = await curator.opens(first)
    assert "应当回答 3 个，应当不答 1 个" in page
    assert "塔吊占道几天要报备" in page
    assert "街上路灯坏了" not in page
    assert "街上路灯坏了" in await curator.opens(f"{first}?show=all")
    second = await curator.does("/staff/batches", set="paste", lines=lines, title="六月")
    numbers = [url.rsplit("/", 1)[1] for url in (first, second)]
    page = await curator.opens(f"/staff/batches/compare?a={numbers[0]}&b={numbers[1]}")
    assert "4 个一样" in page
    page = await curator.opens("/staff/runs?kind=batch")
    assert page.count("<circle") == 6
    assert "style=" not in page


async def test_a_batch_comes_from_a_file_or_from_what_is_there(curator: Desk) -> None:
    answer = await curator.client.post(
        "/staff/batches",
        data={"csrf": curator.csrf, "set": "file"},
        files={"file": ("问题.csv", "问题,编号\n街上路灯坏了,lamp\n".encode("gb18030"))},
    )
    assert answer.status_code == 303
    assert "问题.csv" in await curator.opens(answer.headers["location"])
    await curator.does("/staff/gold", must="answer", entry="lamp", questions="街上路灯坏了")
    for fields in ({"set": "gold"}, {"set": "category", "category": "市政"}):
        assert "应当回答 1 个" in await curator.opens(
            await curator.does("/staff/batches", **fields)
        )


async def test_a_set_that_cannot_be_read_is_told(curator: Desk) -> None:
    page = await curator.gets("/staff/batches", set="paste", lines="灯\tlmap")
    assert "没有编号为“lmap”的知识" in page
    assert "灯\tlmap" in page
    assert "没有符合条件的问题" in await curator.gets("/staff/batches", set="recent")
    assert "请选择文件" in await curator.gets("/staff/batches", set="file")


async def test_a_release_is_read_and_gone_back_to(
    world: World, curator: Desk, approver: Desk
) -> None:
    first = world.kb.release
    await Publishing(world.database, world.kb).retire(["lamp"], Actor("qian"), "移交供电公司")
    page = await curator.opens("/staff/releases")
    assert "移交供电公司" in page
    assert "正在用" in page
    assert "回到这一版" not in page
    page = await approver.opens(f"/staff/releases/{world.kb.release}")
    assert "路灯坏了找谁修" in page
    assert "不再回答" in page
    # The first release, made by the program, is one to go back to as any other.
    assert f'href="/staff/releases/{first}#back"' in await approver.opens("/staff/releases")
    rollback = f"/staff/releases/{first}/rollback"
    assert "回退要写明原因" in await approver.gets(rollback, reason="")
    assert await curator.refused(rollback, reason="不对") == 403
    assert await approver.does(rollback, reason="停用错了") == "/staff/releases"
    assert (await world.kb.search("路灯坏了找谁修")).answered
    assert "已回到第" in await approver.opens("/staff/releases")

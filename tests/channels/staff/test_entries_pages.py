from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from channels.staff.accounts import settings
from channels.staff.accounts.settings import ConsoleSettings
from channels.staff.roles import Right
from knowledge_base.audit import Actor
from knowledge_base.entries.records import EntryQuery
from knowledge_base.gold import Gold
from knowledge_base.importer import import_laws
from knowledge_base.tables import AUDIT, RELEASES
from tests.channels.staff.entries_world import Desk, World, office

STARTER = """
- id: lamp
  question: 路灯坏了找谁
  phrasings: [路灯不亮, 灯坏了, 没有路灯]
  answer: 打12345，三日内修复。
  citation: [{law: 路灯法, article: 第二条}]
  category: 市政设施
- id: well
  question: 井盖丢了找谁
  phrasings: [井盖没了, 井盖被偷, 路上有个洞]
  answer: 打12319。
  category: 市政设施
"""
ALL = EntryQuery(size=100)
FORM: dict[str, Any] = {
    "question": "停电了找谁", "answer": "打95598。", "phrasings": "没电了\n电停了",
    "category": "供电", "spare": "2", "action": "save",
}  # fmt: skip


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    text = STARTER.replace("没有路灯]", "没有路灯, 灯黑]").replace("有个洞]", "有个洞, 井坏了]")
    async with office(tmp_path, [("city.yml", text)]) as world:
        yield world


@pytest.fixture
async def curator(world: World) -> Desk:
    return await world.signs_in("jia", "curator")


@pytest.fixture
async def approver(world: World) -> Desk:
    return await world.signs_in("yi", "approver")


async def answer(world: World, question: str) -> str:
    result = await world.kb.search(question)
    return result.hits[0].answer if result.answered else ""


async def test_whoever_is_not_signed_in_or_has_no_right_sees_nothing(world: World) -> None:
    nobody = await world.signs_in("bing", "auditor")
    assert (await nobody.client.get("/staff/faqs")).status_code == 403
    nobody.client.cookies.clear()
    answer = await nobody.client.get("/staff/faqs?q=灯")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/staff/sign-in?next=")


async def test_a_reader_sees_and_changes_nothing(world: World, curator: Desk) -> None:
    handler = await world.signs_in("bing", "handler")
    page = await handler.opens("/staff/faqs/lamp")
    assert "打12345，三日内修复。" in page
    assert "提交审核" not in page
    assert await handler.refused("/staff/faqs/lamp/edit", **FORM) == 403
    assert await handler.refused("/staff/review/lamp/approve") == 403
    assert await handler.refused("/staff/regions", regions="甲县") == 403
    curator.csrf = "another"
    assert await curator.refused("/staff/faqs/new", **FORM) == 403


async def test_the_list_is_searched_filtered_and_keeps_its_place(curator: Desk) -> None:
    page = await curator.opens("/staff/faqs")
    assert "路灯坏了找谁" in page
    assert "共 2 条" in page
    page = await curator.opens("/staff/faqs?q=井盖&size=50")
    assert "路灯坏了找谁" not in page
    assert "/staff/faqs?q=%E4%BA%95%E7%9B%96&sort=question&size=50" in page
    assert "换个条件试试" in await curator.opens("/staff/faqs?q=飞机")
    assert "路灯坏了找谁" not in await curator.opens("/staff/faqs?flag=no_citation")
    assert "还没有典型案例" in await curator.opens("/staff/precedents")
    # A page that is no longer there shows the last one.
    assert "第 1 / 1 页" in await curator.opens("/staff/faqs?page=9")


async def test_an_entry_is_written_checked_and_saved(world: World, curator: Desk) -> None:
    assert "标准问题" in await curator.opens("/staff/faqs/new")
    page = await curator.gets(
        "/staff/faqs/new", **{**FORM, "question": "", "answer": "ftp://x.y/z"}
    )
    assert "请改正标红的地方" in page
    assert "链接只能以 http:// 或 https:// 开头" in page
    page = await curator.gets(
        "/staff/faqs/new", **{**FORM, "action": "preview", "phrasings": "灯坏了"}
    )
    assert "打95598。\n（依据：本单位整理的问答）" in page
    assert "“灯坏了” 在 " in page
    assert "查" not in await answer(world, "停电了找谁")
    url = await curator.does("/staff/faqs/new", **FORM)
    page = await curator.opens(url)
    assert "已保存为第 1 版草稿" in page
    assert "未发布" in page
    assert await answer(world, "停电了找谁") == ""


async def test_what_is_typed_is_shown_as_text(curator: Desk) -> None:
    url = await curator.does("/staff/faqs/new", **{**FORM, "answer": "<script>alert(1)</script>"})
    raw = (await curator.client.get(url)).text
    assert "<script>alert(1)" not in raw
    assert "&lt;script&gt;alert(1)" in raw


async def test_edit_review_approve_and_the_citizen_gets_the_new_answer(
    world: World, curator: Desk, approver: Desk
) -> None:
    form = {**FORM, "question": "路灯坏了找谁", "answer": "打12319，五日内修复。"}
    form |= {"phrasings": "路灯不亮\n灯坏了\n没有路灯\n灯黑", "category": "市政设施"}
    form |= {"law": "路灯法", "article": "第二条", "base_version": "1", "note": "换了电话"}
    url = await curator.does("/staff/faqs/lamp/edit", **{**form, "action": "submit"})
    assert url == "/staff/faqs/lamp"
    assert "撤回" in await curator.opens(url)
    assert await answer(world, "路灯坏了找谁") == "打12345，三日内修复。"
    assert "路灯坏了找谁" in await curator.opens("/staff/review?tab=mine")
    assert await curator.refused("/staff/review/lamp/approve", version="2") == 403

    assert "换了电话" in await approver.opens("/staff/review")
    page = await approver.opens("/staff/review/lamp")
    assert '<del class="diff-removed">45，三</del>' in page
    assert "通过并发布" in page
    assert "没有变差的" in await approver.gets("/staff/review/lamp/gate")
    url = await approver.does("/staff/review/lamp/approve", version="2", note="同意")
    assert "已通过并发布" in await approver.opens(url)
    assert await answer(world, "路灯坏了找谁") == "打12319，五日内修复。"
    assert "同意" in await approver.opens("/staff/review?tab=decided")


async def test_nobody_approves_their_own_words_while_four_eyes_are_asked_for(
    world: World,
) -> None:
    both = await world.signs_in("ding", "curator", "approver")
    url = await both.does("/staff/faqs/new", **{**FORM, "action": "submit"})
    id = url.rsplit("/", 1)[1]
    page = await both.opens(f"/staff/review/{id}")
    assert "要由另一个人审核" in page
    assert "通过并发布" not in page
    await both.does(f"/staff/review/{id}/approve", version="1")
    assert (await world.entries.get(id)).status == "in_review"


async def test_sending_back_needs_an_opinion_that_the_writer_reads(
    world: World, curator: Desk, approver: Desk
) -> None:
    url = await curator.does("/staff/faqs/new", **{**FORM, "action": "submit"})
    review = url.replace("/faqs/", "/review/")
    assert "退回要写明意见" in await approver.gets(f"{review}/reject", opinion=" ")
    await approver.does(f"{review}/reject", opinion="电话要核实")
    assert "电话要核实" in await curator.opens(url)


async def test_what_was_changed_after_it_was_looked_at_is_not_approved(
    world: World, curator: Desk, approver: Desk
) -> None:
    url = await curator.does("/staff/faqs/new", **{**FORM, "action": "submit"})
    await curator.does(f"{url}/recall")
    again = {**FORM, "answer": "打110。", "base_version": "1", "action": "submit"}
    await curator.does(f"{url}/edit", **again)
    review = url.replace("/faqs/", "/review/")
    await approver.does(f"{review}/approve", version="1")
    id = url.rsplit("/", 1)[1]
    await approver.does("/staff/review/approve", id=f"{id}@1")
    assert (await world.entries.get(id)).status == "in_review"
    assert "新版本" in await approver.opens("/staff/review")
    await approver.does("/staff/review/approve", id=f"{id}@2")
    assert (await world.entries.get(id)).published_version == 2


async def test_the_second_of_two_editors_keeps_the_text_and_sees_the_difference(
    world: World, curator: Desk
) -> None:
    other = await world.signs_in("ding", "curator")
    url = await curator.does("/staff/faqs/new", **FORM)
    await other.does(f"{url}/edit", **{**FORM, "answer": "打12345。", "base_version": "1"})
    mine = {**FORM, "answer": "打95598，一直有人。", "base_version": "1"}
    page = await curator.gets(f"{url}/edit", **mine)
    assert "ding 在 " in page
    assert "打95598，一直有人。" in page
    assert "diff-removed" in page
    await curator.does(f"{url}/edit", **{**mine, "base_version": "2"})
    assert (await world.entries.get(url.rsplit("/", 1)[1])).entry.answer == "打95598，一直有人。"


async def test_a_gold_question_that_gets_worse_stops_the_publish_until_overruled(
    world: World, curator: Desk, approver: Desk
) -> None:
    await Gold(world.database).add(["井盖没了"], ["well"], Actor("yi"))
    form = {**FORM, "question": "自行车丢了怎么办", "answer": "报警。", "phrasings": "车没了"}
    form |= {"category": "治安", "base_version": "1"}
    await curator.does("/staff/faqs/well/edit", **{**form, "action": "submit"})
    page = await approver.gets("/staff/review/well/approve", version="2")
    assert "1 个问题会变差，没有发布" in page
    assert "井盖没了" in page
    assert await answer(world, "井盖丢了找谁") == "打12319。"
    again = {"version": "2", "overrule": "1", "reason": "这条本来就不该答井盖"}
    assert "请勾选确认" in await approver.gets("/staff/review/well/approve", **again)
    await approver.does("/staff/review/well/approve", **again, sure="1")
    assert (await world.entries.get("well")).published_version == 2
    reasons = await world.database.read(
        lambda c: list(c.scalars(sa.select(RELEASES.c.overrule_reason)))
    )
    assert reasons[-1] == "这条本来就不该答井盖"


async def test_two_answers_that_contradict_stand_side_by_side(
    curator: Desk, approver: Desk
) -> None:
    form = {**FORM, "question": "路灯坏了找谁修", "answer": "打12319，七日内修复。"}
    url = await curator.does("/staff/faqs/new", **{**form, "action": "submit"})
    page = await approver.opens(url.replace("/faqs/", "/review/"))
    assert "可能自相矛盾" in page
    assert "<mark>七日内</mark>" in page
    assert "<mark>三日内</mark>" in page


async def test_the_effect_is_seen_before_anything_is_saved(world: World, curator: Desk) -> None:
    await Gold(world.database).add(["停了电怎么报修"], ["lamp"], Actor("yi"))
    page = await curator.gets("/staff/faqs/new", **{**FORM, "action": "effects"})
    assert "如果这样发布" in page
    assert "群众那边什么都没变" in page
    assert (await world.entries.page(ALL)).total == 2


async def test_old_versions_are_compared_and_restored(world: World, curator: Desk) -> None:
    url = await curator.does("/staff/faqs/new", **FORM)
    await curator.does(f"{url}/edit", **{**FORM, "answer": "打12345。", "base_version": "1"})
    assert "比较选中的两版" in await curator.opens(url)
    page = await curator.opens(f"{url}/history?a=2&b=1")
    assert "第 1 版与第 2 版的差别" in page
    assert "diff-added" in page
    assert "打95598。" in await curator.opens(f"{url}/history/1")
    await curator.does(f"{url}/history/1/restore")
    record = await world.entries.get(url.rsplit("/", 1)[1])
    assert (record.version, record.entry.answer) == (3, "打95598。")


async def test_many_are_changed_at_once_with_a_result_for_each(
    world: World, curator: Desk, approver: Desk
) -> None:
    await curator.does("/staff/faqs/new", **{**FORM, "action": "submit"})
    page = await curator.gets("/staff/faqs/bulk", all="1", address="")
    assert "已选 <b>3</b> 条" in page
    ids = " ".join(await world.entries.ids(ALL))
    page = await curator.gets("/staff/faqs/bulk/change", ids=ids)
    assert "请至少选一项要改的内容" in page
    page = await curator.gets(
        "/staff/faqs/bulk/change", ids=ids, set_owner="1", owner="市城管局", submit="1"
    )
    assert '成功 <b class="text-success">2</b> 条' in page
    assert "这条正在待审" in page
    assert (await world.entries.get("lamp")).entry.owner == "市城管局"
    assert "还没有选中" in await curator.opens(await curator.does("/staff/faqs/bulk"))
    page = await approver.gets("/staff/faqs/bulk/retire", ids="lamp well", reason="合并了")
    assert '成功 <b class="text-success">2</b> 条' in page
    assert await answer(world, "路灯坏了找谁") == ""


async def test_retiring_takes_the_answer_from_the_citizen_and_needs_a_reason(
    world: World, approver: Desk
) -> None:
    url = await approver.does("/staff/faqs/lamp/retire", reason="")
    assert "停用要写明原因" in await approver.opens(url)
    await approver.does("/staff/faqs/lamp/retire", reason="政策变了")
    assert await answer(world, "路灯坏了找谁") == ""
    assert "政策变了" in await approver.opens("/staff/faqs/lamp")


async def test_a_changed_law_shows_both_texts_until_somebody_has_looked(
    world: World, curator: Desk, tmp_path: Path
) -> None:
    for day, text in (("2019-01-01", "第二条 三日内修复。"), ("2025-01-01", "第一条 照亮。")):
        path = tmp_path / f"路灯法({day}).md"
        path.write_text(f"# 路灯法\n\n{text}\n", encoding="utf-8")
        await import_laws(world.database, [path], today=date(2026, 6, 1))
    page = await curator.opens("/staff/faqs?flag=article_missing")
    assert "路灯坏了找谁" in page
    assert "井盖丢了找谁" not in page
    page = await curator.opens("/staff/faqs/lamp")
    assert "现行文本里没有《路灯法》第二条" in page
    assert "三日内修复。" in page
    url = await curator.does("/staff/faqs/lamp/confirm", note="另有规定，答复不变")
    assert "另有规定，答复不变" in await curator.opens(url)
    assert (await curator.client.get("/staff/faqs/laws?q=路灯")).json() == ["路灯法"]


async def test_regions_are_kept_and_entries_that_lack_one_are_listed(
    world: World, curator: Desk
) -> None:
    await curator.does("/staff/regions", regions="甲县\n乙县")
    form = {**FORM, "variant_region": ["甲县", "乙县"], "variant_answer": ["打甲县供电所。", ""]}
    form |= {"variant_citation": ["《甲县办法》第三条", ""]}
    url = await curator.does("/staff/faqs/new", **form)
    page = await curator.opens(url)
    assert "甲县的群众看到的" in page
    page = await curator.opens("/staff/regions")
    assert "停电了找谁" in page
    assert "<b>乙县</b>" in page
    assert "还有 1 条知识在用" in await curator.gets("/staff/regions", regions="乙县")
    assert await world.entries.regions() == ["甲县", "乙县"]


async def test_a_typical_case_has_its_facts_and_stays_among_its_kind(
    world: World, curator: Desk
) -> None:
    form = {**FORM, "question": "楼下烧烤店扰民", "facts": "夜里吵", "handling": "责令改正"}
    page = await curator.gets("/staff/precedents/new", **{**form, "facts": ""})
    assert "典型案例要写基本情况" in page
    url = await curator.does("/staff/precedents/new", **form)
    page = await curator.opens(url)
    assert "责令改正" in page
    assert "有一件类似的事，给您参考：楼下烧烤店扰民" in page
    assert (await curator.client.get(url.replace("precedents", "faqs"))).status_code == 404


async def test_every_act_is_in_the_trail_with_from_where(
    world: World, curator: Desk, approver: Desk
) -> None:
    url = await curator.does("/staff/faqs/new", **{**FORM, "action": "submit"})
    await approver.does(url.replace("/faqs/", "/review/") + "/reject", opinion="重写")
    rows = await world.database.read(
        lambda c: c.execute(
            sa.select(AUDIT.c.act, AUDIT.c.by, AUDIT.c.address, AUDIT.c.reason)
            .where(AUDIT.c.act.like("faq_%"))
            .order_by(AUDIT.c.id)
        ).all()
    )
    assert [(row.act, row.by, row.reason) for row in rows] == [
        ("faq_created", "jia", ""),
        ("faq_submitted", "jia", ""),
        ("faq_rejected", "yi", "重写"),
    ]
    assert {row.address for row in rows} == {"127.0.0.1"}


async def _two_people_for(world: World, *switches: str) -> None:
    changed = ConsoleSettings(four_eyes={**dict.fromkeys(switches, True), "publish": True})
    await settings.save(world.database, changed, Actor("root"))


async def test_where_the_office_wants_two_for_it_retiring_waits_for_the_second(
    world: World, approver: Desk
) -> None:
    await _two_people_for(world, "retire")
    url = await approver.does("/staff/faqs/lamp/retire", reason="政策变了")
    assert "要另一个人" in await approver.opens(url)
    assert await answer(world, "路灯坏了找谁") != ""
    found = await world.proposals.opened("retire", "停用“路灯坏了找谁”等 1 条")
    assert found is not None
    assert [(one.before, one.after) for one in found.changes] == [("已通过", "已停用")]
    done = await world.proposals.approve(found.id, Actor("ding"), {Right.APPROVE_KNOWLEDGE})
    assert done.state == "done"
    assert await answer(world, "路灯坏了找谁") == ""


async def test_where_the_office_wants_two_for_it_a_bulk_change_waits_for_the_second(
    world: World, curator: Desk
) -> None:
    await _two_people_for(world, "bulk")
    fields = {"set_owner": "1", "owner": "市城管局", "set_valid_until": "1"}
    url = await curator.does(
        "/staff/faqs/bulk/change", ids="lamp well", valid_until="2027-01-01", **fields
    )
    assert "要另一个人" in await curator.opens(url)
    assert (await world.entries.get("lamp")).version == 1
    found = await world.proposals.opened("bulk", "批量修改“井盖丢了找谁”等 2 条")
    assert found is not None
    done = await world.proposals.approve(found.id, Actor("yi"), {Right.APPROVE_KNOWLEDGE})
    assert done.outcome == "成功 2 条，没有处理 0 条"
    record = await world.entries.get("lamp")
    assert (record.entry.owner, record.entry.valid_until) == ("市城管局", date(2027, 1, 1))
    assert record.changed_by == "jia"

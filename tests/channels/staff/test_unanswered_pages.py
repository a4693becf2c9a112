"""The pile of what citizens asked in vain, as a curator works through it."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from channels.staff.pages.unanswered import router
from channels.staff.shell import Shell
from knowledge_base.asked import Asked, Asker
from knowledge_base.groups import Groups
from knowledge_base.models import SearchResult
from tests.channels.staff.entries_world import Desk, World, office

FILE = """
- {id: lamp, question: 路灯坏了找谁修, category: 市政,
   phrasings: [路灯不亮, 街上的灯灭了, 路灯黑着, 没有路灯], answer: 打12345报修路灯。}
"""
NOTHING = SearchResult(answered=False, hits=())


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    async with office(tmp_path, [("faq.yml", FILE)]) as world:
        groups = Groups(world.database, world.kb.closeness)
        world.app.include_router(router(Shell(world.sessions), groups, world.entries, world.kb))
        yield world


@pytest.fixture
async def curator(world: World) -> Desk:
    return await world.signs_in("zhao", "curator")


async def ask(world: World, *questions: str) -> None:
    asked = Asked(world.database, b"key")
    for number, question in enumerate(questions):
        await asked.note(Asker("web", "", str(number)), question, NOTHING, "refused")


def links(page: str) -> list[int]:
    """The groups on a page, in their order."""
    return list(dict.fromkeys(map(int, re.findall(r'href="/staff/unanswered/(\d+)"', page))))


async def test_wordings_are_added_to_an_entry_that_answers_them(
    world: World, curator: Desk
) -> None:
    await ask(world, "灯杆子黑咕隆咚", "灯杆子黑咕隆咚的")
    (group,) = links(await curator.opens("/staff/unanswered"))
    page = await curator.opens(f"/staff/unanswered/{group}")
    assert "加上 2 种问法" in page
    assert "请选一条问答" in await curator.gets(f"/staff/unanswered/{group}/phrasings")
    sent = await curator.does(f"/staff/unanswered/{group}/phrasings", entry="lamp")
    assert sent == "/staff/faqs/lamp"
    record = await world.entries.get("lamp")
    assert (record.status, record.version) == ("draft", 2)
    assert "灯杆子黑咕隆咚" in record.entry.phrasings
    assert not links(await curator.opens("/staff/unanswered"))
    assert links(await curator.opens("/staff/unanswered?state=added")) == [group]


async def test_groups_are_merged_and_taken_apart(world: World, curator: Desk) -> None:
    await ask(world, "养老院补贴怎么领", "公园几点关门")
    one, other = links(await curator.opens("/staff/unanswered"))
    sent = await curator.does("/staff/unanswered/merge", group=[str(one), str(other)])
    assert sent == f"/staff/unanswered/{one}"
    page = await curator.opens(sent)
    assert "2 人问过" in page
    question = re.findall(r'name="question" value="(\d+)"', page)[0]
    sent = await curator.does(f"/staff/unanswered/{one}/split", question=question)
    assert sent != f"/staff/unanswered/{one}"
    assert len(links(await curator.opens("/staff/unanswered"))) == 2


async def test_a_dismissed_group_can_be_put_back(world: World, curator: Desk) -> None:
    await ask(world, "养老院补贴怎么领")
    (group,) = links(await curator.opens("/staff/unanswered"))
    await curator.does(f"/staff/unanswered/{group}/dismissal", note="归民政局答")
    page = await curator.opens(f"/staff/unanswered/{group}")
    assert "归民政局答" in page
    await curator.does(f"/staff/unanswered/{group}/reopening")
    assert links(await curator.opens("/staff/unanswered")) == [group]


async def test_who_only_reads_sees_the_pile_and_no_buttons(world: World) -> None:
    await ask(world, "养老院补贴怎么领")
    reader = await world.signs_in("qian", "approver")
    (group,) = links(await reader.opens("/staff/unanswered"))
    page = await reader.opens(f"/staff/unanswered/{group}")
    assert "养老院补贴怎么领" in page
    assert "生成草稿" not in page
    assert "忽略" not in page.replace("已忽略", "")


async def test_filters_of_an_address_are_taken_and_nonsense_is_ignored(
    world: World, curator: Desk
) -> None:
    await ask(world, "养老院补贴怎么领", "公园几点关门")
    assert len(links(await curator.opens("/staff/unanswered?q=公园"))) == 1
    assert len(links(await curator.opens("/staff/unanswered?reason=refused&sort=newest"))) == 2
    assert not links(await curator.opens("/staff/unanswered?reason=useless"))
    assert len(links(await curator.opens("/staff/unanswered?state=no&sort=no&size=7"))) == 2

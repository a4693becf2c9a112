from __future__ import annotations

from pathlib import Path

import pytest

from knowledge_base.database import Database
from knowledge_base.entries.contradictions import contradictions, items
from knowledge_base.entries.service import Entries
from knowledge_base.search import KnowledgeBase
from tests.knowledge_base.entries.conftest import CURATOR, entry, publish

HOUSE = entry(
    "低保多少钱一个月", "每人每月 720 元，由县民政局发放。", id="one", phrasings=("低保发多少",)
)


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("每月720元", "amount", "720"),
        ("三十日内答复", "duration", "30日"),
        ("15个工作日", "duration", "15工作日"),
        ("找0376-6366123", "phone", "0376-6366123"),
        ("打12319", "phone", "12319"),
        ("向县民政局申请", "office", "县民政局"),
    ],
)
def test_definite_things_are_found(text: str, kind: str, value: str) -> None:
    assert (kind, value) in {(one.kind, one.value) for one in items(text)}


def test_a_like_question_with_another_amount_is_shown_with_what_differs() -> None:
    other = entry("低保一个月多少钱", "每人每月 650 元，由县民政局发放。", id="two", phrasings=())
    (found,) = contradictions(HOUSE, [other])
    assert found.other is other
    assert [one.text for one in found.ours] == ["720 元"]
    assert [one.text for one in found.theirs] == ["650 元"]


def test_like_questions_with_like_answers_and_other_questions_are_not() -> None:
    same = entry("低保一个月多少钱", "每月720元。", id="two")
    other = entry("工伤赔多少钱", "按 30 天算，每月 650 元。", id="three", phrasings=("工伤",))
    elsewhere = entry("低保多少钱一个月", "每月 500 元。", id="four", region="乙县")
    here = entry("低保多少钱一个月", "每月 720 元。", id="one", region="甲县")
    assert contradictions(HOUSE, [same, other, HOUSE]) == []
    assert contradictions(here, [elsewhere]) == []


async def test_what_the_search_takes_for_near_is_looked_at_too(database: Database) -> None:
    async def near(question: str) -> dict[str, float]:
        assert question
        return {"two": 0.9}

    entries = Entries(database, near)
    await publish(database, entries, entry("困难补助发几个钱", "每月 650 元。", id="two"))
    assert [one.other.id for one in await entries.contradictions(HOUSE)] == ["two"]
    await entries.save(entry("低保多少钱一个月", "每月 1 元。", id="draft"), CURATOR)
    assert len(await entries.contradictions(HOUSE)) == 1


async def test_the_search_itself_says_what_is_near(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/kb.db")
    kb = await KnowledgeBase.open(database, None, tmp_path / "data", starter=None)
    try:
        entries = Entries(database, kb.near)
        record = await publish(database, entries, entry("路灯坏了找谁修"))
        await kb.refresh()
        same = entry("路灯坏了找谁修", "打12319。")
        assert [one.other.id for one in await entries.contradictions(same)] == [record.entry.id]
    finally:
        await kb.close()
        await database.close()

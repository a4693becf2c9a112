from __future__ import annotations

from dataclasses import replace
from datetime import date

import sqlalchemy as sa

from knowledge_base.database import Database
from knowledge_base.entries.records import BulkChange, EntryQuery
from knowledge_base.entries.service import Entries
from knowledge_base.tables import AUDIT
from tests.knowledge_base.entries.conftest import CURATOR, entry, publish


async def questions(entries: Entries, **query: object) -> list[str]:
    page = await entries.page(EntryQuery(**query))  # type: ignore[arg-type]
    return [line.question for line in page.lines]


async def test_all_words_must_occur_however_they_are_typed(entries: Entries) -> None:
    await entries.save(entry(), CURATOR)
    await entries.save(entry("井盖丢了找谁", phrasings=("井盖没了",), category="供水"), CURATOR)
    assert await questions(entries, q="找谁 １２３４５") == ["井盖丢了找谁", "路灯坏了找谁"]
    assert await questions(entries, q="12345 灯不亮") == ["路灯坏了找谁"]
    assert await questions(entries, q="灯不亮 井盖") == []
    assert await questions(entries, q="100%") == []


async def test_filters_sort_and_pages(database: Database, entries: Entries) -> None:
    lamp = await publish(database, entries, entry(owner="城管局"))
    await entries.save(entry("井盖丢了找谁", category="供水"), CURATOR)
    await entries.save(
        entry("楼道灯坏了", kind="precedent", facts="坏了", handling="修了"), CURATOR
    )
    assert await questions(entries, owner="城管局") == ["路灯坏了找谁"]
    assert await questions(entries, status="published") == ["路灯坏了找谁"]
    assert await questions(entries, status="draft", kind="faq") == ["井盖丢了找谁"]
    assert await questions(entries, kind="precedent") == ["楼道灯坏了"]
    assert await questions(entries, category="供水") == ["井盖丢了找谁"]
    assert await questions(entries, sort="oldest", size=2, page=2) == ["楼道灯坏了"]
    await entries.save(replace(lamp.entry, answer="打110。"), CURATOR)
    assert await questions(entries, status="changed") == ["路灯坏了找谁"]
    assert (await entries.page(EntryQuery(size=1))).total == 3
    assert len(await entries.ids(EntryQuery(size=1))) == 3
    assert await entries.choices("category") == ["供水", "市政设施"]


async def test_flags_filter_the_list_and_are_counted(database: Database, entries: Entries) -> None:
    await publish(database, entries, entry(valid_until=date(2026, 5, 1)))
    await publish(database, entries, entry("井盖丢了找谁", valid_until=date(2026, 6, 20)))
    assert await questions(entries, flag="expired") == ["路灯坏了找谁"]
    assert await questions(entries, flag="expiring") == ["井盖丢了找谁"]
    assert (await entries.flagged()).total == 2
    counts = await entries.counts()
    assert counts.by_flag == {"expired": 1, "expiring": 1, "no_citation": 2, "no_gold": 2}
    assert (counts.published, counts.flagged, counts.by_status) == (2, 2, {"approved": 2})


async def test_a_bulk_change_tells_of_each_row_and_one_refused_stops_no_other(
    database: Database, entries: Entries
) -> None:
    saved = [await entries.save(entry(f"第{n}种路灯坏了找谁"), CURATOR) for n in range(25)]
    ids = [one.entry.id for one in saved]
    await entries.submit(ids[3], CURATOR)
    results = await entries.bulk(
        [*ids, "nothing"], BulkChange(owner="城管局", valid_until=date(2027, 1, 1)), CURATOR
    )
    assert [row.id for row in results if not row.done] == [ids[3], "nothing"]
    assert "待审" in results[3].reason
    changed = await entries.get(ids[0])
    assert (changed.version, changed.entry.owner) == (2, "城管局")
    assert changed.entry.valid_until == date(2027, 1, 1)
    lines = await database.read(
        lambda c: c.scalar(
            sa.select(sa.func.count()).select_from(AUDIT).where(AUDIT.c.act == "faq_edited")
        )
    )
    assert lines == 24


async def test_a_bulk_change_can_empty_a_field_and_hand_in(entries: Entries) -> None:
    saved = await entries.save(entry(owner="城管局", valid_until=date(2027, 1, 1)), CURATOR)
    id = saved.entry.id
    (row,) = await entries.bulk([id], BulkChange(owner="", valid_until="", submit=True), CURATOR)
    assert row.done
    record = await entries.get(id)
    assert (record.entry.owner, record.entry.valid_until, record.status) == ("", None, "in_review")
    (row,) = await entries.bulk([id], BulkChange(region="没有的县"), CURATOR)
    assert not row.done


async def test_a_wording_that_another_entry_has_is_found(entries: Entries) -> None:
    one = await entries.save(entry(), CURATOR)
    two = entry("楼下黑", phrasings=("灯 不亮", "灯不亮"))
    assert await entries.same_wordings(two) == [("灯不亮", one.entry.id, "路灯坏了找谁")]
    assert await entries.same_wordings(one.entry) == []

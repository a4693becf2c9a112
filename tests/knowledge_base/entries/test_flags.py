from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

import pytest
import sqlalchemy as sa

from knowledge_base.database import Database
from knowledge_base.entries.records import EntryQuery, EntryRecord
from knowledge_base.entries.service import Entries
from knowledge_base.entries.sources import number_key
from knowledge_base.importer import import_laws
from knowledge_base.models import Citation
from knowledge_base.tables import DOCUMENTS, FAQ_VERSIONS, GOLD
from tests.knowledge_base.entries.conftest import (
    CURATOR,
    TODAY,
    PutLaw,
    entry,
    publish,
)

LAW = "中华人民共和国路灯法"
CITED = (Citation("路灯法", "第二条"),)
NOW = datetime.now(timezone.utc)


def kinds(record: EntryRecord) -> list[str]:
    return [flag.kind for flag in record.flags if flag.kind != "no_gold"]


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("第三十四条", "34"),
        ("第34条", "34"),
        ("第三十四条第二款", "34"),
        ("第十七条之一", "17-1"),
        ("第7段", "第7段"),
        ("", ""),
    ],
)
def test_the_number_of_an_article_has_one_key(written: str, key: str) -> None:
    assert number_key(written) == key


async def test_a_law_that_was_never_imported_is_only_told_of(
    database: Database, entries: Entries
) -> None:
    record = await publish(database, entries, entry(citation=CITED))
    assert kinds(record) == ["law_not_imported"]
    assert (await entries.counts()).flagged == 0


async def test_an_article_in_force_raises_no_flag(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    await put_law(LAW, [("第二条", "三日内修复。")], version=date(2019, 1, 1))
    record = await publish(database, entries, entry(citation=CITED))
    assert kinds(record) == []
    found = (await entries.sources(CITED)).in_force(CITED[0])
    assert found is not None
    assert (found.law, found.text) == (LAW, "三日内修复。")


async def test_a_repealed_law_is_flagged_with_what_ended_it(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    await put_law(
        LAW, [("第二条", "三日内修复。")], version=date(2019, 1, 1), in_force=False,
        superseded_by="道路照明法",
    )  # fmt: skip
    record = await publish(database, entries, entry(citation=CITED))
    (flag,) = [flag for flag in record.flags if flag.kind == "law_repealed"]
    assert flag.successor == "道路照明法"
    assert flag.old is not None
    assert flag.old.text == "三日内修复。"


async def test_an_article_that_the_new_version_drops_is_flagged_with_its_old_text(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    await put_law(
        LAW, [("第二条", "三日内修复。")], version=date(2019, 1, 1), in_force=False,
        superseded_by=f"{LAW}（2025-01-01）",
    )  # fmt: skip
    await put_law(LAW, [("第一条", "照亮道路。")], version=date(2025, 1, 1))
    record = await publish(database, entries, entry(citation=CITED))
    (flag,) = [flag for flag in record.flags if flag.kind == "article_missing"]
    assert flag.old is not None
    assert flag.new is not None
    assert (flag.old.text, flag.new.text) == ("三日内修复。", "")
    assert flag.new.version == date(2025, 1, 1)
    page = await entries.page(EntryQuery(flag="article_missing"))
    assert [line.id for line in page.lines] == [record.entry.id]


async def _old_then_new(put_law: PutLaw, came: datetime, apart: timedelta) -> None:
    await put_law(
        LAW, [("第二条", "三日内修复。")], version=date(2019, 1, 1), in_force=False,
        superseded_by=f"{LAW}（2025-01-01）", imported_at=came - apart,
    )  # fmt: skip
    await put_law(LAW, [("第二条", "二日内修复。")], version=date(2025, 1, 1), imported_at=came)


async def test_an_article_that_changed_after_the_answer_was_written_shows_both_texts(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    record = await publish(database, entries, entry(citation=CITED))
    await _old_then_new(put_law, NOW + timedelta(hours=1), timedelta(days=1))
    record = await entries.get(record.entry.id)
    (flag,) = [flag for flag in record.flags if flag.kind == "article_changed"]
    assert flag.old is not None
    assert flag.new is not None
    assert (flag.old.text, flag.new.text) == ("三日内修复。", "二日内修复。")


async def test_an_answer_written_from_the_new_text_is_not_flagged(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    await _old_then_new(put_law, NOW - timedelta(hours=1), timedelta(days=1))
    assert kinds(await publish(database, entries, entry(citation=CITED))) == []


async def test_the_history_of_a_law_imported_at_once_changes_nothing_for_an_older_answer(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    record = await publish(database, entries, entry(citation=CITED))
    await _old_then_new(put_law, NOW + timedelta(hours=1), timedelta(seconds=1))
    assert kinds(await entries.get(record.entry.id)) == []


async def test_confirming_that_an_answer_still_holds_ends_the_doubt(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    record = await publish(database, entries, entry(citation=CITED))
    await database.write(
        lambda c: c.execute(
            sa.update(FAQ_VERSIONS).values(made_at=datetime(2024, 1, 1, tzinfo=timezone.utc))
        )
    )
    await _old_then_new(put_law, datetime(2025, 2, 1, tzinfo=timezone.utc), timedelta(days=9))
    record = await entries.get(record.entry.id)
    assert kinds(record) == ["article_changed", "overdue"]
    assert kinds(await entries.confirm(record.entry.id, CURATOR, "已对照新法")) == []


async def test_validity_is_counted_from_today(database: Database, entries: Entries) -> None:
    cited = {"citation": CITED}
    later = await publish(database, entries, entry(valid_from=date(2026, 7, 1), **cited))
    assert kinds(later)[:1] == ["not_yet_valid"]
    soon = await publish(database, entries, entry(valid_until=date(2026, 7, 1), **cited))
    assert kinds(soon)[:1] == ["expiring"]
    today = await publish(database, entries, entry(valid_until=date(2026, 5, 31), **cited))
    assert kinds(today)[:1] == ["expired"]


async def test_gold_questions_count_only_while_they_are_in_use(
    database: Database, entries: Entries
) -> None:
    record = await publish(database, entries, entry())
    assert [flag.kind for flag in record.flags] == ["no_citation", "no_gold"]
    gold = {
        "question": "灯坏", "right": [record.entry.id], "source": "staff", "active": True,
        "made_at": NOW, "made_by": "甲",
    }  # fmt: skip
    await database.write(lambda c: c.execute(sa.insert(GOLD).values(**gold)))
    assert [flag.kind for flag in (await entries.get(record.entry.id)).flags] == ["no_citation"]
    await database.write(lambda c: c.execute(sa.update(GOLD).values(active=False)))
    assert len((await entries.get(record.entry.id)).flags) == 2


async def test_importing_a_newer_version_that_drops_the_article_flags_the_entry_at_once(
    database: Database, entries: Entries, tmp_path: Path
) -> None:
    record = await publish(database, entries, entry(citation=CITED))
    old = tmp_path / "路灯法(2019-01-01).md"
    old.write_text("# 路灯法\n\n第一条 照亮道路。\n\n第二条 三日内修复。\n", encoding="utf-8")
    new = tmp_path / "路灯法(2025-01-01).md"
    new.write_text("# 路灯法\n\n第一条 照亮道路和桥梁。\n", encoding="utf-8")
    await import_laws(database, [old], today=TODAY)
    assert kinds(await entries.get(record.entry.id)) == []
    await import_laws(database, [new], today=TODAY)
    (flag,) = [one for one in (await entries.get(record.entry.id)).flags if one.citation]
    assert flag.kind == "article_missing"
    assert flag.old is not None
    assert flag.old.text == "三日内修复。"
    assert (await entries.counts()).by_flag["article_missing"] == 1


async def test_the_figures_follow_every_change_at_once(
    database: Database, entries: Entries, put_law: PutLaw
) -> None:
    await put_law(LAW, [("第二条", "三日内修复。")], version=date(2019, 1, 1))
    record = await publish(database, entries, entry(citation=CITED))
    assert (await entries.counts()).flagged == 0
    late = replace(record.entry, valid_until=date(2026, 6, 9))
    await publish(database, entries, late)
    assert (await entries.counts()).by_flag == {"expiring": 1, "no_gold": 1}
    await database.write(
        lambda c: c.execute(sa.update(DOCUMENTS).values(in_force=False, superseded_by="新法"))
    )
    assert set((await entries.counts()).by_flag) == {"expiring", "law_repealed", "no_gold"}

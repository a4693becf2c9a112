from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.audit import SYSTEM, Actor
from knowledge_base.database import Database
from knowledge_base.entries import life
from knowledge_base.entries.listing import published as published_versions
from knowledge_base.entries.service import Entries
from knowledge_base.entries.store import load_versions
from knowledge_base.faq import load_starter, read_faq_file, read_starter
from knowledge_base.migrations import upgrade
from knowledge_base.models import FaqEntry
from knowledge_base.search import SCRIPTS, VERSION_TABLE
from nlu.text.errors import Unprocessable


def entry(name: str = "lamp", answer: str = "打12345。", *phrasings: str) -> FaqEntry:
    return FaqEntry(name, "路灯坏了找谁", phrasings or ("灯不亮", "没灯", "黑"), answer, (), "市政")


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[Database]:
    upgrade(database_url, SCRIPTS, VERSION_TABLE)
    database = Database(database_url)
    yield database
    await database.close()


async def load(database: Database, *entries: FaqEntry) -> int:
    return await database.write(lambda connection: load_starter(connection, entries))


async def published(database: Database) -> dict[str, str]:
    found = await database.read(lambda c: load_versions(c, published_versions(c)))
    return {one.id: one.answer for one in found}


def test_the_starter_is_large_cited_and_asked_in_many_ways() -> None:
    entries = read_starter()
    assert len(entries) >= 150
    assert all(len(one.wordings) >= 4 for one in entries)
    assert sum(bool(one.citation) for one in entries) / len(entries) > 0.7


def test_no_wording_of_the_starter_stands_in_two_entries() -> None:
    seen: dict[str, str] = {}
    for one in read_starter():
        for wording in one.wordings:
            assert seen.setdefault(wording, one.id) == one.id, wording


async def test_what_is_loaded_is_published_and_loading_again_changes_nothing(
    tables: Database,
) -> None:
    assert await load(tables, entry()) == 1
    assert await load(tables, entry()) == 0
    record = await Entries(tables).get("lamp")
    assert record.entry == entry()
    assert (record.status, record.published_version, record.changed_by) == ("approved", 1, "system")
    assert [step.act for step in record.steps] == ["created", "approved"]
    assert record.is_starter


async def test_a_changed_starter_entry_is_a_new_version(tables: Database) -> None:
    await load(tables, entry())
    assert await load(tables, entry(answer="打110。")) == 1
    record = await Entries(tables).get("lamp")
    assert (record.version, record.published_version, record.entry.answer) == (2, 2, "打110。")
    assert [line.version for line in await Entries(tables).history("lamp")] == [2, 1]


async def test_an_entry_gone_from_the_starter_is_retired_and_taken_back_when_it_returns(
    tables: Database,
) -> None:
    await load(tables, entry(), entry("well", "找水务"))
    assert await load(tables, entry()) == 1
    assert await load(tables, entry()) == 0
    assert await published(tables) == {"lamp": "打12345。"}
    assert await load(tables, entry(), entry("well", "找水务")) == 1
    assert await published(tables) == {"lamp": "打12345。", "well": "找水务"}


async def test_what_staff_edited_is_not_overwritten(tables: Database) -> None:
    await load(tables, entry())
    await Entries(tables).save(replace(entry(), answer="本市打12319。"), Actor("甲"))
    assert await load(tables, entry(answer="打110。")) == 0
    assert await load(tables) == 0
    assert (await Entries(tables).get("lamp")).entry.answer == "本市打12319。"


async def test_what_staff_retired_stays_retired(tables: Database) -> None:
    await load(tables, entry())
    await tables.write(lambda c: life.mark_retired(c, "lamp", Actor("乙"), "本地不用"))
    assert await load(tables, entry(answer="打110。")) == 0
    assert await published(tables) == {}


async def test_an_entry_of_the_same_id_that_staff_wrote_is_theirs(tables: Database) -> None:
    await Entries(tables).save(entry(answer="本市打12319。"), Actor("甲"))
    assert await load(tables, entry()) == 0
    assert SYSTEM.name not in {step.by for step in (await Entries(tables).get("lamp")).steps}


def test_a_file_with_a_mistake_says_which_field(tmp_path: Path) -> None:
    path = tmp_path / "lamps.yml"
    path.write_text("- {id: lamp, question: 灯, phrasings: [一, 二], answer: 修, category: 市政}")
    with pytest.raises(Unprocessable, match=r"lamps\.yml 0\.phrasings"):
        read_faq_file(path)
    path.write_text("- [")
    with pytest.raises(Unprocessable, match=r"lamps\.yml"):
        read_faq_file(path)


def test_an_id_that_stands_twice_is_refused(tmp_path: Path) -> None:
    line = "- {id: lamp, question: 灯, phrasings: [一, 二, 三, 四], answer: 修, category: 市政}"
    for name in ("a.yml", "b.yml"):
        (tmp_path / name).write_text(line)
    with pytest.raises(Unprocessable, match="lamp"):
        read_starter(tmp_path)

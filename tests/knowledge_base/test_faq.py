from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from knowledge_base.database import Database
from knowledge_base.faq import load_starter, read_faq_file, read_starter
from knowledge_base.migrations import upgrade
from knowledge_base.models import FaqEntry
from knowledge_base.search import SCRIPTS, VERSION_TABLE
from knowledge_base.store import published_faqs, put_faq
from nlu.text.errors import Unprocessable

TODAY = date(2026, 6, 1)


def entry(name: str = "lamp", answer: str = "打12345。", *phrasings: str) -> FaqEntry:
    return FaqEntry(name, "路灯坏了找谁", phrasings or ("灯不亮", "没灯", "黑"), answer, (), "市政")


@pytest.fixture
async def tables(database: Database) -> Database:
    upgrade(database.url, SCRIPTS, VERSION_TABLE)
    return database


async def load(database: Database, *entries: FaqEntry) -> int:
    return await database.write(lambda connection: load_starter(connection, entries))


async def published(database: Database) -> dict[str, str]:
    found, _ = await database.read(lambda connection: published_faqs(connection, TODAY))
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
    found, texts = await tables.read(lambda connection: published_faqs(connection, TODAY))
    assert found == [entry()]
    assert [text.text for text in texts if text.is_answer] == ["打12345。"]


async def test_a_new_answer_keeps_the_ids_of_the_wordings(tables: Database) -> None:
    await load(tables, entry())
    _, before = await tables.read(lambda connection: published_faqs(connection, TODAY))
    await load(tables, entry(answer="打110。"))
    _, after = await tables.read(lambda connection: published_faqs(connection, TODAY))
    said = {text.id for text in before if not text.is_answer}
    assert said == {text.id for text in after if not text.is_answer}
    assert {text.id for text in before if text.is_answer} != {
        text.id for text in after if text.is_answer
    }


async def test_an_entry_gone_from_the_starter_is_retired(tables: Database) -> None:
    await load(tables, entry(), entry("well", "找水务"))
    await load(tables, entry())
    assert await published(tables) == {"lamp": "打12345。"}


async def test_what_staff_edited_is_not_overwritten(tables: Database) -> None:
    await load(tables, entry())
    edited = entry(answer="本市打12319。")
    await tables.write(
        lambda connection: put_faq(
            connection, edited, status="approved", starter_digest="x", edited=True
        )
    )
    await load(tables, entry(answer="打110。"))
    assert await published(tables) == {"lamp": "本市打12319。"}


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

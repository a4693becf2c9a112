from __future__ import annotations

from pathlib import Path

from knowledge_base.database import Database
from knowledge_base.entries.nearness import near
from knowledge_base.entries.service import Entries
from knowledge_base.search import KnowledgeBase
from tests.knowledge_base.entries.conftest import entry, publish


async def test_what_the_search_finds_for_the_question_is_compared(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/kb.db")
    kb = await KnowledgeBase.open(database, None, tmp_path / "data", starter=None)
    try:
        record = await publish(database, Entries(database), entry("路灯坏了找谁修"))
        await kb.refresh()
        assert record.entry.id in await near(kb)("路灯坏了找谁修")
        entries = Entries(database, near(kb))
        same = entry("路灯坏了找谁修", "打12319。")
        assert [one.other.id for one in await entries.contradictions(same)] == [record.entry.id]
    finally:
        await kb.close()
        await database.close()

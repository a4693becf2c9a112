"""A knowledge base of five answers, and the hands that change it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries.records import EntryRecord
from knowledge_base.entries.service import Entries
from knowledge_base.gold import Gold
from knowledge_base.models import FaqEntry
from knowledge_base.publishing import Publishing
from knowledge_base.runs import Runs
from knowledge_base.search import KnowledgeBase

TODAY = date(2026, 6, 1)
WRITER = Actor("甲", "10.0.0.1")
APPROVER = Actor("乙", "10.0.0.2")
TEXTS = {
    "lamp": ("路灯坏了找谁修", ("路灯不亮", "街上的灯灭了"), "打12345报修路灯。"),
    "water": (
        "自来水发黄怎么办",
        ("水管里流出黄水", "水有铁锈味"),
        "先放水，仍黄就打供水热线。",
    ),
    "noise": ("夜里施工太吵找谁", ("工地半夜打桩", "晚上施工噪音"), "向城管部门反映夜间施工。"),
    "school": ("孩子上小学要什么材料", ("入学报名材料", "小学入学手续"), "户口簿和房产证明。"),
    "heating": ("暖气不热怎么办", ("供暖不达标", "家里暖气片是凉的"), "联系供热公司测温。"),
}


def entry(
    name: str, question: str, phrasings: tuple[str, ...], answer: str, **more: Any
) -> FaqEntry:
    """An entry in the order of `TEXTS`."""
    return FaqEntry(name, question, phrasings, answer, (), more.pop("category", "市政"), **more)


@dataclass
class World:
    """Everything that a test of publishing needs."""

    database: Database
    folder: Path
    kb: KnowledgeBase
    entries: Entries
    publishing: Publishing
    gold: Gold
    runs: Runs

    async def submit(self, one: FaqEntry, by: Actor = WRITER) -> EntryRecord:
        """Write a version and hand it in."""
        record = await self.entries.save(one, by)
        return await self.entries.submit(record.entry.id, by)

    async def publish(self, *several: FaqEntry) -> int | None:
        for one in several:
            await self.submit(one)
        published = await self.publishing.approve([one.id for one in several], APPROVER)
        return published.release

    async def first(self, question: str) -> str:
        """What answers a citizen; empty: nothing does."""
        result = await self.kb.search(question)
        return result.hits[0].id if result.answered else ""


async def open_world(
    database: Database, folder: Path, encoder: Any = None, **options: Any
) -> World:
    """The five answers, published; nothing else."""
    kb = await KnowledgeBase.open(
        database, encoder, folder / "data", starter=None, today=lambda: TODAY, **options
    )
    world = World(
        database,
        folder,
        kb,
        Entries(database, today=lambda: TODAY),
        Publishing(database, kb),
        Gold(database),
        Runs(database, kb),
    )
    await world.publish(*(entry(name, *texts) for name, texts in TEXTS.items()))
    return world

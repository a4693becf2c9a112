from __future__ import annotations

from dataclasses import replace

import pytest
import sqlalchemy as sa

from knowledge_base import audit
from knowledge_base.audit import Actor
from knowledge_base.database import Database
from knowledge_base.entries import life
from knowledge_base.entries.listing import published
from knowledge_base.entries.service import Entries
from knowledge_base.tables import AUDIT
from nlu.text.errors import Conflict, NotFound, Unprocessable
from tests.knowledge_base.entries.conftest import APPROVER, CURATOR, entry, publish


async def trail(database: Database) -> list[tuple[str, str]]:
    rows = await database.read(
        lambda c: c.execute(sa.select(AUDIT.c.act, AUDIT.c.by).order_by(AUDIT.c.id)).all()
    )
    assert await database.read(audit.verify) is None
    return [(row.act, row.by) for row in rows]


async def test_a_new_entry_goes_from_draft_to_published_with_every_step_in_the_trail(
    database: Database, entries: Entries
) -> None:
    saved = await entries.save(entry(), CURATOR, note="初稿")
    assert (saved.status, saved.version, saved.published_version) == ("draft", 1, None)
    id = saved.entry.id
    assert id.startswith("e-")
    assert (await entries.submit(id, CURATOR)).status == "in_review"
    await database.write(lambda c: life.mark_approved(c, id, 1, APPROVER, "同意"))
    record = await entries.get(id)
    assert (record.status, record.published_version) == ("approved", 1)
    assert [(step.act, step.by) for step in record.steps] == [
        ("created", "甲"),
        ("submitted", "甲"),
        ("approved", "乙"),
    ]
    assert await database.read(published) == {id: 1}
    assert await trail(database) == [
        ("faq_created", "甲"),
        ("faq_submitted", "甲"),
        ("faq_approved", "乙"),
    ]


async def test_an_edit_of_a_published_entry_leaves_citizens_with_the_old_version(
    database: Database, entries: Entries
) -> None:
    record = await publish(database, entries, entry())
    edited = await entries.save(replace(record.entry, answer="打12319。"), CURATOR, base_version=1)
    assert (edited.status, edited.version, edited.published_version) == ("draft", 2, 1)
    assert edited.has_unpublished
    old = await entries.published(record.entry.id)
    assert old is not None
    assert old.answer == "打12345。"


async def test_of_two_editors_the_second_is_told_who_was_first(entries: Entries) -> None:
    saved = await entries.save(entry(), CURATOR)
    await entries.save(replace(saved.entry, answer="打110。"), APPROVER, base_version=1)
    with pytest.raises(Conflict, match=r"乙 在 20.* 保存了第 2 版"):
        await entries.save(replace(saved.entry, answer="打120。"), CURATOR, base_version=1)
    assert (await entries.get(saved.entry.id)).entry.answer == "打110。"


async def test_saving_without_a_change_makes_no_version(entries: Entries) -> None:
    saved = await entries.save(entry(), CURATOR)
    again = await entries.save(saved.entry, CURATOR, base_version=1)
    assert again.version == 1


async def test_what_waits_for_review_is_not_edited_under_the_reviewer(entries: Entries) -> None:
    saved = await entries.save(entry(), CURATOR)
    await entries.submit(saved.entry.id, CURATOR)
    with pytest.raises(Conflict, match="待审"):
        await entries.save(replace(saved.entry, answer="打110。"), CURATOR, base_version=1)


async def test_only_who_handed_it_in_may_recall_it(entries: Entries) -> None:
    saved = await entries.save(entry(), CURATOR)
    await entries.submit(saved.entry.id, CURATOR)
    with pytest.raises(Conflict, match="提交人"):
        await entries.recall(saved.entry.id, APPROVER)
    assert (await entries.recall(saved.entry.id, CURATOR)).status == "draft"


async def test_sending_back_needs_an_opinion_and_keeps_it(entries: Entries) -> None:
    saved = await entries.save(entry(), CURATOR)
    await entries.submit(saved.entry.id, CURATOR)
    with pytest.raises(Unprocessable, match="意见"):
        await entries.reject(saved.entry.id, APPROVER, "  ")
    record = await entries.reject(saved.entry.id, APPROVER, "号码写错了")
    assert record.status == "draft"
    assert (record.steps[-1].act, record.steps[-1].note) == ("rejected", "号码写错了")


async def test_a_draft_cannot_be_approved_nor_an_older_version(
    database: Database, entries: Entries
) -> None:
    saved = await entries.save(entry(), CURATOR)
    id = saved.entry.id
    with pytest.raises(Conflict, match="草稿"):
        await database.write(lambda c: life.mark_approved(c, id, 1, APPROVER))
    await entries.submit(id, CURATOR)
    with pytest.raises(Conflict, match="新版本"):
        await database.write(lambda c: life.mark_approved(c, id, 7, APPROVER))


async def test_a_retired_entry_is_taken_up_again_by_editing(
    database: Database, entries: Entries
) -> None:
    record = await publish(database, entries, entry())
    id = record.entry.id
    await database.write(lambda c: life.mark_retired(c, id, APPROVER, "政策取消"))
    assert await database.read(published) == {}
    again = await entries.save(replace(record.entry, answer="打110。"), CURATOR, base_version=1)
    assert again.status == "draft"


async def test_going_back_to_a_release_brings_every_entry_in_line(
    database: Database, entries: Entries
) -> None:
    changed = await publish(database, entries, entry())
    gone = await publish(database, entries, entry("井盖丢了找谁", "找水务。"))
    before = await database.read(published)
    newer = await publish(database, entries, replace(changed.entry, answer="打110。"))
    assert newer.published_version == 2
    await database.write(lambda c: life.mark_retired(c, gone.entry.id, APPROVER, "不用了"))
    late = await publish(database, entries, entry("停电了找谁", "打95598。"))

    moved = await database.write(lambda c: life.set_published(c, before, APPROVER, "退回"))

    assert set(moved) == {changed.entry.id, gone.entry.id, late.entry.id}
    assert await database.read(published) == before
    states = [(await entries.get(one.entry.id)).status for one in (changed, gone, late)]
    assert states == ["draft", "approved", "draft"]
    assert await database.write(lambda c: life.set_published(c, before, APPROVER)) == []


async def test_a_version_can_be_restored_as_a_draft(entries: Entries) -> None:
    saved = await entries.save(entry(), CURATOR)
    await entries.save(replace(saved.entry, answer="打110。"), CURATOR)
    restored = await entries.restore(saved.entry.id, 1, APPROVER)
    assert (restored.version, restored.status) == (3, "draft")
    assert restored.entry.answer == "打12345。"
    history = await entries.history(saved.entry.id)
    assert [line.version for line in history] == [3, 2, 1]
    assert history[0].is_current
    assert history[0].note == "恢复第 1 版的内容"
    with pytest.raises(NotFound):
        await entries.restore(saved.entry.id, 9, APPROVER)


async def test_each_reviewer_sees_what_waits_and_what_is_theirs(entries: Entries) -> None:
    one = await entries.save(entry(), CURATOR)
    two = await entries.save(entry("井盖丢了找谁"), CURATOR)
    for saved in (one, two):
        await entries.submit(saved.entry.id, CURATOR)
    await entries.reject(two.entry.id, APPROVER, "重写")
    waiting, total = await entries.reviews("waiting", "乙")
    assert ([line.id for line in waiting], total) == ([one.entry.id], 1)
    mine, _ = await entries.reviews("mine", "甲")
    assert {line.id: line.status for line in mine} == {
        one.entry.id: "in_review",
        two.entry.id: "draft",
    }
    decided, _ = await entries.reviews("decided", "乙")
    assert [(line.id, line.step.act, line.step.note) for line in decided] == [
        (two.entry.id, "rejected", "重写")
    ]
    assert (await entries.reviews("decided", "甲"))[1] == 0


async def test_an_actor_without_an_address_is_the_program(entries: Entries) -> None:
    saved = await entries.save(entry(), Actor("system"))
    assert saved.changed_by == "system"

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest

from actions.draft import KEEPS, Draft

NOW = datetime(2026, 11, 22, 10, tzinfo=timezone.utc)


def test_one_breath_fills_every_field_that_it_holds() -> None:
    draft = Draft(id="1")
    draft.listen(
        "我叫马志强，电话13519351187，凤翔小区2号楼楼下烤肉店上个月开始营业到三点，希望十点前关门",
        NOW,
        matter=True,
    )
    assert draft.name == "马志强"
    assert draft.phone == "13519351187"
    assert draft.place is not None
    assert draft.place.startswith("凤翔小区2号楼")
    assert draft.occurred_at is not None
    assert draft.occurred_at.startswith("上个月")
    assert draft.demand is not None
    assert draft.missing() is None
    assert draft.matter is not None
    assert "13519351187" not in draft.matter
    assert "马志强" not in draft.matter
    assert "烤肉店" in draft.matter


@pytest.mark.parametrize("text", ["我要投诉", "您好，我想反映一个问题", "13519351187"])
def test_words_without_a_matter_tell_none(text: str) -> None:
    draft = Draft(id="1")
    draft.listen(text, NOW, matter=True)
    assert draft.missing() == "matter"


def test_how_often_is_not_since_when() -> None:
    draft = Draft(id="1")
    draft.listen("楼下每晚放音响跳舞吵死人", NOW, matter=True)
    assert draft.occurred_at is None


def test_a_draft_survives_storage_and_grows_old() -> None:
    draft = Draft(id="7", matter="路灯坏了", phone="13519351187")
    stored = draft.dump(NOW)
    assert Draft.load(stored, NOW + timedelta(days=1)) == draft
    assert Draft.load(stored, NOW + KEEPS + timedelta(seconds=1)) is None
    assert Draft.load(None, NOW) is None
    assert Draft.load({**stored, "a_field_of_the_past": 1}, NOW) == draft


def test_what_is_skipped_is_not_asked_again() -> None:
    draft = Draft(id="1", matter="路灯坏了")
    assert draft.missing() == "place"
    draft.skip("place")
    assert draft.missing() == "occurred_at"

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.entries.differences import diff, item_runs, text_runs
from knowledge_base.models import Citation
from tests.knowledge_base.entries.conftest import entry


def shown(runs: object) -> list[tuple[str, str]]:
    return [(run.op, run.text) for run in runs]  # type: ignore[attr-defined]


def test_only_the_characters_that_differ_are_marked() -> None:
    assert shown(text_runs("三日内修复路灯。", "七日内修复路灯。")) == [
        ("removed", "三"),
        ("added", "七"),
        ("same", "日内修复路灯。"),
    ]


def test_single_characters_between_changes_are_not_left_standing() -> None:
    runs = shown(text_runs("一二日内说明情况", "三四日外讲清情况"))
    assert ("same", "日") not in runs
    assert runs[-1] == ("same", "情况")


def test_an_item_that_was_reworded_is_shown_in_one_row() -> None:
    rows = item_runs(["灯不亮", "没灯了"], ["灯不亮", "没有灯了", "黑"])
    assert shown(rows[0]) == [("same", "灯不亮")]
    assert ("removed", "没灯了") in [pair for row in rows for pair in shown(row)]
    (row,) = item_runs(["没灯了"], ["没有灯了"])
    assert shown(row) == [("same", "没"), ("added", "有"), ("same", "灯了")]


def test_fields_that_are_the_same_are_left_out() -> None:
    old = entry()
    new = replace(old, citation=(Citation("路灯法", "第二条"),), valid_until=date(2027, 1, 1))
    assert [one.field for one in diff(old, new)] == ["citation", "valid_until"]
    assert diff(old, old) == []
    assert {one.field for one in diff(None, old)} >= {"question", "answer", "phrasings"}


@given(st.text("灯坏了找谁修1", max_size=30), st.text("灯坏了找谁修2", max_size=30))
def test_both_texts_can_be_read_back_from_the_runs(old: str, new: str) -> None:
    runs = text_runs(old, new)
    assert "".join(run.text for run in runs if run.op != "added") == old
    assert "".join(run.text for run in runs if run.op != "removed") == new

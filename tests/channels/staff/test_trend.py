from __future__ import annotations

from datetime import datetime, timezone

from channels.staff.pages.marking import marked
from channels.staff.pages.trend import chart
from knowledge_base.judging import Asked, Figures, judge
from knowledge_base.runs import RunLine
from knowledge_base.serving import Fate

RIGHT = Fate(True, "lamp", "faq", "路灯", 0.9, ("lamp",), ())
WRONG = Fate(True, "water", "faq", "水", 0.9, ("water", "lamp"), ())


def run(number: int, *fates: Fate) -> RunLine:
    judged = [judge(Asked(f"问{at}", ("lamp",)), fate) for at, fate in enumerate(fates)]
    at = datetime(2026, 6, number, 20, tzinfo=timezone.utc)
    return RunLine(number, at, "甲", "batch", "六月", 1, 10, Figures.of(judged), 0)


def test_one_run_is_no_course() -> None:
    assert chart([run(1, RIGHT)]) is None


def test_each_figure_is_a_line_through_its_runs_and_days_are_ours() -> None:
    drawn = chart([run(1, RIGHT, RIGHT), run(2, RIGHT, WRONG), run(3, WRONG, WRONG)])
    assert drawn is not None
    rightly, wrong = drawn.lines
    assert [point.value for point in rightly.points] == [1.0, 0.5, 0.0]
    assert [point.value for point in wrong.points] == [0.0, 0.5, 1.0]
    # Higher is better on paper, too: y grows downwards.
    assert rightly.points[0].y < rightly.points[1].y < rightly.points[2].y
    assert rightly.path.startswith("M44.0 12.0 L")
    assert [label for _, label, _ in drawn.days] == ["06-02", "06-03", "06-04"]


def test_shared_words_are_marked_where_they_stand() -> None:
    assert marked("街上的路灯不亮", ["路灯", "亮"]) == [
        ("街上的", False), ("路灯", True), ("不", False), ("亮", True),
    ]  # fmt: skip
    assert marked("KTV吵", ["ktv", ""]) == [("KTV", True), ("吵", False)]
    assert marked("没有", []) == [("没有", False)]

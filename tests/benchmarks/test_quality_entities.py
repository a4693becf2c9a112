"""The measure of what is found in sentences, on findings that are made up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from benchmarks.quality_entities import Find, meant, measure
from nlu.text.entities import Entity

TOLD = "昨天凤翔小区2号楼停水，昨天报修"
ROW: dict[str, Any] = {
    "text": TOLD,
    "now": "2026-11-22T10:00:00+08:00",
    "entities": [
        {"type": "date", "text": "昨天", "value": "2026-11-21"},
        {"type": "place", "text": "凤翔小区2号楼", "value": "凤翔小区2号楼"},
        {"type": "date", "text": "昨天", "value": "2026-11-21"},
    ],
}


def _finds(*found: tuple[str, int, int, str]) -> Find:
    entities = [Entity(kind, TOLD[a:b], value, a, b) for kind, a, b, value in found]
    find: Callable[[str, datetime], Sequence[Entity]] = lambda _text, _now: entities  # noqa: E731
    return find


def test_a_text_that_stands_twice_is_labelled_in_both_places() -> None:
    assert [label.start for label in meant(ROW)] == [0, 2, 12]


def test_a_date_needs_the_right_day_and_counts_once() -> None:
    find = _finds(("date", 0, 2, "2026-11-21"), ("date", 0, 2, "2026-11-21"))
    score = measure([ROW], find)["date"]
    assert (score.precision, score.recall) == (0.5, 0.5)
    assert measure([ROW], _finds(("date", 0, 2, "2026-11-20")))["date"].f1 == 0


def test_a_place_may_miss_its_edge_but_not_its_middle() -> None:
    assert measure([ROW], _finds(("place", 0, 9, "")))["place"].f1 == 1
    assert measure([ROW], _finds(("place", 2, 6, "")))["place"].f1 == 0


def test_the_interval_holds_the_score_and_is_the_same_each_time() -> None:
    right, wrong = ROW, ROW | {"now": "2026-11-23T10:00:00+08:00"}

    def find(_text: str, now: datetime) -> list[Entity]:
        return [Entity("place", TOLD[2:9], "", 2, 9)] if now.day == 22 else []

    score = measure([right, wrong] * 20, find)["place"]
    assert score.low < score.f1 < score.high
    assert score == measure([right, wrong] * 20, find)["place"]

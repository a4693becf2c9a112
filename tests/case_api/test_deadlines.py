from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path

import pytest

from case_api import deadlines
from case_api.deadlines import LocalLimits
from case_api.places import coarse
from nlu.text.errors import Unprocessable

# 23:30 in Beijing: the day that counts is the one on the citizen's wall.
LATE = datetime(2026, 11, 22, 15, 30, tzinfo=timezone.utc)


def test_fifteen_days_are_counted_from_the_day_after_in_official_time() -> None:
    due = deadlines.on_filing(LATE, urgent=False, limits=LocalLimits())
    assert due.at.isoformat() == "2026-12-07T23:59:59+08:00"
    past_midnight = datetime(2026, 11, 22, 16, 30, tzinfo=timezone.utc)
    later = deadlines.on_filing(past_midnight, urgent=False, limits=LocalLimits())
    assert later.at.date().isoformat() == "2026-12-08"


def test_sixty_days_thirty_more_and_thirty_for_a_review_each_cite_their_article() -> None:
    handling = deadlines.on_acceptance(LATE)
    assert (handling.at.date().isoformat(), handling.clock.article) == ("2027-01-21", "第三十四条")
    extension = deadlines.on_extension(LATE, 30)
    assert (extension.at.date().isoformat(), extension.clock.article) == (
        "2027-02-20",
        "第三十四条",
    )
    review = deadlines.on_answer(LATE)
    assert (review.at.date().isoformat(), review.clock.article) == ("2026-12-22", "第三十五条")


@pytest.mark.parametrize("days", [0, -1, 31])
def test_an_extension_outside_the_regulation_is_refused(days: int) -> None:
    with pytest.raises(Unprocessable):
        deadlines.on_extension(LATE, days)


def test_a_citizen_reads_who_what_until_when_and_by_which_article() -> None:
    due = deadlines.on_acceptance(LATE)
    said = deadlines.describe("handling", due.at, office="县教育局")
    assert said == ("县教育局最迟2027年1月21日前办结并答复（《信访工作条例》第三十四条，60日内）")
    assert deadlines.describe(None, None, office="县教育局") == ""


def test_a_local_limit_may_not_be_longer_than_the_regulation_s(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text('[urgent]\ndays = 16\nsource = "x"\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"urgent\.days"):
        LocalLimits.load(path)


@pytest.mark.parametrize(
    ("place", "shown"),
    [
        ("凤翔小区2号楼", "凤翔小区"),
        ("凤翔街道幸福小区3栋2单元501室", "凤翔街道幸福小区"),
        ("胜利街28号", "胜利街"),
        ("石桥村三组", "石桥村"),
        ("万达广场三楼", "万达广场"),
        ("我家", ""),
        ("", ""),
    ],
)
def test_a_coarse_place_never_names_the_door(place: str, shown: str) -> None:
    assert coarse(place) == shown

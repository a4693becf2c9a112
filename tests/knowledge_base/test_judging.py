"""What counts as worse: a fall, not the trembling of a question that stands on the floor."""

from __future__ import annotations

from dataclasses import replace

import pytest

from knowledge_base.judging import Judged, got_better, got_worse, wavers

FIRM = Judged("灯坏了", ("lamp",), "right", 1, "lamp", "路灯坏了找谁", 0.9)
EDGE = replace(FIRM, score=0.52)


@pytest.mark.parametrize(
    "after",
    [
        replace(FIRM, outcome="offered", rank=1, score=0.4),
        replace(FIRM, outcome="missed", rank=4, score=0.2),
        replace(FIRM, outcome="wrong", rank=2, first="water"),
        replace(EDGE, outcome="offered", rank=2, score=0.49, first="water"),
    ],
)
def test_a_fall_is_worse_and_the_way_back_is_better(after: Judged) -> None:
    assert got_worse(FIRM, after)
    assert got_better(after, FIRM)
    assert not got_worse(after, FIRM)


def test_a_question_on_the_floor_that_stays_first_only_wavers() -> None:
    after = replace(EDGE, outcome="offered", score=0.49)
    assert wavers(EDGE, after)
    assert not got_worse(EDGE, after)
    assert not got_better(after, EDGE)


def test_a_question_that_must_be_refused_never_merely_wavers() -> None:
    refused = Judged("今天天气", (), "refused", None, "lamp", "", 0.49)
    answered = replace(refused, outcome="answered", score=0.51)
    assert got_worse(refused, answered)

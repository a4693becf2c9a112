"""Where one message holds two troubles."""

from __future__ import annotations

import pytest

from actions.two_matters import APART, TOGETHER, pieces, read_decision


def test_counted_troubles_are_taken_apart() -> None:
    told = (
        "我要反映两个问题，第一，幸福路的路灯坏了一个多月没人修。第二，砖厂拖着我一万二的工资不给"
    )
    assert pieces(told) == ["幸福路的路灯坏了一个多月没人修", "砖厂拖着我一万二的工资不给"]


def test_one_trouble_told_at_length_stays_one() -> None:
    told = "楼下烧烤店天天吵到半夜两点，老人孩子都睡不着，打过三次电话也没人管"
    assert len(pieces(told)) == 1


@pytest.mark.parametrize(
    ("words", "decision"),
    [
        ("分开登记", APART),
        ("好的", APART),
        ("麻烦 搁一块吧", TOGETHER),
        ("合成一件", TOGETHER),
        ("我腿脚不好，出不了门", None),
    ],
)
def test_the_decision_is_read_and_a_word_inside_another_is_none(
    words: str, decision: str | None
) -> None:
    assert read_decision(words) == decision

"""Insults are heard, and ordinary anger is none."""

from __future__ import annotations

import pytest

from nlu.text.abuse import is_abusive, without_abuse


@pytest.mark.parametrize("words", ["你们这帮废物", "滚", "傻逼物业", "垃圾平台", "狗日的", "TMD"])
def test_insults_are_heard(words: str) -> None:
    assert is_abusive(words)


@pytest.mark.parametrize(
    "words",
    [
        "气死我了",
        "楼道里堆满垃圾没人清",
        "废物利用站在哪",
        "石头从山上滚下来",
        "他妈的这路灯又坏了一个月",
    ],
)
def test_anger_and_harmless_words_are_none(words: str) -> None:
    assert not is_abusive(words)


def test_what_is_left_is_what_there_is_to_deal_with() -> None:
    assert without_abuse("你们这帮废物，下水道堵了半个月") == "下水道堵了半个月"

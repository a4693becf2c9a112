"""Masking what identifies a person."""

from __future__ import annotations

import pytest

from nlu.text.contacts import find_numbers
from nlu.text.privacy import mask


@pytest.mark.parametrize(
    ("told", "shown"),
    [
        ("打13519351187", "打135****1187"),
        ("打 135-1935-1187 找我", "打 135****1187 找我"),
        ("＋８６１３５１９３５１１８７", "135****1187"),
        ("一三五一九三五一一八七", "135****1187"),
        ("座机0731-85551234", "座机****234"),
        ("身份证11010519491231002x", "身份证110***********002X"),
        ("卡号6222 0212 3456 7890 123", "卡号***************0123"),
        ("我叫马志强，住三楼", "我叫马**，住三楼"),
        ("联系人：欧阳明", "联系人：欧**"),
        ("邮箱wang.fang@example.com", "邮箱w***@example.com"),
    ],
)
def test_personal_things_are_masked(told: str, shown: str) -> None:
    assert mask(told) == shown


@pytest.mark.parametrize(
    "told",
    [
        "编号MS-261122-7K3QD-X还没消息",
        "欠了三万八千五百块",
        "我叫了一辆车",
        "2026年11月22日",
        "打12345",
    ],
)
def test_what_identifies_nobody_stays(told: str) -> None:
    assert mask(told) == told


def test_a_mistyped_identity_number_is_found_and_masked_all_the_same() -> None:
    (number,) = find_numbers("身份证号110105194912310021")
    assert (number.kind, number.valid) == ("id_number", False)
    assert "19491231" not in mask("身份证号110105194912310021")

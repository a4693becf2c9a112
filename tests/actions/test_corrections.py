from __future__ import annotations

import pytest

from actions.corrections import find_correction


@pytest.mark.parametrize(
    ("text", "field", "value"),
    [
        ("电话写错了，是13519351188", "contact", "13519351188"),
        ("地点改成凤翔小区3号楼", "place", "凤翔小区3号楼"),
        ("地址不是三号楼，是五号楼", "place", "五号楼"),
        ("时间不对，应该是上个月", "occurred_at", "上个月"),
        ("名字错了，我叫李建国", "name", "我叫李建国"),
        ("改一下诉求", "demand", None),
        ("手机号不对", "contact", None),
    ],
)
def test_the_field_and_its_new_value(text: str, field: str, value: str | None) -> None:
    found = find_correction(text)
    assert found is not None
    assert found.field == field
    assert (found.value or "").replace("我叫", "") == (value or "").replace("我叫", "")


@pytest.mark.parametrize(
    "text", ["确认提交", "还有就是他们白天也吵", "希望早点解决", "地点在育才路", "问题很严重"]
)
def test_what_is_no_correction(text: str) -> None:
    assert find_correction(text) is None

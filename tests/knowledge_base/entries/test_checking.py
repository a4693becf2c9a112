from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from knowledge_base.entries.checking import checked, links, problems
from knowledge_base.faq import read_starter
from knowledge_base.models import Citation, Variant
from nlu.text.errors import Unprocessable
from tests.knowledge_base.entries.conftest import entry

CASE = {"kind": "precedent", "facts": "灯坏了", "handling": "修好了"}


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"question": " "}, "question", "至少 2 个字"),
        ({"question": "灯" * 129}, "question", "最多 128 个字"),
        ({"answer": ""}, "answer", "不能为空"),
        ({"answer": "修" * 2001}, "answer", "最多 2000 个字"),
        ({"answer": "看 javascript:alert(1)"}, "answer", "http"),
        ({"category": ""}, "category", "不能为空"),
        ({"phrasings": ("灯不亮", "灯 坏", "灯不亮")}, "phrasings", "写了两遍"),
        ({"phrasings": ("灯不亮", "修" * 201)}, "phrasings", "第 2 行"),
        ({"phrasings": ("路灯坏了找谁",)}, "phrasings", "标准问题"),
        ({"region": "丙县"}, "region", "丙县"),
        ({"variants": (Variant("丙县", "打丙县"),)}, "variants", "丙县"),
        ({"variants": (Variant("甲县", "一"), Variant("甲县", "二"))}, "variants", "两个答复"),
        ({"variants": (Variant("甲县", ""),)}, "variants", "不能为空"),
        ({"region": "甲县", "variants": (Variant("乙县", "二"),)}, "variants", "不用再分"),
        ({"citation": (Citation("", "第一条"),)}, "citation", "第 1 行不能为空"),
        ({"keywords": ("修" * 21,)}, "keywords", "最多 20 个字"),
        ({"keywords": ("路灯坏了找谁",)}, "keywords", "标准问题"),
        (
            {"valid_from": date(2026, 2, 1), "valid_until": date(2026, 1, 1)},
            "valid_until",
            "早于",
        ),
        ({**CASE, "facts": ""}, "facts", "基本情况"),
        ({**CASE, "handling": ""}, "handling", "办理情况"),
    ],
)
def test_what_is_wrong_is_told_beside_the_field(
    changes: dict[str, Any], field: str, words: str
) -> None:
    found = problems(entry(**changes), ["甲县", "乙县"])
    assert [one.field for one in found] == [field]
    assert words in found[0].message
    with pytest.raises(Unprocessable) as refused:
        checked(entry(**changes), ["甲县", "乙县"])
    assert refused.value.field == field


def test_outer_white_space_goes_and_the_rest_stays() -> None:
    found = checked(entry(" 路灯坏了找谁 ", "第一行\n第二行\n", id="x"), [])
    assert (found.id, found.question, found.answer) == ("x", "路灯坏了找谁", "第一行\n第二行")


def test_links_are_those_that_wechat_makes_tappable() -> None:
    text = "看 https://xf.gov.cn/a?b=1。时间 8:30，小程序 pages/index/index，或 weixin://dl/x"
    assert links(text) == ["https://xf.gov.cn/a?b=1", "weixin://dl/x"]
    assert problems(entry(answer="上班 8:30-17:30，见 http://xf.gov.cn"), []) == []


def test_every_starter_entry_is_as_staff_would_have_to_write_it() -> None:
    assert {one.id: found for one in read_starter() if (found := problems(one, []))} == {}

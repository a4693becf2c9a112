from __future__ import annotations

import math

import pytest

from knowledge_base.law_names import UNASKED, asked_for, kind


@pytest.mark.parametrize(
    ("law", "signs"),
    [
        ("中华人民共和国民法典", {"statute"}),
        ("最高人民法院关于审理民间借贷案件适用法律若干问题的规定", {"court_rule"}),
        ("最高人民法院关于适用《中华人民共和国民法典》婚姻家庭编的解释（一）", {"interpretation"}),
        ("物业管理条例", {"regulation"}),
        ("城市居民最低生活保障条例", {"regulation"}),
        ("社会救助暂行办法", {"rule"}),
        ("浙江省物业管理条例", {"regulation", "local"}),
        ("延边朝鲜族自治州城市管理条例", {"regulation", "local"}),
        ("中国（上海）自由贸易试验区条例", {"regulation", "local"}),
        ("信访工作条例", {"regulation"}),
    ],
)
def test_the_name_of_a_law_says_who_made_it_and_for_where(law: str, signs: set[str]) -> None:
    assert kind(law) == signs


def test_a_law_is_not_known_as_asked_for_through_the_question_itself() -> None:
    counts = {"中华人民共和国民法典": 12.0, "物业管理条例": 0.5}
    assert asked_for("物业管理条例", counts, without=0.5) == 0
    assert asked_for("没有人问过的条例", counts) == 0
    assert asked_for("中华人民共和国民法典", counts) == pytest.approx(math.log1p(12 / UNASKED))

"""Organisations with a name of their own, and places that only look like them."""

from __future__ import annotations

from datetime import datetime

import pytest

from nlu.text.entities import find_entities

NOW = datetime(2026, 11, 22, 10, 0)

NAMED = """
投诉金泰热力公司不供暖 | 金泰热力公司
在好运来汽车销售服务有限公司订的车 | 好运来汽车销售服务有限公司
我去县卫健局问过 | 县卫健局
请转省交通运输厅 | 省交通运输厅
市住房和城乡建设局不答复 | 市住房和城乡建设局
到临河区不动产登记中心交材料 | 临河区不动产登记中心
东关派出所不立案 | 东关派出所
小太阳幼儿园临时涨价 | 小太阳幼儿园
我爸在县中医院输液 | 县中医院
总包是中宏建工二分公司的 | 中宏建工二分公司
钱存在清水县农村信用社 | 清水县农村信用社
被顺达驿站弄丢了 | 顺达驿站
"""


def _found(told: str, kind: str) -> list[str]:
    return [entity.text for entity in find_entities(told, NOW) if entity.type == kind]


@pytest.mark.parametrize("line", NAMED.strip().splitlines())
def test_an_organisation_is_found_whole_and_is_no_place(line: str) -> None:
    told, name = (part.strip() for part in line.split("|"))
    assert _found(told, "organisation") == [name]
    assert _found(told, "place") == []


@pytest.mark.parametrize(
    "told",
    [
        "物业不管",
        "公司欠薪",
        "派出所说给改",
        "我们小区物业公司",
        "楼下烧烤店油烟大",
        "当地派出所不管",
        "七点店员来开门",
        "没有店员",
        "一家健身房跑路了",
        "开网店",
        "银行不给贷",
        "学校不让进",
    ],
)
def test_what_has_no_name_is_no_organisation(told: str) -> None:
    assert _found(told, "organisation") == []


@pytest.mark.parametrize(
    ("told", "place"),
    [
        ("县政府门口有人摆摊", "县政府门口"),
        ("宏达公司旁边的路烂了", "宏达公司旁边"),
        ("小太阳幼儿园门口堵车", "小太阳幼儿园门口"),
        ("学校在石门县柳沟乡中心小学", "石门县柳沟乡中心小学"),
        ("市肿瘤医院住院部9楼没热水", "市肿瘤医院住院部9楼"),
    ],
)
def test_where_something_is_near_an_organisation_is_a_place(told: str, place: str) -> None:
    assert _found(told, "place") == [place]
    assert _found(told, "organisation") == []

"""Times as people say them, counted from a Sunday: 22 November 2026."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from nlu.text import lunar
from nlu.text.dates import find_dates

NOW = datetime(2026, 11, 22, 10, 0)

SAID = """
2026年11月20日 | 2026年11月20日 | 2026-11-20
十一月二十号下午三点半停的电 | 十一月二十号下午三点半 | 2026-11-20
二〇二六年三月五日 | 二〇二六年三月五日 | 2026-03-05
2019/11/14 | 2019/11/14 | 2019-11-14
20号晚上八点打架 | 20号晚上八点 | 2026-11-20
前天晚上九点多有人打架 | 前天晚上九点多 | 2026-11-20
昨儿个后半夜 | 昨儿个后半夜 | 2026-11-21
昨晚上没睡好 | 昨晚上 | 2026-11-21
三天前报修 | 三天前 | 2026-11-19
两个月前 | 两个月前 | 2026-09-01/2026-09-30
上周三下午 | 上周三下午 | 2026-11-11
礼拜五早上 | 礼拜五早上 | 2026-11-20
上周末 | 上周末 | 2026-11-14/2026-11-15
上个月底漏的水 | 上个月底 | 2026-10-21/2026-10-31
12月初要交房 | 12月初 | 2026-12-01/2026-12-10
去年年底 | 去年年底 | 2025-12-01/2025-12-31
2015年11月 | 2015年11月 | 2015-11-01/2015-11-30
从去年9月份开始 | 去年9月份开始 | 2025-09-01/2026-11-22
上个月15号到现在 | 上个月15号到现在 | 2026-10-15/2026-11-22
11月20号到22号停水 | 11月20号到22号 | 2026-11-20/2026-11-22
已经三个月了 | 已经三个月了 | 2026-08-01/2026-11-22
国庆节前说好修的 | 国庆节前 | 2026-09-24/2026-09-30
五一放假期间 | 五一放假期间 | 2026-05-01/2026-05-05
元旦前 | 元旦前 | 2026-12-25/2026-12-31
中秋节那天 | 中秋节那天 | 2026-09-25
去年腊月二十八 | 去年腊月二十八 | 2026-02-15
正月初六 | 正月初六 | 2026-02-22
清明 | 清明 | 2026-04-05
每天晚上十一点还在施工 | 每天晚上十一点 | 2026-11-22
凌晨两点到四点 | 凌晨两点到四点 | 2026-11-22
10月中旬 | 10月中旬 | 2026-10-11/2026-10-20
七八月份停过水 | 七八月份 | 2026-07-01/2026-08-31
去年冬天不热 | 去年冬天 | 2025-12-01/2026-02-28
前年夏天开始修 | 前年夏天开始 | 2024-06-01/2024-08-31
腊月初八那天早上 | 腊月初八那天早上 | 2026-01-26
上礼拜三楼的老太太摔了 | 上礼拜 | 2026-11-09/2026-11-15
停水六天没人管 | 六天 | 2026-11-16/2026-11-22
前日喺街口 | 前日 | 2026-11-20
二〇二五年六月十六日 | 二〇二五年六月十六日 | 2025-06-16
今年5月一回 | 今年5月 | 2026-05-01/2026-05-31
"""


@pytest.mark.parametrize("line", SAID.strip().splitlines())
def test_a_time_is_found_and_dated(line: str) -> None:
    told, words, value = (part.strip() for part in line.split("|"))
    (when,) = find_dates(told, NOW)
    assert (told[when.start : when.end], when.value) == (words, value)


@pytest.mark.parametrize(
    "told",
    [
        "3号楼漏水",
        "住在12号院，5号线旁边",
        "一点也不行",
        "有点吵",
        "提三点意见",
        "五一广场附近",
        "周围环境",
        "三楼四号",
        "多收了六天",
        "住院三天",
        "今年六十七岁",
        "作业写到十一点半",
        "天天吵架",
        "一天没拖欠过",
        "平房24排6号",
    ],
)
def test_what_only_looks_like_a_time_is_none(told: str) -> None:
    assert find_dates(told, NOW) == []


@pytest.mark.parametrize(
    ("year", "day"),
    [
        (2020, (1, 25)),
        (2023, (1, 22)),
        (2025, (1, 29)),
        (2026, (2, 17)),
        (2027, (2, 6)),
        (2033, (1, 31)),
    ],
)
def test_the_lunar_new_year_is_computed(year: int, day: tuple[int, int]) -> None:
    assert lunar.new_year(year) == date(year, *day)


def test_a_leap_month_moves_the_months_after_it() -> None:
    assert lunar.to_date(2025, 8, 15) == date(2025, 10, 6)
    assert lunar.to_date(2026, 12, 30) is None


@pytest.mark.parametrize(
    ("said", "value"),
    [
        ("打了有两三年了", "2023-01-01/2026-11-22"),
        ("从夏天就这样", "2026-06-01/2026-08-31"),
        ("从开学到现在没人管", "2026-09-01/2026-11-22"),
    ],
)
def test_rough_counts_and_seasons_are_read(said: str, value: str) -> None:
    (when,) = find_dates(said, NOW)
    assert when.value == value

"""What single words for times mean: weekdays, parts of months and years, holidays, vague pasts."""

from __future__ import annotations

import calendar
from dataclasses import dataclass
from datetime import date, timedelta

from nlu.text import lunar, wordlists
from nlu.text.numbers import whole

_TABLES = {
    name: {row.split()[0]: tuple(row.split()[1:]) for row in rows}
    for name, rows in wordlists.lines("calendar").items()
}


def _numbers(table: str) -> dict[str, tuple[int, ...]]:
    return {name: tuple(map(int, values)) for name, values in _TABLES[table].items()}


_YEAR_PARTS = _numbers("year_parts")
_FIXED = _numbers("fixed")
_LUNAR = _numbers("lunar")
_VAGUE = _numbers("vague")
# Day of the month = floor(y·0.2422 + c) - floor(y/4) with y the last two digits (1 less for January
# and February); right for 2000-2099 for the terms listed.
_SOLAR_TERMS = {
    name: (int(month), float(constant))
    for name, (month, constant) in _TABLES["solar_terms"].items()
}


@dataclass(frozen=True, slots=True)
class Span:
    """Whole days, first and last included."""

    first: date
    last: date


def day(year: int, month: int, number: int) -> Span | None:
    """One day, or None where the calendar has no such day."""
    try:
        one = date(year, month, number)
    except ValueError:
        return None
    return Span(one, one)


def month(year: int, number: int) -> Span:
    """A whole month."""
    return Span(date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1]))


def shift_month(today: date, months: int) -> Span:
    """The whole month that lies so many months from today's."""
    index = today.year * 12 + today.month - 1 + months
    return month(index // 12, index % 12 + 1)


def month_part(whole_month: Span, part: str) -> Span:
    """初 and 头: the first ten days; 中: the next ten; 底 and 末: from the 21st."""
    first, last = whole_month.first, whole_month.last
    part = part.removeprefix("月")
    if part in ("初", "头", "上旬"):
        return Span(first, first.replace(day=10))
    if part in ("中", "中旬"):
        return Span(first.replace(day=11), first.replace(day=20))
    if part in ("底", "末", "下旬"):
        return Span(first.replace(day=21), last)
    return whole_month


def year_part(year: int, part: str) -> Span:
    """A year or a part of it, in whole months; its winter ends in the next one."""
    first, last = _YEAR_PARTS.get(part, (1, 12))
    return Span(date(year, first, 1), shift_month(date(year, 1, 1), last - 1).last)


def said_year(said: str, today: date) -> int:
    """今年, 去年, …"""
    return today.year + {"大前年": -3, "前年": -2, "去年": -1, "明年": 1}.get(said, 0)


_DAYS = {
    "大前": -3,
    "前天": -2,
    "前儿": -2,
    "前晚": -2,
    "昨": -1,
    "琴": -1,
    "寻": -1,
    "夜来": -1,
    "前日": -2,
    "听": 1,
    "明": 1,
    "后天": 2,
    "大后": 3,
}
_TODAY = ("今", "刚", "方才", "当")


def relative_day(word: str, today: date) -> Span | None:
    """昨天, 前晚, 今早, …"""
    if word.startswith(_TODAY):
        return Span(today, today)
    for head, days in _DAYS.items():
        if word.startswith(head):
            one = today + timedelta(days=days)
            return Span(one, one)
    return None


def weekday(which: str, name: str, today: date) -> Span:
    """周三 alone is the latest one that has come; 上周三 is the one of the calendar week before."""
    weeks = {"上上": -2, "上": -1, "这": 0, "本": 0, "下下": 2, "下": 1}.get(which.rstrip("个"))
    monday = today - timedelta(days=today.weekday())
    if name == "末":
        first = monday + timedelta(days=5, weeks=weeks or 0)
        if weeks is None and first > today:
            first -= timedelta(weeks=1)
        return Span(first, first + timedelta(days=1))
    number = (
        "一二三四五六日".find(name)
        if name in "一二三四五六日"
        else 6
        if name == "天"
        else int(name) - 1
    )
    one = monday + timedelta(days=number, weeks=weeks or 0)
    if weeks is None and one > today:
        one -= timedelta(weeks=1)
    return Span(one, one)


_ROUGH = frozenset({"一两", "两三", "三四", "四五", "五六", "六七", "七八", "八九"})


def ago(count: str, unit: str, today: date) -> Span | None:
    """三天前 is a day; 两个月前 a month; 五年前 a year: no sharper than it was said."""
    if unit in ("小时", "钟头", "分钟"):
        return Span(today, today)
    # 两三年 is two or three years, not twenty-three.
    number = whole(count[-1] if count in _ROUGH else count)
    if count == "半":
        days = {"月": 15, "年": 182, "天": 0, "日": 0}.get(unit)
        if days is None:
            return None
        first = today - timedelta(days=days)
        return Span(first, first)
    few = number is None
    number = number or {"十多": 12, "十几": 14}.get(count, 4)
    if number > 150:
        return None
    if unit in ("天", "日", "宿", "晚", "晚上"):
        first = today - timedelta(days=number)
        return (
            Span(today - timedelta(days=7), today - timedelta(days=2))
            if few
            else Span(first, first)
        )
    if unit in ("周", "星期", "礼拜"):
        first = today - timedelta(weeks=number)
        return (
            Span(first - timedelta(days=3), first + timedelta(days=3))
            if few
            else Span(first, first)
        )
    if unit == "月":
        return shift_month(today, -number)
    return Span(date(today.year - number, 1, 1), date(today.year - number, 12, 31))


def vague(word: str, today: date) -> Span | None:
    """前几天, 最近, 这几年, …: a range as wide as people mean by it."""
    monday = today - timedelta(days=today.weekday())
    if word.endswith("周末"):
        return weekday(word[0], "末", today)
    if word.startswith("上") and "半年" not in word:
        return Span(monday - timedelta(days=7), monday - timedelta(days=1))
    if word in ("这周", "这个星期", "这个礼拜", "本周"):
        return Span(monday, monday + timedelta(days=6))
    if word in ("上半年", "下半年"):
        return year_part(today.year, word)
    if word == "今年以来":
        return Span(date(today.year, 1, 1), today)
    for head, (first, last) in _VAGUE.items():
        if word.startswith(head):
            return Span(today + timedelta(days=first), today + timedelta(days=last))
    return None


# 三八, 五一, … are also parts of numbers and of road names; 高考 is what a child is learning for.
_NUMERALS = {"三八", "五一", "六一", "七一", "八一", "十一", "高考"}
_PLAIN = sorted(
    (set(_FIXED) | set(_LUNAR) | set(_SOLAR_TERMS) | {"除夕", "年三十", "大年三十"}) - _NUMERALS,
    key=len,
    reverse=True,
)
HOLIDAYS = (
    r"(?:"
    + "|".join(_PLAIN)
    + r")(?!路|街|广场|村|镇|区|大道|桥|公园)|(?<![一二三四五六七八九十\d点第])(?:"
    + "|".join(sorted(_NUMERALS))
    + r")"
    r"(?=节|长假|小长假|假期|放假|期间|当天|那几天|那会|前|后|过后|之前|之后|那天|当天|的时候)"
)


def holiday(name: str, year: int) -> Span | None:
    """The days of a holiday in that solar year; 小年, 腊八, 除夕 are before its 春节."""
    if name in ("除夕", "年三十", "大年三十"):
        eve = lunar.new_year(year) - timedelta(days=1)
        return Span(eve, eve)
    if name in _FIXED:
        number, first, length = _FIXED[name]
        start = date(year, number, first)
    elif name in _LUNAR:
        number, first, length = _LUNAR[name]
        found = lunar.to_date(year - 1 if number == 12 else year, number, first)
        if found is None:
            return None
        start = found
    else:
        number, constant = _SOLAR_TERMS[name]
        short = year % 100
        leaps = (short - 1) // 4 if number <= 2 else short // 4
        start, length = date(year, number, int(short * 0.2422 + constant) - leaps), 1
    return Span(start, start + timedelta(days=length - 1))


def around(span: Span, word: str) -> Span:
    """国庆前 is the week before it, 国庆后 the week after."""
    if word in ("前", "以前", "之前", "前夕"):
        return Span(span.first - timedelta(days=7), span.first - timedelta(days=1))
    if word in ("后", "以后", "之后", "过后"):
        return Span(span.last + timedelta(days=1), span.last + timedelta(days=7))
    if word in ("当天", "那天"):
        return Span(span.first, span.first)
    if word == "前后":
        return Span(span.first - timedelta(days=7), span.last + timedelta(days=7))
    return span


def lunar_day(month_word: str, day_word: str | None, year: int) -> Span | None:
    """腊月二十八, 正月初六, 农历八月十五; a month alone is the whole of it."""
    number = {"正月": 1, "冬月": 11, "腊月": 12}.get(month_word) or whole(month_word.rstrip("月"))
    if number is None or not 1 <= number <= 12:
        return None
    if day_word:
        value = whole(day_word.removeprefix("初").replace("廿", "二十"))
        one = lunar.to_date(year, number, value) if value else None
        return Span(one, one) if one else None
    first = lunar.to_date(year, number, 1)
    last = lunar.to_date(year, number, 30) or lunar.to_date(year, number, 29)
    return Span(first, last) if first and last else None

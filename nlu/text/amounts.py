"""Sums of money as people say them: 12,800元, 两千一百八十六块五, 一块一毛, 欠我八万二.

Where no unit is said, either the shape of the number (八万二, 三百八) or the words before it
(押金, 收了, 一共) must say that it is money, and what follows must not be a thing that is counted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.text import wordlists
from nlu.text.normalise import fold
from nlu.text.numbers import DIGIT_CHARS, NUMERAL_CHARS, number

_PATTERNS = {
    name: wordlists.any_pattern(found) for name, found in wordlists.lines("amounts").items()
}
_WORDS = {name: wordlists.either(found) for name, found in wordlists.words("amounts").items()}
_DIGIT = rf"[\d{DIGIT_CHARS}]"
_NUMBER = re.compile(
    r"(?<![\d.A-Za-z/:几数好上])(?:(?:人民币|[¥￥])\s*)?(?P<number>"
    r"(?:\d{1,3}(?:,\d{3})+|\d+)(?:\.\d+)?(?:[千百]?[万亿]|[千百])?(?:\d{1,4}千?(?=[^\d.]|$))?"
    # 一百二一张: the last 一 belongs to what is counted.
    rf"|[{NUMERAL_CHARS}]*[百千万][一二三四五六七八九](?=一[张个人次斤吨月天年位间晚平亩家户节课度])"
    rf"|[{NUMERAL_CHARS}]+)(?P<more>[多来余])?(?P<big>[万亿])?"
)
_YUAN = re.compile(r" ?(?:元|圆|大洋|人民币|块钱)(?:钱|整)?")
# 三块一斤, 五毛一度: the 一 belongs to what is counted.
_PER = _WORDS["per"]
_KUAI = re.compile(
    rf"块(?:零?(?P<jiao>{_DIGIT})(?![{NUMERAL_CHARS}\d年月号天]|{_PER})(?:毛|角)?"
    rf"(?:(?P<fen>{_DIGIT})(?!{_PER})分?)?)?钱?多?"
)
_MAO = re.compile(rf"(?:毛|角)(?:(?P<fen>{_DIGIT})(?!{_PER})分?)?钱?")
# 八万二 counts money or nothing: other things are counted to the last place or with a measure.
_SHORTENED = re.compile(rf"[{NUMERAL_CHARS}\d]*[万千百][一二三四五六七八九1-9]")
_CUE = re.compile(_PATTERNS["cue"])
_MONEY_AFTER = re.compile(r"的?" + _WORDS["money_after"])
_COUNTED = re.compile(_WORDS["counted"])
_PIECES = re.compile(_WORDS["pieces"])
_NOT_BEFORE = re.compile(_PATTERNS["not_before"])
_SMALL_ENDS = re.compile(_PATTERNS["small_ends"])
_LOOK_BACK = 12


@dataclass(frozen=True, slots=True)
class Amount:
    """A sum of money in someone's words."""

    value: str
    """Yuan."""
    start: int
    end: int


def find_amounts(text: str) -> Iterator[Amount]:
    """All sums that can be told exactly, from left to right."""
    read = fold(text)
    at = 0
    while match := _NUMBER.search(read, at):
        found = _amount(read, match)
        at = max(found.end if found else match.end(), match.start() + 1)
        if found:
            yield found


def _amount(read: str, match: re.Match[str]) -> Amount | None:
    written = match["number"].replace(",", "") + (match["big"] or "")
    value = number(written)
    before = read[max(0, match.start() - _LOOK_BACK) : match.start()]
    # 千万不要, 百姓: a number of money begins with a digit.
    if value is None or written[0] in "百千万亿佰仟" or _NOT_BEFORE.search(before):
        return None
    end = match.end()
    if unit := _YUAN.match(read, end):
        return _found(value, match.start(), unit.end())
    if read.startswith(("块", " 块"), end):
        end += read[end] == " "
        return _in_kuai(read, match.start(), end, value)
    if mao := _MAO.match(read, end):
        # 九牛一毛, 一毛不拔: a single 毛 is a way of speaking.
        if value < 2 and not mao["fen"]:
            return None
        return _found(value / 10 + _digit(mao["fen"]) / 100, match.start(), mao.end())
    signed = match.group()[0] in "¥￥人"
    if not signed and not _is_money(read, match, written, value, before):
        return None
    return _found(value, match.start(), end)


def _in_kuai(read: str, start: int, end: int, value: float) -> Amount | None:
    unit = _KUAI.match(read, end)
    assert unit is not None  # it begins with 块
    change = unit["jiao"]
    if not change and _PIECES.match(read, end + 1):
        return None
    if not change and value == 1 and unit.group() == "块" and not _after_one(read, unit.end()):
        return None
    value += _digit(change) / 10 + _digit(unit["fen"]) / 100
    return _found(value, start, unit.end())


def _after_one(read: str, end: int) -> bool:
    """一块 is as often "together" as it is money."""
    return bool(re.match(r"[一每/]|的?(?:钱|手续费)", read[end:]))


def _is_money(read: str, match: re.Match[str], written: str, value: float, before: str) -> bool:
    end = match.end()
    if _COUNTED.match(read, end) or re.match(r"[\dA-Za-z.\-]", read[end:]):
        return False
    if before.endswith("-"):
        return False
    cue = _CUE.search(before) or _MONEY_AFTER.match(read, end)
    if _SHORTENED.fullmatch(written) and value >= 100 and written != "二百五":
        return True
    if not cue:
        return False
    has_unit = re.search("[百千万亿佰仟]", written) is not None
    return has_unit or (value >= 10 and _SMALL_ENDS.match(read, end) is not None)


def _digit(written: str | None) -> float:
    return (number(written) or 0.0) if written else 0.0


def _found(value: float, start: int, end: int) -> Amount:
    return Amount(f"{value:.2f}".rstrip("0").rstrip("."), start, end)

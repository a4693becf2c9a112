"""Numbers as people write and say them: 3500, 三千五, 两万八, 一三五…"""

from __future__ import annotations

import re

_DIGITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "两": 2,
    "俩": 2,
    "仨": 3,
    "幺": 1,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
    "陆": 6,
    "柒": 7,
    "捌": 8,
    "玖": 9,
}
_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000}
_BIG = {"万": 10_000, "亿": 100_000_000}
_ARABIC = re.compile(r"\d+(?:\.\d+)?")

DIGIT_CHARS = "".join(_DIGITS)
NUMERAL_CHARS = DIGIT_CHARS + "".join(_UNITS) + "".join(_BIG)
# One number in a sentence; 半 is left to the callers, who know what it halves.
NUMBER = rf"(?:\d+(?:\.\d+)?[千百]?[万亿]?(?:\d+千)?|[{NUMERAL_CHARS}]+)"


def spoken_digits(text: str) -> str:
    """Digits read out one by one, 一三五, become 135; all else keeps its place."""
    return "".join(str(_DIGITS[char]) if char in _DIGITS else char for char in text)


def number(text: str) -> float | None:
    """The value of a numeral, or None: 三千五 → 3500, 1.2万 → 12000, 二〇二六 → 2026."""
    if not text:
        return None
    total = section = 0.0
    pending: float | None = None
    last_unit = 1.0
    digits_in_a_row = ""
    position = 0
    while position < len(text):
        arabic = _ARABIC.match(text, position)
        char = text[position]
        if arabic:
            pending, digits_in_a_row = float(arabic.group()), arabic.group()
            position = arabic.end()
            continue
        position += 1
        if char in _DIGITS:
            digits_in_a_row += str(_DIGITS[char])
            pending = float(digits_in_a_row)
            if _DIGITS[char] == 0 and len(digits_in_a_row) == 1:
                last_unit = 1.0  # 一千零五: what follows a zero is ones, not hundreds
                digits_in_a_row, pending = "", 0.0
                if position < len(text) and text[position] in _DIGITS and total + section == 0:
                    digits_in_a_row = "0"
        elif char in _UNITS:
            if len(digits_in_a_row) == 2:
                pending = float(digits_in_a_row[0])  # 五六千: at least five
            section += (1.0 if pending is None else pending) * _UNITS[char]
            pending, digits_in_a_row, last_unit = None, "", float(_UNITS[char])
        elif char in _BIG:
            if pending is None and section == 0:
                return None
            total += (section + (pending or 0.0)) * _BIG[char]
            section, pending, digits_in_a_row, last_unit = 0.0, None, "", float(_BIG[char])
        else:
            return None
    if pending is not None:
        # 三千五 is 3500 and 两万八 28000: a last digit on its own counts the next lower place.
        shortened = last_unit >= 100 and len(digits_in_a_row) == 1
        section += pending * (last_unit / 10 if shortened else 1.0)
    return total + section


def whole(text: str) -> int | None:
    """`number` for things that are counted: None unless it is a whole number."""
    value = number(text)
    return int(value) if value is not None and value == int(value) else None

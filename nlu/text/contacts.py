"""Telephone, identity and bank card numbers in a sentence: what identifies a person by digits."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nlu.text.normalise import fold
from nlu.text.numbers import DIGIT_CHARS, spoken_digits

_GAP = r"[ \-]{0,2}"
# Between the groups of a telephone number people put any stroke or dot.
_PHONE_GAP = r"[ \-–—─_.·]{0,2}"
_ID_NUMBER = re.compile(
    rf"(?<!\d)[1-8](?:{_GAP}\d){{5}}{_GAP}(?:1{_GAP}[89]|2{_GAP}0)(?:{_GAP}\d){{9}}{_GAP}[\dXx×](?![\dXx])"
)
_BANK_CARD = re.compile(r"(?<!\d)[1-9]\d{3}(?:[ \-]?\d{4}){3}(?:[ \-]?\d{1,3})?(?!\d)")
_MOBILE = re.compile(
    rf"(?<!\d)(?:\(?(?:\+|00)?{_GAP}86\)?{_PHONE_GAP})?(1{_PHONE_GAP}[3-9](?:{_PHONE_GAP}\d){{9}})(?!\d)"
)
_LANDLINE = re.compile(
    rf"(?<![\d\-])\(?(0(?:10|2\d|[3-9]\d{{2}}))\)?{_PHONE_GAP}([2-8]\d{{2,3}}{_GAP}\d{{4}})(?!\d)"
)
_LOCAL = re.compile(r"(?:电话|座机|固话|号码)(?:号码?)?[是为:： ]{0,3}([2-8]\d{6,7})(?!\d)")
_SPOKEN_GAP = r"[ \-,，、]{0,2}"
_SPOKEN = re.compile(
    rf"(?<![{DIGIT_CHARS}\d])[{DIGIT_CHARS}](?:{_SPOKEN_GAP}[{DIGIT_CHARS}\d]){{9,17}}[Xx]?"
    rf"(?![{DIGIT_CHARS}\d十百千万])"
)
# 13O9…, l38…: letters that look like digits, in a run of the length of a mobile number.
_MISREAD = re.compile(rf"(?<![0-9A-Za-z])[1lI](?:{_GAP}[0-9OolI]){{10}}(?![0-9A-Za-z])")
_LOOKS_LIKE = str.maketrans("OolI", "0011")
_MOST_MISREAD = 4
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class Number:
    """A number that identifies someone."""

    kind: str
    """phone | id_number | bank_card"""
    value: str
    """Digits only; landlines with a hyphen after the area code."""
    valid: bool
    """False when an identity number's check character is wrong: mistyped, and still personal."""
    start: int
    end: int


def find_numbers(text: str) -> list[Number]:
    """All of them from left to right; none overlaps another."""
    read = _digits_read(fold(text))
    found: list[Number] = []
    for search in (_id_numbers, _bank_cards, _mobiles, _landlines):
        found += [new for new in search(read) if not any(_overlap(new, old) for old in found)]
    return sorted(found, key=lambda one: one.start)


def _digits_read(read: str) -> str:
    """Digits said in characters or mistaken for letters as digits; every position holds."""
    for spoken in list(_SPOKEN.finditer(read)):
        digits = re.sub(r"[,，、]", "-", spoken_digits(spoken.group()))
        read = read[: spoken.start()] + digits + read[spoken.end() :]
    for typed in list(_MISREAD.finditer(read)):
        if len(re.findall("[OolI]", typed.group())) <= _MOST_MISREAD:
            digits = typed.group().translate(_LOOKS_LIKE)
            read = read[: typed.start()] + digits + read[typed.end() :]
    return read


def id_number_checks(value: str) -> bool:
    """Check character of an 18-digit identity number (GB 11643)."""
    total = sum(int(digit) * weight for digit, weight in zip(value, _ID_WEIGHTS, strict=False))
    return _ID_CHECKS[total % 11] == value[17].upper()


def _id_numbers(read: str) -> Iterator[Number]:
    for match in _ID_NUMBER.finditer(read):
        value = re.sub(r"[ \-]", "", match.group()).upper().replace("×", "X")
        try:
            datetime.strptime(value[6:14], "%Y%m%d")
        except ValueError:
            continue
        yield Number("id_number", value, id_number_checks(value), *match.span())


def _bank_cards(read: str) -> Iterator[Number]:
    for match in _BANK_CARD.finditer(read):
        value = re.sub(r"\D", "", match.group())
        yield Number("bank_card", value, True, *match.span())


def _mobiles(read: str) -> Iterator[Number]:
    for match in _MOBILE.finditer(read):
        yield Number("phone", re.sub(r"\D", "", match.group(1)), True, *match.span())


def _landlines(read: str) -> Iterator[Number]:
    for match in _LANDLINE.finditer(read):
        number = re.sub(r"\D", "", match.group(2))
        yield Number("phone", f"{match.group(1)}-{number}", True, *match.span())
    for match in _LOCAL.finditer(read):
        yield Number("phone", match.group(1), True, *match.span(1))


def _overlap(one: Number, other: Number) -> bool:
    return one.start < other.end and other.start < one.end

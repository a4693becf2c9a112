"""What a citizen's sentence holds: who to call, when, where, how much, and what is asked for.

Everything points at the citizen's own words (`start`, `end`), and is found by rules that can be
read: a form filled in by mistake costs a citizen more than a question asked once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nlu.text import case_code, wordlists
from nlu.text.contacts import find_numbers
from nlu.text.dates import find_dates
from nlu.text.names import find_names
from nlu.text.normalise import fold
from nlu.text.numbers import NUMBER, number
from nlu.text.places import find_places


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing found in someone's words."""

    type: str
    """case_code | phone | id_number | name | date | amount | place | demand"""
    text: str
    """As it was written."""
    value: str
    """Canonical: digits of a number, ISO date or `first/last`, yuan, the words of a place."""
    start: int
    end: int
    valid: bool = True
    """False where a check character disagrees: mistyped, and meant all the same."""


_PHRASES = {name: wordlists.either(found) for name, found in wordlists.words("phrases").items()}
_MONEY_SAID = re.compile(_PHRASES["money_said"] + r"了?(?:我们?|俺们?|他们?|她|大家)?$")
_AMOUNT = re.compile(
    r"(?<![\d.])(?:人民币|[¥￥]\s*)?"
    rf"(?P<number>{NUMBER}|(?:好?几|十?几|上)[十百千万]+)[多来余几]?(?P<big>[万亿])?\s*"
    r"(?:元|圆|块钱|人民币|大洋"
    r"|块(?=多?(?:[,，。!！?？;；、\s]|$|一|每|/|不|的|都|还|就|才|没|到|的?钱|至))"
    # 欠了三万八: no unit, so only after a word of paying, and not before people or things.
    rf"|(?P<bare>(?!{_PHRASES['not_money']})))"
)
_DEMAND = re.compile(
    rf"{_PHRASES['asks']}|(?<![申邀聘宴敬])请(?={_PHRASES['please_who']})"
    rf"|{_PHRASES['soon']}{_PHRASES['soon_what']}"
)
_DEMAND_ENDS = re.compile(rf"[。!?！？;；\n]|[,，、\s]+(?={_PHRASES['ends_before']})")
_NO_DEMAND = re.compile(_PHRASES["no_demand"])
_LONGEST_DEMAND = 80


def find_entities(text: str, now: datetime) -> list[Entity]:
    """Everything found, from left to right; only a demand may hold other entities inside it.

    `now` is what "yesterday" counts from: the citizen's own time of day.
    """
    found: list[Entity] = []
    for one in _identities(text):
        found.append(one)
    _add(
        found,
        (
            Entity("date", text[when.start : when.end], when.value, when.start, when.end)
            for when in find_dates(text, now)
        ),
    )
    _add(found, _amounts(text))
    taken = [(one.start, one.end) for one in found]
    _add(
        found,
        (
            Entity("place", where.text, _plain(where.text), where.start, where.end)
            for where in find_places(text, taken)
        ),
    )
    found += _demands(text)
    return sorted(found, key=lambda one: (one.start, -one.end))


def _identities(text: str) -> Iterator[Entity]:
    codes = list(case_code.find_all(text))
    for code in codes:
        yield Entity(
            "case_code", text[code.start : code.end], code.code, code.start, code.end, code.valid
        )
    for one in find_numbers(text):
        inside_a_code = any(one.start < code.end and code.start < one.end for code in codes)
        if one.kind != "bank_card" and not inside_a_code:
            yield Entity(
                one.kind, text[one.start : one.end], one.value, one.start, one.end, one.valid
            )
    for name in find_names(text):
        yield Entity("name", text[name.start : name.end], name.value, name.start, name.end)


def _add(found: list[Entity], new: Iterator[Entity]) -> None:
    """Keeps what was found first: numbers before dates, dates before places."""
    earlier = tuple(found)
    found += [
        one
        for one in new
        if not any(one.start < old.end and old.start < one.end for old in earlier)
    ]


def _amounts(text: str) -> Iterator[Entity]:
    read = fold(text)
    for match in _AMOUNT.finditer(read):
        written = match["number"]
        paid = _MONEY_SAID.search(read[max(0, match.start() - 8) : match.start()])
        if match["bare"] is not None and not (paid and re.search("[万千]", match.group())):
            continue
        value = number(written + (match["big"] or ""))
        end = match.end()
        if more := re.match(r"多(?=[,，。\s]|$)", read[end:]):
            end += more.end()
        shown = "" if value is None else f"{value:.2f}".rstrip("0").rstrip(".")
        yield Entity("amount", text[match.start() : end], shown, match.start(), end)


def _demands(text: str) -> Iterator[Entity]:
    read = fold(text)
    at = 0
    while match := _DEMAND.search(read, at):
        around = read[max(0, match.start() - 2) : match.end() + 4]
        if _NO_DEMAND.search(around):
            at = match.end()
            continue
        stop = _DEMAND_ENDS.search(read, match.end())
        end = min(stop.start() if stop else len(read), match.start() + _LONGEST_DEMAND)
        words = text[match.start() : end].rstrip(" ,，、")
        at = max(end, match.end())
        if len(words) - len(match.group()) >= 2:
            yield Entity("demand", words, _plain(words), match.start(), match.start() + len(words))


def _plain(words: str) -> str:
    return " ".join(fold(words).split())

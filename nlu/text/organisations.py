"""Organisations with a name of their own: 恒顺供热公司, 县卫健局, 城西派出所, 佳佳幼儿园.

Read from the right, as names are built: an ending, then words of the trade, then the name proper,
back to where the sentence before it stops. An office needs a level (县, 区) or a place before it.
What is only where something happened (医院门口, 村小学) is left to the places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlu.text import place_words, wordlists
from nlu.text.normalise import fold
from nlu.text.places import extend

_LISTS = wordlists.words("organisations")
_FIRMS, _AGENCIES, _VENUES = (frozenset(_LISTS[one]) for one in ("firms", "agencies", "venues"))
_HAN = "一-鿿"
# 店员, 厂长 and 校舍 go on with the word.
_ENDINGS = re.compile(
    wordlists.either((*_FIRMS, *_AGENCIES, *_VENUES))
    + r"(?<!店(?=[员主长面铺家]))(?<!厂(?=[长区房子家里]))(?<!局(?=[长部面势]))(?<!校(?=舍))"
)
_TRADES = re.compile(rf"(?:{wordlists.either(_LISTS['trades'])}|[一二三四五六七八九十])$")
_STOPS = re.compile(wordlists.either((*_LISTS["stops"], *place_words.STOPS)))
_SPARED = re.compile(wordlists.either((*_LISTS["spared"], *place_words.SPARED, *_LISTS["trades"])))
_NAME_CHAR = re.compile(rf"[{_HAN}A-Za-z0-9·]")
_LOCATED = re.compile(rf"的?{wordlists.either(_LISTS['locators'])}|\d+号?[楼栋层]")
_LEVEL = re.compile(r"[省市县区州盟旗镇乡]$|街道$|社区$|[^农乡山]村$|集团$|国家$")
_LEVELS = tuple("省市县区州盟旗镇乡")
_PLACE_PART = re.compile(r"[路街镇乡村巷]")
_BRANCH = re.compile(
    rf"[{_HAN}]{{1,4}}?(?:分公司|支公司|支行|分行|分局|分店|营业部|营业厅|网点|项目部)"
)
_NO_NAME = frozenset(_LISTS["no_name"])
_STANDS_IN = re.compile(r"(?:[在从]|位于|路过|经过|走到)$")
# In a school or hospital one is a patient or a pupil: 在县中医院输液 tells who did it.
_IS_SERVED = re.compile(
    r"[一-鿿]{0,2}(?:做|看|住院|治|上学|读|就诊|输液|生|办|交|报名|手术|体检|检查|去世|上班|打工)"
)
_GOES_ON = re.compile(rf"[{_HAN}]{{0,2}}(?:家属|门口)")
_LONGEST = 12


@dataclass(frozen=True, slots=True)
class Organisation:
    """An organisation in someone's words."""

    start: int
    end: int
    is_place: bool = False
    """锦华公司门口: named, and only to say where."""


def find_organisations(text: str, taken: Sequence[tuple[int, int]] = ()) -> Iterator[Organisation]:
    """All that are named, from left to right; `taken` spans are something else already."""
    read = fold(text)
    blocked = [False] * (len(read) + 1)
    for start, end in taken:
        blocked[start:end] = [True] * (end - start)
    at = 0
    while match := _ENDINGS.search(read, at):
        chosen = _longest_chain(read, match)
        found = _named(read, chosen, blocked)
        at = chosen.end()
        if found is not None:
            at = max(at, found.end)
            yield found


def _longest_chain(read: str, match: re.Match[str]) -> re.Match[str]:
    """物流集团, 口腔门诊部: an ending right after an ending is the one that counts."""
    while further := _ENDINGS.match(read, match.end()):
        match = further
    # 装饰有限公司: a trade may stand between two endings.
    trade = re.compile(wordlists.either(_LISTS["trades"])).match(read, match.end())
    if trade and (further := _ENDINGS.match(read, trade.end())):
        return _longest_chain(read, further)
    return match


def _named(read: str, match: re.Match[str], blocked: list[bool]) -> Organisation | None:
    if any(blocked[match.start() : match.end()]):
        return None
    left = _left_edge(read, match.start(), blocked)
    before = read[left : match.start()]
    name = before
    while len(name) > 1 and (trade := _TRADES.search(name)):
        name = name[: trade.start()]
    if not _is_named(name, before, match.group()):
        return None
    end = match.end()
    if branch := _BRANCH.match(read, end):
        end = branch.end()
    located = _LOCATED.match(read, end)
    # 县医院 has no name that the places know.
    if located and (match.group() not in _VENUES or name in _LEVELS):
        return Organisation(left, extend(read, located.end(), blocked), is_place=True)
    if located or _is_place(read, left, before, match):
        return None
    return Organisation(left, end)


def _is_named(name: str, before: str, ending: str) -> bool:
    """Whether what stands before the ending is a name, or a level that makes the office one."""
    if ending not in _FIRMS - _AGENCIES and name in _LEVELS:
        return True
    if not name or name in _NO_NAME or before in _NO_NAME:
        return _LEVEL.search(before) is not None and before not in _NO_NAME and len(before) > 1
    if any(name.startswith(word) for word in _NO_NAME if len(word) > 1):
        return False
    if _LEVEL.search(name) and ending not in _FIRMS - _AGENCIES:
        return name not in ("小区", "社区", "街道", "农村")
    if len(name) < 2:
        return False
    return name[-1] not in "的了是个"


def _is_place(read: str, left: int, before: str, match: re.Match[str]) -> bool:
    """Schools and hospitals by the place they stand at are places, and so are those one is in."""
    if match.group() not in _VENUES:
        return False
    if match.group().endswith(("敬老院", "养老院", "福利院")):
        return True
    if _PLACE_PART.search(before):
        return True
    stands = _STANDS_IN.search(read[:left]) is not None
    return stands and not _IS_SERVED.match(read, match.end())


def _left_edge(read: str, end: int, blocked: list[bool]) -> int:
    start = end
    while (
        start > 0
        and end - start < _LONGEST
        and not blocked[start - 1]
        and _NAME_CHAR.match(read[start - 1])
    ):
        start -= 1
    window = read[start:end]
    spared = [match.span() for match in _SPARED.finditer(window)]
    edge = 0
    for position in range(len(window)):
        stop = _STOPS.match(window, position)
        if stop and not any(a <= stop.start() < b and stop.end() <= b for a, b in spared):
            edge = max(edge, stop.end())
    return start + edge

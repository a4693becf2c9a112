"""Where something is, as people say it: roads, estates, buildings, villages, schools, stops.

Built from the right: an ending (路, 小区, 村) anchors a name, whose left edge is the nearest word
that cannot be part of a name. Neighbouring parts (市 + 区 + 街道 + 小区 + 3号楼 + 门口) make one
place. Precise before complete: words without a name of their own (我们小区, 马路) are no place.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nlu.text import place_words as words
from nlu.text import wordlists
from nlu.text.normalise import fold

_HAN = "一-鿿"
_NUMBER = r"(?:\d{1,5}|[一二三四五六七八九十百零〇]{1,4})"
_LONGEST_NAME = 9
# 锦绣江南, 浏阳河畔 and 广场舞: the ending is not one when the word goes on.
_ENDINGS = re.compile(
    rf"(?:{wordlists.either(words.STRONG)}|[{words.WEAK}])"
    r"(?<!广场(?=[舞路街]))(?<!市场(?=监管|监督))(?<!弄(?=[丢坏得没了来脏]))"
    r"(?<![江湖河湾溪](?=[南北畔岸景苑园府城郡庭院]))"
)
_STOP_WORDS = re.compile(wordlists.either(words.STOPS))
_SPARED = re.compile(wordlists.either(words.SPARED))
_NAME_CHARS = re.compile(rf"[{_HAN}A-Za-z0-9·]")
_UNITS = "号楼|号院|栋|幢|单元"
_BUILDING = re.compile(
    rf"(?:(?:第?{_NUMBER}|[A-Za-z]\d{{0,3}}|[东西南北]\d?)(?:{_UNITS}|(?<!病[一二三四])期|#楼?)"
    r"(?!楼|房|别墅|建筑|大楼|违|的房)|[A-Za-z\d]{1,3}座)"
)
_DETAIL = re.compile(
    r" ?(?:"
    r"\d{1,2}号?(?:出入口|出口|入口|口)|村"
    rf"|第?{_NUMBER} ?(?:{_UNITS}|层|楼|室|弄|号|组|队|社|期|区|排|门|巷"
    r"|标段|村民小组|小组|支路|站台|#楼?)"
    r"(?!线|公交|车)"
    r"|[A-Za-z]\d{0,3}(?:号楼|栋|幢|座|区|单元|口|出口|馆)|\d{1,2}座"
    r"|(?:(?<=单元)|(?<=单元 )|(?<=[楼栋幢座层]))\d{3,4}室?|\d-\d{1,2}-\d{3,4}"
    r"|[Kk]\d+(?:\+\d+)?(?:公里|米)?处?|\d+公里(?:\d+米)?处"
    # A hamlet right after the village or township that it belongs to.
    rf"|(?<=[镇乡村])[{_HAN}]{{1,3}}[{words.HAMLET}](?=[一二三四五六七八九十][组社队]|[的在有那这去里]|[^{_HAN}]|$)"
    r"|[东西南北中]?[一二三四五]?段(?=$|[^{_HAN}]|[那这有的又])"
    r"|附\d{1,4}号|\d{1,4}-\d{1,3}号|\d{1,2} ?号门"
    rf"|[{_HAN}]{{1,4}}(?<!小)组(?=[^织长成建合员]|$)|[东西南北]\d?区"
    rf"|站(?:\d号?口|[A-Z]\d?口)?(?=[{_HAN},，。]|$)"
    r")"
)
_AFTER = re.compile(
    f"的?{wordlists.either(words.AFTER_NAME)}|(?<=[村路街巷弄桥镇])口(?![子水味号])"
)
# G30高速, 省道S204线, 312国道: a number that is a name.
_HIGHWAY = re.compile(
    r"(?:国道|省道|县道|乡道)[GSXYgsxy]?\d{2,4}线?|(?<![A-Za-z\d])[GSXYgsxy]?\d{2,4}(?:国道|省道|县道|乡道)"
    r"|(?<![A-Za-z\d])[GSgs]\d{1,4}(?:高速公路|高速|线)"
)
_CROSSING = re.compile(r"\s*(?:与|和|跟|、|到|至|—+|-|~)\s*")
_CROSSED = re.compile(
    r"的?(?:交叉路?口|交口|相交处?|十字(?:路口)?|交汇处?|交界处?|交接处?|十字路口|丁字路口|路口|之间|中间|路段|段)"
)
_NUMERIC_ROAD = re.compile(r"[\d一二三四五六七八九十]+")
_NUMBERED_NEXT = re.compile(rf"{_NUMBER}|[{_HAN}]{{2,4}}[村镇乡组路街]")


@dataclass(frozen=True, slots=True)
class Where:
    """A place in someone's words."""

    text: str
    start: int
    end: int


def find_places(text: str, taken: Sequence[tuple[int, int]] = ()) -> list[Where]:
    """All places with a name or a number of their own; `taken` spans are something else already."""
    read = fold(text)
    blocked = [False] * (len(read) + 1)
    for start, end in taken:
        blocked[start:end] = [True] * (end - start)
    found: list[tuple[int, int]] = []
    at = 0
    while at < len(read):
        part = _named(read, at, blocked)
        building = _numbered(read, at, blocked)
        highway = _highway(read, at, blocked)
        first = min(
            (one for one in (part, building, highway) if one), key=lambda one: one[0], default=None
        )
        if first is None:
            break
        start, end = first[0], extend(read, first[1], blocked)
        found.append((start, end))
        at = end
    return [Where(text[start:end], start, end) for start, end in _crossings(read, found)]


def _named(read: str, at: int, blocked: list[bool]) -> tuple[int, int] | None:
    """The next name with an ending at or after `at`."""
    for match in _ENDINGS.finditer(read, at):
        if blocked[match.start()]:
            continue
        start = _left_edge(read, match.start(), at, blocked)
        if _is_name(read, start, match):
            return start, match.end()
    return None


def _numbered(read: str, at: int, blocked: list[bool]) -> tuple[int, int] | None:
    """The next building by number, with the estate's name where one stands right before it."""
    for match in _BUILDING.finditer(read, at):
        if blocked[match.start()]:
            continue
        start = _left_edge(read, match.start(), at, blocked)
        name = read[start : match.start()]
        named = re.fullmatch(rf"[{_HAN}]{{2,7}}", name) and name not in words.NO_NAME
        # 前三栋, 第二栋: counted, not numbered.
        if not named and (match.group()[0] == "第" or read[:start].endswith(tuple("前后这那几"))):
            continue
        return (start if named else match.start()), match.end()
    return None


def _highway(read: str, at: int, blocked: list[bool]) -> tuple[int, int] | None:
    """The next road that is called by its number."""
    for match in _HIGHWAY.finditer(read, at):
        if not any(blocked[match.start() : match.end()]):
            return match.span()
    return None


def _left_edge(read: str, end: int, floor: int, blocked: list[bool]) -> int:
    start = end
    while (
        start > floor
        and end - start < _LONGEST_NAME
        and not blocked[start - 1]
        and _NAME_CHARS.match(read[start - 1])
    ):
        start -= 1
    window = read[start:end]
    spared = [(match.start(), match.end()) for match in _SPARED.finditer(window)]
    edge = 0
    for position in range(len(window)):
        stop = _STOP_WORDS.match(window, position)
        if stop and not any(a <= stop.start() < b and stop.end() <= b for a, b in spared):
            edge = max(edge, stop.end())
    return start + edge


def _is_name(read: str, start: int, match: re.Match[str]) -> bool:
    name, ending = read[start : match.start()], match.group()
    if ending == "环路" and name and name in "东西南北中内外":
        return True
    if not name or name in words.NO_NAME or _NUMERIC_ROAD.fullmatch(name):
        return False
    refused = words.NOT_BEFORE.get(ending, frozenset())
    if name in refused:
        return False
    if len(ending) > 1:
        return (
            len(name) > 1 or not re.match(rf"[{_HAN}]", name) or ending in ("中学", "小学", "大桥")
        )
    if any(len(word) > 1 and name.endswith(word) for word in refused):
        return False
    # 老马路, 小超市: a word that makes the ending another one, whatever stands before it.
    if name[-1] in words.NOT_JUST_BEFORE.get(ending, ""):
        return False
    if len(name) == 1 and re.match(rf"[{_HAN}]", name):
        return ending in "县镇村" and (_NUMBERED_NEXT.match(read, match.end()) is not None)
    return not (ending in "市区县" and len(name) > 6)


def extend(read: str, end: int, blocked: list[bool]) -> int:
    """Takes in what belongs to the place after its first part."""
    while end < len(read) and not blocked[end]:
        if detail := _DETAIL.match(read, end):
            end = detail.end()
            continue
        further = _named_next(read, end, blocked)
        if further is None:
            break
        end = further
    while after := _AFTER.match(read, end):
        if any(blocked[after.start() : after.end()]):
            break
        end = after.end()
        while detail := _DETAIL.match(read, end):
            end = detail.end()
    return end


def _named_next(read: str, end: int, blocked: list[bool]) -> int | None:
    """Where another named part that begins right at `end` ends: 五一路 → 阳光小区."""
    for match in _ENDINGS.finditer(read, end, end + _LONGEST_NAME + 6):
        if _left_edge(read, match.start(), end, blocked) != end:
            return None
        if _is_name(read, end, match) or (match.start() == end and len(match.group()) > 1):
            return match.end()
    building = _BUILDING.search(read, end, end + _LONGEST_NAME + 6)
    if building and _left_edge(read, building.start(), end, blocked) == end:
        name = read[end : building.start()]
        if re.fullmatch(rf"[{_HAN}]{{2,7}}", name) and name not in words.NO_NAME:
            return building.end()
    return None


def _crossings(read: str, found: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """A路与B路交叉口 and A路到B路路段 are one place."""
    joined: list[tuple[int, int]] = []
    for start, end in found:
        if joined and _CROSSING.fullmatch(read, joined[-1][1], start):
            tail = _CROSSED.match(read, end)
            ends_crossed = re.search(r"(?:口|处|之间|段|十字|相交|交界)$", read[start:end])
            if tail or ends_crossed:
                joined[-1] = (joined[-1][0], tail.end() if tail else end)
                continue
        joined.append((start, end))
    return joined

"""Places as people say them: made comparable, and made coarse enough to show to others."""

from __future__ import annotations

import re

from nlu.text.normalise import normalise

NUMERALS = str.maketrans("零〇一二两三四五六七八九", "001223456789")
_DOOR = re.compile(
    r"(?:第?[0-9a-zA-Z一二三四五六七八九十零〇]+(?:-[0-9]+)*\s*"
    r"(?:号楼|号院|号|栋|幢|座|单元|室|楼|层|户|门|弄|组|期)).*$"
)
_SUFFIX = re.compile(
    r"^.*?(?:小区|花园|家园|公寓|新村|社区|街道|大道|公园|广场|市场|学校|小学|中学|医院|学院|大学"
    r"|路|街|巷|镇|乡|村|苑|城|湾|府)"
)
_NOISE = re.compile(
    r"[\s,，。.;；:：、()（）\-—_\"'“”]"
    r"|旁边|附近|对面|门口|楼下|楼上|里面|一带|那边|这边|周边|外面|的"
)
_KIND = re.compile(
    r"小区|花园|家园|公寓|新村|社区|街道|大道|公园|广场|市场|学校|小学|中学|医院|学院|大学|工地|工业园区?"
    r"|村民小组|办事处|路口|交叉口|东门|西门|南门|北门|门诊楼|公交站|步行街|商业街"
    r"|[省市县区镇乡村路街巷组期号楼室东西南北段站和口第0-9]"
)
_DIGITS = re.compile(r"[0-9]+(?=号楼|号院|号|栋|幢|座|单元|室|楼|路|组|期)")


def key(place: str) -> str:
    """What two tellings of one place have in common: no filler words, one spelling of numbers."""
    bare = _NOISE.sub("", normalise(place).lower())
    return bare.replace("栋", "号楼").replace("幢", "号楼").translate(NUMERALS)


def numbers(place: str) -> frozenset[str]:
    """House, block and road numbers: places that differ in them are different places."""
    return frozenset(_DIGITS.findall(key(place)))


def proper(place: str) -> str:
    """The proper name in a place: 文化广场 and 火车站广场 share a kind of place, not a place."""
    return _KIND.sub("", key(place))


def coarse(place: str) -> str:
    """Street, village or estate, never to the door; empty where that cannot be told apart."""
    bare = normalise(place).strip(" ,，。")
    without_door = _DOOR.sub("", bare)
    found = _SUFFIX.search(without_door)
    if found is None:
        return ""
    # The longest reading that still ends in such a word: 凤翔街道 + 幸福小区.
    end = found.end()
    while (more := _SUFFIX.search(without_door, end)) is not None and more.end() > end:
        end = more.end()
    rest = _SUFFIX.match(without_door[end:])
    while rest is not None and rest.end() > 0:
        end += rest.end()
        rest = _SUFFIX.match(without_door[end:])
    return without_door[:end][:40]

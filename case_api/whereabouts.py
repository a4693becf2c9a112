"""Where a matter is: the place that was given and those that its words name, and how far two agree.

Places decide more than wording does, so that their agreement, their contradiction and their
silence are signals of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from case_api import places
from case_api.rarity import Rarity
from nlu.text.places import find_places

_LONGEST = 24
"""Characters of a place that are compared; longer ones are stories."""
_NUMBERED = re.compile(r"(\d+|[a-z])(号楼|号院|单元|组|期|路|队|中|小|厂|层)")
_PARTS = re.compile(
    r"小区|花园|家园|公寓|新村|社区|街道|大道|公园|广场|市场|学校|小学|中学|医院|学院|大学|工地"
    r"|工业园区?|村民小组|办事处|路口|交叉口|交汇处|[东西南北]门|门诊楼?|公交站|步行街|商业街|收费站"
    r"|汽车站|火车站|车站|银行|超市|商场|酒店|宾馆|饭店|工厂|公司|营业厅|大厅|派出所|服务中心|家属院"
    r"|宿舍|幼儿园|大桥|水库|号楼|号院|单元|[省市县区镇乡村路街巷组期号楼室厂院店桥河沟苑里园城湾府庄屯营站]"
    r"|[0-9a-z]+|第|的|那|这|和|与|跟|到|在|[口旁边后前上下内外头侧段角东西南北中]"
)
_OPPOSED = (
    frozenset("东西南北"),
    frozenset({"1期", "2期", "3期", "4期", "5期"}),
    frozenset({"东区", "西区", "南区", "北区"}),
)


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """The places of one telling, in the spelling in which they are compared."""

    given: str
    """The place as it was given; empty where none was."""
    mentions: tuple[str, ...]
    """It, and those that the words name."""
    names: tuple[str, ...]
    """The proper names in them."""
    parts: frozenset[str]
    """The names of their parts: 城关, 李家洼 of 城关镇李家洼村."""
    numbers: Mapping[str, frozenset[str]]
    """Numbers by what they count: houses, units, groups."""
    everything: str
    """Place and words in one spelling."""
    spans: tuple[tuple[int, int], ...]
    """Where the words name places."""

    @classmethod
    def of(cls, text: str, place: str) -> Whereabouts:
        """`text` and `place` normalised."""
        found = find_places(text, [])
        keys = [places.key(told) for told in (place, *(one.text for one in found))]
        mentions = tuple(dict.fromkeys(key[:_LONGEST] for key in keys if key))
        everything = f"{places.key(place)},{places.key(text)}"
        numbers: dict[str, set[str]] = defaultdict(set)
        for number, counted in _NUMBERED.findall(everything):
            numbers[counted].add(number)
        proper = (places.proper(mention) for mention in mentions)
        return cls(
            given=places.key(place),
            mentions=mentions,
            names=tuple(name for name in proper if len(name) >= 2),
            parts=frozenset(
                part for mention in mentions for part in _PARTS.split(mention) if len(part) >= 2
            ),
            numbers={counted: frozenset(all_of_it) for counted, all_of_it in numbers.items()},
            everything=everything,
            spans=tuple((one.start, one.end) for one in found),
        )


@dataclass(frozen=True, slots=True)
class Agreement:
    """How far two whereabouts agree; larger is nearer, but for the three that contradict."""

    likeness: float
    """Shared bigrams of the two most alike mentions."""
    inside: float
    """One mention stands within another."""
    shared_run: float
    """The longest run that two mentions share, by the length of the shorter."""
    shared_name: float
    """The same of proper names."""
    named: float
    """A proper name of one in the other's place or words, more for a rare one."""
    part: float
    """A part's name of one there, more for a rare one."""
    parts_most: float
    """How many of one's parts the other names: of the side that agrees more…"""
    parts_least: float
    """…and of the other side."""
    rare_run: float
    """The rarest run of a mention that stands in the other's place or words."""
    nearly: float
    """Parts' names that are alike and not the same: 和顺里, 和顺苑."""
    numbers_agree: float
    numbers_differ: float
    opposed: float
    """The same name, and another side or stage of it: 东门, 西门; 一期, 二期."""
    apart: float
    """Both name a place, and no part of one is known to the other."""


def agreement(one: Whereabouts, other: Whereabouts, rarity: Rarity) -> Agreement:
    """The order of the two does not matter."""
    pairs = [(a, b) for a in one.mentions for b in other.mentions]
    part, most, least = _parts_known(one, other, rarity)
    shared = [kind for kind in one.numbers if kind in other.numbers]
    agree = [bool(one.numbers[kind] & other.numbers[kind]) for kind in shared]
    return Agreement(
        likeness=max((_dice(a, b) for a, b in pairs), default=0.0),
        inside=float(any(a in b or b in a for a, b in pairs)),
        shared_run=max((len(shared_run(a, b)) / min(len(a), len(b)) for a, b in pairs), default=0),
        shared_name=max(
            (len(shared_run(a, b)) / min(len(a), len(b)) for a in one.names for b in other.names),
            default=0.0,
        ),
        named=max((*_named(one, other, rarity), *_named(other, one, rarity)), default=0.0),
        part=part,
        parts_most=most,
        parts_least=least,
        rare_run=min(
            4.0,
            max((*_rare_runs(one, other, rarity), *_rare_runs(other, one, rarity)), default=0.0),
        ),
        nearly=max(
            (
                len(run) / max(len(a), len(b))
                for a in one.parts
                for b in other.parts
                if a != b and len(run := shared_run(a, b)) >= 2
            ),
            default=0.0,
        ),
        numbers_agree=float(any(agree)),
        numbers_differ=float(any(not same for same in agree)),
        opposed=float(any(_opposed(a, b) for a, b in pairs)),
        apart=float(bool(one.parts and other.parts) and part == 0.0),
    )


def shared_run(one: str, other: str) -> str:
    """The longest run of two characters or more that stands in both; empty where there is none."""
    short, long = sorted((one, other), key=len)
    short = short[:_LONGEST]
    for length in range(len(short), 1, -1):
        for at in range(len(short) - length + 1):
            if "," not in (run := short[at : at + length]) and run in long:
                return run
    return ""


def _named(one: Whereabouts, other: Whereabouts, rarity: Rarity) -> Iterator[float]:
    for name in one.names:
        run = shared_run(name, other.everything)
        if run:
            yield len(run) / len(name) * min(1.0, rarity.of_run(run))


def _rare_runs(one: Whereabouts, other: Whereabouts, rarity: Rarity) -> Iterator[float]:
    for mention in one.mentions:
        yield rarity.of_run(shared_run(mention, other.everything))


def _parts_known(
    one: Whereabouts, other: Whereabouts, rarity: Rarity
) -> tuple[float, float, float]:
    best, shares = 0.0, []
    for mine, theirs in ((one, other), (other, one)):
        known = [part for part in mine.parts if part in theirs.everything]
        best = max([best, *(min(1.5, rarity.of_run(part) + 0.2) for part in known)])
        if mine.parts:
            shares.append(len(known) / len(mine.parts))
    return best, max(shares, default=0.0), min(shares, default=0.0)


def _opposed(one: str, other: str) -> bool:
    run = shared_run(one, other)
    if not run:
        return False
    mine, theirs = one.replace(run, ""), other.replace(run, "")
    for words in _OPPOSED:
        said = {word for word in words if word in mine}
        told = {word for word in words if word in theirs}
        if said and told and not said & told:
            return True
    return False


def _dice(one: str, other: str) -> float:
    a = {one[at : at + 2] for at in range(len(one) - 1)}
    b = {other[at : at + 2] for at in range(len(other) - 1)}
    return 2 * len(a & b) / (len(a) + len(b)) if a and b else 0.0

"""What a citizen's sentence holds: who to call, when, where, how much, and what is asked for.

Everything points at the citizen's own words (`start`, `end`), and is found by rules that can be read:
a form filled in by mistake costs a citizen more than a question asked once more.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nlu.text import case_code
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


_MONEY_SAID = r"(?:欠|欠了|欠我|交|交了|收|收了|收我|赔|赔了|罚|罚了|罚款|付|付了|花|花了|要|要价|骗|骗了|押金|工资|退|退我|补|补了|发|扣|扣了|扣我|月薪|涨到|卖)"
_AMOUNT = re.compile(
    rf"(?<![\d.])(?:人民币|[¥￥]\s*)?(?P<number>{NUMBER}|(?:好?几|十?几|上)[十百千万]+)(?P<more>[多来余几])?(?P<big>[万亿])?\s*"
    r"(?:(?P<yuan>元|圆|块钱|人民币|大洋)|(?P<kuai>块)(?=多?(?:[,，。!！?？;；、\s]|$|一|每|/|不|的|都|还|就|才|没|到|的?钱|至))|(?P<bare>(?<=[万千])(?!户|人|个|平|亩|分|辆|元|多户|名|次|吨|斤|里|家|年|步|一|不|达|科|象|事)))"  # noqa: RUF001
)
_DEMAND = re.compile(
    r"希望|盼望|期望|恳请|恳求|请求|强烈要求|要求|诉求是|我的诉求|我就想|我们就想|就想要|我想让|我想要|想让|建议|呼吁|"
    r"能不能|能否|可不可以|可否|是否可以|是否能|可以不可以|麻烦|求求|拜托|"
    r"(?<![申邀聘宴敬])请(?=你|您|贵|领导|政府|有关|相关|主管|部门|尽快|尽早|立即|马上|及时|帮|给|为|把|将|派|查|核|处理|解决|安排|严|彻|公|责|协|督|妥|落|务|各|市|区|县|街|镇|求|予|还|不要|停|退|修|关注|重视|依法|让)|"
    r"(?:尽快|赶紧|赶快|早日|马上|立即|抓紧)(?:处理|解决|修|整改|退|还|发|给|恢复|拆|清|落实|查|派|安排|停)"
)
_DEMAND_ENDS = re.compile(r"[。!?！？;；\n]|[,，、\s]+(?=(?:我叫|我的?电话|电话|手机|联系|本人|地址|谢谢|感谢|身份证|另外|还有就是))")  # noqa: RUF001
_NO_DEMAND = re.compile(r"希望(?:小学|中学|工程|之光|不大|渺茫|破灭)|没有?希望|要求(?:我们?|交|业主|村民|家长|居民|学生|员工|先交|必须)|麻烦(?:了|死|得很|不断)|建议(?:我|你)们?去")
_LONGEST_DEMAND = 80


def find_entities(text: str, now: datetime) -> list[Entity]:
    """Everything found, from left to right; only a demand may hold other entities inside it.

    `now` is what "yesterday" counts from: the citizen's own time of day.
    """
    found: list[Entity] = []
    for one in _identities(text):
        found.append(one)
    _add(found, (Entity("date", text[when.start : when.end], when.value, when.start, when.end) for when in find_dates(text, now)))
    _add(found, _amounts(text))
    taken = [(one.start, one.end) for one in found]
    _add(
        found,
        (Entity("place", where.text, _plain(where.text), where.start, where.end) for where in find_places(text, taken)),
    )
    found += _demands(text)
    return sorted(found, key=lambda one: (one.start, -one.end))


def _identities(text: str) -> Iterator[Entity]:
    codes = list(case_code.find_all(text))
    for code in codes:
        yield Entity("case_code", text[code.start : code.end], code.code, code.start, code.end, code.valid)
    for one in find_numbers(text):
        inside_a_code = any(one.start < code.end and code.start < one.end for code in codes)
        if one.kind != "bank_card" and not inside_a_code:
            yield Entity(one.kind, text[one.start : one.end], one.value, one.start, one.end, one.valid)
    for name in find_names(text):
        yield Entity("name", text[name.start : name.end], name.value, name.start, name.end)


def _add(found: list[Entity], new: Iterator[Entity]) -> None:
    """Keeps what was found first: numbers before dates, dates before places."""
    earlier = tuple(found)
    found += [one for one in new if not any(one.start < old.end and old.start < one.end for old in earlier)]


def _amounts(text: str) -> Iterator[Entity]:
    read = fold(text)
    for match in _AMOUNT.finditer(read):
        if match["bare"] is not None and not re.search(rf"{_MONEY_SAID}$", read[: match.start()]):
            continue
        written = match["number"]
        value = number(written + (match["big"] or ""))
        end = match.end()
        if more := re.match(r"多(?=[,，。\s]|$)", read[end:]):  # noqa: RUF001
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
        words = text[match.start() : end].rstrip(" ,，、")  # noqa: RUF001
        at = max(end, match.end())
        if len(words) - len(match.group()) >= 2:
            yield Entity("demand", words, _plain(words), match.start(), match.start() + len(words))


def _plain(words: str) -> str:
    return " ".join(fold(words).split())

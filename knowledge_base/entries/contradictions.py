"""Two answers to nearly the same question that give different figures, dates or offices."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Literal

from knowledge_base.entries.content import spelled
from knowledge_base.models import FaqEntry
from nlu.text.contacts import find_numbers
from nlu.text.entities import find_entities
from nlu.text.normalise import fold
from nlu.text.numbers import NUMBER, number

NEAR = 0.62
"""Cosine of two wordings from which they are taken for the same question."""
MOST_PAIRS = 10

ItemKind = Literal["amount", "date", "duration", "phone", "office"]

_DURATION = re.compile(
    rf"(?<!第)({NUMBER})\s*个?\s*(工作日|自然日|日内|日以内|天|周|星期|月|季度|年内|年以内|小时|分钟)"
)
_UNITS = {"日内": "日", "日以内": "日", "天": "日", "自然日": "日", "星期": "周"} | {
    "年内": "年",
    "年以内": "年",
}
_SHORT_PHONE = re.compile(r"(?<!\d)(1[12]\d|12\d{3}|9[56]\d{3,4}|400[\- ]?\d{3}[\- ]?\d{4})(?!\d)")
_OFFICE = re.compile(
    r"[一-鿿]{1,14}?(?:信访局|管理局|委员会|办公室|服务中心|调解中心|保障中心|街道办事处|监督局|"
    r"执法大队|派出所|法院|检察院|公安局|司法局|教育局|民政局|水利局|财政局|税务局|林业局|"
    r"人社局|住建局|卫健委|医保局|应急局|仲裁院|监察大队|联合会|人民政府)"
)
_OFFICE_STARTS = re.compile(
    r".*(?:[向到找由去问请给和与跟或及、，是打交归属在的]|可以|可向|联系|经|为|报|先|应|当地|所在)"
)
_NOON = datetime(2026, 1, 1, 12, tzinfo=timezone.utc)
"""What a date without its year is read from: the same for both, so that they can be compared."""


@dataclass(frozen=True, slots=True)
class Item:
    """Something definite that an answer says."""

    kind: ItemKind
    value: str
    """For comparing."""
    text: str
    """As it was written."""


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Another published entry that answers nearly the same question otherwise."""

    other: FaqEntry
    wording: str
    """Of the entry looked at."""
    other_wording: str
    likeness: float
    ours: tuple[Item, ...]
    """What only the entry looked at says."""
    theirs: tuple[Item, ...]


def contradictions(
    entry: FaqEntry, others: Iterable[FaqEntry], also: Mapping[str, float] | None = None
) -> list[Contradiction]:
    """Pairs that a reviewer has to look at, the likest first.

    `also` names entries that the search takes for near, with how near they are.
    """
    candidates = [one for one in others if one.id != entry.id and _share_region(entry, one)]
    found = []
    for other, wording, other_wording, likeness in _near(entry, candidates, also or {}):
        ours, theirs = _differing(_said(entry), _said(other))
        if ours:
            found.append(Contradiction(other, wording, other_wording, likeness, ours, theirs))
    found.sort(key=lambda one: -one.likeness)
    return found[:MOST_PAIRS]


def items(text: str) -> frozenset[Item]:
    """The definite things in an answer: amounts, dates, durations, phone numbers, offices."""
    found: list[Item] = []
    for entity in find_entities(text, _NOON):
        if entity.type == "amount" and entity.value:
            found.append(Item("amount", entity.value, entity.text))
        elif entity.type == "date" and re.search(r"\d|[一二三四五六七八九十]+月", entity.text):
            found.append(Item("date", entity.value, entity.text))
    read = fold(text)
    for match in _DURATION.finditer(read):
        value = number(match[1])
        if value is not None:
            unit = _UNITS.get(match[2], match[2])
            found.append(Item("duration", f"{value:g}{unit}", match[0]))
    for one in find_numbers(text):
        if one.kind == "phone":
            found.append(Item("phone", one.value, text[one.start : one.end]))
    found += [Item("phone", re.sub(r"\D", "", m[1]), m[1]) for m in _SHORT_PHONE.finditer(read)]
    for match in _OFFICE.finditer(read):
        name = _OFFICE_STARTS.sub("", match[0]) or match[0]
        found.append(Item("office", name, name))
    return frozenset(found)


def _differing(
    ours: frozenset[Item], theirs: frozenset[Item]
) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """Items of those kinds where each says something that the other does not."""
    only_ours, only_theirs = _without(ours, theirs), _without(theirs, ours)
    kinds = {one.kind for one in only_ours} & {one.kind for one in only_theirs}

    def shown(found: Iterable[Item]) -> tuple[Item, ...]:
        return tuple(
            sorted((one for one in found if one.kind in kinds), key=lambda x: (x.kind, x.text))
        )

    return shown(only_ours), shown(only_theirs)


def _without(some: frozenset[Item], others: frozenset[Item]) -> list[Item]:
    known = {(one.kind, one.value) for one in others}
    first = {(one.kind, one.value): one for one in some}
    return [one for place, one in first.items() if place not in known]


def _said(entry: FaqEntry) -> frozenset[Item]:
    return items("\n".join((entry.answer, entry.handling)))


def _share_region(one: FaqEntry, other: FaqEntry) -> bool:
    """Answers of two regions may differ."""
    return not one.region or not other.region or one.region == other.region


def _near(
    entry: FaqEntry, others: Sequence[FaqEntry], also: Mapping[str, float]
) -> Iterator[tuple[FaqEntry, str, str, float]]:
    """Each other entry with the likest pair of wordings, where they are like enough."""
    wordings = [(other, wording) for other in others for wording in other.wordings]
    signs = [_signs(wording) for _, wording in wordings]
    seen = Counter(sign for found in signs for sign in found)
    rarity = {sign: math.log(1 + len(wordings) / times) for sign, times in seen.items()}
    commonest = math.log(1 + len(wordings))
    postings: dict[str, list[int]] = {}
    for number_, found in enumerate(signs):
        for sign in found:
            postings.setdefault(sign, []).append(number_)

    def weight(sign: str) -> float:
        return rarity.get(sign, commonest) ** 2

    norms = [math.sqrt(sum(map(weight, found))) or 1.0 for found in signs]
    best: dict[str, tuple[FaqEntry, str, str, float]] = {}
    for wording in entry.wordings:
        mine = _signs(wording)
        norm = math.sqrt(sum(map(weight, mine))) or 1.0
        scores: Counter[int] = Counter()
        for sign in mine:
            for number_ in postings.get(sign, ()):
                scores[number_] += weight(sign)  # type: ignore[assignment]
        for number_, score in scores.items():
            likeness = score / norm / norms[number_]
            other, other_wording = wordings[number_]
            if likeness > best.get(other.id, (None, "", "", 0.0))[3]:
                best[other.id] = (other, wording, other_wording, likeness)
    for other in others:
        near = best.get(other.id, (other, entry.question, other.question, 0.0))
        likeness = max(near[3], also.get(other.id, 0.0))
        if likeness >= NEAR:
            yield (*near[:3], likeness)


def _signs(wording: str) -> frozenset[str]:
    """Characters and pairs of them; a pair says more, and is rarer."""
    text = re.sub(r"\W", "", spelled(wording))
    return frozenset([*text, *(text[at : at + 2] for at in range(len(text) - 1))])

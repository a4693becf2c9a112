"""「电话写错了，是…」「地点改成…」: which field is meant, and what it should be."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.draft import CONTACT, DEMAND, MATTER, OCCURRED_AT, PLACE, Draft
from nlu.text.normalise import fold
from nlu.text.numbers import spoken_digits

NAME = "name"
_FIELDS: tuple[tuple[str, str], ...] = (
    (CONTACT, r"联系电话|联系方式|电话号码|手机号码?|电话|手机|号码"),
    (PLACE, r"地点|地址|位置|地方|小区名字?|住址"),
    (OCCURRED_AT, r"时间|日期|日子"),
    (DEMAND, r"诉求|要求|希望|请求"),
    (NAME, r"姓名|名字|我的名|称呼"),
    (MATTER, r"事情|内容|问题|事由|描述|说法"),
)
_CHANGE = (
    r"错了?|不对|不是|有误|改一?下?|改成|改为|更正|换成?|修改|重新|应该是|弄错|写错|说错|打错|填错"
)
_VALUE = re.compile(
    r"(?:改成|改为|换成|更正为|修改为|应该是|应是|正确的?是|其实是|而是|是|为|[:：])\s*(?P<value>[^,，。]*[^,，。\s].*)$"
)
_LEAD = re.compile(r"^[\s,，。:：是为]+|[\s,，。]+$")


@dataclass(frozen=True, slots=True)
class Correction:
    """A field to be changed; `value` is None when the new one has still to be asked for."""

    field: str
    value: str | None


def find_correction(text: str) -> Correction | None:
    """The correction in these words, if they are one: a field's name near a word of change."""
    for name, words in _FIELDS:
        found = re.search(
            rf"(?:(?P<a>{words})[^,，。]{{0,8}}?(?:{_CHANGE}))"
            rf"|(?:(?:{_CHANGE})(?:一下|下)?(?P<b>{words}))",
            text,
        )
        if found is None:
            continue
        # 「应该是」 is the change and the sign before the value: look from the field's name on.
        start = found.start("a") if found["a"] else found.start("b")
        value = _value(text[start + len(found["a"] or found["b"]) :])
        if name == NAME and value:
            value = re.sub(r"^(?:我|俺|本人)?(?:叫做?|是)", "", value)
        return Correction(name, value)
    return None


def _value(rest: str) -> str | None:
    rest = re.sub(
        r"^[^,，。]{0,6}?(?:写错|说错|打错|填错|弄错|错|不对|有误)了?[,，。\s]*", "", rest
    )
    # 「不是三号楼，是五号楼」: what counts stands after the last 「是」.
    negated = re.match(r"^[,，\s]*不是.+?[,，\s]+(?:而?是|应该是)\s*(?P<value>.+)$", rest)
    found = negated or _VALUE.search(rest)
    value = _LEAD.sub("", found["value"]) if found else ""
    if not found:
        bare = _LEAD.sub("", re.sub(rf"^(?:{_CHANGE})+", "", rest))
        value = bare if len(bare) >= 2 else ""
    return value or None


_NOT_BUT = re.compile(
    r"不是(?P<old>[^,，。是]{1,20}?)[,，\s]*(?:而?是|应该是)(?P<new>[^,，。]{1,40})[,，。！!吧啊呢]*$"
)


def correction_of(draft: Draft, text: str) -> Correction | None:
    """「不是三号楼是五号楼」: what was told wrongly names the field by itself."""
    found = _NOT_BUT.search(text)
    if found is None:
        return None
    old, new = found["old"].strip(), found["new"].strip()
    for name in (PLACE, OCCURRED_AT, NAME, DEMAND):
        told = getattr(draft, name)
        if told and _plain(old) in _plain(told):
            at = _plain(told).index(_plain(old))
            return Correction(name, told[:at] + new + told[at + len(old) :])
    return None


def _plain(words: str) -> str:
    """One spelling for numbers, position for position."""
    return spoken_digits(fold(words)).replace("栋", "号")

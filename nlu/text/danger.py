"""Words of danger to life, now: they are answered before any dialogue.

A missed cry costs a life, a false alarm a sentence too many; so each kind names its words widely,
and only what is plainly not now is let go: figures of speech, the past, conditions, and complaints
about what might happen one day. The words are in `words/danger.txt` and `words/not_danger.txt`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from nlu.text import wordlists
from nlu.text.normalise import normalise


@dataclass(frozen=True, slots=True)
class Danger:
    """What kind of danger, and the words that tell of it."""

    kind: str
    """self_harm | medical | fire | gas | violence | traffic | trapped | disaster"""
    words: str


def _patterns(section: str) -> re.Pattern[str]:
    return re.compile(wordlists.any_pattern(_NOT_NOW[section]))


_NOT_NOW = wordlists.lines("not_danger")
_FIGURES = _patterns("figures")
_PAST = _patterns("past")
_YESTERDAY = _patterns("yesterday")
_EXPERIENCE = _patterns("experience")
_CONDITION = _patterns("condition")
_WORRY = _patterns("worry")
_CHRONIC = _patterns("chronic")
_NOW = _patterns("now")
_NEGATED = re.compile(
    r"(?:差(?:一?点儿?|些)|没有?|不会|不是|并没|未|不想|不至于|绝不会?|不可能|别|防止|预防|避免|以防|免得|杜绝|禁止|不准|不让|不要)"
    r"(?:再|人|什么|去|发生|出现|真的|过|引发|引起|造成|就|没|把)*$"
)
_SMOKING = re.compile(
    r"(?:烧烤|饭店|餐馆|餐饮|火锅|烟囱|烟道|排烟|排气|油烟|汽车尾|尾气|香烟|抽烟|厂子?|工厂|砖窑|作坊).{0,6}$"
)
_LONG = 80
_NEAR = 30
_KINDS = tuple(
    (kind, re.compile(wordlists.any_pattern(found)))
    for kind, found in wordlists.lines("danger").items()
)


def is_figure(text: str) -> bool:
    """Whether there is a figure of speech (急死我了) and no danger beside it."""
    return bool(_FIGURES.search(normalise(text))) and assess(text) is None


def assess(text: str) -> Danger | None:
    """The first danger that is here and now, or None."""
    read = normalise(text)
    plain = _FIGURES.sub(lambda match: "＿" * len(match.group()), read)
    long = len(plain) > _LONG
    for kind, pattern in _KINDS:
        for match in pattern.finditer(plain):
            near = plain[max(0, match.start() - _NEAR) : match.end() + _NEAR] if long else plain
            urgent = bool(_NOW.search(near))
            # A long account of a grievance names old blows and fires; a cry in it says "now".
            if long and not urgent and kind not in ("self_harm", "gas"):
                continue
            if _is_present(kind, plain, match, urgent=urgent):
                return Danger(kind, match.group())
    return None


def _is_present(kind: str, read: str, match: re.Match[str], *, urgent: bool) -> bool:
    before, clause, after = _around(read, match)
    if _NEGATED.search(before) and kind != "self_harm":
        return False
    if kind == "self_harm":
        return _is_present_self_harm(before, clause, match.group())
    if _WORRY.search(before):
        return False
    if kind == "fire" and "烟" in match.group() and _SMOKING.search(before):
        return False
    if urgent and not _PAST.search(clause):
        return not _CONDITION.search(before)
    if kind in ("fire", "traffic", "disaster", "medical") and _CHRONIC.search(clause + after):
        return False
    if _PAST.search(clause) or _EXPERIENCE.match(after) or match.group().endswith("过"):
        return False
    if _CONDITION.search(clause) or _CONDITION.search(match.group()):
        return False
    # 昨晚着火了 is over; 昨晚开始一直漏煤气 is not.
    return not _YESTERDAY.search(clause) or kind in ("gas", "trapped")


def _is_present_self_harm(before: str, clause: str, words: str) -> bool:
    if (
        re.search(
            r"(?:差(?:一?点儿?|些)|没有?|不会|绝不|从没|从来没)(?:真的)?(?:想过?|要|打算)?$", before
        )
        and "活" not in words
    ):
        return False
    if re.search(r"(?:预防|防止|心理辅导|讲座|宣传|新闻|电影|小说|听说|据说)", clause):
        return False
    first_person = re.search(r"我|俺|自己", clause + before)
    return not (_PAST.search(clause) and not first_person)


def _around(read: str, match: re.Match[str]) -> tuple[str, str, str]:
    """What stands before the words in their clause, that clause and the one before it, the rest."""
    start = max(read.rfind(mark, 0, match.start()) for mark in ",。!?;、 ~") + 1
    ends = [at for mark in ",。!?;、 ~" if (at := read.find(mark, match.end())) >= 0]
    end = min(ends, default=len(read))
    # 去年冬天，楼下着过火: the time may stand in the clause before.
    previous = max((read.rfind(mark, 0, max(start - 1, 0)) for mark in ",。!?;"), default=-1) + 1
    lead = (
        read[previous:start]
        if start - previous <= 24 and read[start - 1 : start] in (",", " ", "、")
        else ""
    )
    return read[start : match.start()], lead + read[start:end], read[match.end() : end]

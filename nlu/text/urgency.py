"""What makes a matter urgent, each sign with the citizen's own words for it.

About the matter, never about who tells it: signs are named, not weighed, and nothing is added
up. Figures of speech, what is denied, what is over and mere questions give no sign. The words
are in `words/urgency.txt`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.text import wordlists
from nlu.text.normalise import fold
from nlu.text.numbers import NUMERAL_CHARS, number

KINDS = ("life", "many", "vulnerable", "essential", "waiting")


@dataclass(frozen=True, slots=True)
class Sign:
    """One thing that makes a matter urgent, where it is told."""

    kind: str
    """life | many | vulnerable | essential | waiting"""
    words: str
    """As the citizen wrote them."""
    start: int
    end: int


# Bounded, unlike `numbers.NUMBER`: a page of digits must not be tried from each of them.
_NUMBER = rf"(?:\d{{1,7}}(?:\.\d)?[千百]?[万亿]?|[{NUMERAL_CHARS}]{{1,8}})"
_FRESH = rf"(?<![\d{NUMERAL_CHARS}])"
# 八十多, 上百, 几十, 六百来: as people count who have not counted.
_ABOUT = (
    rf"(?:(?P<about>上|数|好几|几|近|约|成|小)|{_FRESH})"
    rf"(?P<n>{_NUMBER})(?P<more>几|来|多|余|把){{0,2}}"
)
_LISTS = wordlists.lines("urgency")
_COUNTED = {"people": 10, "things": 30, "groups": 2}
"""From how many on it is many; fewer do not make a matter of the public."""
_OLD, _CHILD = 65, 14
_AGE = re.compile(
    rf"{_FRESH}(?P<n>{_NUMBER})(?:几|来|多|好几)?(?P<unit>个?月大|岁|周岁|高龄|(?<=多)了(?=$|[,。!?]))"
    r"(?!以上|以下|起|才能|可以|的(?:房|楼|车|树|狗|猫))"
    r"(?:的)?(?:老?(?:大爷|母亲|父亲|爷爷|奶奶|妈|爸|人|太太|汉|头|娘|爹)|女儿|儿子|孩子|娃)?"
)
_AGE_REFUSED = re.compile(r"(?:满|年满|够|不到|未满|我才|超过)$")
_ENDS = ",。!?;、 ~:\n"
_STOPS = "。!?;\n"
_FAR = 80
"""No clause is longer; who writes without a stop is read in pieces."""


def _one(section: str) -> re.Pattern[str]:
    patterns = (line.replace("〈数〉", _NUMBER) for line in _LISTS[section])
    return re.compile(wordlists.any_pattern(tuple(patterns)))


_TELLING = {kind: _one(kind) for kind in KINDS}
_UNLIKE = {kind: _one(f"{kind}.not") for kind in KINDS}
_HURT, _CLAIM = _one("life.hurt"), _one("life.claim")
_MANY = tuple(
    (re.compile(_ABOUT + f"(?:{wordlists.any_pattern(_LISTS[f'many.{name}'])})"), least)
    for name, least in _COUNTED.items()
)
_OVER, _NOT_OVER = _one("over"), _one("over.not")
_NEGATED, _ASKS = _one("negated"), _one("asks")


def signs(text: str) -> tuple[Sign, ...]:
    """Every sign of urgency, in the order in which it is told."""
    read = fold(text)
    found = [
        Sign(kind, text[start:end], start, end)
        for kind in KINDS
        for start, end in _apart(_spans(kind, read))
    ]
    return tuple(sorted(found, key=lambda sign: (sign.start, KINDS.index(sign.kind))))


def _apart(spans: Iterator[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those that do not overlap, the earlier and then the longer first."""
    last = 0
    for start, end in sorted(spans, key=lambda span: (span[0], -span[1])):
        if start >= last:
            yield start, end
            last = end


def _spans(kind: str, read: str) -> Iterator[tuple[int, int]]:
    plain = _UNLIKE[kind].sub(lambda match: "＿" * len(match.group()), read)
    for start, end in _told(kind, plain, read):
        if kind != "waiting" and _is_denied_or_over(kind, read, start, end):
            continue
        yield start, end


def _told(kind: str, plain: str, read: str) -> Iterator[tuple[int, int]]:
    yield from (match.span() for match in _TELLING[kind].finditer(plain) if match.group())
    if kind == "life":
        yield from _hurt(plain, read)
    if kind == "many":
        yield from _counted(plain)
    if kind == "vulnerable":
        yield from _ages(plain)


def _hurt(plain: str, read: str) -> Iterator[tuple[int, int]]:
    for match in _HURT.finditer(plain):
        begins, ends = _before(read, match.start(), _STOPS), _after(read, match.end(), _STOPS)
        # Somebody hurt shows a danger, unless what is asked for is the money for it.
        if not _CLAIM.search(read[begins:ends]):
            yield match.span()


def _counted(plain: str) -> Iterator[tuple[int, int]]:
    for pattern, least in _MANY:
        for match in pattern.finditer(plain):
            told = match["n"]
            bare = told in ("十", "百", "千", "万", "亿") and not (match["about"] or match["more"])
            # 万户小区 and 百人相亲会 are names, not counts.
            if bare and told != "十":
                continue
            if match["about"] in ("几", "好几") and told[0] not in "十百千万":
                continue
            value = number(told) or (10_000 if told == "万" else 0)
            if value >= least and (match["about"] or not _is_glued(plain, match.start())):
                yield match.span()


def _ages(plain: str) -> Iterator[tuple[int, int]]:
    for match in _AGE.finditer(plain):
        value = number(match["n"])
        if value is None or _AGE_REFUSED.search(plain[: match.start()]):
            continue
        is_month, is_spoken = "月" in match["unit"], match["unit"] == "了"
        if is_month or (value <= _CHILD and not is_spoken) or _OLD <= value <= 120:
            yield match.span()


def _is_glued(plain: str, at: int) -> bool:
    """Whether a number goes on to the left: the 5 of 3.5 or of a house number."""
    return at > 0 and (plain[at - 1] in "0123456789.第" or plain[at - 1] in NUMERAL_CHARS)


def _is_denied_or_over(kind: str, read: str, start: int, end: int) -> bool:
    begins = _before(read, start, _ENDS)
    if kind in ("life", "essential") and _NEGATED.search(read[begins:start]):
        return True
    clause_end = _after(read, end, _ENDS)
    if kind in ("vulnerable", "essential") and _ASKS.search(read[begins:clause_end]):
        return True
    if kind not in ("life", "essential"):
        return False
    # 上回停水，第二天就来了: the end of it is often told one clause later.
    rest = read[begins : _after(read, clause_end + 1, _ENDS)]
    told = read[begins : _after(read, end, _STOPS)]
    return bool(_OVER.search(rest)) and not _NOT_OVER.search(told)


def _before(read: str, at: int, marks: str) -> int:
    """Where the part of the sentence that holds `at` begins."""
    least = max(0, at - _FAR)
    return max([least, *(read.rfind(mark, least, at) + 1 for mark in marks)])


def _after(read: str, at: int, marks: str) -> int:
    """Where it ends."""
    most = min(len(read), at + _FAR)
    return min([most, *(found for mark in marks if (found := read.find(mark, at, most)) >= 0)])

"""Names of persons, only where someone says that it is one: 我叫…, 本人…, 联系人…"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from nlu.text import wordlists
from nlu.text.normalise import fold

_LISTS = wordlists.words("names")
_SURNAMES = "".join(_LISTS["surnames"])
_DOUBLE = wordlists.either(_LISTS["double_surnames"])
_SURNAME = rf"(?:{_DOUBLE}|[{_SURNAMES}])"
_SAID = re.compile(
    r"(?:我的?名字(?:就?是|叫做?)?|我(?:姓名|大名)(?:是|叫)?|我就?叫做?|俺(?:就?叫|是)"
    r"|名字(?:叫做?|是)|姓名(?:是|为)?|本人(?:叫|姓名是?)"
    r"|(?:联系人|反映人|投诉人|举报人|信访人|申请人|来信人|诉求人|户主)(?:姓名)?(?:是|叫|为)?"
    r")[:： ,,]{0,3}"
)
_SAID_WEAKLY = re.compile(r"(?:我是|本人是?|我本人是?|这里是|这边是)[:： ,,]{0,2}")
_BEFORE_A_PHONE = re.compile(
    rf"^\s*({_SURNAME}[一-鿿]{{1,2}})[ ,，、。:：]{{0,2}}"
    r"(?:的?(?:联系)?(?:电话|手机号?)(?:号?码)?[是为:： ]{0,3})?(?=1[3-9]\d)"
)
_MINORITY = re.compile(r"[一-鿿]{1,8}[·•・][一-鿿]{1,8}(?:[·•・][一-鿿]{1,8})?")
_RUN = re.compile(rf"{_SURNAME}[一-鿿]+")
# What goes on after a name without a comma; none of it starts the last character of a usual name.
_GOES_ON = re.compile(wordlists.either(_LISTS["goes_on"]))
_STRONGLY_GOES_ON = re.compile(r"电话|手机|联系|身份证|家住|住|今年|现年|男|女|反映|投诉|举报")
# 我是温州人, 我是单亲家庭, 我是马路对面的: a surname's character at the head of what someone is.
_ENDS_NO_NAME = "".join(_LISTS["ends_no_name"])
_NO_NAME = frozenset(_LISTS["no_name"])


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name and where it stands."""

    value: str
    start: int
    end: int


def find_names(text: str) -> Iterator[Name]:
    """Names that are said to be names; a name in a story about others is nobody's business here."""
    read = fold(text)
    taken = -1
    for match in _introductions(read):
        weak = match.re is _SAID_WEAKLY
        name = _name_at(read, match.end(), weak=weak)
        if name and name.start >= taken:
            taken = name.end
            yield name
    if taken < 0 and (alone := _BEFORE_A_PHONE.match(read)):
        value = alone.group(1)
        if value not in _NO_NAME and value[-1] not in _ENDS_NO_NAME + "生":
            yield Name(value, *alone.span(1))


def _introductions(read: str) -> list[re.Match[str]]:
    found = [*_SAID.finditer(read), *_SAID_WEAKLY.finditer(read)]
    return sorted(found, key=lambda match: match.start())


def _name_at(read: str, start: int, *, weak: bool) -> Name | None:
    minority = _MINORITY.match(read, start)
    if minority:
        return Name(minority.group(), *minority.span())
    run = _RUN.match(read, start)
    if not run:
        return None
    written = run.group()
    surname = 2 if re.match(_DOUBLE, written) else 1
    longest = surname + 2
    length = min(len(written), longest)
    for cut in range(surname + 1, length):
        if _GOES_ON.match(written, cut):
            length = cut
            break
    value = written[:length]
    if value in _NO_NAME or value[:2] in _NO_NAME or len(value) < 2:
        return None
    if weak:
        ends_there = length == len(written) or _STRONGLY_GOES_ON.match(written, length)
        if not ends_there or value[-1] in _ENDS_NO_NAME:
            return None
    return Name(value, start, start + length)

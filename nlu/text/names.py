"""Names of persons: of those who speak, and apart from them of those who are spoken of.

我叫…, 联系人…, 孙国栋，1351…, 我是贫困户…; 我父亲…, 包工头叫…. The two are never mixed: a form
filled in with a neighbour's name is worse than a question asked.
"""

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
_GIVEN = "".join(_LISTS["given"])
# Characters that stand in names, so that 明天说 and 常年没 are none where nobody says 我叫.
_FULL = rf"(?:{_DOUBLE}[{_GIVEN}]{{1,2}}|[{_SURNAMES}][{_GIVEN}]{{2}})"
_SHORT = rf"[{_SURNAMES}][{_GIVEN}]"
_TYPICAL = (
    rf"(?![{''.join(_LISTS['also_words'])}])[{_SURNAMES}](?![{''.join(_LISTS['seldom_given'])}])"
    rf"[{_GIVEN}](?![{''.join(_LISTS['seldom_given'])}])[{_GIVEN}]"
)
# Of people who have no surname: 努尔兰, 扎西卓玛.
_TRANSLITERATED = rf"[{''.join(_LISTS['translit'])}]{{2,8}}"

_SAID = re.compile(
    r"(?:我的?名字(?:就?是|叫做?)?|我(?:姓名|大名)(?:是|叫)?|我就?叫做?|[俺咱]就?叫"
    rf"|[我俺咱]姓{_SURNAME}[ ,，。.、]{{0,2}}(?:名字|我|俺|就|名)?叫"
    r"|名字(?:叫做?|是)|姓名(?:是|为)?|本人(?:叫|姓名是?)"
    r"|(?<!被)(?:联系人|反映人|投诉人|举报人|信访人|申请人|来信人|诉求人|报修人|反应人|户主)"
    r"(?:姓名)?(?:是|叫|为)?"
    r")[:： ,,]{0,3}"
)
_SAID_WEAKLY = re.compile(r"(?:[我俺咱]是|本人是?|我本人是?|这里是|这边是)[:： ,,]{0,2}")
_BEFORE_A_PHONE = re.compile(
    rf"^\s*({_SURNAME}[一-鿿]{{1,2}})[ ,，、。:：]{{0,2}}"
    r"(?:的?(?:联系)?(?:电话|手机号?)(?:号?码)?[是为:： ]{0,3})?(?=1[3-9]\d)"
)
_SEPARATED = r"[ ,，、。:：(（]{1,2}"
_PHONE_WORDS = r"(?:的?(?:联系)?(?:电话|手机)(?:号码?)?[是为:： ]{0,3})?"
_NUMBER = r"(?=(?:\+86)?[ \-]?\d(?:[ \-]?\d){6})"
_CLAUSE = r"(?:^|(?<=[,，。.；;！!\n ])|(?<=[，,。]是))"
# What is a name by where it stands.
_BY_PLACE = tuple(
    re.compile(pattern)
    for pattern in (
        # 孙国栋，3408…; 俺许大妮，1573…
        rf"(?:{_CLAUSE}|(?<=[我俺咱]))({_FULL}|{_SHORT}){_SEPARATED}{_PHONE_WORDS}{_NUMBER}",
        # The same with a character that few names have, or with a name that has no surname.
        rf"{_CLAUSE}({_SURNAME}[一-鿿]{{2}}|{_TRANSLITERATED}){_SEPARATED}{_PHONE_WORDS}{_NUMBER}",
        rf"{_CLAUSE}({_SURNAME}[一-鿿]{{2}}|{_TRANSLITERATED})[ ,，、(（]{{1,2}}[男女](?![一-鿿])",
        # 马生虎，男，回族; 臧丽，手机…
        rf"{_CLAUSE}({_FULL}|{_SHORT})[ ,，。、(（]{{1,2}}"
        rf"(?={wordlists.either(_LISTS['tells_who'])}|[1-9]\d岁)",
        # 周桂兰实名举报; 联系人 and the number without a sign between
        rf"{_CLAUSE}({_FULL})(?={wordlists.either(_LISTS['after_a_name'])}|{_PHONE_WORDS}1[3-9]\d)",
        # …13519351187，周桂兰
        rf"\d{{6}}[\dXx][ ,，。、]{{0,2}}({_FULL}|{_SHORT})(?=[ ,，。;；]|$)",
        rf"(?:署名|落款|此致|敬礼|请?联系|找|收件人)[:： ]{{0,2}}({_FULL})(?=[ ,，。;；(（\d]|$)",
        # A signature, or the whole of an answer.
        rf"(?:^\s*|(?<=[。！!?？\n])\s*)({_FULL})[ 。.!！]*$",
        # 我是退伍军人崔永福; 家长代表欧阳立
        rf"(?:[我俺]们?是|本人是?)[^,，。;；!！?？]{{0,30}}?{wordlists.either(_LISTS['role'])}"
        rf"({_FULL})",
        rf"(?:家长|职工|业主|村民|住户|商户|户)代表({_FULL})",
        # 我庞二虎对天发誓
        rf"[我俺咱]((?![{''.join(_LISTS['also_words'])}]){_FULL})",
        rf"{_CLAUSE}[我俺咱]({_FULL})(?=[,，。\s]|$)",
    )
)
_OF_OTHERS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"(?<=叫)做?({_FULL}|{_SHORT}(?=[ ,，。;；的]|$))",
        rf"(?<=[我俺咱她他的家大二三小老])(?:{wordlists.either(_LISTS['relatives'])})"
        rf"({_FULL}|{_SHORT}(?=[ ,，。;；的]|$))",
        rf"{wordlists.either(_LISTS['titles'])}[:：]?({_FULL})",
        rf"[和跟与、]({_FULL})(?=[、,，。和等])",
        # Nothing says that it is a name but its look.
        rf"({_TYPICAL})",
    )
)
_MINORITY = re.compile(r"[一-鿿]{1,8}[·•・][一-鿿]{1,8}(?:[·•・][一-鿿]{1,8})?")
_ENDED = rf"(?=[,，。.;；!！、\s]|$|{wordlists.either(_LISTS['tells_who'])})"
_FOREIGN = re.compile(_TRANSLITERATED + _ENDED)
# A surname that no list has: only where it is plainly said to be a name, and ends there.
_UNLISTED = re.compile(
    rf"(?![{''.join(_LISTS['seldom_given'])}])[{_GIVEN}][{_GIVEN}]{{1,2}}{_ENDED}"
)
_RUN = re.compile(rf"{_SURNAME}[一-鿿]+")
# What goes on after a name without a comma; none of it starts the last character of a usual name.
_GOES_ON = re.compile(wordlists.either(_LISTS["goes_on"]))
_STRONGLY_GOES_ON = re.compile(r"电话|手机|联系|身份证|家住|住|今年|现年|男|女|反映|投诉|举报")
# 我是温州人, 我是单亲家庭, 我是马路对面的: a surname's character at the head of what someone is.
_ENDS_NO_NAME = "".join(_LISTS["ends_no_name"])
_ENDS_A_PLACE = "庄"
_NO_NAME = frozenset(_LISTS["no_name"])
_TITLES = frozenset(_LISTS["titles"])


@dataclass(frozen=True, slots=True)
class Name:
    """A person's name and where it stands."""

    value: str
    start: int
    end: int


def find_names(text: str) -> Iterator[Name]:
    """Names that are said to be names, from left to right."""
    read = fold(text)
    found: list[Name] = []
    for match in _introductions(read):
        weak = match.re is _SAID_WEAKLY
        name = _name_at(read, match.end(), weak=weak)
        if name:
            _keep(found, name)
    for pattern in _BY_PLACE:
        for match in pattern.finditer(read):
            value = match.group(1)
            if not _is_word(value):
                _keep(found, Name(value, *match.span(1)))
    if not found and (alone := _BEFORE_A_PHONE.match(read)):
        value = alone.group(1)
        if value not in _NO_NAME and value[-1] not in _ENDS_NO_NAME + "生":
            found.append(Name(value, *alone.span(1)))
    yield from sorted(found, key=lambda one: one.start)


def find_people(text: str) -> Iterator[Name]:
    """Names of others, from left to right; none of those that `find_names` gives."""
    read = fold(text)
    own = list(find_names(text))
    found = list(own)
    for pattern in _OF_OTHERS:
        for match in pattern.finditer(read):
            if not _is_word(match.group(1)):
                _keep(found, Name(match.group(1), *match.span(1)))
    yield from sorted((one for one in found if one not in own), key=lambda one: one.start)


def _keep(found: list[Name], new: Name) -> None:
    if not any(new.start < old.end and old.start < new.end for old in found):
        found.append(new)


def _is_word(value: str) -> bool:
    """Whether it is an everyday word, a number or a title, though it looks like a name."""
    return (
        value in _NO_NAME
        or value[:2] in _NO_NAME
        or value[1:] in _TITLES
        or value[-1] in _ENDS_NO_NAME + _ENDS_A_PLACE
        or re.fullmatch(r"[一二三四五六七八九十百千万]+", value[1:]) is not None
    )


def _introductions(read: str) -> list[re.Match[str]]:
    found = [*_SAID.finditer(read), *_SAID_WEAKLY.finditer(read)]
    return sorted(found, key=lambda match: match.start())


def _name_at(read: str, start: int, *, weak: bool) -> Name | None:
    if minority := _MINORITY.match(read, start):
        return Name(minority.group(), *minority.span())
    run = _RUN.match(read, start)
    if not run:
        other = None if weak else _FOREIGN.match(read, start) or _UNLISTED.match(read, start)
        if other is None or _is_word(other.group()):
            return None
        return Name(other.group(), *other.span())
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

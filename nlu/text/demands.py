"""What a citizen asks for: 希望…, 能不能…, 请…尽快….

Words that tell who speaks and where to call end a demand, also where nobody put a comma.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from nlu.text import wordlists
from nlu.text.normalise import fold

_PHRASES = {name: wordlists.either(found) for name, found in wordlists.words("phrases").items()}
_DEMAND = re.compile(
    rf"{_PHRASES['asks']}|(?<![申邀聘宴敬])请(?={_PHRASES['please_who']})"
    rf"|{_PHRASES['soon']}{_PHRASES['soon_what']}"
)
_ENDS = re.compile(
    rf"[。!?！？;；\n]|[,，、\s]+(?={_PHRASES['ends_before']})|{_PHRASES['ends_at']}"
)
_ENDS_SPACED = re.compile(rf"(?<=[^ ]{{4}}) |{_ENDS.pattern}")
_PUNCTUATED = re.compile(r"[,，。!！?？;；]")
# 「…半夜还放低音炮 让他关小点声」: at the very end, before the number, it is what is wanted.
_LAST = re.compile(
    r"(?<=[,，。;； ])(?:让|叫)(?:他们?|她们?|人家|物业|老板|厂里|学校)"
    r"[^,，。;； ]{2,14}(?=[,，。;； ]*$)"
)
_NO_DEMAND = re.compile(_PHRASES["no_demand"])
_LONGEST = 80
_TOLD_ENOUGH = 6


@dataclass(frozen=True, slots=True)
class Known:
    """What was found before and may end a demand."""

    type: str
    text: str
    start: int


def find_demands(text: str, known: Sequence[Known]) -> Iterator[tuple[int, int]]:
    """Where each demand begins and ends."""
    read = fold(text)
    at, found = 0, False
    while match := _DEMAND.search(read, at):
        around = read[max(0, match.start() - 2) : match.end() + 4]
        if _NO_DEMAND.search(around):
            at = match.end()
            continue
        end = _end(read, match, known)
        words = read[match.start() : end].rstrip(" ,，、")
        at = max(end, match.end())
        if len(words) - len(match.group()) >= 2:
            found = True
            yield match.start(), match.start() + len(words)
    first_number = min((one.start for one in known if one.type == "phone"), default=len(read))
    told = re.sub(r"(?:电话|手机|联系)[^\d]{0,6}$", "", read[:first_number])
    if not found and (last := _LAST.search(told)):
        yield last.span()


def _end(read: str, match: re.Match[str], known: Sequence[Known]) -> int:
    # Where nobody puts commas, a space is one.
    ends = _ENDS if _PUNCTUATED.search(read) else _ENDS_SPACED
    stop = ends.search(read, match.end())
    end = min(stop.start() if stop else len(read), match.start() + _LONGEST)
    for one in known:
        if match.end() <= one.start < end and (at := _stops(read, match.end(), one)) is not None:
            end = at
    return end


def _stops(read: str, begin: int, one: Known) -> int | None:
    """Where that other thing ends the demand, if it does: a number, or the next part of a story."""
    if one.type in ("phone", "id_number", "case_code", "name"):
        return one.start
    told = read[begin : one.start]
    if len(told) < _TOLD_ENOUGH or re.search(r"[,，、\s]", told):
        return None
    if one.type == "date" and re.search(r"开始|至今|到现在|以来", one.text):
        return one.start - 1 if told.endswith("从") else one.start
    if one.type == "place" and told.endswith("在"):
        return one.start - 1
    return None

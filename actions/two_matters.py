"""Two troubles in one message: told apart, so that each can get a code of its own (一案一码)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.answers import is_yes, without_openers
from actions.services import Choice, Outcome, Services
from nlu.text.errors import Unavailable

TOGETHER, APART = "together", "apart"
_BREAKS = re.compile(
    r"(?:^|(?<=[,，。;；!！?？、\s:：]))(?:"
    r"第[一二三]\s*(?:[个件]事?(?:情|儿)?)?(?:就?是)?[,，、:：.]?|[一二三]是|[一二三][、,，.:：]|[(（]?[123一二三][)）、.．]\s*"
    r"|一(?:个|件)事?(?:情|儿)?是|(?:再|还)一(?:个|件)事?(?:情|儿)?(?:就?是)?[,，:：]?"
    r"|(?:还有|另外|再有|顺便|对了|再说)(?:还)?(?:有)?(?:一|个|另)?(?:个|件|码)?(?:事儿?|问题|情况)(?:情)?(?:就?是|想反映|要反映|要说)?[,，:：]?"
    r"|(?:还有就是|另外(?:还)?(?:想|要)?(?:反映|投诉|说|问)(?:一下|个事)?|顺便(?:再)?(?:反映|投诉|说)(?:一下|个事)?|其次|再者|再就是|另外|还有)[,，:：]?"
    r")"
)
_COUNTED = re.compile(r"(?:两|俩|二|2|几|三|3)(?:个|件|码|样)(?:事|问题|情况)")
_SURE = 0.3
_OTHER = "其他"
"""The category of what fits nowhere."""
_OWN_WORDS = 7
_MOST = 3
_EDGE = " ,，。;；、:：.\n"


def pieces(text: str) -> list[str]:
    """What stands between the words that begin a further matter; one piece where there are none."""
    cuts = [match.span() for match in _BREAKS.finditer(text)]
    found: list[str] = []
    at = 0
    for start, end in cuts:
        found.append(text[at:start])
        at = end
    found.append(text[at:])
    told = [piece.strip(_EDGE) for piece in found]
    # 「您好，我要反映两个问题：」 tells nothing yet.
    return [piece for piece in told if len(_bare(piece)) >= _OWN_WORDS]


async def tell_apart(services: Services, text: str, place: str | None) -> list[str]:
    """The matters in these words; empty where they are one, or that cannot be told."""
    found = pieces(text)
    if not 2 <= len(found) <= _MOST:
        return []
    try:
        kinds = [await services.cases.triage(piece, place or "") for piece in found]
    except Unavailable:
        return []
    # Reasons and wishes are counted up as well: only different kinds of trouble are two matters.
    names = {kind.category for kind in kinds}
    sure = all(kind.confidence >= _SURE and kind.category != _OTHER for kind in kinds)
    counted = bool(_COUNTED.search(text))
    return found if len(names) == len(found) and (sure or counted) else []


def offer(
    services: Services, matters: Sequence[str], outcome: Outcome, *, again: bool = False
) -> None:
    """Ask whether each shall get a code of its own; the second time in few words."""
    speech = services.speech
    if again:
        titles = speech("option_apart"), speech("option_together")
        first, second = titles
        outcome.say(
            speech("say_choose_again", first=first, second=second),
            [Choice(title, title) for title in titles],
        )
        return
    listed = "\n".join(f"{number}. {_short(one)}" for number, one in enumerate(matters, start=1))
    titles = speech("option_apart"), speech("option_together")
    outcome.say(
        speech("ask_apart", count=_COUNT[len(matters)], matters=listed),
        [Choice(title, title) for title in titles],
    )


def read_decision(text: str) -> str | None:
    """APART, TOGETHER, or None where neither was said."""
    if re.search(
        r"合(?:在|成|到|为|并|起)|一起|一件|不分|别分|不用分|并(?:在|成|到)|一块|一堆|算一个", text
    ):
        return TOGETHER
    if is_yes(text) or re.search(
        r"分开|分别|分成|分两|各(?:登|是|一)|单独|两件|都登|都要|都报", text
    ):
        return APART
    return None


_COUNT = {2: "两", 3: "三"}


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:40] + "……"


def _bare(text: str) -> str:
    return without_openers(_COUNTED.sub("", text))

"""Several quick messages that are one telling: who types with his thumbs sends as he goes."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.answers import (
    is_anonymous,
    is_cancel,
    is_no,
    is_question,
    is_skip,
    is_yes,
    without_openers,
)
from bot.letters import Letter
from nlu.text import case_code
from nlu.text.normalise import visible

LONGEST = 2.5
"""Seconds from the first message on: WeChat wants its answer within five."""
_BREAKS_OFF = re.compile(
    r"(?:[,，、:：;；]|\.\.\.|…|—|然后|还有|就是|因为|但是|而且|所以|结果|另外|还|是这样的?)$"
)
_GREETS = re.compile(r"(?:在不在|在[吗么嘛]|有人[吗没]|喂+|你好|您好)(?:啊|呀)?[?？!！。~]*")
_ENDS = re.compile(r"[。.!！~～]$")
_ONLY_A_NUMBER = re.compile(r"[\d\s+\-—()（）]+")
_CALLS = re.compile(r"转?人工(?:服务|客服)?|查(?:一下)?进度|评价|撤回|有用|没用")
_SHORT = 60


def may_go_on(letter: Letter) -> bool:
    """Whether more of the same telling may follow within a breath."""
    text = _text(letter)
    if text is None:
        return False
    if is_yes(text) or _GREETS.fullmatch(text):
        return True  # 「对」 「提交」 is one answer, 「在不在」 only knocks
    if _is_command(text):
        return False
    if _BREAKS_OFF.search(text) or len(without_openers(text)) < 2:
        return True
    return not (is_question(text) or _ENDS.search(text) or len(text) > _SHORT)


def joins(letter: Letter, before: Letter) -> bool:
    """Whether this message may be the next piece of what was said just before."""
    text, said = _text(letter), _text(before)
    if text is None or said is None:
        return False
    if is_yes(said):
        return is_yes(text)
    return not _is_command(text)


def joined(letters: Sequence[Letter]) -> str:
    """The pieces as one text."""
    whole = ""
    for letter in letters:
        text = _text(letter) or ""
        comma = "，" if whole and not re.search(r"[^\w]$", whole) else ""
        whole += comma + text
    return whole


def _text(letter: Letter) -> str | None:
    """The words, if the message is nothing but words that wait for their first hearing."""
    inbound = letter.inbound
    plain = not (inbound.event or inbound.place or inbound.attachments or letter.danger)
    untried = letter.answer is None and letter.tries == 0
    text = visible(inbound.text or "")
    return text if plain and untried and text else None


def _is_command(text: str) -> bool:
    """An answer or a wish by itself, which belongs to no story."""
    short = any(read(text) for read in (is_yes, is_no, is_cancel, is_skip, is_anonymous))
    number = _ONLY_A_NUMBER.fullmatch(text) or case_code.find(text)
    return bool(short or number or _CALLS.fullmatch(text))

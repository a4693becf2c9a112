"""What comes in between while a petition is being told: a question, a code, a call for a person."""

from __future__ import annotations

import re

from actions import handoff, policy
from actions.answers import is_question, wants_person
from actions.base import Heard
from actions.draft import CONFIRM, CONTACT, DEMAND, DUPLICATE, MATTER, Draft
from actions.progress import describe
from actions.services import Outcome, Services, Turn
from nlu.text import case_code
from nlu.text.contacts import find_numbers
from nlu.text.errors import NotFound, TooManyTries

_SURE = 0.5
_SHORT = 12
_POLITE = re.compile(
    r"谢|多谢|感激|费心|受累|辛苦|劳烦|麻烦|好人|您?好|你好|在吗|在不|哈喽|嗨|喂|早上|再见|拜|回见|晚安|先这样|走了|忙去"
)
_IMPATIENT = re.compile(
    r"^(?:到底|究竟)?(?:什么时候|啥时候|几时|多久|好久)(?:才)?(?:能|给|可以)?(?:解决|办|修|处理|弄|管)"
)


async def take(
    services: Services, turn: Turn, heard: Heard, draft: Draft, outcome: Outcome
) -> bool:
    """Answer the interruption, if the message is one; the petition waits where it was."""
    mention = case_code.find(turn.text)
    if mention is not None:
        await _progress(services, turn, mention, outcome)
        return True
    confident = heard.confidence >= _SURE
    if draft.step == CONTACT and find_numbers(turn.text):
        return False  # 「没有手机，座机行不，0530-…」 gives what was asked for
    if heard.intent == "ask_human" and wants_person(turn.text) and len(turn.text) <= 40:
        await handoff.ask_for_person(services, turn, "asked", outcome)
        return True
    if draft.step == DEMAND and _IMPATIENT.search(turn.text):
        return False  # 「什么时候能解决」 is what is wanted
    if heard.intent == "ask_policy" and is_question(turn.text):
        return await _question(services, turn, draft, outcome, confident=confident)
    polite = heard.intent in ("greet", "thanks", "bye") and _POLITE.search(turn.text)
    if polite and confident and len(turn.text) <= _SHORT:
        # Politeness is not an answer: the question is simply asked again.
        return draft.step not in (DUPLICATE, CONFIRM)
    return False


async def _question(
    services: Services, turn: Turn, draft: Draft, outcome: Outcome, *, confident: bool
) -> bool:
    result = await policy.look_up(services, turn)
    if await policy.say_hit(services, turn, result, outcome, votes=False):
        return True
    if draft.step == MATTER or not confident:
        # 「这路灯坏了一个月没人管吗」 asks, but tells a matter.
        return False
    await policy.refuse(services, turn, outcome)
    return True


async def _progress(
    services: Services, turn: Turn, mention: case_code.Mention, outcome: Outcome
) -> None:
    if not mention.valid:
        written = turn.text[mention.start : mention.end]
        outcome.say(services.speech("say_code_mistyped", written=written))
        return
    try:
        outcome.say(describe(services, await services.cases.progress(mention.code, turn.viewer)))
    except (NotFound, TooManyTries):
        # A proof is asked for when nothing else is under way.
        outcome.say(services.speech("say_progress_later"))

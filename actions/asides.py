"""What is said beside the matter: anger, and that one cannot type. Heard before anything else."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from actions.answers import wants_person, without_openers
from actions.services import Choice, Outcome, Services, Turn
from nlu.text.abuse import is_abusive, without_abuse

KIND = "calmed"
CALM_FOR = timedelta(hours=12)
"""Once is enough: who is told to be calm a second time gets angrier."""
_OWN_WORDS = 7
"""Fewer characters beside an insult tell of no trouble that could be dealt with."""
_CANNOT_TYPE = re.compile(
    r"(?:不会|不太会|不大会|不咋会|不怎么会|唔识|不晓得咋|不懂|学不会|没学过|弄不来|不得行?)(?:这个)?(?:打字|写字|拼音|按这个)"
    r"|(?:打字|写字)(?:慢|不行|费劲|费事|困难|太?难|不方便|老打错|总打错|打不来|不会)|打不(?:来|了|好)字"
    r"|不识字|不认(?:得|识)字|没念过书|字(?:太小|认不全)|(?:眼睛?|眼神)(?:花|不好|看不清)"
    r"|手(?:抖|哆嗦).{0,6}(?:打|按)"
)
_CALLS = re.compile(
    r"(?:人呢|咋没人理(?:我)?|没人理我|怎么不(?:说话|理我|回)|你?倒是说话(?:啊|呀)?|咋不(?:回|说话|吱声)|还在(?:吗|不)|哑巴了|咋?啥(?:也|都)不(?:会|懂|知道)|什么都不(?:会|懂))"
)
_WHO = re.compile(
    r"(?:你|您|对面|那头|跟我说话的)(?:到底)?(?:是不是|是)?(?:个|一个|不是)?"
    r"(?:机器人|机器|真人|人工智能|[aA][iI]|活人|人)(?:还是(?:机器人?|真?人))?(?:吧|吗|么|不是|不)"
    r"|(?:你|您)是(?:谁|哪个|哪位|啥人)|是(?:真|活)人(?:吗|么|不)|(?:跟|和|对着)机器(?:人)?说.{0,4}(?:啥|什么)?用"
)
_SHORT = 30
_LITTLE = 5
"""So few characters beside it are nothing to deal with."""


async def hear(services: Services, turn: Turn, outcome: Outcome) -> bool:
    """Answer an aside, if there is one; True when the message holds nothing else."""
    if _is_all(_CANNOT_TYPE, turn.text):
        human = services.speech("option_human")
        outcome.say(services.speech("say_cannot_type"), [Choice(human, human)])
        return True
    if _is_all(_WHO, turn.text):
        human = services.speech("option_human")
        outcome.say(services.speech("say_who"), [Choice(human, human)])
        return True
    if _is_all(_CALLS, turn.text):
        outcome.say(services.speech("say_here"))
        return True
    if not is_abusive(turn.text):
        return False
    little = len(without_openers(without_abuse(turn.text))) < _OWN_WORDS
    alone = little and not wants_person(turn.text)
    if not await _calmed_lately(services, turn):
        outcome.drafts[KIND] = {"touched_at": turn.received_at.isoformat()}
        outcome.say(services.speech("say_calm"))
    elif alone:
        outcome.say(services.speech("say_here"))
    return alone


def _is_all(pattern: re.Pattern[str], text: str) -> bool:
    """Whether the message is short and holds hardly anything else: else it tells something."""
    if len(text) > _SHORT or not pattern.search(text):
        return False
    return len(without_openers(pattern.sub("", text))) < _LITTLE


async def _calmed_lately(services: Services, turn: Turn) -> bool:
    stored = await services.desk.draft(turn, KIND)
    if not stored:
        return False
    return turn.received_at - datetime.fromisoformat(str(stored["touched_at"])) < CALM_FOR

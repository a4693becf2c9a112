"""Who asks after, or adds to, a case and has none: it may be half told, asked, or told only now."""

from __future__ import annotations

import re

from rasa_sdk.events import FollowupAction

from actions.answers import is_question, is_resume, without_openers
from actions.policy import look_up, refuse, say_hit
from actions.services import Choice, Outcome, Services, Turn
from knowledge_base import verdict

_A_STORY = 7
_LOST = re.compile(r"丢|忘|没了|不记得|记不得|找不到|找不着|没存|删了|撕了")
_AFTER_IT = re.compile(
    r"进度|编号|查询|结果|咋样|怎么样|多久|回复|答复|受理|办到|办了|处理了?没|哪一?步|到哪"
    r"|(?:反映|交|登记|投诉|说)(?:过|上去)?的|上次|之前"
)


def has_lost_the_code(text: str) -> bool:
    """True for 「编号写纸上，纸弄丢了」."""
    return bool(_LOST.search(text))


def say_code_lost(services: Services, outcome: Outcome) -> None:
    """There are ways without it."""
    human = services.speech("option_human")
    outcome.say(services.speech("say_code_lost"), [Choice(human, human)])


async def deal(services: Services, turn: Turn, outcome: Outcome, *, half_told: bool) -> bool:
    """Say or begin what fits; False when it is best to wait for a code."""
    if half_told or is_resume(turn.text):
        outcome.events.append(FollowupAction("petition_form"))
        return True
    after_it = _AFTER_IT.search(turn.text)
    asks = is_question(turn.text)
    tells = len(without_openers(turn.text)) >= _A_STORY
    if asks or (tells and not after_it):
        result = await look_up(services, turn)
        if await say_hit(services, turn, result, outcome):
            return True
        if asks and not after_it and verdict.offered(result):
            await refuse(services, turn, outcome, near=result)
            return True
    if tells and not after_it:
        outcome.events.append(FollowupAction("petition_form"))
        return True
    if "编号" in turn.text and has_lost_the_code(turn.text):
        say_code_lost(services, outcome)
    else:
        outcome.say(services.speech("say_no_cases"))
    return False

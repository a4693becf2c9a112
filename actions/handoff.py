"""A person is wanted, or needed: the conversation is put before staff."""

from __future__ import annotations

import re

from rasa_sdk.events import FollowupAction

from actions import draft as petition
from actions.answers import adds_to_case, without_openers
from actions.base import CitizenAction, Heard
from actions.policy import asker
from actions.services import Outcome, Services, Turn
from nlu.text.danger import is_figure

SURELY_DANGER = 0.9
"""Rasa alone hears danger in many an angry sentence: below this it is said with an "if"."""
_HEART = re.compile(r"死|活|熬|撑|绝望|对不起|遗|别找|再见|想不开|难受|下辈子|解脱|累了|麻烦谁")
_A_STORY = 12


async def ask_for_person(services: Services, turn: Turn, reason: str, outcome: Outcome) -> None:
    """Queue the conversation for staff and tell the citizen."""
    await services.cases.handoff(turn.viewer, reason, turn.text)
    if reason == "asked":
        await services.asked.handed_off(asker(turn))
    outcome.say(services.speech("say_handoff"))


async def tell_of_danger(services: Services, turn: Turn, outcome: Outcome) -> None:
    """Help lines, and a person is told at once."""
    await services.cases.handoff(turn.viewer, "crisis", turn.text, urgent=True)
    outcome.say(services.speech("say_crisis_follow"))


async def warn(services: Services, turn: Turn, outcome: Outcome) -> None:
    """Help lines for the case that it is as bad as it may sound, and a person is told."""
    await services.cases.handoff(turn.viewer, "crisis", turn.text, urgent=True)
    hurt = _HEART.search(turn.text)
    outcome.say(services.speech("say_crisis_maybe_heart" if hurt else "say_crisis_maybe"))


class Handoff(CitizenAction):
    """「转人工」."""

    label = "action_handoff"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        await ask_for_person(self.services, turn, "asked", outcome)
        return outcome


class Crisis(CitizenAction):
    """Rasa hears danger; the app has spoken already where it heard it too (`bot.emergency`)."""

    label = "action_crisis"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if turn.danger is not None:
            outcome.say(self.speech("say_crisis_then"))
        elif adds_to_case(turn.text) and await self.services.cases.mine(turn.viewer):
            outcome.events.append(FollowupAction("supplement_form"))
            return outcome
        elif is_figure(turn.text):
            # 「急死我了，健身房跑路」: nobody is in danger, and there is something to deal with.
            outcome.events.append(FollowupAction("petition_form"))
            return outcome
        elif heard.confidence < SURELY_DANGER and len(without_openers(turn.text)) >= _A_STORY:
            # Help lines in case it is so; what was told is dealt with all the same.
            await warn(self.services, turn, outcome)
            outcome.events.append(FollowupAction("petition_form"))
            return outcome
        else:
            await tell_of_danger(self.services, turn, outcome)
        await self._keep_words(turn, outcome)
        return outcome

    async def _keep_words(self, turn: Turn, outcome: Outcome) -> None:
        """What was told is not to be told again, once it is calm."""
        stored = await self.services.desk.draft(turn, petition.KIND)
        draft = petition.Draft.load(stored, turn.received_at)
        if draft is None and len(without_openers(turn.text)) >= _A_STORY:
            draft = petition.Draft(id=str(turn.row))
            draft.hear_cry(turn.text, turn.received_at, turn.danger)
            outcome.drafts[petition.KIND] = draft.dump(turn.received_at)

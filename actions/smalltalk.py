"""Words outside of any task: half a sentence, a lone yes, something not understood."""

from __future__ import annotations

from rasa_sdk.events import FollowupAction

from actions import draft as petition
from actions.answers import is_question, wants_to_know, without_openers
from actions.base import CitizenAction, Heard
from actions.policy import look_up, note_refused, say_hit
from actions.services import Choice, Outcome, Turn

_A_STORY = 12
_SHORT_QUESTION = 40
"""Longer words may be somebody's case, which is not for those who keep the knowledge."""


class _Resuming(CitizenAction):
    """Base: a petition left half told takes up whatever comes next."""

    async def resume(self, turn: Turn, outcome: Outcome) -> bool:
        stored = await self.services.desk.draft(turn, petition.KIND)
        if petition.Draft.load(stored, turn.received_at) is None:
            return False
        outcome.events.append(FollowupAction("petition_form"))
        return True


class Greet(_Resuming):
    """「您好」: who has told half of something is asked to go on with it."""

    label = "action_greet"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if not await self.resume(turn, outcome):
            outcome.say(self.speech("say_greet"))
        return outcome


class Inform(_Resuming):
    """A detail, a picture or a place without a question before it."""

    label = "action_inform"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if await self.resume(turn, outcome):
            return outcome
        if is_question(turn.text) and len(turn.text) <= _SHORT_QUESTION:
            # 「图书馆周一开门吗，我电话…」 reads like a detail, and asks.
            result = await look_up(self.services, turn)
            if await say_hit(self.services, turn, result, outcome):
                return outcome
            await note_refused(self.services, turn, result)
        if turn.pictures or turn.place or len(without_openers(turn.text)) >= 10:
            outcome.events.append(FollowupAction("petition_form"))
        else:
            outcome.say(self.speech("say_inform_alone"))
        return outcome


class NothingPending(_Resuming):
    """「好」 or 「不」 when nothing was asked."""

    label = "action_nothing_pending"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if not await self.resume(turn, outcome):
            outcome.say(self.speech("say_nothing_pending"))
        return outcome


class Fallback(_Resuming):
    """Not understood: the knowledge base is asked, then the citizen; twice in a row, a person."""

    label = "action_fallback"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if await self.resume(turn, outcome):
            return outcome
        result = await look_up(self.services, turn)
        if await say_hit(self.services, turn, result, outcome):
            return outcome
        if wants_to_know(turn.text):
            await note_refused(self.services, turn, result)
        if len(without_openers(turn.text)) >= _A_STORY:
            # So much to say is most likely what happened; the summary asks whether it is right.
            outcome.events.append(FollowupAction("petition_form"))
            return outcome
        if heard.misunderstood_before:
            outcome.say(self.speech("say_fallback_again"), [self.choice("option_human")])
            await self.services.cases.handoff(turn.viewer, "misunderstood", turn.text)
        else:
            titles = ("option_policy", "option_progress", "option_human")
            choices: list[Choice] = [self.choice(title) for title in titles]
            # What was said need not be said again.
            report = self.choice("option_report", self.speech("say_i_report", matter=turn.text))
            outcome.say(self.speech("say_fallback"), [report, *choices])
        return outcome


class OutOfScope(CitizenAction):
    """Something that we are not for; unless a curated answer knows better."""

    label = "action_out_of_scope"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        result = await look_up(self.services, turn)
        if await say_hit(self.services, turn, result, outcome):
            return outcome
        if wants_to_know(turn.text):
            await note_refused(self.services, turn, result)
        outcome.say(self.speech("say_out_of_scope"))
        return outcome

"""Words outside of any task: half a sentence, a lone yes, something not understood."""

from __future__ import annotations

import re

from rasa_sdk.events import FollowupAction

from actions import draft as petition
from actions.answers import adds_to_case, is_question, is_submit, wants_to_know, without_openers
from actions.base import CitizenAction, Heard
from actions.policy import look_up, note_refused, say_hit, tells_a_story
from actions.services import Choice, Outcome, Turn
from nlu.text.danger import is_figure

_A_STORY = 12
_WANTS_TO_REPORT = re.compile(r"(?:要|想|得|来)(?:反映|反应|投诉|举报|告|登记)")
_SAYS_NOTHING = re.compile(r"[^\u4e00-\u9fff]*")
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
        if await self.resume(turn, outcome):
            return outcome
        mine = await self.services.cases.mine(turn.viewer) if is_submit(turn.text) else []
        if mine and mine[0].code:
            outcome.say(self.speech("say_submitted_already", code=mine[0].code))
        else:
            outcome.say(self.speech("say_nothing_pending"))
        return outcome


class Fallback(_Resuming):
    """Not understood: the knowledge base is asked, then the citizen; twice in a row, a person."""

    label = "action_fallback"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        if await self.resume(turn, outcome):
            return outcome
        if tells_a_story(turn.text):
            outcome.events.append(FollowupAction("petition_form"))
            return outcome
        result = await look_up(self.services, turn)
        if await say_hit(self.services, turn, result, outcome):
            return outcome
        if wants_to_know(turn.text):
            await note_refused(self.services, turn, result)
        if adds_to_case(turn.text) and await self.services.cases.mine(turn.viewer):
            outcome.events.append(FollowupAction("supplement_form"))
            return outcome
        if len(without_openers(turn.text)) >= _A_STORY or _WANTS_TO_REPORT.search(turn.text):
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


class OutOfScope(Fallback):
    """Something that we are not for; unless a curated answer knows better."""

    label = "action_out_of_scope"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        if _SAYS_NOTHING.fullmatch(turn.text) or is_figure(turn.text):
            # A face, a question mark: not understood is not the same as not our business.
            return await super().handle(turn, heard)
        outcome = Outcome()
        result = await look_up(self.services, turn)
        if await say_hit(self.services, turn, result, outcome):
            return outcome
        if wants_to_know(turn.text):
            await note_refused(self.services, turn, result)
        outcome.say(self.speech("say_out_of_scope"))
        return outcome

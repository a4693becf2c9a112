"""A person is wanted, or needed: the conversation is put before staff."""

from __future__ import annotations

from actions.base import CitizenAction, Heard
from actions.policy import asker
from actions.services import Outcome, Services, Turn


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
        if turn.danger is None:
            await tell_of_danger(self.services, turn, outcome)
        else:
            outcome.say(self.speech("say_crisis_then"))
        return outcome

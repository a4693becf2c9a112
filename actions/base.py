"""What every action shares: the turn is opened by its token, done once, and its words boxed."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import FollowupAction, SlotSet
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.types import DomainDict

from actions import asides
from actions import draft as petition
from actions.answers import is_resume
from actions.services import Choice, Outcome, Services, Turn

_FOLLOWS = {
    "greet": "action_greet",
    "bye": "utter_bye",
    "thanks": "utter_thanks",
    "out_of_scope": "action_out_of_scope",
    "report_issue": "petition_form",
    "check_progress": "progress_form",
    "supplement_case": "supplement_form",
    "withdraw_case": "withdrawal_form",
    "rate_service": "rating_form",
    "ask_policy": "action_answer_policy",
    "ask_human": "action_handoff",
    "crisis": "action_crisis",
}
"""What each intent starts, as the rules in `data/rasa/rules` say it."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What Rasa made of the message: a hint for the dialogue, proof of nothing."""

    intent: str
    confidence: float
    entering: bool
    """True when this message is what starts the form."""
    misunderstood_before: bool
    """True when the citizen's message before this one was not understood either."""
    aside: bool = False
    """True when there is nothing in the message but anger, or that one cannot type."""


class CitizenAction(Action):  # type: ignore[misc]  # rasa_sdk is not typed
    """An action on behalf of the citizen whose turn it is."""

    label: ClassVar[str]
    gives_way: ClassVar[bool] = True
    """Whether a petition that was left half told goes on instead, when that is asked for."""
    takes_asides: ClassVar[bool] = False
    """Whether it goes on, with a question of its own, where nothing but an aside was said."""

    def __init__(self, services: Services) -> None:
        self.services = services
        self.speech = services.speech

    def name(self) -> str:
        """The name that `domain.yml` knows."""
        return self.label

    async def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: DomainDict
    ) -> list[dict[str, Any]]:
        """Do it once a turn; raises `Forbidden` when the turn's token does not hold."""
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        turn = await self.services.desk.open_turn(str(metadata.get("turn", "")))
        recorded = await self.services.desk.recall(turn, self.label)
        if recorded is None:
            outcome = await self._handled(turn, self._heard(tracker))
            recorded = await self.services.desk.record(turn, self.label, outcome)
        if recorded.box is not None:
            # Only the box's name goes through Rasa: the words are put in on the way out.
            dispatcher.utter_message(json_message={"box": recorded.box})
        return recorded.events

    async def _handled(self, turn: Turn, heard: Heard) -> Outcome:
        beside = Outcome()
        heard = replace(heard, aside=await asides.hear(self.services, turn, beside))
        if heard.aside and not self.takes_asides:
            return beside
        if self.gives_way and is_resume(turn.text) and await self._half_told(turn):
            # 「接着说上回的事」 takes up the petition, whatever it sounds like otherwise.
            beside.events.append(FollowupAction("petition_form"))
            return beside
        outcome = await self.handle(turn, heard)
        outcome.says[:0] = beside.says
        outcome.drafts = {**beside.drafts, **outcome.drafts}
        return outcome

    async def _half_told(self, turn: Turn) -> bool:
        stored = await self.services.desk.draft(turn, petition.KIND)
        return petition.Draft.load(stored, turn.received_at) is not None

    @abstractmethod
    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        """Decide what to say and keep; calls to the case API carry keys made from the turn."""

    def choice(self, option: str, says: str | None = None) -> Choice:
        """A choice titled by a response; choosing it says the title unless told otherwise."""
        title = self.speech(option)
        return Choice(title, says or title)

    def _heard(self, tracker: Tracker) -> Heard:
        intent = tracker.latest_message.get("intent") or {}
        form = self.label.removeprefix("validate_")
        return Heard(
            intent=str(intent.get("name") or ""),
            confidence=float(intent.get("confidence") or 0.0),
            entering=_is_entering(tracker, form),
            misunderstood_before=_intent_before(tracker) == "nlu_fallback",
        )


def _is_entering(tracker: Tracker, form: str) -> bool:
    """Whether this very message opened the form: the opening comes after it in the events."""
    for event in reversed(tracker.events):
        if event.get("event") == "user":
            return False
        if event.get("event") == "active_loop" and event.get("name") == form:
            return True
    return False


def _intent_before(tracker: Tracker) -> str | None:
    said = [event for event in tracker.events if event.get("event") == "user"]
    if len(said) < 2:
        return None
    return ((said[-2].get("parse_data") or {}).get("intent") or {}).get("name")


class TaskAction(CitizenAction):
    """A form's validation: moves one task of several turns forward by one.

    Rasa keeps the form open or closes it as `requested_slot` says; `touched` tells it that the
    turn was taken, so that it does not look for another action.
    """

    slot: ClassVar[str]

    async def _handled(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = await super()._handled(turn, heard)
        if any(event.get("name") == "requested_slot" for event in outcome.events):
            return outcome
        if any(event.get("event") == "followup" for event in outcome.events):
            return self.leave(outcome, turn)
        # Only an aside was said: what was asked stays asked.
        return self.leave(outcome, turn) if heard.entering else self.stay(outcome, turn)

    def stay(self, outcome: Outcome, turn: Turn) -> Outcome:
        """Keep the form open for the next message."""
        outcome.events += [SlotSet("touched", str(turn.row)), SlotSet("requested_slot", self.slot)]
        return outcome

    def leave(self, outcome: Outcome, turn: Turn) -> Outcome:
        """Close the form."""
        outcome.events += [SlotSet("touched", str(turn.row)), SlotSet("requested_slot", None)]
        return outcome

    def starts_another(self, heard: Heard) -> bool:
        """True when the talk has moved on from what this form asked for."""
        return not heard.entering and _FOLLOWS.get(heard.intent, self.form) != self.form

    def move_on(self, outcome: Outcome, heard: Heard) -> Outcome:
        """Let the message that ended this form start what its intent asks for, in the same turn."""
        outcome.events.append(FollowupAction(_FOLLOWS[heard.intent]))
        return outcome

    @property
    def form(self) -> str:
        """The form that this validates."""
        return self.label.removeprefix("validate_")

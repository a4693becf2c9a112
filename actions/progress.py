"""「办到哪了」: what may be shown of a case to the one who asks."""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from rasa_sdk.events import SlotSet

from actions import unregistered
from actions.answers import is_cancel
from actions.base import Heard, TaskAction
from actions.services import Choice, Outcome, Services, Turn
from case_api.schemas import CaseView, Proof
from nlu.text import case_code
from nlu.text.errors import NotFound, TooManyTries
from nlu.text.normalise import normalise

KIND = "progress"
CHINA = timezone(timedelta(hours=8))
"""One time zone for all of the country, without summer time."""
_SHOWN_EVENTS = 6
_SHOWN_CASES = 5
_DIGITS = re.compile(r"(?<!\d)(\d{6}|\d{4})(?!\d)")


def day(moment: datetime) -> str:
    """A date as people read it here."""
    local = moment.astimezone(CHINA)
    return f"{local.month}月{local.day}日"


def find_proof(text: str) -> Proof | None:
    """The 查询码 (six digits) or the tail of a phone number (four) in these words."""
    found = _DIGITS.search(normalise(text).replace(" ", ""))
    if found is None:
        return None
    return Proof(kind="query_code" if len(found[1]) == 6 else "phone_tail", value=found[1])


def describe(services: Services, view: CaseView) -> str:
    """A case in words, as much of it as the view holds."""
    speech = services.speech
    deadline = (
        speech("say_deadline", text=view.due_text) if view.due_text else speech("say_no_deadline")
    )
    if view.access == "status":
        return speech(
            "say_progress_status",
            code=view.code,
            status=view.status_label,
            office=view.office,
            deadline=deadline,
        )
    lines = [f"{day(event.at)} {event.text}" for event in view.events[-_SHOWN_EVENTS:]]
    if view.owner and view.status.value == "closed" and view.stars is None:
        lines.append(speech("say_ask_rating"))
    return speech(
        "say_progress_full",
        code=view.code,
        status=view.status_label,
        matter=shorten(view.text or "", 60),
        category=view.category or "",
        office=view.office,
        deadline=deadline,
        timeline="\n".join(lines),
    )


def shorten(text: str, limit: int) -> str:
    """The beginning of a text, on one line."""
    line = " ".join(text.split())
    return line if len(line) <= limit else line[: limit - 1] + "…"


async def list_mine(services: Services, turn: Turn, outcome: Outcome) -> int:
    """Say the citizen's own cases, or the only one in full; returns how many there are."""
    speech = services.speech
    mine = await services.cases.mine(turn.viewer)
    if len(mine) == 1 and mine[0].code is not None:
        view = await services.cases.progress(mine[0].code, turn.viewer)
        outcome.say(describe(services, view))
    elif mine:
        lines = [speech("say_my_cases", count=len(mine))]
        lines += [
            speech(
                "say_my_case_line",
                code=item.code or "",
                status=item.status_label,
                matter=f"{item.category} {item.place}".strip(),
            )
            for item in mine[:_SHOWN_CASES]
        ]
        choices = [Choice(item.code, item.code) for item in mine[:_SHOWN_CASES] if item.code]
        outcome.say("\n".join(lines), choices)
    return len(mine)


class Progress(TaskAction):
    """Shows a case; asks for the code, and for a proof where the asker did not file it."""

    label = "validate_progress_form"
    slot = "progress_step"

    async def handle(self, turn: Turn, heard: Heard) -> Outcome:
        outcome = Outcome()
        stored = await self.services.desk.draft(turn, KIND) or {}
        waiting = None if heard.entering else stored.get("code")
        if is_cancel(turn.text):
            outcome.say(self.speech("say_stopped"))
            return self._end(outcome, turn)
        mention = case_code.find(turn.text)
        if mention is not None and not mention.valid:
            written = turn.text[mention.start : mention.end]
            outcome.say(self.speech("say_code_mistyped", written=written))
            return self.stay(outcome, turn)
        if mention is not None:
            rest = turn.text[: mention.start] + turn.text[mention.end :]
            return await self._look(turn, mention.code, find_proof(rest), outcome)
        if waiting is not None:
            proof = find_proof(turn.text)
            if proof is not None:
                return await self._look(turn, str(waiting), proof, outcome)
        elif heard.entering:
            if await list_mine(self.services, turn, outcome):
                return self._end(outcome, turn)
            half_told = await self._half_told(turn)
            if await unregistered.deal(self.services, turn, outcome, half_told=half_told):
                return self._end(outcome, turn)
            return self.stay(outcome, turn)
        if waiting is None and unregistered.has_lost_the_code(turn.text):
            unregistered.say_code_lost(self.services, outcome)
            return self.stay(outcome, turn)
        if self.starts_another(heard):
            return self.move_on(self._end(outcome, turn), heard)
        outcome.say(self.speech("ask_proof" if waiting else "ask_code"))
        return self.stay(outcome, turn)

    async def _look(self, turn: Turn, code: str, proof: Proof | None, outcome: Outcome) -> Outcome:
        try:
            view = await self.services.cases.progress(code, turn.viewer, proof)
        except NotFound:
            # The same words whether the code is unknown or belongs to somebody else.
            outcome.say(self.speech("say_proof_wrong" if proof else "ask_proof"))
            outcome.drafts[KIND] = {"code": code}
            return self.stay(outcome, turn)
        except TooManyTries as pause:
            minutes = max(1, -(-pause.retry_after // 60))
            outcome.say(self.speech("say_proof_pause", minutes=minutes))
            return self._end(outcome, turn)
        outcome.say(describe(self.services, view))
        return self._end(outcome, turn)

    def _end(self, outcome: Outcome, turn: Turn) -> Outcome:
        outcome.drafts[KIND] = None
        outcome.events.append(SlotSet(self.slot, None))
        return self.leave(outcome, turn)

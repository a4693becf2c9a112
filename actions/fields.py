"""Putting an answer, or a correction, into the field that it is for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.answers import is_anonymous, is_no, is_skip
from actions.corrections import NAME, Correction
from actions.draft import (
    CONTACT,
    DEMAND,
    MATTER,
    MAX_MATTER,
    OCCURRED_AT,
    PLACE,
    Draft,
    longest,
)
from actions.services import Outcome, Turn
from nlu.text.entities import Entity, find_entities
from nlu.text.speech import Speech

_STORY = 30
"""A longer answer to a short question tells more than was asked: the matter keeps it too."""
_LIMITS = {PLACE: 100, OCCURRED_AT: 60, DEMAND: 500}
_AT = re.compile(r"^(?:就)?(?:在|位于|地点是|地址是|是在|是|从)|(?:这里|这边|那里|那边|那儿|这儿)$")
_NUMBERISH = re.compile(r"\d[\d\s-]{5,}\d")


def fill(speech: Speech, draft: Draft, turn: Turn, outcome: Outcome) -> bool:
    """Take the message as the answer to what was asked; False, and a question said, if none."""
    step, text = draft.step, turn.text
    if turn.place is not None and not text:
        draft.place = turn.place
        return True
    had = draft.matter
    entities = draft.listen(text, turn.received_at, matter=step == MATTER)
    if step == MATTER:
        if draft.matter == had:
            outcome.say(speech("ask_matter" if had is None else "ask_matter_more"))
            return False
        return True
    if step == CONTACT:
        return _contact(speech, draft, text, outcome)
    if step == DEMAND and _is_only_a_time(text, entities):
        # An answer to the question before, sent a moment late.
        outcome.say(speech("ask_demand"))
        return False
    if getattr(draft, step) is None:
        if is_skip(text) or not text:
            draft.skip(step)
        else:
            setattr(draft, step, _AT.sub("", text)[: _LIMITS[step]] or text[: _LIMITS[step]])
    if len(text) > _STORY and step != DEMAND:
        draft.matter = f"{draft.matter}\n{text}"[:MAX_MATTER]
    elif step == DEMAND and longest(entities, "demand") is not None:
        # The whole answer is the demand, not only the words that look like one.
        draft.demand = text[: _LIMITS[DEMAND]]
    return True


def _is_only_a_time(text: str, entities: Sequence[Entity]) -> bool:
    times = sum(len(item.text) for item in entities if item.type in ("date", "time"))
    return times > 0 and len(text) - times <= 4


def _contact(speech: Speech, draft: Draft, text: str, outcome: Outcome) -> bool:
    if draft.phone:
        return True
    if _NUMBERISH.search(text):
        outcome.say(speech("say_phone_wrong"))
        return False
    if is_anonymous(text) or is_no(text) or is_skip(text):
        draft.anonymous = True
        outcome.say(speech("say_anonymous_note"))
        return True
    outcome.say(speech("ask_contact"))
    return False


def correct(
    speech: Speech, draft: Draft, correction: Correction, turn: Turn, outcome: Outcome
) -> bool:
    """Change the field; without a usable value, ask for it and answer False."""
    value = correction.value
    if correction.field == CONTACT:
        phones = [
            item for item in find_entities(turn.text, turn.received_at) if item.type == "phone"
        ]
        value = phones[-1].value if phones else None
    label = speech(f"word_field_{correction.field}")
    if value is None:
        draft.step = MATTER if correction.field == NAME else correction.field
        _forget(draft, correction.field)
        outcome.say(speech(f"ask_{draft.step}"))
        return False
    if correction.field == CONTACT:
        draft.phone, draft.anonymous = value, False
    else:
        setattr(draft, correction.field, value)
    if correction.field == OCCURRED_AT:
        dates = [item for item in find_entities(value, turn.received_at) if item.type == "date"]
        draft.occurred_on = dates[0].value if dates else None
    if correction.field in draft.skipped:
        draft.skipped.remove(correction.field)
    outcome.say(speech("say_corrected", field=label, value=value))
    return True


def _forget(draft: Draft, name: str) -> None:
    if name == CONTACT:
        draft.phone = None
    elif name != NAME:
        setattr(draft, name, None)
    if name in draft.skipped:
        draft.skipped.remove(name)

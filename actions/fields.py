"""Putting an answer, or a correction, into the field that it is for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.answers import is_anonymous, is_no, is_skip, is_yes, without_openers
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
_PLACE = 10
"""Characters of a place that has no name of its own: 「老粮站后头那条巷子」."""
_HAPPENS = re.compile(r"了|没人|不管|不给|天天|一直|老是|不让|坏|堵|吵|臭|欠|漏|着")
_TIMELY = re.compile(
    r"[年月日号天周点时分秒]|星期|礼拜|以前|之前|从前|现在|刚|最近|一直|好久|很久|老早|早就|长期|多久|晚上?|早上?|夜|节|春|夏|秋|冬|暑|寒|小时候|开学|放假|过年|几[回次]|经常|总是|老是|不定|随时"
)
_ASKS_FOR_A_DEED = re.compile(
    r"修|清|换|装|查|拆|管|赔|退|关|派|整治|处理|解决|治理|还给|补发|结清|恢复|停|搬|罚|改|给我|给个|道歉|要个说法|尽快|赶紧"
)
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
    if _answers_another(draft, step, text, entities, outcome, speech):
        return False
    if getattr(draft, step) is None:
        if is_skip(text) or not text or (step == DEMAND and is_yes(text)):
            draft.skip(step)
        else:
            setattr(draft, step, _AT.sub("", text)[: _LIMITS[step]] or text[: _LIMITS[step]])
    if len(text) > _STORY and step != DEMAND:
        draft.matter = f"{draft.matter}\n{text}"[:MAX_MATTER]
    elif step == DEMAND and longest(entities, "demand") is not None:
        # The whole answer is the demand, not only the words that look like one.
        draft.demand = text[: _LIMITS[DEMAND]]
    return True


def _answers_another(
    draft: Draft,
    step: str,
    text: str,
    entities: Sequence[Entity],
    outcome: Outcome,
    speech: Speech,
) -> bool:
    """An answer to the question before, sent a moment late, or to the one after: ask again."""
    if is_skip(text):
        return False
    if step == DEMAND and (_is_only_a_time(text, entities) or _is_only(text, entities, "phone")):
        outcome.say(speech("ask_demand"))
        return True
    if step == DEMAND and _is_only(text, entities, PLACE):
        draft.place = text
        outcome.say(speech("ask_demand"))
        return True
    if step == PLACE and draft.place is None and _is_a_story(text):
        draft.matter = f"{draft.matter}\n{text}"[:MAX_MATTER]
        outcome.say(speech("ask_place"))
        return True
    if step == OCCURRED_AT and draft.occurred_at is None and not _TIMELY.search(text):
        if _is_only(text, entities, PLACE) or _is_only(text, entities, "phone"):
            draft.place = longest(entities, PLACE) or draft.place
        elif _ASKS_FOR_A_DEED.search(text):
            draft.demand = draft.demand or text[: _LIMITS[DEMAND]]
        else:
            draft.matter = f"{draft.matter}\n{text}"[:MAX_MATTER]
        # Asked once more, in other words; whoever then says something else does not know.
        again = OCCURRED_AT in draft.asked_again
        if again:
            draft.skip(OCCURRED_AT)
            return False
        draft.asked_again.append(OCCURRED_AT)
        outcome.say(speech("ask_occurred_at_again"))
        return True
    return False


def _is_only(text: str, entities: Sequence[Entity], kind: str) -> bool:
    """Whether the words are nothing but one such thing."""
    found = sum(len(item.text) for item in entities if item.type == kind)
    return found > 0 and len(text) - found <= 3


def _is_a_story(text: str) -> bool:
    """Too long, and too much happens in it, for a place."""
    return len(without_openers(text)) > _PLACE and bool(_HAPPENS.search(text))


def _is_only_a_time(text: str, entities: Sequence[Entity]) -> bool:
    times = sum(len(item.text) for item in entities if item.type == "date")
    # 「每天清一次」 is a wish.
    return times > 0 and len(text) - times <= 4 and not _ASKS_FOR_A_DEED.search(text)


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

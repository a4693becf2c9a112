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
    OCCURRED_AT,
    PLACE,
    Draft,
    longest,
    matter_in,
)
from actions.services import Outcome, Turn
from nlu.text.entities import Entity, find_entities
from nlu.text.speech import Speech

_STORY = 30
"""A longer answer to a short question tells more than was asked: the matter keeps it too."""
_TELLS = 5
"""So many characters of its own make an answer that is no number part of what happened."""
_PLACE = 6
"""Longer words in which something happens tell no place."""
TROUBLE = re.compile(r"了|没人|不管|不给|天天|一直|老是|不让|坏|堵|吵|臭|欠|漏|登记|要求|依法")
"""Something goes on: more than a place, or a plain question."""
_FORGETS = re.compile(
    r"^(?:记不(?:得|清|住)|说不(?:清|准|好)|不晓得|不知道|忘了)"
    r".{0,8}(?:好?久|时候|时间|哪天|几号|多久)"
)
_CLAUSES = re.compile(r"[,，。;；! ]")
_REPROACH = re.compile(r"说过了|不是说了|说了(?:啊|呀|嘛|吗)|前面说了|刚(?:才)?说(?:了|过)")
_A_TIME = 6
_A_LONG_TIME = 14
_BEGINS = re.compile(r"(?:开始|以来|起)的?$")
_A_PLACE = 16
_A_REPROACH = 20
_HAPPENED = re.compile(r"了(?!.{0,3}(?:算|行|好))|过(?!来|去)|说过")
_TIMELY = re.compile(
    r"[年月日号天周点时分秒]|星期|礼拜|以前|之前|从前|现在|刚|最近|一直|好久|很久|老早|早就|长期|多久|晚上?|早上?|夜|节|春|夏|秋|冬|暑|寒|小时候|开学|放假|过年|几[回次]|经常|总是|老是|不定|随时|那会儿?|那阵|头晌|后晌|打从|自从|以来|昨儿|前儿|今儿|收麦|割麦|麦收|秋收"
)
_ASKS_FOR_A_DEED = re.compile(
    r"修|清|换|装|查|拆|管|赔|退|关|派|整治|处理|解决|治理|还给|补发|结清|恢复|停|搬|罚|改|给我|给个|道歉|要个说法|尽快|赶紧"
)
_WISHES = re.compile(
    r"^(?:我|俺)?(?:就|只)?(?:想|要|希望)?(?:叫|让|给|把|派|赔|退|修|换|拆|清|关|查|按|恢复|停|降|道歉|还)(?![后边])"
    r".{1,15}$"
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
    had, somewhere = draft.matter, draft.place
    entities = draft.listen(text, turn.received_at, matter=step == MATTER)
    if step == MATTER:
        if draft.matter == had:
            outcome.say(speech("ask_matter" if had is None else "ask_matter_more"))
            return False
        return True
    if step == CONTACT:
        return _contact(speech, draft, text, entities, outcome)
    if len(text) <= _A_REPROACH and _REPROACH.search(text):
        # 「刚才不是说过了吗」: whoever is asked once too often is asked no more.
        if step == DEMAND and (step not in draft.asked_again or entities):
            draft.asked_again.append(step)
            outcome.say(speech("ask_demand"))
            return False
        draft.skip(step)
        return True
    short = len(text) <= _A_PLACE and not (TROUBLE.search(text) or _CLAUSES.search(text))
    if step == PLACE and draft.place != somewhere and short:
        # 「县中医院骨科」 is more than the part of it that is known for a place.
        draft.place = _AT.sub("", text) or draft.place
    other = _answers_another(draft, step, text, entities, outcome, speech)
    if other is not None:
        return other
    if getattr(draft, step) is None:
        if is_skip(text) or not text or (step == DEMAND and is_yes(text)):
            draft.skip(step)
        else:
            setattr(draft, step, _AT.sub("", text)[: _LIMITS[step]] or text[: _LIMITS[step]])
    if len(text) > _STORY and step != DEMAND:
        draft.add(text)
    elif step == DEMAND and longest(entities, "demand") is not None:
        # The whole answer is the demand, not only the words that look like one.
        draft.demand = text[: _LIMITS[DEMAND]]
    if step == DEMAND and draft.demand:
        draft.answered.append(step)
        draft.demand = _without_identities(draft.demand, turn)
    return True


def _answers_another(
    draft: Draft,
    step: str,
    text: str,
    entities: Sequence[Entity],
    outcome: Outcome,
    speech: Speech,
) -> bool | None:
    """An answer to another question: what was asked is asked again, once in other words.

    None: it is an answer to this one. False: asked again. True: taken, and nothing to ask again.
    """
    if is_skip(text) or getattr(draft, step) is not None:
        return None
    if step == PLACE and _is_no_place(text, entities):
        _note(draft, text, entities, outcome, speech)
        outcome.say(speech("ask_place"))
        return False
    if step == OCCURRED_AT and _is_no_time(text, entities):
        _note(draft, text, entities, outcome, speech)
        if step in draft.asked_again:
            draft.skip(step)
            return True
        draft.asked_again.append(step)
        outcome.say(speech("ask_occurred_at_again"))
        return False
    if step == DEMAND and _is_no_demand(draft, text, entities):
        _note(draft, text, entities, outcome, speech)
        draft.asked_again.append(step)
        outcome.say(speech("ask_demand"))
        return False
    return None


def _is_no_place(text: str, entities: Sequence[Entity]) -> bool:
    if longest(entities, PLACE) is not None:
        return False
    if any(_is_only(text, entities, kind) for kind in ("phone", "demand")):
        return True
    wishes = _WISHES.match(text) or longest(entities, "demand")
    story = len(without_openers(text)) > _PLACE and TROUBLE.search(text)
    return bool(is_yes(text) or _is_only_a_time(text, entities) or wishes or story)


def _is_no_time(text: str, entities: Sequence[Entity]) -> bool:
    if is_yes(text):
        return True
    # Short words may always be a time of somebody's own: 「割麦那会儿」, 「头晌」.
    short = len(text) <= _A_TIME and not _ASKS_FOR_A_DEED.search(text)
    only_other = _is_only(text, entities, PLACE) or _is_only(text, entities, "phone")
    timely = len(text) <= _A_LONG_TIME and _TIMELY.search(text)
    return only_other or not (short or timely)


def _is_no_demand(draft: Draft, text: str, entities: Sequence[Entity]) -> bool:
    if any(_is_only(text, entities, kind) for kind in (PLACE, "phone")):
        return True
    if _is_only_a_time(text, entities) or _FORGETS.search(text):
        return True
    tells = any(item.type in ("date", PLACE) for item in entities) or _HAPPENED.search(text)
    asked = DEMAND in draft.asked_again
    return bool(tells) and not asked and not _ASKS_FOR_A_DEED.search(text) and not is_yes(text)


def _note(
    draft: Draft, text: str, entities: Sequence[Entity], outcome: Outcome, speech: Speech
) -> None:
    """Keep what was said where it belongs."""
    if is_yes(text) or _FORGETS.search(text) or _is_only_a_time(text, entities):
        return
    if _is_only(text, entities, "phone"):
        return
    if _is_only(text, entities, PLACE):
        draft.place = text
    elif draft.demand is None and _WISHES.match(text):
        draft.demand = text[: _LIMITS[DEMAND]]
    else:
        draft.add(text)
        outcome.say(speech("say_noted"))


def _without_identities(words: str, turn: Turn) -> str:
    """A number or a name beside the wish is kept where it belongs."""
    kept = matter_in(words, find_entities(words, turn.received_at))
    return kept or words


def _is_only(text: str, entities: Sequence[Entity], kind: str) -> bool:
    """Whether the words are nothing but one such thing."""
    found = sum(len(item.text) for item in entities if item.type == kind)
    return found > 0 and len(text) - found <= 3


def _is_only_a_time(text: str, entities: Sequence[Entity]) -> bool:
    if len(text) <= _A_TIME and _BEGINS.search(text):
        return True
    times = sum(len(item.text) for item in entities if item.type == "date")
    # 「每天清一次」 is a wish.
    return times > 0 and len(text) - times <= 4 and not _ASKS_FOR_A_DEED.search(text)


def _contact(
    speech: Speech, draft: Draft, text: str, entities: Sequence[Entity], outcome: Outcome
) -> bool:
    if draft.phone:
        return True
    if _NUMBERISH.search(text):
        outcome.say(speech("say_phone_wrong"))
        return False
    if is_anonymous(text) or is_no(text) or is_skip(text):
        draft.anonymous = True
        outcome.say(speech("say_anonymous_note"))
        return True
    if _is_only(text, entities, PLACE):
        draft.place = text
        outcome.say(speech("say_noted"))
    elif _WISHES.match(text) and DEMAND not in draft.answered:
        # Said when nobody had asked for it yet, it is said better now.
        draft.demand = text[: _LIMITS[DEMAND]]
        outcome.say(speech("say_noted"))
    elif len(without_openers(text)) >= _TELLS:
        draft.add(text)
        outcome.say(speech("say_noted"))
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
        if correction.field == PLACE and draft.place and draft.matter:
            # The office reads the story, too: it must not look in the wrong place.
            draft.matter = draft.matter.replace(draft.place, value)
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

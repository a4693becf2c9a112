"""Writes the notices and the working sheet of a case, ready to be printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from case_api.desk_schemas import Sheet, SheetEvent
from channels.staff.case_files import official
from channels.staff.words import cases as labels
from channels.staff.words import notices as words

SHEET = "sheet"
EVENTS = {
    "refuse": "not_accepted",
    "no_longer": "no_longer_accepted",
    "extend": "extended",
    "accept": "accepted",
    "transfer": "transferred",
    "assign": "assigned",
    "register": "registered",
    "answer": "answered",
}
"""The event of the timeline that a notice tells of: from it come the day and the reason."""


@dataclass(frozen=True, slots=True)
class Paper:
    """One sheet; a notice has paragraphs, the working sheet has facts and events."""

    title: str
    number: str
    to: str = ""
    paragraphs: Sequence[str] = ()
    office: str = ""
    day: str = ""
    facts: Sequence[tuple[str, str]] = ()
    events: Sequence[tuple[str, str]] = ()
    blanks: Sequence[str] = ()


def kinds(case: Sheet) -> dict[str, str]:
    """What can be printed of a case as it stands, by name, with titles."""
    return {
        kind: title
        for kind, title in words.TITLES.items()
        if kind == SHEET or case.status.value in words.STATES[kind]
    }


def write(kind: str, case: Sheet, clear: Mapping[str, str]) -> Paper:
    """The text; `clear` holds name and phone where they were unmasked, by their labels."""
    name = clear.get(labels.FIELDS["name"], case.name or "")
    if kind == SHEET:
        return _working_sheet(case, name, clear.get(labels.FIELDS["phone"], case.phone or ""))
    event = next((e for e in reversed(case.events) if e.kind == EVENTS[kind]), None)
    values = {
        "filed": day(case.created_at),
        "channel": labels.CHANNELS.get(case.channel, case.channel),
        "subject": _subject(case),
        "office": case.office,
        "reason": _reason(event),
        "days": case.extended_days,
        "answer": case.answer or "",
    }
    paragraphs = [words.OPENING, *words.BODY[kind]]
    told = [
        line for text in paragraphs for line in text.format(**values).splitlines() if line.strip()
    ]
    if case.sum is not None:
        told.append(words.SUM.format(sum=case.sum.text, source=case.sum.source, rule=case.sum.rule))
    return Paper(
        title=words.TITLES[kind],
        number=words.NUMBER.format(code=case.code),
        to=words.TO.format(name=name or words.NO_NAME),
        paragraphs=[*told, words.CLOSING],
        office=case.office,
        day=day(event.at if event is not None else case.updated_at),
    )


def day(moment: datetime) -> str:
    """2026年11月22日"""
    at = official(moment)
    return f"{at.year}年{at.month}月{at.day}日"


def _working_sheet(case: Sheet, name: str, phone: str) -> Paper:
    due = f"{case.sum.name}：{case.sum.text}，{case.sum.source}" if case.sum is not None else ""
    values = {
        "code": case.code,
        "filed": f"{official(case.created_at):%Y-%m-%d %H:%M}",
        "channel": labels.CHANNELS.get(case.channel, case.channel),
        "category": case.category,
        "name": (name or labels.NO_NAME) + (labels.ANONYMOUS if case.anonymous else ""),
        "phone": phone or labels.NO_PHONE,
        "place": case.place,
        "office": case.office,
        "status": case.status_label,
        "due": due,
        "text": case.text,
        "demand": case.demand or "",
    }
    return Paper(
        title=words.TITLES[SHEET],
        number=words.NUMBER.format(code=case.code),
        facts=[(words.LABELS[key], value) for key, value in values.items()],
        events=[(f"{official(event.at):%Y-%m-%d %H:%M}", _told(event)) for event in case.events],
        blanks=words.EMPTY,
    )


def _told(event: SheetEvent) -> str:
    said = f"：{event.statement}" if event.statement else ""
    return f"{event.text}{said}（{labels.actor(event.actor)}）"


def _subject(case: Sheet) -> str:
    text = " ".join(case.text.split())
    return text if len(text) <= words.TALE else f"{text[: words.TALE]}……"


def _reason(event: SheetEvent | None) -> str:
    # 「县城管局不予受理：已由法院审理」: what stands after the colon is the reason.
    return "" if event is None else event.text.partition("：")[2] or event.text

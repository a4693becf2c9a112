"""From rows to what staff see: personal data masked, deadlines with colour and sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import RowMapping

from case_api import desk_schemas, places, supervision, urgency, words
from case_api.deadlines import OFFICIAL_TIME, LocalLimits, in_words
from case_api.states import ALLOWED, Move, Status
from case_api.views import due_text
from nlu.text.privacy import mask

TALE = 120
"""Characters of the matter shown in a list."""
STAFF_MOVES = (Move.ACCEPT, Move.REFUSE, Move.ASSIGN, Move.EXTEND, Move.ANSWER, Move.CLOSE)


def line(
    row: RowMapping, now: datetime, limits: LocalLimits, followers: int
) -> desk_schemas.WorkLine:
    """One case in the work list."""
    told = _told(row, desk_schemas.WorkLine, _derived(row, now, limits, followers))
    return desk_schemas.WorkLine(**{**told, "text": told["text"][:TALE]})


def sheet(
    row: RowMapping,
    now: datetime,
    limits: LocalLimits,
    *,
    events: Sequence[RowMapping],
    links: Sequence[RowMapping],
    linked: Mapping[str, RowMapping],
    followers: int,
    looks: Sequence[RowMapping],
    takers: Sequence[str],
) -> desk_schemas.Sheet:
    """The case page."""
    found = supervision.sum_of(row, limits)
    said = [row["text"], row["demand"], *(e["statement"] for e in events)]
    derived = {
        **_derived(row, now, limits, followers),
        **_personal(row),
        "masked": any(text and mask(text) != text for text in said),
        "due_text": due_text(row),
        "sum": None
        if found is None
        else desk_schemas.DueSum(
            name=found.name, text=found.text, source=found.source, rule=found.rule
        ),
        "takers": list(takers),
        "moves": [move.value for move in allowed(row)],
        "links": _links(links, row["code"], linked),
        "events": [_event(event) for event in events],
        "looks": [desk_schemas.Look(**_named(look, desk_schemas.Look)) for look in looks],
    }
    return desk_schemas.Sheet(**_told(row, desk_schemas.Sheet, derived))


def export_row(
    row: RowMapping, now: datetime, limits: LocalLimits, followers: int, *, unmasked: bool
) -> desk_schemas.ExportRow:
    """One case in a file; `unmasked` leaves name, phone and words as they are."""
    derived = _derived(row, now, limits, followers)
    if unmasked:
        clear = {name: row[name] for name in ("name", "phone", "text", "place", "demand")}
        return desk_schemas.ExportRow(**_told(row, desk_schemas.ExportRow, {**derived, **clear}))
    derived |= _personal(row)
    return desk_schemas.ExportRow(**_told(row, desk_schemas.ExportRow, derived))


def revealed(row: RowMapping, events: Sequence[RowMapping], field: str) -> list[desk_schemas.Shown]:
    """What `Unmasking.field` means, in clear; empty where the case has nothing of it."""
    names = {"contact": ("name", "phone"), "text": ("text", "demand", "place")}
    columns = names.get(field, (field,))
    found = [(words.TOLD[column], row[column], None) for column in columns]
    if field == "text":
        found += [(_occasion(event), event["statement"], event["id"]) for event in events]
    return [
        desk_schemas.Shown(what=what, value=value, event=event)
        for what, value, event in found
        if value
    ]


def queue_line(row: RowMapping) -> desk_schemas.QueueLine:
    told = _named(row, desk_schemas.QueueLine)
    return desk_schemas.QueueLine(**{**told, "text": mask(told["text"])})


def allowed(row: RowMapping) -> list[Move]:
    """What staff may do with the case as it stands."""
    status = Status(row["status"])
    return [
        move
        for move in STAFF_MOVES
        if status in ALLOWED[move] and not (move is Move.EXTEND and row["extended_days"])
    ]


def masked_name(name: str) -> str:
    """张*: the surname stays, as on every notice board."""
    return name[:1] + "*" * max(1, len(name) - 1)


def masked_phone(phone: str) -> str:
    """138****1234; a number of no known kind keeps its last two digits."""
    hidden = mask(phone)
    return hidden if hidden != phone else "*" * max(0, len(phone) - 2) + phone[-2:]


def _derived(row: RowMapping, now: datetime, limits: LocalLimits, followers: int) -> dict[str, Any]:
    colour = supervision.colour_of(row["clock"], row["due"], now, limits.near_days)
    return {
        "status_label": words.STATUS[row["status"]],
        "clock_name": supervision.clock_name(row["clock"]),
        "article": supervision.article(row["clock"]),
        "colour": colour,
        "days_left": supervision.days_left(row["due"], now),
        "followers": followers,
    }


def _personal(row: RowMapping) -> dict[str, Any]:
    return {
        "name": masked_name(row["name"]) if row["name"] else None,
        "phone": masked_phone(row["phone"]) if row["phone"] else None,
        "demand": mask(row["demand"]) if row["demand"] else None,
    }


def _told(row: RowMapping, model: type[Any], derived: Mapping[str, Any]) -> dict[str, Any]:
    text = mask(row["text"])
    shown = {"text": text, "place": mask(row["place"]), "urgency": urgency.told(text)}
    told = {**shown, **derived}
    return {**_named(row, model, without=frozenset(told)), **told}


def _links(
    links: Sequence[RowMapping], code: str, linked: Mapping[str, RowMapping]
) -> list[desk_schemas.LinkedCase]:
    """The likeliest first."""
    found = [_link(link, code, linked) for link in links]
    return sorted(found, key=lambda link: (link.relation != "same", -link.probability))


def _link(link: RowMapping, code: str, linked: Mapping[str, RowMapping]) -> desk_schemas.LinkedCase:
    other = linked[link["other"] if link["code"] == code else link["code"]]
    return desk_schemas.LinkedCase(
        code=other["code"],
        relation=link["relation"],
        relation_label=words.RELATION[link["relation"]],
        probability=link["probability"],
        mine=link["mine"],
        decision=link["decision"],
        status_label=words.STATUS[other["status"]],
        category=other["category"],
        office=other["office"],
        place=places.coarse(other["place"]),
        created_at=other["created_at"],
    )


def _event(event: RowMapping) -> desk_schemas.SheetEvent:
    told = _named(event, desk_schemas.SheetEvent)
    statement = told["statement"]
    hidden = {"text": mask(told["text"]), "statement": mask(statement) if statement else None}
    return desk_schemas.SheetEvent(**{**told, **hidden})


def _occasion(event: RowMapping) -> str:
    day = in_words(event["at"].astimezone(OFFICIAL_TIME).date())
    return words.TOLD_LATER.format(date=day, what=words.TOLD_WITH.get(event["kind"], ""))


def _named(
    row: RowMapping, model: type[Any], *, without: frozenset[str] = frozenset()
) -> dict[str, Any]:
    # By the model's list, never by the row's: a new column is not shown until it is named.
    return {name: row[name] for name in model.model_fields if name not in without}

"""From rows to what each reader may see; the one place where personal columns leave the store."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import RowMapping

from case_api import deadlines, places, urgency, words
from case_api.schemas import CaseSummary, CaseView, Event
from case_api.staff_schemas import Link, StaffCase, StaffEvent, StaffLine, WaitingHandoff
from case_api.states import Status
from nlu.text.privacy import mask

TALE = 120
"""Characters of the matter shown in a staff list."""


def for_citizen(
    row: RowMapping,
    events: Sequence[RowMapping],
    *,
    full: bool,
    owner: bool,
) -> CaseView:
    """A case for one citizen: all of it, or stage, office and next date."""
    status = CaseView(
        access="full" if full else "status",
        code=row["code"],
        status=Status(row["status"]),
        status_label=words.STATUS[row["status"]],
        office=row["office"],
        due=row["due"],
        due_text=due_text(row),
        owner=owner,
    )
    if not full:
        return status
    return status.model_copy(
        update={
            "category": row["category"],
            "text": row["text"],
            "place": row["place"],
            "occurred_at": row["occurred_at"],
            "demand": row["demand"],
            "name": row["name"],
            "phone": mask(row["phone"]) if row["phone"] else None,
            "anonymous": row["anonymous"],
            "answer": row["answer"],
            "stars": row["stars"],
            "created_at": row["created_at"],
            "events": [
                Event(at=e["at"], kind=e["kind"], text=e["text"], statement=e["statement"])
                for e in events
                if e["visible"]
            ],
        }
    )


def line_for_owner(row: RowMapping) -> CaseSummary:
    return _summary(row, code=row["code"], place=row["place"], following=False)


def line_for_follower(row: RowMapping) -> CaseSummary:
    """General wording, stage and office; neither code nor words nor the door."""
    return _summary(row, code=None, place=places.coarse(row["place"]), following=True)


def for_staff(
    row: RowMapping, events: Sequence[RowMapping], links: Sequence[RowMapping], followers: int
) -> StaffCase:
    """Everything but the proofs."""
    return StaffCase(
        **_fields(row, StaffCase, derived={"urgency", "due_text", "links", "events", "followers"}),
        urgency=urgency.told(row["text"]),
        due_text=due_text(row),
        followers=followers,
        links=[_link(link, row["code"]) for link in links],
        events=[StaffEvent(**_fields(e, StaffEvent)) for e in events],
    )


def line_for_staff(row: RowMapping) -> StaffLine:
    text = mask(row["text"])
    line = StaffLine(**_fields(row, StaffLine, derived={"urgency"}), urgency=urgency.told(text))
    return line.model_copy(update={"text": text[:TALE]})


def waiting(row: RowMapping) -> WaitingHandoff:
    return WaitingHandoff(**_fields(row, WaitingHandoff))


def due_text(row: RowMapping) -> str:
    return deadlines.describe(
        row["clock"], row["due"], office=row["office"], extended_days=row["extended_days"]
    )


def _summary(row: RowMapping, *, code: str | None, place: str, following: bool) -> CaseSummary:
    return CaseSummary(
        code=code,
        status=Status(row["status"]),
        status_label=words.STATUS[row["status"]],
        category=row["category"],
        place=place,
        office=row["office"],
        created_at=row["created_at"],
        due_text=due_text(row),
        following=following,
    )


def _link(link: RowMapping, code: str) -> Link:
    other = link["other"] if link["code"] == code else link["code"]
    return Link(
        other=other,
        relation=link["relation"],
        probability=link["probability"],
        mine=link["mine"],
        decision=link["decision"],
    )


def _fields(
    row: RowMapping, model: type[Any], derived: frozenset[str] | set[str] = frozenset()
) -> dict[str, Any]:
    # By the model's list, never by the row's: a new column is not shown until it is named.
    return {name: row[name] for name in model.model_fields if name not in derived}

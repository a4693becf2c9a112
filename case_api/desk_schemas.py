"""What the work list, the case page and the queue of the console take and give.

Everything here is masked; `Unmasking` is the one way round it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from case_api.categories import Category
from case_api.fields import VISIBLE, ChannelName, Reason, Remark, StaffName, Strict
from case_api.staff_schemas import AssignmentIn, UrgencySign
from case_api.states import Status
from case_api.supervision import Colour


class Unmasking(Strict):
    """Somebody has to see what is masked, and says why."""

    field: Literal["phone", "name", "contact", "text"]
    """contact: name and phone; text: what the citizen told, then and later."""
    reason: Reason
    way: Literal["page", "print"] = "page"


class Shown(BaseModel):
    what: str
    value: str
    event: int | None = None
    """The event with which it was said; None: when the case was filed."""


class Disclosure(BaseModel):
    """What was masked, this once; it has been written down who saw it."""

    field: str
    values: list[Shown]


class Look(BaseModel):
    """Somebody saw what was masked."""

    at: datetime
    by: str
    field: str
    way: str
    reason: str


class Presence(Strict):
    """A member of staff has the case open; `shown` is what colleagues call them."""

    shown: Annotated[StaffName, Field(min_length=1)]


class Others(BaseModel):
    """Who else has the case open just now."""

    names: list[str]


class WorkQuery(Strict):
    """Filters, order and page of the work list."""

    q: Annotated[str, VISIBLE, StringConstraints(max_length=100)] = ""
    status: tuple[Status, ...] = ()
    category: tuple[Category, ...] = ()
    office: tuple[Annotated[str, StringConstraints(max_length=64)], ...] = ()
    channel: ChannelName | None = None
    urgent: bool | None = None
    colour: Colour | None = None
    since: datetime | None = None
    until: datetime | None = None
    sort: Literal["due", "-due", "created", "-created", "updated", "-updated"] = "due"
    """A minus: the latest first. Cases without a deadline come last either way."""
    page: Annotated[int, Field(ge=1, le=100_000)] = 1
    size: Annotated[int, Field(ge=1, le=200)] = 20


class WorkLine(BaseModel):
    """A case in the work list; words and place with numbers masked."""

    code: str
    created_at: datetime
    updated_at: datetime
    channel: str
    category: str
    office: str
    status: Status
    status_label: str
    urgent: bool
    urgency: list[UrgencySign] = []
    place: str
    text: str
    due: datetime | None
    clock: str | None
    clock_name: str
    article: str
    colour: Colour
    days_left: int | None
    followers: int


class WorkPage(BaseModel):
    cases: list[WorkLine]
    total: int
    page: int
    size: int
    statuses: dict[str, int]
    """Under the same filters but those of status and colour."""
    colours: dict[str, int]
    offices: list[str]
    """For the filter: those that hold cases, 人工分办 among them, and those that could."""
    takers: list[str]
    """That a case can be given to."""
    categories: list[str]
    channels: list[str]


class Standing(BaseModel):
    """What waits for somebody's hand just now."""

    overdue: int
    near: int
    by_hand: int
    """Not yet given to any office."""
    handoffs: int


class Codes(BaseModel):
    codes: list[str]
    total: int


class BulkAssignment(AssignmentIn):
    codes: Annotated[
        list[Annotated[str, StringConstraints(max_length=40)]],
        Field(min_length=1, max_length=20_000),
    ]


class RowResult(BaseModel):
    code: str
    done: bool
    reason: str


class BulkResult(BaseModel):
    results: list[RowResult]


class DueSum(BaseModel):
    """How a deadline came about."""

    name: str
    text: str
    source: str
    rule: str


class LinkedCase(BaseModel):
    """A case that may be the same matter, or has to do with it."""

    code: str
    relation: str
    relation_label: str
    probability: float
    mine: bool
    decision: str
    status_label: str
    category: str
    office: str
    place: str
    created_at: datetime


class SheetEvent(BaseModel):
    id: int
    at: datetime
    kind: str
    visible: bool
    actor: str
    text: str
    statement: str | None


class Sheet(WorkLine):
    """All of a case with its personal data masked, and what may be done with it now."""

    confidence: float
    proven: bool
    name: str | None
    phone: str | None
    anonymous: bool
    demand: str | None
    occurred_at: str | None
    attachments: list[dict[str, object]]
    masked: bool
    """Whether the citizen's words have something in them that is shown masked."""
    due_text: str
    sum: DueSum | None
    accepted_at: datetime | None
    answered_at: datetime | None
    extended_days: int
    answer: str | None
    stars: int | None
    moves: list[str]
    takers: list[str]
    """Offices that it can be given to."""
    links: list[LinkedCase]
    events: list[SheetEvent]
    looks: list[Look]


class ExportIn(Strict):
    """What the filter shows, as rows; `columns` and `reason` go into the audit trail."""

    query: WorkQuery
    reason: Reason
    columns: Annotated[list[Annotated[str, StringConstraints(max_length=32)]], Field(max_length=40)]
    unmasked: bool = False


class ExportRow(WorkLine):
    name: str | None
    phone: str | None
    anonymous: bool
    demand: str | None
    occurred_at: str | None
    accepted_at: datetime | None
    answered_at: datetime | None
    extended_days: int
    answer: str | None
    stars: int | None


class Export(BaseModel):
    rows: list[ExportRow]
    made_at: datetime


class HandoffClosure(Strict):
    note: Remark = ""


class HandoffUnmasking(Strict):
    reason: Reason


class QueueLine(BaseModel):
    """One who waits for a person; the words masked."""

    id: int
    at: datetime
    channel: str
    code: str | None
    reason: str
    urgent: bool
    text: str
    status: str
    closed_at: datetime | None
    closed_by: str | None
    note: str | None


class Queue(BaseModel):
    handoffs: list[QueueLine]
    total: int
    waiting: int
    page: int
    size: int

"""What staff send to the case API, and what only they read."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field, StringConstraints

from case_api.categories import Category
from case_api.fields import ChannelName, Reason, Remark, StaffName, Strict, Text
from case_api.schemas import Event, Handoff
from case_api.states import Status


class StaffMove(Strict):
    """Base of what staff do; `by` goes into the timeline's internal part."""

    by: StaffName = "staff"
    seen: datetime | None = None
    """The case's `updated_at` when it was read; a case that has changed since is not moved."""


class AcceptanceIn(StaffMove):
    office: StaffName | None = None


class RefusalIn(StaffMove):
    reason: Reason
    repeated: bool = False
    """True: no longer accepted after re-review (信访工作条例 第三十六条)."""


class AssignmentIn(StaffMove):
    office: Annotated[StaffName, Field(min_length=1)]
    transferred: bool = False
    category: Category | None = None
    note: Remark = ""
    """For the office alone: kept as an internal event."""


class AnswerIn(StaffMove):
    text: Text


class ClosureIn(StaffMove):
    pass


class ExtensionIn(StaffMove):
    days: int
    reason: Reason


class WaitingHandoff(Handoff):
    """For staff: who waits and what they said."""

    channel: str
    account: str
    citizen: str
    code: str | None
    urgent: bool
    text: str


class HandoffPage(BaseModel):
    handoffs: list[WaitingHandoff]


class Link(BaseModel):
    other: str
    relation: str
    probability: float
    mine: bool
    decision: str


class StaffEvent(Event):
    id: int
    visible: bool
    actor: str
    data: dict[str, object]


class UrgencySign(BaseModel):
    """What makes the matter urgent, and the citizen's own words for it."""

    kind: str
    label: str
    words: list[str]


class StaffLine(BaseModel):
    """A case in a list: what is needed to pick one, nobody's name or number."""

    code: str
    created_at: datetime
    updated_at: datetime
    channel: str
    category: str
    office: str
    confidence: float
    status: Status
    urgent: bool
    urgency: list[UrgencySign] = []
    due: datetime | None
    place: str
    text: str


class StaffCase(StaffLine):
    """Everything but the proofs."""

    account: str
    citizen: str
    proven: bool
    name: str | None
    phone: str | None
    anonymous: bool
    occurred_at: str | None
    demand: str | None
    attachments: list[dict[str, object]]
    clock: str | None
    due_text: str
    accepted_at: datetime | None
    answered_at: datetime | None
    extended_days: int
    answer: str | None
    stars: int | None
    followers: int
    links: list[Link]
    events: list[StaffEvent]


class Page(BaseModel):
    cases: list[StaffLine]
    next: str | None


class ListQuery(Strict):
    """Filters of the staff list."""

    limit: Annotated[int, Field(ge=1, le=100)] = 20
    cursor: Annotated[str, StringConstraints(max_length=100)] | None = None
    status: Status | None = None
    category: Category | None = None
    office: Annotated[str, StringConstraints(max_length=64)] | None = None
    channel: ChannelName | None = None
    urgent: bool | None = None
    since: datetime | None = None
    until: datetime | None = None

"""What crosses the case API, both ways; unknown fields are refused."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import BaseModel, Field, StringConstraints

from case_api.categories import Category
from case_api.fields import (
    VISIBLE,
    Account,
    ChannelName,
    Identity,
    PersonName,
    Phone,
    PlaceName,
    Remark,
    Short,
    Strict,
    Text,
)
from case_api.states import Status


class Viewer(Strict):
    """An identity that the app has verified, or one merely stated by the client (not `owns`)."""

    channel: ChannelName
    citizen: Identity
    account: Account = ""
    owns: bool = True


class Proof(Strict):
    """What somebody other than the filer shows."""

    kind: Literal["query_code", "phone_tail"]
    value: Annotated[str, StringConstraints(max_length=16)]


class AttachmentIn(Strict):
    """Something sent beside words; the bytes are the channel's to fetch."""

    kind: Literal["image", "voice", "video", "file"]
    reference: Annotated[str, StringConstraints(min_length=1, max_length=256)]


Attachments = Annotated[tuple[AttachmentIn, ...], Field(max_length=20)]


class Choice(Strict):
    """What the citizen said of a similar case that was offered."""

    code: Annotated[str, StringConstraints(max_length=40)]
    decision: Literal["different", "follow", "add"]


class NewCase(Strict):
    """A petition, ready to be registered."""

    text: Text
    place: PlaceName
    channel: ChannelName
    citizen: Identity
    account: Account = ""
    owns: bool = True
    """False: the identity is merely stated, so that only the 查询码 shows all of the case."""
    occurred_at: Short | None = None
    demand: Remark | None = None
    name: PersonName | None = None
    phone: Phone | None = None
    anonymous: bool = False
    category: Category | None = None
    urgent: bool = False
    attachments: Attachments = ()
    links: Annotated[tuple[Choice, ...], Field(max_length=20)] = ()


class Told(Strict):
    """A matter that is being told."""

    text: Text
    place: PlaceName = ""


class SimilarQuery(Told):
    """`viewer`: for whom we look; without one, for staff."""

    viewer: Viewer | None = None
    limit: Annotated[int, Field(ge=1, le=20)] = 5


class ProgressQuery(Strict):
    viewer: Viewer
    proof: Proof | None = None


class ByCitizen(Strict):
    """Base of what a citizen does to a case of their own; the 查询码 stands in for the account."""

    viewer: Viewer
    proof: Proof | None = None


class SupplementIn(ByCitizen):
    text: Text
    attachments: Attachments = ()


class WithdrawalIn(ByCitizen):
    reason: Remark = ""


class RatingIn(ByCitizen):
    stars: Annotated[int, Field(ge=1, le=5)]
    comment: Remark = ""


class FollowIn(Strict):
    viewer: Viewer


class MineQuery(Strict):
    viewer: Viewer
    limit: Annotated[int, Field(ge=1, le=100)] = 20


class HandoffIn(Strict):
    """Somebody wants, or needs, a person."""

    viewer: Viewer
    reason: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}$")]
    text: Annotated[str, VISIBLE, StringConstraints(max_length=10_000)] = ""
    urgent: bool = False
    code: Annotated[str, StringConstraints(max_length=40)] | None = None


class Similar(BaseModel):
    """A case that may be the same matter; general wording only, never another's words."""

    code: str
    relation: Literal["same", "related"]
    probability: float
    mine: bool = False
    reasons: list[str] = []
    category: str
    place: str
    """Coarse: never to the door, unless it is the viewer's own."""
    filed_on: str
    status: Status
    status_label: str


class SimilarAnswer(BaseModel):
    matches: list[Similar]


class Triage(BaseModel):
    """Which kind of matter, and who takes it."""

    category: Category
    office: str
    confidence: float


class CreatedCase(BaseModel):
    """A registered case; the 查询码 is told this once."""

    code: str
    query_code: str
    category: Category
    office: str
    status: Status
    status_label: str
    due: datetime
    due_text: str
    urgent: bool
    created_at: datetime
    confidence: float
    matches: list[Similar]


class Event(BaseModel):
    at: datetime
    kind: str
    text: str
    statement: str | None = None
    """What the citizen said with it; only where all of the case is shown."""


class CaseView(BaseModel):
    """A case as one citizen may see it; `status` access has only stage, office and next date."""

    access: Literal["full", "status"]
    code: str
    status: Status
    status_label: str
    office: str
    due: datetime | None
    due_text: str
    owner: bool = False
    category: str | None = None
    text: str | None = None
    place: str | None = None
    occurred_at: str | None = None
    demand: str | None = None
    name: str | None = None
    phone: str | None = None
    """Masked."""
    anonymous: bool | None = None
    answer: str | None = None
    stars: int | None = None
    created_at: datetime | None = None
    events: list[Event] = []


class CaseSummary(BaseModel):
    """One line of a citizen's list; for a matter that is only followed, without its code."""

    code: str | None
    status: Status
    status_label: str
    category: str
    place: str
    office: str
    created_at: datetime
    due_text: str
    following: bool = False


class MineAnswer(BaseModel):
    cases: list[CaseSummary]


class Handoff(BaseModel):
    id: int
    at: datetime
    reason: str
    status: str

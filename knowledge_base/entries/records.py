"""What is known of an entry beside its content: state, steps, versions, lines of a list."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Literal

from knowledge_base.models import Citation, EntryKind, FaqEntry

Status = Literal["draft", "in_review", "approved", "retired"]
DRAFT: Status = "draft"
IN_REVIEW: Status = "in_review"
APPROVED: Status = "approved"
RETIRED: Status = "retired"

Act = Literal[
    "created",
    "edited",
    "restored",
    "imported",
    "submitted",
    "recalled",
    "rejected",
    "approved",
    "retired",
    "confirmed",
    "published",
    "withdrawn",
]
"""`published` and `withdrawn` are what a rollback to another release does to an entry."""

FlagKind = Literal[
    "expired",
    "law_repealed",
    "article_missing",
    "article_changed",
    "expiring",
    "overdue",
    "not_yet_valid",
    "no_citation",
    "no_gold",
    "law_not_imported",
]
"""What may be the matter, gravest first."""
LIGHT: frozenset[FlagKind] = frozenset(
    {"law_not_imported", "not_yet_valid", "no_citation", "no_gold"}
)
"""Told where the entry is looked at; what citizens are answered is not in doubt."""

Sort = Literal["newest", "oldest", "question", "category", "valid_until", "id"]


@dataclass(frozen=True, slots=True)
class ArticleText:
    """An article as one version of its law words it."""

    law: str
    number: str
    text: str
    """Empty: this version has no such article."""
    version: date | None


@dataclass(frozen=True, slots=True)
class Flag:
    """Something about an entry that a curator has to look at."""

    kind: FlagKind
    day: date | None = None
    """Of validity: the day in question."""
    citation: Citation | None = None
    successor: str = ""
    """Of a repealed law: what ended it."""
    old: ArticleText | None = None
    new: ArticleText | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was done with an entry."""

    version: int
    act: Act
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True)
class EntryRecord:
    """An entry with the version worked on and how it came to be where it is."""

    entry: FaqEntry
    status: Status
    version: int
    published_version: int | None
    changed_at: datetime
    changed_by: str
    is_starter: bool
    """Came with the program, and nobody has changed it."""
    steps: tuple[Step, ...] = ()
    flags: tuple[Flag, ...] = ()
    """Of what citizens are answered from; of a draft that never was published, of the draft."""

    @property
    def has_unpublished(self) -> bool:
        """Citizens are answered from an older version than the one worked on."""
        return self.published_version is not None and self.published_version != self.version


@dataclass(frozen=True, slots=True)
class EntryLine:
    """One entry in a list."""

    id: str
    kind: EntryKind
    question: str
    category: str
    region: str
    owner: str
    status: Status
    version: int
    published_version: int | None
    valid_from: date | None
    valid_until: date | None
    changed_at: datetime
    changed_by: str
    flags: tuple[Flag, ...] = ()


@dataclass(frozen=True, slots=True)
class EntryQuery:
    """What a curator looks for; empty: anything."""

    q: str = ""
    """Words that must all occur."""
    status: Status | Literal["", "published", "changed"] = ""
    """`published`: citizens are answered from it; `changed`: it is, and newer work lies there."""
    category: str = ""
    region: str = ""
    owner: str = ""
    kind: EntryKind | Literal[""] = ""
    flag: FlagKind | Literal["", "any"] = ""
    """`any`: at least one that puts the answer in doubt."""
    ids: tuple[str, ...] = ()
    """Only these."""
    sort: Sort = "newest"
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class EntryPage:
    """One page of a list and how many there are in all."""

    lines: tuple[EntryLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class VersionLine:
    """One version in the history of an entry."""

    version: int
    at: datetime
    by: str
    note: str
    is_current: bool
    is_published: bool
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class ReviewLine:
    """An entry in somebody's review list, with the step that put it there."""

    id: str
    kind: EntryKind
    question: str
    category: str
    status: Status
    version: int
    published_version: int | None
    step: Step


@dataclass(frozen=True, slots=True)
class BulkChange:
    """What is done to many entries at once; None: left as it is, empty: emptied."""

    category: str | None = None
    region: str | None = None
    owner: str | None = None
    valid_until: date | Literal[""] | None = None
    submit: bool = False
    recall: bool = False
    note: str = ""

    @property
    def changes_content(self) -> bool:
        """Whether new versions come of it."""
        return any(
            value is not None
            for value in (self.category, self.region, self.owner, self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of one of many."""

    id: str
    question: str
    done: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """Figures for the home page."""

    by_status: dict[str, int] = field(default_factory=dict)
    published: int = 0
    by_flag: dict[str, int] = field(default_factory=dict)
    flagged: int = 0
    """Questions with answers (no typical cases) that the filter `any` shows."""

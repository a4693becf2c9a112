"""Laws as lists and pages see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal

LawState = Literal["in_force", "upcoming", "superseded", "retired"]
Sort = Literal["newest", "name", "version"]


@dataclass(frozen=True, slots=True)
class LawQuery:
    """What a curator looks for; empty: anything."""

    q: str = ""
    region: str = ""
    """`-` means those of the whole country."""
    state: LawState | Literal[""] = ""
    sort: Sort = "newest"
    page: int = 1
    size: int = 20


@dataclass(frozen=True, slots=True)
class LawLine:
    """One text of a law in a list."""

    id: int
    law: str
    part: str
    region: str
    version: date | None
    effective: date | None
    state: LawState
    superseded_by: str
    file: str
    articles: int
    imported_at: datetime
    imported_by: str


@dataclass(frozen=True, slots=True)
class LawPage:
    """One page of a list and how many there are in all."""

    lines: tuple[LawLine, ...]
    total: int


@dataclass(frozen=True, slots=True)
class LawArticle:
    """One article in the order of the law."""

    position: int
    chapter: str
    number: str
    text: str


@dataclass(frozen=True, slots=True)
class Change:
    """An article that two versions word differently; empty: one of them does not have it."""

    number: str
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Citing:
    """An entry that cites the law."""

    id: str
    kind: str
    question: str
    articles: tuple[str, ...]
    is_published: bool


@dataclass(frozen=True, slots=True)
class LawRecord:
    """A text of a law with all that curators ask of it."""

    line: LawLine
    versions: tuple[LawLine, ...]
    """All texts of this law, the newest first, this one among them."""
    citing: tuple[Citing, ...]

"""Import jobs as pages and commands see them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO, Literal

Kind = Literal["laws", "faq", "precedents"]
State = Literal["waiting", "reading", "preview", "importing", "done", "failed", "cancelled"]
Fate = Literal[
    "new", "newer", "older", "changed", "existing", "twice", "invalid",
    "imported", "skipped", "failed",
]  # fmt: skip
RUNNING: tuple[State, ...] = ("reading", "importing")
ENDED: tuple[State, ...] = ("done", "failed", "cancelled")
TICKABLE: tuple[Fate, ...] = ("new", "newer", "older", "changed")
"""Rows that may be imported; with the others there is nothing to import."""
REFUSED: tuple[Fate, ...] = ("invalid", "twice", "failed")
"""Rows that go into the file of failed rows."""
STALLED_AFTER = timedelta(minutes=3)
KINDS: tuple[Kind, ...] = ("laws", "faq", "precedents")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was brought: its name, folders included, and where its bytes are."""

    name: str
    source: Path | BinaryIO


@dataclass(frozen=True, slots=True)
class Options:
    """How to import."""

    region: str = ""
    """Of laws: the region that they hold for, where their folders do not say."""
    update: bool = False
    """是否更新已经存在的数据: rows that differ from what is there are ticked from the start."""


@dataclass(frozen=True, slots=True)
class Job:
    """One import and how far it is."""

    id: int
    kind: Kind
    state: State
    title: str
    options: Options
    confirmed: bool
    total: int
    done: int
    counts: Mapping[str, int]
    """Rows by fate."""
    message: str
    made_at: datetime
    made_by: str
    beat_at: datetime
    finished_at: datetime | None
    stalled: bool = False
    """Says that it runs, but nothing has been heard of it for minutes."""

    @property
    def ended(self) -> bool:
        return self.state in ENDED

    @property
    def moving(self) -> bool:
        """Something will change without anybody doing anything."""
        return self.state in ("waiting", *RUNNING) and not self.stalled

    @property
    def resumable(self) -> bool:
        return self.state == "failed" or self.stalled

    @property
    def refused(self) -> int:
        """Rows that the file of failed rows holds."""
        return sum(self.counts.get(fate, 0) for fate in REFUSED)


@dataclass(frozen=True, slots=True)
class JobRow:
    """One file or row of an import."""

    position: int
    name: str
    fate: Fate
    chosen: bool
    reason: str
    content: Mapping[str, Any] = field(default_factory=dict)

    @property
    def tickable(self) -> bool:
        return self.fate in TICKABLE


@dataclass(frozen=True, slots=True)
class JobPage:
    """A page of jobs, newest first."""

    jobs: tuple[Job, ...]
    total: int


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of the rows of a job, and how many of all are ticked."""

    rows: tuple[JobRow, ...]
    total: int
    chosen: int
    tickable: int

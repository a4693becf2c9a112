"""All that an action may reach, and the shapes it works with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from case_api.client import CaseApiClient
from case_api.schemas import Viewer
from knowledge_base.asked import Asked
from knowledge_base.search import KnowledgeBase
from nlu.text.speech import Speech


@dataclass(frozen=True, slots=True)
class Turn:
    """One message being handled now, as the app received it: Rasa's copy is never trusted."""

    row: int
    """The message's row in the inbox; one row is one turn."""
    viewer: Viewer
    """Who is speaking, as the channel proved it."""
    text: str
    """Normalised words; empty for a picture or a place."""
    place: str | None
    """A place sent as a location or carried by a scanned code."""
    pictures: tuple[str, ...]
    danger: str | None
    """The kind of danger to life heard in the words, if any."""
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Choice:
    """An answer that the citizen may pick."""

    title: str
    says: str


@dataclass(frozen=True, slots=True)
class Say:
    """One thing to be said to the citizen of this turn."""

    text: str
    choices: tuple[Choice, ...] = ()


@dataclass(slots=True)
class Outcome:
    """What one action decided: recorded in one transaction, so that a repeated turn repeats it."""

    says: list[Say] = field(default_factory=list)
    events: list[dict[str, Any]] = field(default_factory=list)
    """Rasa events; never hold what the citizen said."""
    drafts: dict[str, Mapping[str, Any] | None] = field(default_factory=dict)
    """Drafts to keep, by kind; None drops one."""

    def say(self, text: str, choices: Sequence[Choice] = ()) -> None:
        """Add a sentence."""
        self.says.append(Say(text, tuple(choices)))


@dataclass(frozen=True, slots=True)
class Recorded:
    """An outcome as it was stored: `box` names what is to be said, without holding it."""

    box: str | None
    events: list[dict[str, Any]]


class Desk(Protocol):
    """The app's own memory of turns, drafts and what was said (implemented in `bot.desk`)."""

    async def open_turn(self, token: str) -> Turn:
        """The turn that a signed token stands for; raises `Forbidden` for any other string."""

    async def recall(self, turn: Turn, action: str) -> Recorded | None:
        """What this action already did in this turn, if it did."""

    async def record(self, turn: Turn, action: str, outcome: Outcome) -> Recorded:
        """Store drafts and speech together; the first record of (turn, action) wins."""

    async def draft(self, turn: Turn, kind: str) -> Mapping[str, Any] | None:
        """The citizen's draft of that kind, if one is kept."""


@dataclass(frozen=True, slots=True)
class Services:
    """Handed to every action."""

    desk: Desk
    cases: CaseApiClient
    knowledge: KnowledgeBase
    asked: Asked
    speech: Speech

"""What a citizen would see of a search: an answer, questions to choose from, or neither."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from knowledge_base.models import Hit, SearchResult

NEAR = 0.05
"""Far below what is answered, but the right question is then mostly among the three nearest
(docs/quality.md 「政策检索」): the citizen, not the bot, says whether it is the one."""
MOST_OFFERED = 3
CITIZEN_HITS = 5
"""What is looked up for a citizen; curators are shown more, and are told of these."""

Verdict = Literal["answered", "which_region", "offered", "refused"]


@dataclass(frozen=True, slots=True)
class Explained:
    """A search laid open for curators."""

    question: str
    verdict: Verdict
    result: SearchResult
    """As the citizen's, each hit with the words that it shares with the question."""
    offered: tuple[Hit, ...]
    """What is offered to choose from, when that is the verdict."""
    floors: dict[str, float]
    """Kind of hit → the probability from which on it is said."""
    places: tuple[str, ...] = ()
    """Regions that the place was understood as."""


def offered(result: SearchResult) -> tuple[Hit, ...]:
    """Entries that a citizen may choose from when there is no sure answer."""
    first = result.hits[:CITIZEN_HITS]
    near = [hit for hit in first if hit.kind != "article" and hit.score >= NEAR]
    return tuple(near[:MOST_OFFERED])


def verdict(result: SearchResult) -> Verdict:
    """What the citizen sees."""
    if result.answered:
        return "which_region" if result.regions else "answered"
    return "offered" if offered(result) else "refused"

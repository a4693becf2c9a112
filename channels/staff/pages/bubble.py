"""An answer as the citizen gets it in WeChat: the text, its parts, its length, its links."""

from __future__ import annotations

from dataclasses import dataclass

from channels.staff.words import entries as words
from channels.wechat.render import PART_LIMIT, split
from knowledge_base.entries.checking import links
from knowledge_base.models import Citation, FaqEntry
from knowledge_base.quoting import cite


@dataclass(frozen=True, slots=True)
class Bubble:
    """One answer on the citizen's screen."""

    region: str
    """Empty: everywhere else, or everywhere."""
    parts: tuple[str, ...]
    characters: int
    size: int
    """Bytes of UTF-8: what WeChat counts."""
    links: tuple[str, ...]
    limit: int = PART_LIMIT

    @property
    def is_split(self) -> bool:
        return len(self.parts) > 1


def bubbles(entry: FaqEntry) -> list[Bubble]:
    """What is said to citizens: everywhere, and in each region that has an answer of its own."""
    found = [_bubble(entry, "", entry.answer, entry.citation)]
    for one in entry.variants:
        found.append(_bubble(entry, one.region, one.answer, one.citation or entry.citation))
    return found


def _bubble(entry: FaqEntry, region: str, answer: str, citation: tuple[Citation, ...]) -> Bubble:
    source = words.SOURCE_LINE.format(citation=cite(citation) or words.NO_SOURCE)
    shown = region or entry.region
    lines = [f"（{shown}）{answer}" if shown else answer, source]
    if entry.kind == "precedent":
        opening = words.PRECEDENT_OPENING.format(title=entry.question)
        lines = [opening, answer, source, words.PRECEDENT_ENDING]
    text = "\n".join(line for line in lines if line)
    return Bubble(region, split(text).parts, len(text), len(text.encode()), tuple(links(answer)))

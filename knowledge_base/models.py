"""What the knowledge base holds and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

Kind = Literal["faq", "article", "precedent"]
EntryKind = Literal["faq", "precedent"]


@dataclass(frozen=True, slots=True)
class Citation:
    """Where an answer comes from."""

    law: str
    article: str = ""
    """As printed: 第三十四条, 第十七条之一; empty when the whole text is meant."""

    def __str__(self) -> str:
        return f"《{self.law.strip('《》')}》{self.article}"


@dataclass(frozen=True, slots=True)
class Variant:
    """What is answered to the same question in one region."""

    region: str
    answer: str
    citation: tuple[Citation, ...] = ()


@dataclass(frozen=True, slots=True)
class FaqEntry:
    """A curated question with the ways people ask it and its answer, or a typical case."""

    id: str
    question: str
    phrasings: tuple[str, ...]
    answer: str
    """Plain text with links. Of a typical case: what is said to a citizen who asks the like."""
    citation: tuple[Citation, ...]
    category: str
    kind: EntryKind = "faq"
    region: str = ""
    """The only region it holds for; empty: everywhere."""
    variants: tuple[Variant, ...] = ()
    """口径: answers of single regions, instead of `answer` there."""
    keywords: tuple[str, ...] = ()
    material: str = ""
    """材料性质: 办事指南, 热点问答, …"""
    issuer: str = ""
    """发文单位."""
    owner: str = ""
    """责任单位: who has to keep it right."""
    valid_from: date | None = None
    valid_until: date | None = None
    facts: str = ""
    """Of a typical case: what had happened."""
    handling: str = ""
    """Of a typical case: how it was dealt with."""

    @property
    def wordings(self) -> tuple[str, ...]:
        """The question and every other phrasing, each once."""
        return tuple(dict.fromkeys((self.question, *self.phrasings)))


@dataclass(frozen=True, slots=True)
class Article:
    """One 条 of a law (or one paragraph, where a text has no 条)."""

    id: int
    law: str
    chapter: str
    """Headings above it, outermost first, joined with " / "."""
    number: str
    """第三十四条; 第 7 段 of a text without 条 is numbered "第7段"."""
    text: str
    version: date | None = None

    @property
    def citation(self) -> Citation:
        return Citation(self.law, self.number)


@dataclass(frozen=True, slots=True)
class Parts:
    """How a hit came about, for curators; each between 0 and 1."""

    words: float = 0.0
    """Overlap of jieba words, weighted by rarity."""
    bigrams: float = 0.0
    """Overlap of pairs of characters, weighted by rarity."""
    vector: float = 0.0
    """Cosine of the encoder's vectors; 0 without an encoder."""
    coverage: float = 0.0
    """How much of what the question is about the entry speaks of."""


@dataclass(frozen=True, slots=True)
class Hit:
    """Something that may answer the question; `score` is the probability that it does."""

    id: str
    kind: Kind
    title: str
    answer: str
    citation: str
    score: float
    parts: Parts = Parts()
    version: int | None = None
    """Of an entry: which version was found."""
    region: str = ""
    """The region that this answer holds for; empty: everywhere, or not known to differ."""
    matched: tuple[str, ...] = ()
    """Words of the question that the hit has, for curators."""


@dataclass(frozen=True, slots=True)
class SearchResult:
    """`answered`: the first hit is sure enough to be said to a citizen."""

    answered: bool
    hits: tuple[Hit, ...]
    regions: tuple[str, ...] = ()
    """Not empty: the answer depends on the region, and the citizen's is not known; these have
    answers of their own."""
    release: int | None = None
    """Which release was searched."""

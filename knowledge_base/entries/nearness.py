"""What the search itself takes for near, for finding answers that contradict each other."""

from __future__ import annotations

from collections.abc import Mapping

from knowledge_base.entries.service import Near
from knowledge_base.search import KnowledgeBase

LOOKED_AT = 10


def near(kb: KnowledgeBase) -> Near:
    """Entries that would answer a question, each with the probability that it does."""

    async def found(question: str) -> Mapping[str, float]:
        result = await kb.search(question, LOOKED_AT)
        return {hit.id: hit.score for hit in result.hits if hit.kind != "article"}

    return found

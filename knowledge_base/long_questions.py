"""A whole petition as the question: which passage (a published reply, a precedent) answers it.

A letter says its matter several times among much that any letter says. So a term counts by the
logarithm of how often it is said, and by its rarity once more than BM25 counts it: names of
places and projects decide. What is meant rather than said helps little here (docs/quality.md).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from knowledge_base.collection import Collection, Question
from knowledge_base.encoder import Encoder
from knowledge_base.lexical import Field
from knowledge_base.tokens import Tokeniser

WORDS, VECTOR = 0.3, 0.2
"""How much words and vectors count where bigrams count 1."""
CANDIDATES = 100


def rank_for_letter(
    collection: Collection,
    letter: str,
    tokeniser: Tokeniser,
    encoder: Encoder | None,
    limit: int = 10,
) -> list[tuple[int, float]]:
    """The passages that answer the letter, best first, with a figure to compare them by."""
    question = Question(
        letter,
        _weighed(collection, tokeniser.content(tokeniser.words(letter)), "words"),
        _weighed(collection, tokeniser.bigrams(letter), "bigrams"),
        encoder.encode([letter])[0] if encoder else None,
    )
    found = collection.candidates(question, CANDIDATES)
    words = max((one.words for one in found), default=0) or 1.0
    bigrams = max((one.bigrams for one in found), default=0) or 1.0
    scored = [
        (one.id, one.bigrams / bigrams + WORDS * one.words / words + VECTOR * one.vector)
        for one in found
    ]
    return sorted(scored, key=lambda one: (-one[1], one[0]))[:limit]


def _weighed(collection: Collection, terms: Iterable[str], field: Field) -> dict[str, float]:
    return {
        term: (1 + math.log(count)) * collection.rarity(term, field)
        for term, count in Counter(terms).items()
    }

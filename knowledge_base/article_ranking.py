"""Orders the articles that words, bigrams and vectors found, by weighted sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge_base.collection import Candidate, Collection, Question
from knowledge_base.concepts import Concepts
from knowledge_base.models import Parts
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Ranking

CANDIDATES = 100
SAID, MEANT = 1.0, 0.3
"""Weight of a word that was said, and of one that a concept adds."""


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """A candidate with what its place was decided by."""

    id: int
    score: float
    parts: Parts


def article_text(law: str, chapter: str, text: str) -> str:
    """What is indexed: the names of law and chapter say what an article is about."""
    return f"{law} {chapter.replace(' / ', ' ')} {text}"


def expand(
    text: str, tokeniser: Tokeniser, concepts: Concepts
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    """Words and bigrams of a question, with those of the law's words for what is meant."""
    words = tokeniser.words(text)
    said = tokeniser.content(words) or words
    weights = dict.fromkeys(said, SAID)
    pairs = dict.fromkeys(tokeniser.bigrams(text), SAID)
    for name in dict.fromkeys(concepts.find(text)):
        for canonical in name.split("|"):
            for word in tokeniser.words(canonical):
                weights.setdefault(word, MEANT)
            for pair in tokeniser.bigrams(canonical):
                pairs.setdefault(pair, MEANT)
    return weights, pairs


def rank_articles(
    collection: Collection, question: Question, ranking: Ranking, limit: int = CANDIDATES
) -> list[RankedArticle]:
    """Candidates in order; words and bigrams count by their share of the best one's BM25."""
    return order_candidates(collection.candidates(question, limit), ranking.weights)


def order_candidates(
    found: Sequence[Candidate], weights: Mapping[str, float]
) -> list[RankedArticle]:
    """The weighted sum of all parts, best first."""
    best_words = max((one.words for one in found), default=0) or 1.0
    best_bigrams = max((one.bigrams for one in found), default=0) or 1.0
    ranked = [
        RankedArticle(
            one.id,
            weights["words"] * one.words / best_words
            + weights["bigrams"] * one.bigrams / best_bigrams
            + weights.get("vector", 0.0) * one.vector,
            Parts(one.words / best_words, one.bigrams / best_bigrams, one.vector),
        )
        for one in found
    ]
    return sorted(ranked, key=lambda one: (-one.score, one.id))


def article_signs(
    collection: Collection, question: Question, ranked: Sequence[RankedArticle], words: set[str]
) -> dict[str, float]:
    """What tells how sure the first article is; `words` are those of its text."""
    first, second = ranked[0], ranked[1] if len(ranked) > 1 else None
    asked = {
        word: collection.rarity(word) for word, weight in question.words.items() if weight >= SAID
    }
    total = sum(asked.values()) or 1.0
    covered = sum(rarity for word, rarity in asked.items() if word in words)
    return {
        "score": first.score,
        "margin": first.score - (second.score if second else 0.0),
        "coverage": covered / total,
        "vector": first.parts.vector,
        "agreement": float(first.parts.words == 1.0) + float(first.parts.bigrams == 1.0),
        "length": min(len(asked), 12) / 12,
    }

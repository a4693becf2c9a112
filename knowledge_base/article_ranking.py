"""Orders the articles that words, bigrams and vectors found, by weighted sum.

Beside what each search found, the sum counts how near the article comes to every word asked, how
often people ask about its law, and who made that law: a citizen's question is more often one of
the Civil Code than of a harbour's rules, however alike the words are.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from knowledge_base import law_names
from knowledge_base.collection import Candidate, Collection, Question
from knowledge_base.concepts import Concepts
from knowledge_base.lexical import Field
from knowledge_base.models import Parts
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import Ranking

CANDIDATES = 150
SAID, MEANT = 1.0, 0.3
"""Weight of a word that was said, and of one that a concept adds."""
SHORT, LONG = 30, 150
"""Different words, with those inside others, that an article of usual length has."""

FEATURES = (
    "words", "bigrams", "words_share", "bigrams_share", "vector", "near", "brief", "long",
    "asked", *law_names.SIGNS,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class RankedArticle:
    """A candidate with what its place was decided by."""

    id: int
    score: float
    """Its share of the belief that one of the candidates is meant; above 0, all together 1."""
    total: float
    """The weighted sum that the share comes from."""
    parts: Parts


def article_text(law: str, chapter: str, text: str) -> str:
    """What is indexed: the names of law and chapter say what an article is about.

    The law stands in a line of its own: by it the index knows which articles belong together.
    """
    return f"{' '.join(law.split())}\n{chapter.replace(' / ', ' ')}\n{text}"


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
    """Everything that any search found, best first."""
    found = collection.candidates(question, limit)
    return order_candidates(found, features(collection, question, found, ranking.laws), ranking)


def features(
    collection: Collection,
    question: Question,
    found: Sequence[Candidate],
    asked: Mapping[str, float],
) -> list[dict[str, float]]:
    """What speaks for each candidate; `asked` counts questions by law."""
    best_words = max((one.words for one in found), default=0) or 1.0
    best_bigrams = max((one.bigrams for one in found), default=0) or 1.0
    all_words = _total(collection, question.words, "words")
    all_bigrams = _total(collection, question.bigrams, "bigrams")
    return [
        {
            "words": one.words / best_words,
            "bigrams": one.bigrams / best_bigrams,
            "words_share": one.words / all_words,
            "bigrams_share": one.bigrams / all_bigrams,
            "vector": one.vector,
            "near": one.near,
            "brief": max(0.0, math.log(SHORT / max(1, one.length))),
            "long": max(0.0, math.log(max(1, one.length) / LONG)),
            "asked": law_names.asked_for(one.title, asked),
            **dict.fromkeys(law_names.kind(one.title), 1.0),
        }
        for one in found
    ]


def _total(collection: Collection, terms: Mapping[str, float], field: Field) -> float:
    """About the BM25 of a passage that has all terms."""
    total = sum(weight * collection.rarity(term, field) for term, weight in terms.items())
    return total or 1.0


def order_candidates(
    found: Sequence[Candidate], table: Sequence[Mapping[str, float]], ranking: Ranking
) -> list[RankedArticle]:
    """The weighted sum of all features, best first."""
    totals = [
        sum(ranking.weights.get(name, 0.0) * value for name, value in row.items()) for row in table
    ]
    highest = max(totals, default=0.0)
    powers = [math.exp(total - highest) for total in totals]
    belief = sum(powers)
    ranked = [
        RankedArticle(
            one.id,
            power / belief,
            total,
            Parts(row["words"], row["bigrams"], row["vector"], one.near),
        )
        for one, row, total, power in zip(found, table, totals, powers, strict=True)
    ]
    return sorted(ranked, key=lambda one: (-one.total, one.id))


def article_signs(
    collection: Collection, question: Question, ranked: Sequence[RankedArticle], words: set[str]
) -> dict[str, float]:
    """What tells how sure the first article is; `words` are those of its text."""
    first = ranked[0]
    margin = first.total - ranked[1].total if len(ranked) > 1 else first.total
    asked = {
        word: collection.rarity(word) for word, weight in question.words.items() if weight >= SAID
    }
    total = sum(asked.values()) or 1.0
    covered = sum(rarity for word, rarity in asked.items() if word in words)
    return {
        "share": first.score,
        # Squeezed, so that a runaway winner does not outvote everything else.
        "margin": math.tanh(margin / 2),
        "coverage": covered / total,
        "near": first.parts.coverage,
        "vector": first.parts.vector,
        "agreement": float(first.parts.words == 1.0) + float(first.parts.bigrams == 1.0),
        "length": min(len(asked), 12) / 12,
    }

"""From the figures of every entry to an order, and to a probability that the first is right."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from knowledge_base.faq_ranking import FEATURES, Figures, Floats
from knowledge_base.models import Parts
from knowledge_base.weights import Ranking

SIGNS = (
    "share", "margin", "total", "coverage", "unknown",
    "words_cosine", "bigrams", "bigrams_cosine", "characters", "characters_cosine", "concepts",
    "vector_best", "vector_few", "vector_answer", "agreement", "length",
)  # fmt: skip
JUDGES = ("bigrams", "characters", "vector_best", "vector_few")
"""Features that are asked which entry each would put first."""
LONG_QUESTION = 10
"""Content words from which on a question counts as long."""


@dataclass(frozen=True, slots=True)
class ScoredEntry:
    """An entry with the probability that it answers the question."""

    entry: int
    score: float
    parts: Parts


def totals(figures: Figures, ranking: Ranking) -> Floats:
    """The weighted sum by which entries are ordered; a softmax over it gives shares."""
    weights = np.array([ranking.weights.get(name, 0.0) for name in FEATURES])
    return np.asarray(figures.table @ weights, dtype=float)


def shares(sums: Floats) -> Floats:
    """How the entries share the belief that one of them is meant."""
    powers = np.exp(sums - sums.max())
    return np.asarray(powers / powers.sum(), dtype=float)


def signs(figures: Figures, sums: Floats) -> dict[str, float]:
    """What tells whether the first entry is right or only the least wrong."""
    order = np.argsort(-sums, kind="stable")
    first = int(order[0])
    second = int(order[1]) if len(order) > 1 else first
    row = dict(zip(FEATURES, figures.table[first].tolist(), strict=True))
    columns = [figures.table[:, FEATURES.index(name)] for name in JUDGES]
    votes = [float(column[first] == column.max()) for column in columns if column.any()]
    return {
        "share": float(shares(sums)[first]),
        # Squeezed, so that a runaway winner does not outvote everything else.
        "margin": float(np.tanh((sums[first] - sums[second]) / 2)),
        "total": float(np.log1p(max(0.0, sums[first]))),
        "coverage": float(figures.coverage[first]),
        "unknown": figures.unknown,
        "words_cosine": row["words_cosine"],
        "bigrams": row["bigrams"],
        "bigrams_cosine": row["bigrams_cosine"],
        "characters": row["characters"],
        "characters_cosine": row["characters_cosine"],
        "concepts": row["concepts"],
        "vector_best": row["vector_best"],
        "vector_few": row["vector_few"],
        "vector_answer": row["vector_answer"],
        "agreement": sum(votes) / max(1, len(votes)),
        "length": min(figures.length, LONG_QUESTION) / LONG_QUESTION,
    }


def score_faq(figures: Figures, ranking: Ranking, limit: int) -> list[ScoredEntry]:
    """The best entries; those after the first get what their share leaves them."""
    sums = totals(figures, ranking)
    confidence = ranking.probability(signs(figures, sums))
    share = shares(sums)
    order = np.argsort(-sums, kind="stable")[:limit]
    best = float(share[order[0]])
    return [
        ScoredEntry(
            int(entry), confidence * float(share[entry]) / best, _parts(figures, int(entry))
        )
        for entry in order
    ]


def _parts(figures: Figures, entry: int) -> Parts:
    row = dict(zip(FEATURES, figures.table[entry].tolist(), strict=True))
    return Parts(
        words=row["words"],
        bigrams=row["bigrams"],
        vector=max(0.0, row["vector_best"]),
        coverage=float(figures.coverage[entry]),
    )

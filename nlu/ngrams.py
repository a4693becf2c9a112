"""Weighted counts of words and of runs of characters: what intents are told by, first of all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np
from scipy.sparse import csr_matrix

_LONGEST_RUN = 3
# Longer texts say nothing new about the intent, and cost would grow with them.
_READ_AT_MOST = 400


def runs(text: str) -> Iterable[str]:
    """Runs of one to three characters, with marks for where the text begins and ends."""
    marked = f"\u0002{text[:_READ_AT_MOST]}\u0003"
    for length in range(1, _LONGEST_RUN + 1):
        for start in range(len(marked) - length + 1):
            yield marked[start : start + length]


class Weights:
    """A vocabulary with inverse document frequencies; rows come out with length 1."""

    def __init__(self, vocabulary: Sequence[str], rarity: np.ndarray) -> None:
        self.vocabulary = list(vocabulary)
        self.rarity = rarity
        self._index = {term: column for column, term in enumerate(self.vocabulary)}

    @classmethod
    def learn(cls, documents: Sequence[Sequence[str]], seen_in_at_least: int) -> Weights:
        """Keeps the terms that so many documents hold."""
        seen = Counter(term for document in documents for term in set(document))
        kept = sorted(term for term, count in seen.items() if count >= seen_in_at_least)
        counts = np.array([seen[term] for term in kept], dtype=np.float64)
        return cls(kept, np.log((1 + len(documents)) / (1 + counts)) + 1)

    def rows(self, documents: Sequence[Iterable[str]]) -> csr_matrix:
        """One sparse row a document; unknown terms count for nothing."""
        data: list[float] = []
        columns: list[int] = []
        starts = [0]
        for document in documents:
            counts = Counter(self._index[term] for term in document if term in self._index)
            here = np.fromiter(counts.keys(), dtype=np.int64, count=len(counts))
            often = np.fromiter(counts.values(), dtype=np.float64, count=len(counts))
            values = (1 + np.log(often)) * self.rarity[here] if len(counts) else often
            length = float(np.linalg.norm(values))
            data.extend(values / length if length else values)
            columns.extend(here)
            starts.append(len(columns))
        return csr_matrix(
            (np.array(data), np.array(columns, dtype=np.int64), np.array(starts)),
            shape=(len(starts) - 1, len(self.vocabulary)),
        )

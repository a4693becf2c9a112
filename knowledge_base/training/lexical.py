"""The lexical rivals of the encoder in `evaluate`: BM25 over character bigrams, and TF-IDF.

Plain sparse matrices, so that a comparison depends on no index and no settings of the bot.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer

Floats = npt.NDArray[np.float32]
_RUN = re.compile(r"[a-z0-9]+|[\u3400-\u9fff]+")


def bigrams(text: str) -> list[str]:
    """Pairs of neighbouring characters of each run of Chinese; Latin words and numbers whole."""
    found: list[str] = []
    for run in _RUN.findall(unicodedata.normalize("NFKC", text).lower()):
        if len(run) == 1 or run[0].isascii():
            found.append(run)
        else:
            found += [run[i : i + 2] for i in range(len(run) - 1)]
    return found


class Bm25:
    """Okapi BM25, scores of every passage for a batch of queries."""

    def __init__(self, passages: Sequence[str], k1: float = 1.2, b: float = 0.75) -> None:
        self._words = CountVectorizer(analyzer=bigrams, dtype=np.float32)
        counts: Any = self._words.fit_transform(passages).tocoo()
        length = np.bincount(counts.row, weights=counts.data, minlength=len(passages))
        spread = np.bincount(counts.col, minlength=counts.shape[1])
        idf = np.log(1.0 + (len(passages) - spread + 0.5) / (spread + 0.5))
        damping = k1 * (1.0 - b + b * length / length.mean())
        weight = counts.data * (k1 + 1.0) / (counts.data + damping[counts.row])
        weight = (weight * idf[counts.col]).astype(np.float32)
        self._weights = sparse.csc_matrix((weight, (counts.row, counts.col)), shape=counts.shape)

    def scores(self, queries: Sequence[str]) -> Floats:
        """(queries, passages)."""
        asked: Any = self._words.transform(queries)
        asked.data[:] = 1.0
        return np.asarray((asked @ self._weights.T).toarray(), dtype=np.float32)


class TfIdf:
    """Cosine of sublinear TF-IDF over character bigrams."""

    def __init__(self, passages: Sequence[str]) -> None:
        self._words = TfidfVectorizer(analyzer=bigrams, sublinear_tf=True, dtype=np.float32)
        self._passages: Any = self._words.fit_transform(passages)

    def scores(self, queries: Sequence[str]) -> Floats:
        """(queries, passages)."""
        asked: Any = self._words.transform(queries)
        return np.asarray((asked @ self._passages.T).toarray(), dtype=np.float32)

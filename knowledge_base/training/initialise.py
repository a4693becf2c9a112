"""First word vectors: which words keep company in law texts, factorised.

Positive pointwise mutual information of words within a few places of each other, and of words
with the articles' headings, by a truncated SVD. Everything is seeded and single-pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import sparse
from sklearn.utils.extmath import randomized_svd

Floats = npt.NDArray[np.float32]
Ids = npt.NDArray[np.int32]


def cooccurrence(texts: Sequence[Ids], size: int, window: int) -> Any:
    """Symmetric counts of words up to `window` places apart, nearer ones counting more."""
    # A gap of `window` empty places between texts keeps neighbours within one text.
    gap = np.zeros(window, dtype=np.int32)
    stream = np.concatenate([part for text in texts for part in (text, gap)])
    total = sparse.csr_matrix((size, size), dtype=np.float32)
    for distance in range(1, window + 1):
        left, right = stream[:-distance], stream[distance:]
        both = (left > 0) & (right > 0)
        counts = np.full(int(both.sum()), 1.0 / distance, dtype=np.float32)
        total = total + sparse.csr_matrix((counts, (left[both], right[both])), shape=(size, size))
    return total + total.T


def ppmi(counts: Any, smoothing: float = 0.75, shift: float = 1.0) -> Any:
    """Positive PMI; contexts are smoothed so that rare ones do not rule."""
    matrix = counts.tocoo()
    total = float(matrix.data.sum())
    rows = np.asarray(counts.sum(axis=1)).ravel()
    columns = np.asarray(counts.sum(axis=0)).ravel() ** smoothing
    columns = columns / columns.sum() * total
    values = np.log(matrix.data * total / (rows[matrix.row] * columns[matrix.col])) - np.log(shift)
    keep = values > 0
    return sparse.csr_matrix(
        (values[keep].astype(np.float32), (matrix.row[keep], matrix.col[keep])),
        shape=counts.shape,
    )


def factorise(matrix: Any, dimensions: int, seed: int) -> Floats:
    """Rows as `dimensions` numbers, each row of length one (or zero for a word never seen)."""
    u, s, _ = randomized_svd(matrix, dimensions, n_iter=3, n_oversamples=10, random_state=seed)
    vectors = (u * np.sqrt(s)).astype(np.float32)
    return unit(vectors)


def unit(vectors: Floats) -> Floats:
    """Each row at length one."""
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(length, 1e-9), dtype=np.float32)


def characters(words: Sequence[str]) -> tuple[Any, list[str]]:
    """Which word is written with which characters, each row summing to one."""
    index: dict[str, int] = {}
    rows, columns, values = [], [], []
    for row, word in enumerate(words):
        if row == 0:
            continue
        for character in word:
            rows.append(row)
            columns.append(index.setdefault(character, len(index)))
            values.append(1.0 / len(word))
    shape = (len(words), len(index))
    matrix = sparse.csr_matrix((values, (rows, columns)), shape=shape, dtype=np.float32)
    return matrix, list(index)


def compose(vectors: Floats, spelling: Any, counts: npt.NDArray[np.int64], trust: float) -> Floats:
    """Blend each word with the mean of its characters, the more so the rarer the word.

    A character's vector is the count-weighted mean of the words that are written with it.
    """
    weight = np.sqrt(counts.astype(np.float32))
    by_character = unit(np.asarray(spelling.T @ (vectors * weight[:, None]), dtype=np.float32))
    spelled = unit(np.asarray(spelling @ by_character, dtype=np.float32))
    share = (counts / (counts + trust)).astype(np.float32)[:, None]
    return unit(vectors * share + spelled * (1.0 - share))


def rarity(counts: npt.NDArray[np.int64], smoothing: float = 1e-3) -> Floats:
    """SIF weights: a / (a + p), so that words of every article hardly count."""
    share = (counts + 1.0) / (counts.sum() + len(counts))
    return np.asarray(smoothing / (smoothing + share), dtype=np.float32)

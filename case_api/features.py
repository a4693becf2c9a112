"""Texts as rows of numbers: n-grams and words by TF-IDF, sentence vectors, telling words.

Small enough to keep here instead of pickling somebody else's objects: a stored
model is plain arrays and lists of strings.
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from knowledge_base.encoder import DEFAULT
from nlu.text.normalise import normalise

LENGTHS = (1, 2, 3, 4)
LONGEST = 3_000
"""Characters read of a matter: what it is about is said long before."""
_BREAK = re.compile(r"[^\w]+")
_SENTENCE = re.compile(r"[\n。！？!?]")
_DIGITS = re.compile(r"[0-9]+")

Floats = NDArray[np.float32]


def grams(text: str, lengths: Sequence[int] = LENGTHS) -> Counter[str]:
    """Character n-grams that do not reach across punctuation; any number counts as one `0`."""
    found: Counter[str] = Counter()
    bare = _DIGITS.sub("0", normalise(text[:LONGEST]).lower())
    for piece in _BREAK.split(bare):
        for n in lengths:
            found.update(piece[i : i + n] for i in range(len(piece) - n + 1))
    return found


def opening(text: str) -> str:
    """The first sentence: there people say what it is about."""
    return _SENTENCE.split(text.strip(), maxsplit=1)[0][:60]


class Segmenter:
    """Cuts text into words with the vocabulary that is shipped with the default encoder."""

    def __init__(self, path: Path = DEFAULT / "tokenizer.json") -> None:
        # Imported here: those who only read cases need none of it.
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(path))
        self._tokenizer.no_truncation()
        self.fingerprint = hashlib.sha256(path.read_bytes()).hexdigest()[:16]

    def words(self, text: str) -> Counter[str]:
        """Words of two characters and more; single ones are n-grams already."""
        encoded = self._tokenizer.encode(normalise(text[:LONGEST]), add_special_tokens=False)
        return Counter(token for token in encoded.tokens if len(token) > 1)


@dataclass(frozen=True, slots=True)
class Bag:
    """TF-IDF over the terms of the training texts."""

    terms: Mapping[str, int]
    idf: Floats

    @classmethod
    def fit(cls, counted: Sequence[Counter[str]], *, least: int = 2, most: int = 150_000) -> Bag:
        """Learn which terms there are; those of a single text tell nothing of others."""
        seen: Counter[str] = Counter()
        for counts in counted:
            seen.update(counts.keys())
        kept = [(term, n) for term, n in seen.items() if n >= least]
        # By frequency, then by the term itself: the same texts always give the same model.
        kept.sort(key=lambda item: (-item[1], item[0]))
        kept = kept[:most]
        idf = np.log((1 + len(counted)) / (1 + np.array([n for _, n in kept]))) + 1
        return cls({term: i for i, (term, _) in enumerate(kept)}, idf.astype(np.float32))

    def matrix(self, counted: Sequence[Counter[str]]) -> csr_matrix:
        """One row a text, length one; 1 + log(count) so that repeating a word does not win."""
        indices: list[int] = []
        values: list[Floats] = []
        ends = [0]
        for counts in counted:
            columns = [(self.terms[term], n) for term, n in counts.items() if term in self.terms]
            places = np.array([c for c, _ in columns], dtype=np.int32)
            row = 1 + np.log(np.array([n for _, n in columns], dtype=np.float32))
            row = row * self.idf[places]
            length = float(np.linalg.norm(row)) or 1.0
            indices.extend(places.tolist())
            values.append((row / length).astype(np.float32))
            ends.append(len(indices))
        data = np.concatenate(values) if values else np.zeros(0, dtype=np.float32)
        return csr_matrix((data, indices, ends), shape=(len(counted), len(self.terms)))


def telling_words(texts: Sequence[str], words: Sequence[Sequence[str]]) -> Floats:
    """One row a text, one column a category: how many of its telling words stand there."""
    table = np.zeros((len(texts), len(words)), dtype=np.float32)
    for i, text in enumerate(texts):
        bare = normalise(text[:LONGEST])
        table[i] = [sum(1 for word in group if word in bare) for group in words]
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    rows: Floats = (table / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return rows

"""How likely two questions mean the same, for putting what was asked in vain into groups."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.concepts import Concepts
from knowledge_base.encoder import Encoder
from knowledge_base.tokens import Tokeniser

FITTED = Path(__file__).parent / "closeness.toml"
SIGNS = ("vector", "words", "bigrams", "characters", "concepts")
"""`words` counts rare words more, and by their share of the shorter question."""


@dataclass(frozen=True, slots=True)
class Read:
    """A question, cut and encoded once."""

    text: str
    words: Mapping[str, float]
    """Content words with how much each tells."""
    bigrams: frozenset[str]
    characters: frozenset[str]
    concepts: frozenset[str]
    vector: NDArray[np.float32] | None


class Closeness:
    """A logistic over five kinds of overlap; fitted by `python -m knowledge_base fit`."""

    def __init__(
        self,
        tokeniser: Tokeniser,
        concepts: Concepts,
        encoder: Encoder | None,
        fitted: Mapping[str, float] | None = None,
    ) -> None:
        self._tokeniser = tokeniser
        self._concepts = concepts
        self._encoder = encoder
        kind = "hybrid" if encoder else "lexical"
        self._fitted = fitted or tomllib.loads(FITTED.read_text(encoding="utf-8"))[kind]
        self._known: dict[str, Read] = {}

    @property
    def threshold(self) -> float:
        """From this probability on two questions go into one group."""
        return self._fitted["threshold"]

    def read(self, texts: Sequence[str]) -> list[Read]:
        """Questions ready to be compared; those that the last call read are not cut again."""
        # Only those: what is no longer compared with must not fill the memory.
        known = {text: self._known[text] for text in texts if text in self._known}
        new = [text for text in dict.fromkeys(texts) if text not in known]
        vectors = self._encoder.encode(new) if self._encoder and new else [None] * len(new)
        for text, vector in zip(new, vectors, strict=True):
            words = self._tokeniser.words(text)
            known[text] = Read(
                text,
                {
                    word: self._tokeniser.rarity(word)
                    for word in self._tokeniser.content(words) or words
                },
                frozenset(self._tokeniser.bigrams(text)),
                frozenset(self._tokeniser.content(self._tokeniser.characters(text))),
                frozenset(self._concepts.find(text)),
                vector,
            )
        self._known = known
        return [known[text] for text in texts]

    def probability(self, one: Read, other: Read) -> float:
        """How likely the two mean the same."""
        found = signs(one, other)
        total = self._fitted["bias"] + sum(
            self._fitted.get(name, 0.0) * value for name, value in found.items()
        )
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


def signs(one: Read, other: Read) -> dict[str, float]:
    """What the two have in common, each between 0 and 1."""
    vector = 0.0
    if one.vector is not None and other.vector is not None:
        vector = max(0.0, float(one.vector @ other.vector))
    return {
        "vector": vector,
        "words": _shared(one.words, other.words),
        "bigrams": _dice(one.bigrams, other.bigrams),
        "characters": _dice(one.characters, other.characters),
        "concepts": _dice(one.concepts, other.concepts),
    }


def _dice(one: frozenset[str], other: frozenset[str]) -> float:
    if not one or not other:
        return 0.0
    return 2 * len(one & other) / (len(one) + len(other))


def _shared(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    least = min(sum(one.values()), sum(other.values()))
    return sum(one[word] for word in one.keys() & other.keys()) / least if least else 0.0

"""Ranks FAQ entries for a question by all that speaks for each, exactly and in memory.

An FAQ is small (thousands of wordings), so nothing is cut off early: every
entry gets every figure, and a fit can leave one wording out and ask with it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from knowledge_base.concepts import Concepts
from knowledge_base.tokens import Tokeniser

Floats = NDArray[np.float64]
Cut = Callable[[str], Sequence[str]]

K1, B = 1.2, 0.5
FEW = 5
"""Of an entry's wordings, how many of the nearest count together: one alone may be near by chance,
and all together are near nothing."""

FEATURES = (
    "words", "words_cosine",
    "bigrams", "bigrams_cosine",
    "characters", "characters_cosine",
    "concepts", "concepts_cosine",
    "vector_best", "vector_few", "vector_answer",
)  # fmt: skip
LEXICAL = tuple(name for name in FEATURES if not name.startswith("vector"))


@dataclass(frozen=True, slots=True)
class Row:
    """One text of an entry."""

    entry: int
    is_answer: bool
    text: str


class Field:
    """One way of cutting texts, with BM25 over whole entries and cosine to each wording."""

    def __init__(self, cut: Cut, rows: Sequence[Row], entries: int) -> None:
        self._cut = cut
        self._entries = entries
        self._rows = rows
        self._counts = [Counter(cut(row.text)) for row in rows]
        self._said = np.array([at for at, row in enumerate(rows) if not row.is_answer])
        self._starts = np.searchsorted([rows[at].entry for at in self._said], np.arange(entries))
        self._whole: list[Counter[str]] = [Counter() for _ in range(entries)]
        for row, counts in zip(rows, self._counts, strict=True):
            self._whole[row.entry].update(counts)
        self._lengths = np.array([max(1, counts.total()) for counts in self._whole], dtype=float)
        self._length_part = K1 * (1 - B + B * self._lengths / self._lengths.mean())
        self._postings = _postings(self._whole)
        self._row_postings = _postings([self._counts[at] for at in self._said])
        self._norms = np.array(
            [
                max(1e-9, sum(self.rarity(term) ** 2 for term in self._counts[at]) ** 0.5)
                for at in self._said
            ]
        )

    def rarity(self, term: str, gone: int = 0) -> float:
        """BM25's idf over entries; `gone` entries no longer count as having the term."""
        found = self._postings.get(term)
        having = (len(found[0]) if found else 0) - gone
        return float(np.log(1 + (self._entries - having + 0.5) / (having + 0.5)))

    def terms(self, question: str) -> list[str]:
        return list(dict.fromkeys(self._cut(question)))

    def figures(self, terms: Sequence[str], without: int | None) -> tuple[Floats, Floats, Floats]:
        """For each entry: BM25 and cosine of the nearest wording (both at most 1), coverage.

        `without` is a row that is treated as if it had never been written.
        """
        bm25, covered = np.zeros(self._entries), np.zeros(self._entries)
        cosine = np.zeros(len(self._said))
        total = squares = 0.0
        left_out: Counter[str] = Counter()
        owner = -1
        if without is not None:
            left_out, owner = self._counts[without], self._rows[without].entry
        for term in terms:
            last = owner >= 0 and 0 < self._whole[owner][term] <= left_out[term]
            rarity = self.rarity(term, gone=int(last))
            total += rarity
            squares += rarity**2
            if term not in self._postings:
                continue
            entries, counts = self._postings[term]
            if left_out[term]:
                counts = counts - left_out[term] * (entries == owner)
            bm25[entries] += rarity * counts * (K1 + 1) / (counts + self._length_part[entries])
            covered[entries] += rarity * (counts > 0)
            if term in self._row_postings:
                cosine[self._row_postings[term][0]] += rarity**2
        cosine /= self._norms * max(1e-9, squares**0.5)
        if without is not None:
            cosine[np.searchsorted(self._said, without)] = 0
        scale = max(1e-9, total)
        best = np.maximum.reduceat(cosine, self._starts)
        return bm25 / scale / (K1 + 1), best, covered / scale

    def unknown(self, terms: Sequence[str], without: int | None) -> float:
        """Which share of the question's weight lies on terms that no entry has."""
        left_out: Counter[str] = Counter() if without is None else self._counts[without]
        owner = -1 if without is None else self._rows[without].entry
        weights = known = 0.0
        for term in terms:
            rarity = self.rarity(term)
            weights += rarity
            entries = self._postings[term][0].tolist() if term in self._postings else []
            only_there = (
                len(entries) == 1
                and entries[0] == owner
                and self._whole[owner][term] <= left_out[term]
            )
            known += rarity * (bool(entries) and not only_there)
        return 1 - known / weights if weights else 1.0


@dataclass(frozen=True, slots=True)
class Figures:
    """All that is known about how a question meets each entry."""

    table: Floats
    """Entries × FEATURES."""
    coverage: Floats
    """Share of the question's words and concepts, by rarity, that each entry has."""
    unknown: float
    length: int
    """Content words in the question."""


class FaqRanker:
    """Figures for every entry; rows are grouped by entry, wordings of each before its answer."""

    def __init__(
        self,
        rows: Sequence[Row],
        entries: int,
        tokeniser: Tokeniser,
        concepts: Concepts,
        vectors: NDArray[np.float32] | None,
    ) -> None:
        def words(text: str) -> Sequence[str]:
            cut = tokeniser.words(text)
            # A question of nothing but such words (“怎么办”) still has to be looked up.
            return tokeniser.content(cut) or cut

        self.entries = entries
        self._words = Field(words, rows, entries)
        self._bigrams = Field(tokeniser.bigrams, rows, entries)
        self._characters = Field(tokeniser.characters, rows, entries)
        self._concepts = Field(concepts.find, rows, entries)
        self._vectors = vectors
        self._owners = np.array([row.entry for row in rows])
        self._answers = np.array([row.is_answer for row in rows])
        self._wordings = _padded(self._owners, ~self._answers, entries)

    def figures(
        self, text: str, vector: NDArray[np.float32] | None, without: int | None = None
    ) -> Figures:
        """How the question meets each entry; `without` a row, when a fit asks with that row."""
        words, concepts = self._words.terms(text), self._concepts.terms(text)
        columns: dict[str, Floats] = {}
        columns["words"], columns["words_cosine"], covered = self._words.figures(words, without)
        columns["bigrams"], columns["bigrams_cosine"], _ = self._bigrams.figures(
            self._bigrams.terms(text), without
        )
        columns["characters"], columns["characters_cosine"], _ = self._characters.figures(
            self._characters.terms(text), without
        )
        columns["concepts"], columns["concepts_cosine"], meant = self._concepts.figures(
            concepts, without
        )
        if self._vectors is not None and vector is not None:
            columns.update(self._cosines(vector, without))
        zeros = np.zeros(self.entries)
        return Figures(
            np.stack([columns.get(name, zeros) for name in FEATURES], axis=1),
            np.maximum(covered, (covered + meant) / 2),
            self._words.unknown(words, without),
            len(words),
        )

    def _cosines(self, vector: NDArray[np.float32], without: int | None) -> dict[str, Floats]:
        assert self._vectors is not None
        cosine = (self._vectors @ vector).astype(float)
        # The last place stands for "no such wording".
        reachable = np.append(cosine, -np.inf)
        if without is not None:
            reachable[without] = -np.inf
        nearest = -np.sort(-reachable[self._wordings], axis=1)[:, :FEW]
        there = np.isfinite(nearest)
        nearest = np.where(there, nearest, 0.0)
        answer = np.zeros(self.entries)
        answer[self._owners[self._answers]] = cosine[self._answers]
        return {
            "vector_best": np.maximum(0, nearest[:, 0]),
            "vector_few": nearest.sum(axis=1) / np.maximum(1, there.sum(axis=1)),
            "vector_answer": np.maximum(0, answer),
        }


def _padded(
    owners: NDArray[np.int64], wordings: NDArray[np.bool_], entries: int
) -> NDArray[np.int64]:
    """Entries × places of their wordings, filled up with -1."""
    at = np.flatnonzero(wordings)
    counts = np.bincount(owners[at], minlength=entries)
    table = np.full((entries, max(1, int(counts.max(initial=0)))), -1, dtype=np.int64)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    table[owners[at], np.arange(len(at)) - first[owners[at]]] = at
    return table


def _postings(counts: Sequence[Counter[str]]) -> dict[str, tuple[NDArray[np.int64], Floats]]:
    gathered: dict[str, tuple[list[int], list[float]]] = {}
    for at, counter in enumerate(counts):
        for term, count in counter.items():
            places, values = gathered.setdefault(term, ([], []))
            places.append(at)
            values.append(float(count))
    return {
        term: (np.array(places, dtype=np.int64), np.array(values))
        for term, (places, values) in gathered.items()
    }

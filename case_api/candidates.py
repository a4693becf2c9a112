"""Which recent cases are worth comparing: near in meaning, in wording, or at the same place.

Held in memory only and rebuilt from the database: vectors and word lists of
petitions are personal data too, and so lie in no file of their own.
"""

from __future__ import annotations

import threading
from collections import Counter, defaultdict

import numpy as np
from numpy.typing import NDArray

from case_api import places
from case_api.duplicates import Matter

GROWTH = 2
FIRST = 1_024
RAREST = 24
"""Bigrams of a telling that are looked up: the common ones point everywhere."""
COMMON = 2_000
SHARES = (2, 2, 1)
"""Of the places in the list: by meaning, by wording, by place."""


class Candidates:
    """Matters by their number in the order of filing; safe to use from several threads."""

    def __init__(self, dimensions: int) -> None:
        self._lock = threading.Lock()
        self._matters: list[Matter] = []
        self._codes: set[str] = set()
        self._vectors: NDArray[np.float32] | None = (
            np.zeros((FIRST, dimensions), dtype=np.float32) if dimensions else None
        )
        self._by_gram: dict[str, list[int]] = defaultdict(list)
        self._by_place: dict[str, list[int]] = defaultdict(list)
        self.newest = 0

    def __contains__(self, code: object) -> bool:
        return code in self._codes

    def __len__(self) -> int:
        return len(self._matters)

    def add(self, seq: int, matter: Matter, vector: NDArray[np.float32] | None) -> None:
        """Take in a case."""
        with self._lock:
            at = len(self._matters)
            if self._vectors is not None and vector is not None:
                if at == len(self._vectors):
                    bigger = np.zeros((at * GROWTH, self._vectors.shape[1]), dtype=np.float32)
                    bigger[:at] = self._vectors
                    self._vectors = bigger
                self._vectors[at] = vector
            self._matters.append(matter)
            self._codes.add(matter.code)
            for gram in matter.grams:
                self._by_gram[gram].append(at)
            for key in _place_keys(matter):
                self._by_place[key].append(at)
            self.newest = max(self.newest, seq)

    def near(
        self, told: Matter, vector: NDArray[np.float32] | None, limit: int
    ) -> list[tuple[Matter, float]]:
        """At most `limit` matters with their cosine to `vector` (0 without one)."""
        with self._lock:
            count = len(self._matters)
            if not count:
                return []
            cosines = np.zeros(count, dtype=np.float32)
            if self._vectors is not None and vector is not None:
                cosines = self._vectors[:count].astype(np.float32) @ vector
            share = max(1, limit // sum(SHARES))
            meaning, wording, place = (share * s for s in SHARES)
            picked: dict[int, None] = {}
            if vector is not None:
                picked.update(dict.fromkeys(np.argsort(-cosines)[:meaning].tolist()))
            picked.update(dict.fromkeys(self._by_words(told, wording)))
            picked.update(dict.fromkeys(self._at_place(told, place)))
            return [(self._matters[i], float(cosines[i])) for i in list(picked)[:limit]]

    def _by_words(self, told: Matter, limit: int) -> list[int]:
        known = [gram for gram in told.grams if gram in self._by_gram]
        known.sort(key=lambda gram: len(self._by_gram[gram]))
        votes: Counter[int] = Counter()
        for gram in known[:RAREST]:
            posted = self._by_gram[gram]
            for at in posted[-COMMON:]:
                votes[at] += 1
        return [at for at, _ in votes.most_common(limit)]

    def _at_place(self, told: Matter, limit: int) -> list[int]:
        found = [at for key in _place_keys(told) for at in self._by_place.get(key, [])]
        return sorted(set(found), reverse=True)[:limit]


def _place_keys(matter: Matter) -> set[str]:
    """The place as told and its coarse part."""
    keys = {matter.place_key, places.key(places.coarse(matter.place))}
    return {key for key in keys if len(key) >= 2}

"""Which words stand in which passage, kept beside the index for a second, closer look.

BM25 and one vector a passage find candidates among all; what orders them well is how near each
word of the question comes to some word of the passage, and which law the passage is from. For
that every passage keeps its words as numbers, and every word its vector.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Encoder

Ids = NDArray[np.int64]
Words = NDArray[np.int32]
Floats = NDArray[np.float32]
Rarity = Callable[[str], float]

WORDS, VECTORS, TITLES = "words.txt", "word_vectors.npy", "titles.txt"
IDS, STARTS, FLAT, TITLE_OF = "ids.npy", "starts.npy", "passages.npy", "title_of.npy"


class PassageWords:
    """Reads what `PassageWordsBuilder` wrote; arrays stay on disk and are mapped."""

    def __init__(self, folder: Path) -> None:
        self._words = {word: at for at, word in enumerate(_lines(folder / WORDS))}
        self._titles = _lines(folder / TITLES)
        ids = _array(folder / IDS, np.int64)
        self._order = np.argsort(ids, kind="stable")
        self._ids = ids[self._order]
        self._starts = _array(folder / STARTS, np.int64)
        self._flat = _array(folder / FLAT, np.int32)
        self._title_of = _array(folder / TITLE_OF, np.int32)
        vectors = folder / VECTORS
        self._vectors: Any = _array(vectors, np.float16) if vectors.exists() else None

    def __len__(self) -> int:
        return len(self._ids)

    def titles(self, ids: Sequence[int]) -> list[str]:
        """The first line of each passage: the law that it is from."""
        return [self._titles[at] for at in self._title_of[self._rows(ids)].tolist()]

    def lengths(self, ids: Sequence[int]) -> list[int]:
        """How many different words each passage has."""
        rows = self._rows(ids)
        lengths: list[int] = (self._starts[rows + 1] - self._starts[rows]).tolist()
        return lengths

    def nearness(
        self, asked: Mapping[str, float], ids: Sequence[int], rarity: Rarity
    ) -> list[float]:
        """How near each passage comes to the words asked, between 0 and 1.

        For each word the nearest word of the passage by cosine (1: the word itself), weighed
        by rarity. A word that no passage has tells nothing about any of them.
        """
        known = [word for word in asked if word in self._words]
        if not known or not len(ids):
            return [0.0] * len(ids)
        rows = self._rows(ids)
        pieces = [self._flat[self._starts[row] : self._starts[row + 1]] for row in rows.tolist()]
        starts = np.cumsum([0, *(len(piece) for piece in pieces[:-1])])
        words, place = np.unique(np.concatenate(pieces), return_inverse=True)
        numbers = np.array([self._words[word] for word in known])
        near = (numbers[:, None] == words[None, :]).astype(np.float32)
        if self._vectors is not None:
            cosine = _float(self._vectors[numbers]) @ _float(self._vectors[words]).T
            near = np.maximum(near, cosine)
        best = np.maximum.reduceat(near[:, place], starts, axis=1)
        weights = np.array([rarity(word) * asked[word] for word in known])
        total = float(weights.sum()) or 1.0
        nearness: list[float] = (weights @ best / total).tolist()
        return nearness

    def _rows(self, ids: Sequence[int]) -> Ids:
        wanted = np.asarray(ids, dtype=np.int64)
        return np.asarray(self._order[np.searchsorted(self._ids, wanted)], dtype=np.int64)


class PassageWordsBuilder:
    """Takes passages out and in, then writes the folder; nothing there is changed before."""

    def __init__(self, folder: Path, removed: Iterable[int] = ()) -> None:
        self._folder = folder
        self._word_list = _lines(folder / WORDS)
        self._words = {word: at for at, word in enumerate(self._word_list)}
        self._title_list = _lines(folder / TITLES)
        self._titles = {title: at for at, title in enumerate(self._title_list)}
        ids = _array(folder / IDS, np.int64)
        starts, flat = _array(folder / STARTS, np.int64), _array(folder / FLAT, np.int32)
        keep = ~np.isin(ids, np.fromiter(removed, dtype=np.int64))
        lengths = np.diff(starts) if len(starts) else np.zeros(0, dtype=np.int64)
        self._flat: list[Words] = [flat[np.repeat(keep, lengths)]]
        self._lengths: list[int] = lengths[keep].tolist()
        self._ids: list[int] = ids[keep].tolist()
        self._title_of: list[int] = _array(folder / TITLE_OF, np.int32)[keep].tolist()

    def add(self, passage: int, title: str, words: Iterable[str]) -> None:
        """One passage with the words that stand in it."""
        numbers = sorted({self._number(word) for word in words})
        self._flat.append(np.array(numbers, dtype=np.int32))
        self._lengths.append(len(numbers))
        self._ids.append(passage)
        if title not in self._titles:
            self._titles[title] = len(self._title_list)
            self._title_list.append(title)
        self._title_of.append(self._titles[title])

    def save(self, encoder: Encoder | None) -> None:
        """Write every file beside the old one and rename: older generations share them."""
        folder = self._folder
        folder.mkdir(parents=True, exist_ok=True)
        if encoder is not None:
            old = _array(folder / VECTORS, np.float16).reshape(-1, encoder.dimensions)
            new = encoder.encode(self._word_list[len(old) :]).astype(np.float16)
            _write(folder / VECTORS, np.concatenate([old, new]))
        _write(folder / IDS, np.array(self._ids, dtype=np.int64))
        _write(folder / STARTS, np.cumsum([0, *self._lengths], dtype=np.int64))
        _write(folder / FLAT, np.concatenate(self._flat))
        _write(folder / TITLE_OF, np.array(self._title_of, dtype=np.int32))
        for name, lines in ((WORDS, self._word_list), (TITLES, self._title_list)):
            beside = folder / f"new-{name}"
            beside.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
            beside.replace(folder / name)

    def _number(self, word: str) -> int:
        if word not in self._words:
            self._words[word] = len(self._word_list)
            self._word_list.append(word)
        return self._words[word]


def _float(rows: Any) -> Floats:
    return np.asarray(rows, dtype=np.float32)


def _lines(path: Path) -> list[str]:
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def _array(path: Path, kind: type[np.generic]) -> Any:
    if not path.exists():
        return np.zeros(0, dtype=kind)
    # Seen as a plain array: each piece cut from a memmap would be a costly memmap of its own.
    return np.load(path, mmap_mode="r").view(np.ndarray)


def _write(path: Path, array: NDArray[np.generic]) -> None:
    beside = path.with_name(f"new-{path.name}")
    np.save(beside, array)
    beside.replace(path)

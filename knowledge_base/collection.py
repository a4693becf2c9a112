"""Passages of one kind, searchable by words, bigrams and vectors, kept in one folder."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Encoder
from knowledge_base.lexical import Field, LexicalIndex
from knowledge_base.passages import PassageWords, PassageWordsBuilder
from knowledge_base.tokens import Tokeniser
from knowledge_base.vectors import FaissIndex

BATCH = 2_000
VECTORS_FILE = "vectors.faiss"
LEXICAL_FOLDER = "lexical"
WORDS_FOLDER = "words"
IDS_FILE = "ids.npy"


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of text under an id that never comes to mean another text."""

    id: int
    text: str
    """Its first line, where it has several, is a title that many passages share."""


@dataclass(frozen=True, slots=True)
class Source:
    """What one collection should hold."""

    ids: NDArray[np.int64]
    texts: Callable[[Sequence[int]], Iterable[Passage]]
    lexical: bool = True
    """False: only vectors are kept; a small collection is matched by words in memory."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that some part of the search found, with the raw figures of all parts."""

    id: int
    words: float
    """BM25; 0 when it was not among the best by words."""
    bigrams: float
    vector: float
    """Cosine; always exact, whoever found the passage."""
    near: float = 0.0
    """How near its words come to those asked, by rarity; 1: all of them stand there."""
    title: str = ""
    length: int = 0
    """Different words in it."""


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, cut and encoded once for all collections."""

    text: str
    words: Mapping[str, float]
    """Terms with weights; a related term that the citizen did not say weighs less than 1."""
    bigrams: Mapping[str, float]
    vector: NDArray[np.float32] | None


class Collection:
    """Search over one folder that `build_collection` wrote; never changes it."""

    def __init__(self, folder: Path, *, lexical: bool, with_vectors: bool) -> None:
        self._lexical = LexicalIndex(folder / LEXICAL_FOLDER) if lexical else None
        self._words = PassageWords(folder / WORDS_FOLDER) if lexical else None
        self._vectors = FaissIndex.load(folder / VECTORS_FILE) if with_vectors else None
        self._count = len(stored_ids(folder))

    def __len__(self) -> int:
        return self._count

    def vectors(self, ids: Sequence[int]) -> NDArray[np.float32] | None:
        """The vectors of these passages, in this order; None without an encoder."""
        if self._vectors is None:
            return None
        return self._vectors.vectors(np.array(ids, dtype=np.int64))

    def candidates(self, question: Question, limit: int) -> list[Candidate]:
        """Everything among the `limit` best by words, by bigrams or by vector."""
        if not len(self) or self._lexical is None:
            return []
        words = dict(self._lexical.search("words", question.words, limit))
        bigrams = dict(self._lexical.search("bigrams", question.bigrams, limit))
        cosines: dict[int, float] = {}
        if self._vectors is not None and question.vector is not None:
            cosines = dict(self._vectors.search(question.vector, limit))
            others = [passage for passage in {**words, **bigrams} if passage not in cosines]
            exact = self._vectors.scores(question.vector, np.array(others, dtype=np.int64))
            cosines.update(zip(others, exact.tolist(), strict=True))
        found = list(dict.fromkeys(chain(words, bigrams, cosines)))
        return [
            Candidate(
                passage,
                words.get(passage, 0.0),
                bigrams.get(passage, 0.0),
                max(0.0, cosines.get(passage, 0.0)),
                *closer,
            )
            for passage, closer in zip(found, self._closer(question, found), strict=True)
        ]

    def rarity(self, term: str, field: Field = "words") -> float:
        """How much a term tells (BM25's idf): high for one that stands in few passages."""
        count = len(self)
        found = self._lexical.document_frequency(field, term) if self._lexical else 0
        return float(np.log(1 + (count - found + 0.5) / (found + 0.5)))

    def _closer(self, question: Question, found: Sequence[int]) -> list[tuple[float, str, int]]:
        assert self._words is not None
        said = {word: 1.0 for word, weight in question.words.items() if weight >= 1}
        near = self._words.nearness(said, found, self.rarity)
        lengths, titles = self._words.lengths(found), self._words.titles(found)
        return list(zip(near, titles, lengths, strict=True))


def build_collection(
    folder: Path,
    source: Source,
    tokeniser: Tokeniser,
    encoder: Encoder | None,
    progress: Callable[[int], None],
) -> None:
    """Make the folder hold exactly what the source names, keeping what it has already."""
    folder.mkdir(parents=True, exist_ok=True)
    present = stored_ids(folder)
    gone = np.setdiff1d(present, source.ids)
    new = np.setdiff1d(source.ids, present)
    lexical = LexicalIndex(folder / LEXICAL_FOLDER) if source.lexical else None
    words_folder = folder / WORDS_FOLDER
    closer = PassageWordsBuilder(words_folder, gone.tolist()) if source.lexical else None
    vectors: FaissIndex | None = None
    if encoder is not None:
        file = folder / VECTORS_FILE
        known = file.exists()
        vectors = FaissIndex.load(file, mmap=False) if known else FaissIndex(encoder.dimensions)
        vectors.remove(gone)

    def fetched() -> Iterator[Passage]:
        done = 0
        for start in range(0, len(new), BATCH):
            passages = list(source.texts(new[start : start + BATCH].tolist()))
            if vectors is not None and encoder is not None:
                vectors.add(
                    np.array([passage.id for passage in passages], dtype=np.int64),
                    encoder.encode([passage.text for passage in passages]),
                )
            yield from passages
            done += len(passages)
            progress(done)

    def cut(passage: Passage) -> tuple[int, list[str], list[str]]:
        words = tokeniser.words(passage.text)
        if closer is not None:
            closer.add(passage.id, passage.text.partition("\n")[0], words)
        return passage.id, words, tokeniser.bigrams(passage.text)

    passages = fetched()
    if lexical is not None and closer is not None:
        lexical.update(map(cut, passages), gone.tolist())
        closer.save(encoder)
    # Without words to cut, nobody has drawn the passages through the encoder yet.
    for _ in passages:
        pass
    if vectors is not None:
        vectors.save(folder / VECTORS_FILE)
    beside = folder / f"new-{IDS_FILE}"
    np.save(beside, np.sort(source.ids))
    beside.replace(folder / IDS_FILE)


def stored_ids(folder: Path) -> NDArray[np.int64]:
    """Which passages the folder holds, ascending."""
    file = folder / IDS_FILE
    if not file.exists():
        return np.zeros(0, dtype=np.int64)
    return np.asarray(np.load(file), dtype=np.int64)

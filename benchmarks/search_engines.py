"""Lexical engines side by side, all with the same bigrams: ours, SQLite FTS5, a sparse matrix."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from scipy import sparse

from knowledge_base.lexical import LexicalIndex

Row = tuple[int, Sequence[str]]
K1, B = 1.2, 0.75


class Engine(Protocol):
    """Holds passages and finds the best by BM25."""

    def search(self, terms: Sequence[str], limit: int) -> list[int]: ...

    def add(self, row: Row) -> None:
        """One passage more, on disk where there is one, and found when this returns."""


class Tantivy:
    """Ours: inverted lists in segments; a change writes a small segment."""

    def __init__(self, folder: Path, rows: Sequence[Row]) -> None:
        self._index = LexicalIndex(folder / "tantivy")
        self._index.update((passage, [], terms) for passage, terms in rows)

    def search(self, terms: Sequence[str], limit: int) -> list[int]:
        return [passage for passage, _ in self._index.search("bigrams", terms, limit)]

    def add(self, row: Row) -> None:
        self._index.update([(row[0], [], row[1])])


class Fts5:
    """SQLite's full text search, in the standard library."""

    def __init__(self, folder: Path, rows: Sequence[Row]) -> None:
        self._database = sqlite3.connect(folder / "fts.db")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("CREATE VIRTUAL TABLE passages USING fts5(terms, content = '')")
        with self._database:
            self._database.executemany(
                "INSERT INTO passages (rowid, terms) VALUES (?, ?)",
                ((passage, " ".join(terms)) for passage, terms in rows),
            )

    def search(self, terms: Sequence[str], limit: int) -> list[int]:
        wanted = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))
        found = self._database.execute(
            "SELECT rowid FROM passages WHERE passages MATCH ? ORDER BY rank LIMIT ?",
            (wanted, limit),
        )
        return [int(row[0]) for row in found]

    def add(self, row: Row) -> None:
        with self._database:
            self._database.execute(
                "INSERT INTO passages (rowid, terms) VALUES (?, ?)", (row[0], " ".join(row[1]))
            )


class Matrix:
    """BM25 of every term in every passage, ready made: fast, but built as a whole."""

    def __init__(self, _folder: Path, rows: Sequence[Row]) -> None:
        self._rows = list(rows)
        self._build()

    def _build(self) -> None:
        self._terms: dict[str, int] = {}
        places = [
            self._terms.setdefault(term, len(self._terms))
            for _, terms in self._rows
            for term in terms
        ]
        owners = np.repeat(np.arange(len(self._rows)), [len(terms) for _, terms in self._rows])
        shape = (len(self._rows), len(self._terms))
        counts = sparse.csr_matrix((np.ones(len(places), np.float32), (owners, places)), shape)
        counts.sum_duplicates()
        length = np.asarray(counts.sum(axis=1)).ravel()
        spread = np.bincount(counts.indices, minlength=shape[1])
        rarity = np.log(1 + (shape[0] - spread + 0.5) / (spread + 0.5))
        owner = np.repeat(np.arange(shape[0]), np.diff(counts.indptr))
        damping = K1 * (1 - B + B * length / length.mean())[owner]
        scores = counts.data * (K1 + 1) / (counts.data + damping) * rarity[counts.indices]
        counts.data = scores.astype(np.float32)
        self._scores = counts.tocsc()

    def search(self, terms: Sequence[str], limit: int) -> list[int]:
        known = [self._terms[term] for term in terms if term in self._terms]
        total = np.zeros(len(self._rows), np.float32)
        for place in known:
            start, end = self._scores.indptr[place : place + 2]
            total[self._scores.indices[start:end]] += self._scores.data[start:end]
        limit = min(limit, len(total))
        best = np.argpartition(-total, limit - 1)[:limit]
        return [self._rows[at][0] for at in best[np.argsort(-total[best])].tolist()]

    def add(self, row: Row) -> None:
        self._rows.append(row)
        self._build()


ENGINES: Mapping[str, Callable[[Path, Sequence[Row]], Engine]] = {
    "tantivy (ours)": Tantivy,
    "SQLite FTS5": Fts5,
    "BM25 matrix": Matrix,
}

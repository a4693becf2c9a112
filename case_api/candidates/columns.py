"""Cases as columns: the same in memory and on disk, where each column is a file.

What lies on disk never changes: to add, to forget or to join is to write the next
set of columns from the ones before.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from case_api.candidates import postings
from case_api.candidates.postings import Postings, Seqs
from knowledge_base.sealed import Halves, SealedVectors, write_lists
from nlu.text.errors import Unavailable

Codes = NDArray[np.bytes_]
Moments = NDArray[np.uint32]
"""Seconds since 1970."""
CODE = "S17"
PLAIN_UP_TO = 100_000
"""Vectors that are compared one by one; more get inverted lists."""
ROWS = 65_536
READ = 1 << 22
COLUMNS: dict[str, str] = {
    "seqs": "uint32",
    "codes": CODE,
    "filed": "uint32",
    "vectors": "float16",
    "terms": "uint64",
    "counts": "uint32",
    "starts": "uint64",
    "cases": "uint32",
}
LISTS = "vectors.lists"


@dataclass(frozen=True)
class Columns:
    """Some cases, in the order of filing."""

    seqs: Seqs
    codes: Codes
    filed: Moments
    vectors: Halves
    postings: Postings
    folder: Path | None = None

    def __len__(self) -> int:
        return len(self.seqs)

    @property
    def lists(self) -> Path | None:
        """Where its inverted lists are, if it has any."""
        path = self.folder / LISTS if self.folder else None
        return path if path is not None and path.exists() else None

    @cached_property
    def sealed(self) -> SealedVectors:
        return SealedVectors(self.seqs, self.vectors, self.lists)

    def rows(self, seqs: Seqs) -> NDArray[np.int64]:
        """Where these cases are; -1 for what is not among them."""
        if not len(self):
            return np.full(len(seqs), -1)
        at = np.searchsorted(self.seqs, seqs)
        at[at == len(self)] = 0
        return np.where(self.seqs[at] == seqs, at, -1)


def join(parts: Sequence[Columns], gone: Seqs) -> Columns:
    """All of them without the cases in `gone`, in memory; oldest first."""
    part, row = _order(parts, gone)
    return Columns(
        _taken([p.seqs for p in parts], part, row),
        _taken([p.codes for p in parts], part, row),
        _taken([p.filed for p in parts], part, row),
        _taken([p.vectors for p in parts], part, row),
        postings.merge([p.postings for p in parts], gone),
    )


def write(folder: Path, parts: Sequence[Columns], gone: Seqs) -> Columns:
    """All of them without the cases in `gone`, on disk and mapped from there; oldest first."""
    part, row = _order(parts, gone)
    folder.mkdir(mode=0o700)
    for name in ("seqs", "codes", "filed", "vectors"):
        columns = [getattr(p, name) for p in parts]
        _store(
            folder / name,
            (
                _taken(columns, part[at : at + ROWS], row[at : at + ROWS])
                for at in range(0, len(part), ROWS)
            ),
        )
    _store_postings(folder, postings.merged([p.postings for p in parts], gone))
    if len(part) > PLAIN_UP_TO and parts[0].vectors.shape[1]:
        os.close(os.open(folder / LISTS, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        like = next((p.lists for p in parts if p.lists), None)
        stored = read(folder, parts[0].vectors.shape[1])
        write_lists(folder / LISTS, stored.seqs, stored.vectors, like)
    return read(folder, parts[0].vectors.shape[1])


def read(folder: Path, dimensions: int) -> Columns:
    """Map what `write` stored."""
    try:
        found = {name: _mapped(folder / name, kind) for name, kind in COLUMNS.items()}
        lists = Postings(*(found[name] for name in ("terms", "counts", "starts", "cases")))
        whole = len(lists.starts) == len(lists.terms) + 1 and len(found["filed"]) == len(
            found["seqs"]
        )
        if not whole:
            raise ValueError("columns of different lengths")
        return Columns(
            found["seqs"],
            found["codes"],
            found["filed"],
            found["vectors"].reshape(len(found["seqs"]), dimensions),
            lists,
            folder,
        )
    except (OSError, ValueError) as error:
        raise Unavailable("判重快照无法读取") from error


def checksum(folder: Path) -> int:
    """Of every file in it; reading them also brings them into the page cache."""
    total = 0
    try:
        for path in sorted(folder.iterdir()):
            total = zlib.crc32(path.name.encode(), total)
            with path.open("rb") as file:
                while data := file.read(READ):
                    total = zlib.crc32(data, total)
    except OSError as error:
        raise Unavailable("判重快照无法读取") from error
    return total


def _order(parts: Sequence[Columns], gone: Seqs) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """From which part and which row of it each case comes, each case once."""
    seqs = np.concatenate([p.seqs for p in parts])
    part = np.repeat(np.arange(len(parts)), [len(p) for p in parts])
    row = np.concatenate([np.arange(len(p)) for p in parts])
    _, chosen = np.unique(seqs, return_index=True)
    chosen = chosen[~np.isin(seqs[chosen], gone)]
    return part[chosen], row[chosen]


def _taken(
    columns: Sequence[NDArray[Any]], part: NDArray[np.int64], row: NDArray[np.int64]
) -> NDArray[Any]:
    taken = np.empty((len(part), *columns[0].shape[1:]), dtype=columns[0].dtype)
    for number, column in enumerate(columns):
        here = part == number
        if here.any():
            taken[here] = column[row[here]]
    return taken


def _store(path: Path, chunks: Iterable[NDArray[Any]]) -> None:
    handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(handle, "wb") as file:
        for chunk in chunks:
            file.write(np.ascontiguousarray(chunk).data)
        file.flush()
        os.fsync(file.fileno())


def _store_postings(folder: Path, pieces: Iterable[Postings]) -> None:
    terms, counts, starts = [], [], [np.zeros(1, dtype=np.uint64)]

    def cases() -> Iterable[Seqs]:
        for piece in pieces:
            terms.append(piece.terms)
            counts.append(piece.counts)
            starts.append(piece.starts[1:] + starts[-1][-1])
            yield piece.cases

    _store(folder / "cases", cases())
    _store(folder / "terms", terms)
    _store(folder / "counts", counts)
    _store(folder / "starts", starts)


def _mapped(path: Path, kind: str) -> NDArray[Any]:
    # An empty file cannot be mapped.
    if path.stat().st_size == 0:
        return np.zeros(0, dtype=kind)
    # A plain view: the subclass costs twice as much at every look.
    return np.memmap(path, dtype=kind, mode="r").view(np.ndarray)

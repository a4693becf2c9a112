"""Nearest vectors by cosine, under our own ids.

One interface, `VectorIndex`; the engine here is FAISS, and it changes its kind
as it grows (measured at 256 dimensions, one thread):
up to 100,000 exact (8.8 ms), up to 300,000 exact over half floats, above that
inverted lists of bytes (under 5 ms, recall@10 about 0.96).
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from nlu.text.errors import Unavailable

Vectors = NDArray[np.float32]
Ids = NDArray[np.int64]

FLAT_UP_TO = 100_000
HALF_FLOATS_UP_TO = 300_000
PROBES = 64
HASHTABLE = 2
"""faiss.DirectMap.Hashtable, which the package's type stubs do not know."""


class VectorIndex(Protocol):
    """Vectors are rows of length one; ids are non-negative int64 that the caller chooses."""

    @property
    def dimensions(self) -> int: ...

    def __len__(self) -> int: ...

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add rows; an id that is there already is replaced."""

    def remove(self, ids: Ids) -> int:
        """Forget these ids; returns how many were there."""

    def search(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest ids with their cosine, best first."""

    def scores(self, query: Vectors, ids: Ids) -> NDArray[np.float32]:
        """Cosine to each of these ids, which must be there."""

    def save(self, path: Path) -> None:
        """Write beside and swap: a reader sees the old file or the new one."""


class FaissIndex:
    """`VectorIndex` in this process."""

    def __init__(
        self,
        dimensions: int,
        *,
        flat_up_to: int = FLAT_UP_TO,
        half_floats_up_to: int = HALF_FLOATS_UP_TO,
    ) -> None:
        self._dimensions = dimensions
        self._limits = (flat_up_to, half_floats_up_to)
        self._kind = 0
        self._index: Any = faiss.IndexIDMap2(faiss.IndexFlatIP(dimensions))
        self._mapped: Path | None = None
        self._known: set[int] | None = set()

    @classmethod
    def load(cls, path: Path, *, mmap: bool = True) -> FaissIndex:
        """Read what `save` wrote; mapped into memory until the first change."""
        loaded = cls(1)
        try:
            loaded._take(_read(path, mmap=mmap))
        except RuntimeError as error:
            raise Unavailable("向量索引无法读取") from error
        loaded._mapped = path if mmap else None
        return loaded

    @property
    def dimensions(self) -> int:
        return self._dimensions

    @property
    def engine(self) -> str:
        """What stands behind it now: flat, half or lists."""
        return ("flat", "half", "lists")[self._kind]

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def __contains__(self, passage: int) -> bool:
        return passage in self._ids()

    def add(self, ids: Ids, vectors: Vectors) -> None:
        """Add rows; an id that is there already is replaced."""
        if not len(ids):
            return
        self._own()
        known = self._ids()
        again = [passage for passage in ids.tolist() if passage in known]
        if again:
            self.remove(np.array(again, dtype=np.int64))
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        self._grow(len(self) + len(ids), rows)
        self._index.add_with_ids(rows, np.ascontiguousarray(ids, dtype=np.int64))
        known.update(ids.tolist())

    def remove(self, ids: Ids) -> int:
        """Forget these ids; returns how many were there."""
        self._own()
        known = self._ids()
        present = [passage for passage in ids.tolist() if passage in known]
        if present:
            self._index.remove_ids(np.array(present, dtype=np.int64))
            known.difference_update(present)
        return len(present)

    def search(self, query: Vectors, limit: int) -> list[tuple[int, float]]:
        """The nearest ids with their cosine, best first."""
        if not len(self):
            return []
        # For one query FAISS' threads cost more than they bring (15 ms against 3 at 65,000
        # rows), and much more on a busy machine. The number counts for this thread only.
        faiss.omp_set_num_threads(1)
        row = np.ascontiguousarray(query.reshape(1, -1), dtype=np.float32)
        scores, ids = self._index.search(row, min(limit, len(self)))
        return [
            (int(passage), float(score))
            for passage, score in zip(ids[0], scores[0], strict=True)
            if passage >= 0
        ]

    def scores(self, query: Vectors, ids: Ids) -> NDArray[np.float32]:
        """Cosine to each of these ids, which must be there."""
        return np.asarray(self.vectors(ids) @ query.reshape(-1), dtype=np.float32)

    def vectors(self, ids: Ids) -> Vectors:
        """The stored rows of these ids, as exact as the engine keeps them."""
        if not len(ids):
            return np.zeros((0, self._dimensions), dtype=np.float32)
        try:
            rows = self._index.reconstruct_batch(np.ascontiguousarray(ids, dtype=np.int64))
        except RuntimeError as error:
            raise KeyError("an id is not in the index") from error
        return np.asarray(rows, dtype=np.float32)

    def save(self, path: Path) -> None:
        """Write beside and swap: a reader sees the old file or the new one."""
        beside = path.with_name(f"{path.name}.{os.getpid()}.new")
        try:
            faiss.write_index(self._index, str(beside))
            with beside.open("rb+") as file:
                os.fsync(file.fileno())
            beside.replace(path)
        except (RuntimeError, OSError) as error:
            beside.unlink(missing_ok=True)
            raise Unavailable("向量索引无法写入") from error

    def _take(self, index: Any) -> None:
        self._index = index
        self._dimensions = int(index.d)
        inverted = faiss.try_extract_index_ivf(index)
        if inverted is not None:
            inverted.nprobe = PROBES
            self._kind = 2
        else:
            self._kind = int(
                isinstance(faiss.downcast_index(index.index), faiss.IndexScalarQuantizer)
            )
        self._known = None

    def _own(self) -> None:
        # A mapped file cannot be changed: read it into memory at the first change.
        if self._mapped is not None:
            self._take(_read(self._mapped, mmap=False))
            self._mapped = None

    def _ids(self) -> set[int]:
        if self._known is None:
            self._known = set(self._stored_ids().tolist())
        return self._known

    def _stored_ids(self) -> Ids:
        if self._kind < 2:
            return np.asarray(faiss.vector_to_array(self._index.id_map), dtype=np.int64)
        lists = self._index.invlists
        found = [
            faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
            for number in range(lists.nlist)
            if lists.list_size(number)
        ]
        return np.concatenate(found) if found else np.zeros(0, dtype=np.int64)

    def _grow(self, size: int, coming: Vectors) -> None:
        """Change the kind of index before it would become slow; never back."""
        wanted = sum(size > limit for limit in self._limits)
        if wanted <= self._kind:
            return
        ids = self._stored_ids()
        stored = self.vectors(ids)
        if wanted == 1:
            half = faiss.ScalarQuantizer.QT_fp16
            index: Any = faiss.IndexIDMap2(
                faiss.IndexScalarQuantizer(self._dimensions, half, faiss.METRIC_INNER_PRODUCT)
            )
        else:
            sample = np.concatenate([stored, coming])
            # About four times the root of the size, as FAISS advises, with room to grow.
            count = 1 << max(0, int(np.log2(4 * len(sample) ** 0.5)))
            index = faiss.index_factory(
                self._dimensions, f"IVF{count},SQ8", faiss.METRIC_INNER_PRODUCT
            )
            chosen = np.random.default_rng(0).permutation(len(sample))[: 50 * count]
            faiss.omp_set_num_threads(os.cpu_count() or 1)
            index.train(np.ascontiguousarray(sample[chosen]))
            index.set_direct_map_type(HASHTABLE)
            index.nprobe = PROBES
        if len(ids):
            index.add_with_ids(stored, ids)
        self._index, self._kind = index, wanted


def _read(path: Path, *, mmap: bool) -> Any:
    # Inverted lists need their direct map to be changed, and a map of a file is read-only.
    return faiss.read_index(str(path), faiss.IO_FLAG_MMAP_IFC if mmap else 0)

"""Nearest vectors of a set that does not change: what is kept is half floats, mapped from disk.

Few are compared one by one. For many there are inverted lists of bytes beside them
(FAISS), mapped too; what the lists find is measured again by the half floats. Growing
and forgetting is done by writing the next set, which takes over the trained lists.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from nlu.text.errors import Unavailable

Halves = NDArray[np.float16]
Numbers = NDArray[np.uint32]
Cosines = NDArray[np.float32]

PROBED = 16
"""One in so many lists is looked through…"""
LEAST_PROBED = 64
"""…but so many at least."""
MEASURED_AGAIN = 5
"""For each that is asked for: bytes are too coarse to say which of two near ones is nearer."""
ROWS = 65_536
"""Turned into floats at a time: 64 MiB at 256 dimensions."""
SAMPLE = 50
"""Vectors a list that the lists are trained on."""
ROUNDS = 12


class SealedVectors:
    """Rows of length one under ascending numbers."""

    def __init__(self, numbers: Numbers, halves: Halves, lists: Path | None) -> None:
        self._numbers = numbers
        self._halves = halves
        self._probed: Any = None
        if lists is None:
            self._index: Any = _plain(halves)
            return
        try:
            self._index = _read(lists, faiss.IO_FLAG_MMAP_IFC)
        except RuntimeError as error:
            raise Unavailable("向量索引无法读取") from error
        probes = max(LEAST_PROBED, self._index.nlist // PROBED)
        # The package's type stubs do not know its own parameters.
        self._probed = faiss.SearchParametersIVF(nprobe=probes)  # type: ignore[call-arg]

    def nearest(self, query: NDArray[np.float32], limit: int) -> tuple[Numbers, Cosines]:
        """The nearest with their cosine, best first."""
        limit = min(limit, len(self._numbers))
        if not limit:
            return self._numbers[:0], np.zeros(0, dtype=np.float32)
        # As in `FaissIndex.search`: for one query threads cost more than they bring.
        faiss.omp_set_num_threads(1)
        row = np.ascontiguousarray(query.reshape(1, -1), dtype=np.float32)
        if self._probed is None:
            cosines, rows = self._index.search(row, limit)
            return self._numbers[rows[0]], np.asarray(cosines[0], dtype=np.float32)
        wanted = min(limit * MEASURED_AGAIN, len(self._numbers))
        _, found = self._index.search(row, wanted, params=self._probed)
        numbers = found[0][found[0] >= 0].astype(np.uint32)
        measured = self._halves[np.searchsorted(self._numbers, numbers)].astype(np.float32) @ row[0]
        best = np.argsort(-measured)[:limit]
        return numbers[best], measured[best]


def write_lists(path: Path, numbers: Numbers, halves: Halves, like: Path | None) -> None:
    """Inverted lists of these rows; trained anew only where `like` has too few lists for them."""
    wanted = 1 << round(np.log2(4 * len(numbers) ** 0.5))
    try:
        index = _read(like) if like is not None else None
        if index is None or index.nlist < wanted:
            index = _trained(wanted, halves)
        _bring_up_to(index, numbers, halves)
        # The file is there already, readable to us only.
        faiss.write_index(index, str(path))
        with path.open("rb+") as file:
            os.fsync(file.fileno())
    except (RuntimeError, OSError) as error:
        raise Unavailable("向量索引无法写入") from error


def _read(path: Path, flags: int = 0) -> Any:
    return faiss.read_index(str(path), flags)


def _plain(halves: Halves) -> Any:
    kind = faiss.ScalarQuantizer.QT_fp16
    index = faiss.IndexScalarQuantizer(max(1, halves.shape[1]), kind, faiss.METRIC_INNER_PRODUCT)
    if halves.size:
        # What FAISS would make of the floats is what lies on disk, byte for byte.
        faiss.copy_array_to_vector(np.ascontiguousarray(halves).view(np.uint8).ravel(), index.codes)
        index.ntotal = len(halves)
    return index


def _trained(lists: int, halves: Halves) -> Any:
    dimensions = halves.shape[1]
    index: Any = faiss.index_factory(dimensions, f"IVF{lists},SQ8", faiss.METRIC_INNER_PRODUCT)
    index.cp.niter = ROUNDS
    chosen = np.random.default_rng(0).permutation(len(halves))[: SAMPLE * lists]
    # Beside the service: one core is left to it.
    faiss.omp_set_num_threads(max(1, (os.cpu_count() or 1) // 2))
    index.train(halves[np.sort(chosen)].astype(np.float32))
    return index


def _bring_up_to(index: Any, numbers: Numbers, halves: Halves) -> None:
    """Let it hold exactly these rows."""
    held = _held(index)
    dropped = np.setdiff1d(held, numbers)
    if len(dropped):
        index.remove_ids(faiss.IDSelectorBatch(dropped.astype(np.int64)))
    missing = np.flatnonzero(~np.isin(numbers, held))
    faiss.omp_set_num_threads(max(1, (os.cpu_count() or 1) // 2))
    for start in range(0, len(missing), ROWS):
        rows = missing[start : start + ROWS]
        index.add_with_ids(halves[rows].astype(np.float32), numbers[rows].astype(np.int64))


def _held(index: Any) -> NDArray[np.int64]:
    lists = index.invlists
    found = [
        faiss.rev_swig_ptr(lists.get_ids(number), lists.list_size(number)).copy()
        for number in range(lists.nlist)
        if lists.list_size(number)
    ]
    return np.concatenate([*found, np.zeros(0, dtype=np.int64)])

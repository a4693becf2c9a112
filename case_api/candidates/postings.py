"""Which cases a term stands in: sorted arrays, as compact in memory as on disk."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from case_api.candidates.terms import Terms

Seqs = NDArray[np.uint32]
"""Numbers in the order of filing."""
COMMON = 2_000
"""Of a term that stands in more, the newest are kept: it tells little, and the old ones less."""
CHUNK = 2_000_000
"""Entries sorted at a time when lists are merged: some 60 MB."""


@dataclass(frozen=True, slots=True)
class Postings:
    """Lists of cases by term."""

    terms: Terms
    """Ascending."""
    counts: NDArray[np.uint32]
    """In how many cases each stands, those that are not kept included."""
    starts: NDArray[np.uint64]
    """Where each list starts in `cases`; one more at the end."""
    cases: Seqs

    def find(self, wanted: Terms) -> NDArray[np.int64]:
        """Where these terms are; -1 for what is not there."""
        at = np.searchsorted(self.terms, wanted)
        at[at == len(self.terms)] = 0
        there = self.terms[at] == wanted if len(self.terms) else np.zeros(len(wanted), dtype=bool)
        return np.where(there, at, -1)

    def newest(self, at: int, limit: int) -> Seqs:
        """The last cases of the list at this place."""
        start, end = int(self.starts[at]), int(self.starts[at + 1])
        return self.cases[max(start, end - limit) : end]


def gather(seqs: Sequence[int], terms: Sequence[Terms]) -> Postings:
    """The lists of a few cases, given in the order of filing."""
    lengths = [len(one) for one in terms]
    flat = np.concatenate([*terms, np.zeros(0, dtype=np.uint64)])
    cases = np.repeat(np.array(seqs, dtype=np.uint32), lengths)
    known, which = np.unique(flat, return_inverse=True)
    return _whole([_sorted(known, which, cases, np.bincount(which, minlength=len(known)))])


def merge(parts: Sequence[Postings], gone: Seqs) -> Postings:
    """All of them as one, in memory."""
    return _whole(list(merged(parts, gone)))


def merged(parts: Sequence[Postings], gone: Seqs) -> Iterator[Postings]:
    """All of them as one, without the cases in `gone`, cut into pieces by rising terms.

    The parts are given oldest first.
    """
    known = np.unique(np.concatenate([part.terms for part in parts]))
    sizes = np.zeros(len(known), dtype=np.int64)
    for part in parts:
        sizes[np.searchsorted(known, part.terms)] += np.diff(part.starts).astype(np.int64)
    # Terms are cut where the entries before them fill another chunk.
    cuts = np.flatnonzero(np.diff(np.cumsum(sizes) // CHUNK)) + 1
    for chunk in np.split(known, cuts):
        if len(chunk):
            yield _merged(chunk, parts, gone)


def _merged(known: Terms, parts: Sequence[Postings], gone: Seqs) -> Postings:
    counts = np.zeros(len(known), dtype=np.int64)
    whiches, listed = [], []
    for part in parts:
        first = np.searchsorted(part.terms, known[0])
        last = np.searchsorted(part.terms, known[-1], side="right")
        here = np.searchsorted(known, part.terms[first:last])
        counts[here] += part.counts[first:last]
        starts = part.starts[first : last + 1]
        whiches.append(np.repeat(here, np.diff(starts).astype(np.int64)))
        listed.append(part.cases[int(starts[0]) : int(starts[-1])])
    which, cases = np.concatenate(whiches), np.concatenate(listed)
    if len(gone):
        kept = ~np.isin(cases, gone)
        counts -= np.bincount(which[~kept], minlength=len(known))
        which, cases = which[kept], cases[kept]
    return _sorted(known, which, cases, counts)


def _sorted(
    known: Terms, which: NDArray[np.int64], cases: Seqs, counts: NDArray[np.int64]
) -> Postings:
    order = np.argsort(which, kind="stable")
    which, cases = which[order], cases[order]
    ends = np.cumsum(np.bincount(which, minlength=len(known)))
    newest = ends[which] - np.arange(len(which)) <= COMMON
    which, cases = which[newest], cases[newest]
    lengths = np.bincount(which, minlength=len(known))
    there = lengths > 0
    starts = np.concatenate([[0], np.cumsum(lengths[there])]).astype(np.uint64)
    return Postings(known[there], counts[there].astype(np.uint32), starts, cases)


def _whole(pieces: Sequence[Postings]) -> Postings:
    if not pieces:
        empty = np.zeros(0, dtype=np.uint32)
        return Postings(np.zeros(0, dtype=np.uint64), empty, np.zeros(1, dtype=np.uint64), empty)
    starts = [np.zeros(1, dtype=np.uint64)]
    for piece in pieces:
        starts.append(piece.starts[1:] + starts[-1][-1])
    return Postings(
        np.concatenate([piece.terms for piece in pieces]),
        np.concatenate([piece.counts for piece in pieces]),
        np.concatenate(starts),
        np.concatenate([piece.cases for piece in pieces]),
    )

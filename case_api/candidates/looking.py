"""Looks through sets of columns in three ways and puts what they find into one list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from case_api.candidates.columns import Columns
from case_api.candidates.postings import COMMON, Seqs
from case_api.candidates.terms import Telling

RAREST = 32
"""Terms of a telling that are looked up: the common ones point everywhere."""
AT_PLACE = 256
"""The newest cases at a place that are looked at; of these the nearest in meaning count."""
SHARES = (2, 2, 1)
"""Of the places in the list: by meaning, by wording, by place."""
SPARE = 2
"""Found beyond what is asked for, since some may be gone."""
SEALED_FROM = 1_024
"""Cases in memory that are worth an index of their own: numpy is slow with half floats."""
Cosines = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for."""

    told: Telling
    vector: NDArray[np.float32] | None
    limit: int


def near(
    parts: Sequence[Columns], sought: Sought, gone: Seqs, since: int
) -> list[tuple[int, float]]:
    """The cases of all three ways, each once, with their cosine."""
    share = max(1, sought.limit // sum(SHARES))
    meaning, wording, place = (share * s for s in SHARES)
    ways = [
        (by_meaning(parts, sought.vector, meaning * SPARE), meaning),
        (by_words(parts, sought, wording * SPARE), wording),
        (at_place(parts, sought, place * SPARE), place),
    ]
    picked: dict[int, None] = {}
    for found, most in ways:
        alive = found[_alive(parts, found, gone, since)]
        picked.update(dict.fromkeys(alive[:most].tolist()))
    seqs = np.array(list(picked)[: sought.limit], dtype=np.uint32)
    return list(zip(seqs.tolist(), cosines(parts, seqs, sought.vector).tolist(), strict=True))


def by_meaning(parts: Sequence[Columns], vector: NDArray[np.float32] | None, limit: int) -> Seqs:
    """The nearest vectors."""
    if vector is None or not parts:
        return np.zeros(0, dtype=np.uint32)
    found = [_nearest(part, vector, limit) for part in parts]
    seqs = np.concatenate([one for one, _ in found])
    measured = np.concatenate([one for _, one in found])
    return seqs[np.argsort(-measured)[:limit]]


def by_words(parts: Sequence[Columns], sought: Sought, limit: int) -> Seqs:
    """Those that share most of the rarest terms; the newest of equals first."""
    terms = sought.told.words
    places = [part.postings.find(terms) for part in parts]
    counts = np.zeros(len(terms), dtype=np.int64)
    for part, at in zip(parts, places, strict=True):
        there = at >= 0
        counts[there] += part.postings.counts[at[there]]
    chosen = np.argsort(counts, kind="stable")
    chosen = chosen[counts[chosen] > 0][:RAREST]
    total = sum(map(len, parts))
    posted, weights = [np.zeros(0, dtype=np.uint32)], [np.zeros(0)]
    for part, at in zip(parts, places, strict=True):
        for term in chosen[at[chosen] >= 0].tolist():
            listed = part.postings.newest(int(at[term]), COMMON)
            posted.append(listed)
            weights.append(np.full(len(listed), np.log1p(total / counts[term])))
    seqs, weight = np.concatenate(posted), np.concatenate(weights)
    if not len(seqs):
        return seqs
    # Lists are sorted already: joining sorted runs is what the stable kind is quick at.
    order = np.argsort(seqs, kind="stable")
    seqs, weight = seqs[order], weight[order]
    first = np.flatnonzero(np.concatenate([[True], seqs[1:] != seqs[:-1]]))
    votes, voted = np.add.reduceat(weight, first), seqs[first]
    if len(votes) > limit:
        # Equal votes are common: all that reach the last place are ordered.
        least = np.partition(votes, -limit)[-limit]
        votes, voted = votes[votes >= least], voted[votes >= least]
    return voted[np.lexsort((voted, votes))[::-1]][:limit]


def at_place(parts: Sequence[Columns], sought: Sought, limit: int) -> Seqs:
    """Those at the very place, then those at its coarse part: the nearest of the newest."""
    found: dict[int, None] = {}
    for number in range(len(sought.told.places)):
        term = sought.told.places[number : number + 1]
        listed = [
            part.postings.newest(int(at), AT_PLACE)
            for part in parts
            if (at := part.postings.find(term)[0]) >= 0
        ]
        newest = np.sort(np.concatenate([*listed, np.zeros(0, dtype=np.uint32)]))[::-1][:AT_PLACE]
        if sought.vector is not None:
            newest = newest[np.argsort(-cosines(parts, newest, sought.vector), kind="stable")]
        found.update(dict.fromkeys(newest[:limit].tolist()))
    return np.array(list(found)[:limit], dtype=np.uint32)


def cosines(parts: Sequence[Columns], seqs: Seqs, vector: NDArray[np.float32] | None) -> Cosines:
    """To each of these cases; 0 without a vector."""
    measured = np.zeros(len(seqs), dtype=np.float32)
    if vector is None:
        return measured
    for part in parts:
        rows = part.rows(seqs)
        there = rows >= 0
        if there.any():
            measured[there] = part.vectors[rows[there]].astype(np.float32) @ vector
    return measured


def _nearest(part: Columns, vector: NDArray[np.float32], limit: int) -> tuple[Seqs, Cosines]:
    if part.folder is not None or len(part) >= SEALED_FROM:
        return part.sealed.nearest(vector, limit)
    measured = part.vectors.astype(np.float32) @ vector
    best = np.argsort(-measured)[:limit]
    return part.seqs[best], measured[best]


def _alive(parts: Sequence[Columns], seqs: Seqs, gone: Seqs, since: int) -> NDArray[np.bool_]:
    alive = ~np.isin(seqs, gone)
    for part in parts:
        rows = part.rows(seqs)
        there = rows >= 0
        alive[there] &= part.filed[rows[there]] >= since
    return alive

"""What a telling is looked up by: pairs of characters and places, as numbers."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from case_api import places
from nlu.text.normalise import normalise

Terms = NDArray[np.uint64]
LONGEST = 2_000
"""Characters of a telling that are compared, as in `Matter`."""
SHORTEST_PLACE = 2
_PIECES = re.compile(r"[^\w]+")
_FILLER = np.array(
    [ord(c) for c in "的了是我你他们在有和就不都也很到说要去这那个一吗呢吧啊请把被给"]
)
_PLACE = 1 << 63
"""Marks a place: pairs of characters stay below 2³²."""


@dataclass(frozen=True, slots=True)
class Telling:
    """Of one telling."""

    words: Terms
    """Pairs of characters of the telling and of its place: some name the place in the text only."""
    places: Terms
    """The place as told, then its coarse part."""

    @property
    def all(self) -> Terms:
        return np.concatenate([self.words, self.places])


def of(text: str, place: str) -> Telling:
    """The terms of a telling and its place."""
    pairs = np.concatenate([_pairs(normalise(text)[:LONGEST]), _pairs(normalise(place))])
    keys = [places.key(place), places.key(places.coarse(place))]
    named = dict.fromkeys(key for key in keys if len(key) >= SHORTEST_PLACE)
    return Telling(np.unique(pairs), np.array([_place(key) for key in named], dtype=np.uint64))


def _pairs(text: str) -> Terms:
    # Two UTF-16 units fit one number exactly, so that no list of known pairs has to be kept.
    whole = _PIECES.sub("\0", text.lower()).encode("utf-16-le", "surrogatepass")
    units = np.frombuffer(whole, dtype=np.uint16).astype(np.uint64)
    if len(units) < 2:
        return np.zeros(0, dtype=np.uint64)
    filler = np.isin(units, _FILLER)
    kept = (units[:-1] != 0) & (units[1:] != 0) & ~(filler[:-1] & filler[1:])
    pairs: Terms = (units[:-1][kept] << np.uint64(16)) | units[1:][kept]
    return pairs


def _place(key: str) -> int:
    return _PLACE | int.from_bytes(hashlib.blake2b(key.encode(), digest_size=8).digest(), "big")

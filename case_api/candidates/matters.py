"""Stored cases made ready for comparison when they are first compared; the last ones are kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from sqlalchemy import RowMapping

from case_api.duplicates import Matter
from case_api.features import Floats
from case_api.triage import Triage

KEPT = 4_096
T = TypeVar("T")


class Matters:
    """The matters of rows of the case table; safe to use from several threads."""

    def __init__(self, triage: Triage, kept: int = KEPT) -> None:
        self._triage = triage
        self._matters: _Last[tuple[int, Matter]] = _Last(kept)
        self._kinds: _Last[tuple[str, Floats]] = _Last(kept)

    def of(self, rows: Sequence[RowMapping]) -> list[Matter]:
        """One for each row."""
        known = self._matters.get([row["code"] for row in rows])
        found = {}
        for row in rows:
            # Staff may have put right what it says since, or erased it.
            says = hash((row["text"], row["place"], row["category"]))
            kept = known.get(row["code"])
            found[row["code"]] = kept if kept and kept[0] == says else (says, _matter(row))
        self._matters.put(found)
        return [matter for _, matter in found.values()]

    def kinds(self, matters: Sequence[Matter]) -> list[Floats]:
        """What triage takes each for; one that is being told has no code yet, and is not kept."""
        known = self._kinds.get([matter.code for matter in matters])
        said = {matter.code: f"{matter.place} {matter.text}" for matter in matters}
        new = [m for m in matters if known.get(m.code, ("", None))[0] != said[m.code]]
        weighed = self._triage.kinds([(m.place, m.text) for m in new]) if new else ()
        found = {m.code: (said[m.code], row) for m, row in zip(new, weighed, strict=True)}
        self._kinds.put({code: one for code, one in found.items() if code})
        return [{**known, **found}[matter.code][1] for matter in matters]

    def forget(self, code: str) -> None:
        """Drop a case that is gone."""
        self._matters.drop(code)
        self._kinds.drop(code)


class _Last(Generic[T]):
    """The last few by code."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, T] = OrderedDict()

    def get(self, codes: Sequence[str]) -> dict[str, T]:
        with self._lock:
            return {code: self._kept[code] for code in codes if code in self._kept}

    def put(self, found: Mapping[str, T]) -> None:
        with self._lock:
            self._kept.update(found)
            for code in found:
                self._kept.move_to_end(code)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def drop(self, code: str) -> None:
        with self._lock:
            self._kept.pop(code, None)


def _matter(row: RowMapping) -> Matter:
    return Matter.of(
        row["text"],
        row["place"],
        row["created_at"],
        code=row["code"],
        category=row["category"],
        owner=(row["channel"], row["account"], row["citizen"]) if row["proven"] else None,
    )

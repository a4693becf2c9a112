"""Which stored cases are worth comparing: near in meaning, in wording, or at the same place.

New cases are in memory, in small sets of columns that are joined as they come; from
time to time `tidy` moves them to disk, joins what is there, and drops what is gone.
Only numbers, codes, vectors and terms are kept, never a telling; yet what can be read
from them is personal too (docs/decisions/0011).
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from case_api.candidates import columns, looking, postings
from case_api.candidates.columns import CODE, PLAIN_UP_TO, Columns
from case_api.candidates.folder import Current, Folder
from case_api.candidates.postings import Seqs
from case_api.candidates.stored import Numbers
from case_api.candidates.terms import Telling
from nlu.text.errors import Unavailable

JOINED_BELOW = 1_024
"""Sets in memory are joined with their neighbours up to this size."""
MOVED_FROM = 512
"""So many new cases are worth writing down."""
CAUGHT_UP = 32_768
"""…and so many while the stored ones are being taken in."""
PLAIN_SETS = 8
"""Sets without inverted lists on disk before they become one."""
_NONE: Seqs = np.zeros(0, dtype=np.uint32)


@dataclass(frozen=True, slots=True)
class Case:
    """What is kept of a case to find it by."""

    seq: int
    code: str
    at: datetime
    telling: Telling


@dataclass(slots=True)
class _State:
    on_disk: tuple[Columns, ...] = ()
    moving: tuple[Columns, ...] = ()
    """On their way to disk."""
    new: list[Columns] = field(default_factory=list)
    gone: Seqs = field(default_factory=lambda: _NONE)
    """Ascending."""
    checksums: dict[str, int] = field(default_factory=dict)

    @property
    def parts(self) -> list[Columns]:
        return [*self.on_disk, *self.moving, *self.new]


class Candidates:
    """Cases by their number in the order of filing; safe to use from several threads."""

    def __init__(self, dimensions: int, folder: Path | None = None, encoder: str = "") -> None:
        self._dimensions = dimensions
        self._folder = Folder(folder, encoder) if folder is not None else None
        self._lock = threading.Lock()
        self._tidying = threading.Lock()
        self._state = _State()

    def __len__(self) -> int:
        """Those that are gone but not dropped yet included."""
        return sum(map(len, self.parts))

    def __contains__(self, seq: int) -> bool:
        return self.known([seq])[0]

    def known(self, seqs: Sequence[int]) -> list[bool]:
        """Which of these were taken in, be it that they are gone since."""
        wanted = np.array(seqs, dtype=np.uint32)
        found = np.isin(wanted, self._state.gone)
        for part in self.parts:
            found |= part.rows(wanted) >= 0
        return [bool(one) for one in found]

    @property
    def newest(self) -> int:
        """The highest number known."""
        return max((int(part.seqs[-1]) for part in self.parts if len(part)), default=0)

    @property
    def waiting(self) -> int:
        """How many are in memory only."""
        return sum(map(len, self._state.new))

    def load(self) -> None:
        """Take over what is on disk; what is damaged, or of another encoder, counts for nothing."""
        if self._folder is None:
            return
        current = self._folder.read()
        if current is None:
            return
        try:
            found = [self._opened(name, sum_) for name, sum_ in current.sets.items()]
        except Unavailable:
            return
        with self._lock:
            self._state.on_disk = tuple(found)
            self._state.checksums = dict(current.sets)
            self._state.gone = _with(self._state.gone, current.gone)

    def agree(self, parts: Sequence[Columns], stored: Numbers) -> None:
        """Forget what of `parts` the database does not hold (any more).

        Where a number stands for another case there, or was not given out yet, this is
        not our database, or one brought back from a backup: then everything is forgotten.
        """
        missing = [stored.withdrawn]
        for part in parts:
            at, there = _places(stored.seqs, part.seqs)
            unknown = part.seqs[~there]
            unborn = len(unknown) and (not len(stored.seqs) or unknown[-1] > stored.seqs[-1])
            if unborn or (stored.codes[at[there]] != part.codes[there]).any():
                self._forget_all()
                return
            missing.append(unknown)
        seqs = np.concatenate(missing)
        known = np.zeros(len(seqs), dtype=bool)
        for part in parts:
            known |= part.rows(seqs) >= 0
        with self._lock:
            self._state.gone = _with(self._state.gone, seqs[known])

    def add(self, cases: Sequence[Case], vectors: NDArray[np.float32] | None) -> None:
        """Take in cases, in the order of filing: the next look finds them."""
        if not cases:
            return
        rows = np.zeros((len(cases), self._dimensions)) if vectors is None else vectors
        seqs = [case.seq for case in cases]
        added = Columns(
            np.array(seqs, dtype=np.uint32),
            np.array([case.code.encode() for case in cases], dtype=CODE),
            np.array([int(case.at.timestamp()) for case in cases], dtype=np.uint32),
            np.asarray(rows, dtype=np.float16),
            postings.gather(seqs, [case.telling.all for case in cases]),
        )
        with self._lock:
            new = self._state.new
            new.append(added)
            while len(new) > 1 and len(new[-2]) < 2 * len(new[-1]) < JOINED_BELOW:
                new[-2:] = [columns.join(new[-2:], self._state.gone)]

    def remove(self, code: str) -> bool:
        """Never find this case again; the next `tidy` takes it off the disk."""
        wanted = np.bytes_(code.encode())
        for part in self.parts:
            found = np.flatnonzero(part.codes == wanted)
            if len(found):
                with self._lock:
                    self._state.gone = _with(self._state.gone, part.seqs[found])
                return True
        return False

    def near(
        self,
        told: Telling,
        vector: NDArray[np.float32] | None,
        limit: int,
        since: datetime | None = None,
    ) -> list[tuple[int, float]]:
        """At most `limit` cases with their cosine to `vector` (0 without one)."""
        with self._lock:
            parts, gone = self._state.parts, self._state.gone
        sought = looking.Sought(told, vector if self._dimensions else None, limit)
        from_ = int(since.timestamp()) if since is not None else 0
        return looking.near([part for part in parts if len(part)], sought, gone, from_)

    def tidy(
        self,
        since: datetime | None = None,
        *,
        catching_up: bool = False,
        thorough: bool = False,
        wait: bool = False,
    ) -> None:
        """Write down what is new and drop what is gone or older than `since`.

        From a set with inverted lists it is dropped when `thorough`, or when that set
        grows: this, once in 100,000 cases, takes a minute. Nothing is joined while
        `catching_up`. While another process is at it nothing is done, unless we are to `wait`.
        """
        if self._folder is None:
            return
        with self._tidying, self._folder.locked(wait=wait) as ours:
            if ours:
                self._take_over(self._folder)
                self._move(self._folder, since, catching_up, thorough)

    def _take_over(self, folder: Folder) -> None:
        """What another process wrote since."""
        current = folder.read()
        if current is None or current.sets == self._state.checksums:
            return
        known = {part.folder.name: part for part in self._state.on_disk if part.folder}
        try:
            found = tuple(
                known.get(name) or self._opened(name, sum_) for name, sum_ in current.sets.items()
            )
        except Unavailable:
            return
        with self._lock:
            self._state.on_disk = found
            self._state.checksums = dict(current.sets)
            self._state.gone = _with(self._state.gone, current.gone)

    def _move(
        self, folder: Folder, since: datetime | None, catching_up: bool, thorough: bool
    ) -> None:
        with self._lock:
            self._state.moving, self._state.new = tuple(self._state.new), []
            gone = self._state.gone
        before, moving = self._state.on_disk, self._state.moving
        unwanted = _with(gone, _expired([*before, *moving], since))
        try:
            groups = _grouped(before, moving, unwanted, catching_up=catching_up)
            after, checksums = [], {}
            for group in groups:
                made = group[0]
                stale = (thorough or not made.lists) and _holds(made, unwanted)
                if len(group) > 1 or made.folder is None or stale:
                    made = columns.write(folder.path / secrets.token_hex(8), group, unwanted)
                if len(made) and made.folder is not None:
                    name = made.folder.name
                    kept = self._state.checksums.get(name)
                    checksums[name] = columns.checksum(made.folder) if kept is None else kept
                    after.append(made)
            folder.write(Current(checksums, gone.tolist()))
        except (Unavailable, OSError):
            with self._lock:
                self._state.new = [*moving, *self._state.new]
                self._state.moving = ()
            raise
        with self._lock:
            self._state.on_disk, self._state.moving = tuple(after), ()
            self._state.checksums = checksums

    def _forget_all(self) -> None:
        with self._lock:
            self._state = _State()
        if self._folder is not None:
            with self._folder.locked(wait=True):
                self._folder.write(Current({}, ()))

    def _opened(self, name: str, expected: int) -> Columns:
        assert self._folder is not None
        found = columns.read(self._folder.path / name, self._dimensions)
        if columns.checksum(self._folder.path / name) != expected:
            raise Unavailable("判重快照无法读取")
        # Opened here, where a failure still means building anew.
        _ = found.sealed
        return found

    @property
    def parts(self) -> list[Columns]:
        """What is kept, a set at a time; the oldest first."""
        with self._lock:
            return self._state.parts


def _grouped(
    on_disk: Sequence[Columns],
    moving: Sequence[Columns],
    unwanted: Seqs,
    *,
    catching_up: bool,
) -> list[list[Columns]]:
    """Which sets become one; the oldest first, one of inverted lists at most."""
    big = [part for part in on_disk if part.lists]
    plain = [part for part in on_disk if not part.lists]
    coming = [part for part in moving if len(part)]
    if catching_up:
        return [[part] for part in on_disk] + ([coming] if coming else [])
    if sum(map(len, (*plain, *coming))) > PLAIN_UP_TO or len(big) > 1:
        return [[*big, *plain, *coming]]
    if len(plain) >= PLAIN_SETS or any(_holds(part, unwanted) for part in plain):
        plain = [*plain, *coming]
        return [[part] for part in big] + ([plain] if plain else [])
    return [[part] for part in (*big, *plain)] + ([coming] if coming else [])


def _expired(parts: Iterable[Columns], since: datetime | None) -> Seqs:
    if since is None:
        return _NONE
    limit = int(since.timestamp())
    old = [part.seqs[part.filed < limit] for part in parts]
    return np.concatenate([*old, _NONE])


def _holds(part: Columns, unwanted: Seqs) -> bool:
    return bool((part.rows(unwanted) >= 0).any())


def _with(gone: Seqs, more: Seqs | Sequence[int]) -> Seqs:
    return np.union1d(gone, np.asarray(more, dtype=np.uint32)).astype(np.uint32)


def _places(among: Seqs, seqs: Seqs) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
    at = np.searchsorted(among, seqs)
    there = at < len(among)
    there[there] = among[at[there]] == seqs[there]
    return at, there

"""Where the columns lie, and which of them count: one file says so, swapped atomically.

    similar/current     JSON: made from what, which sets of columns, their checksums, what is gone
    similar/<name>/…    one set of columns (`columns.py`)

Several processes of one machine may share it: who holds the lock writes, the others take over.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nlu.text.errors import Unavailable

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Current:
    """What counts."""

    sets: Mapping[str, int]
    """Name and checksum, oldest first."""
    gone: Sequence[int]
    """Taken away, but perhaps still in a set: to be left out of whatever is read or written."""


class Folder:
    """The sets of columns of one encoder."""

    def __init__(self, path: Path, encoder: str) -> None:
        self.path = path
        self._made_from = {"format": FORMAT, "encoder": encoder}

    def read(self) -> Current | None:
        """None where there is nothing, or nothing that this program and encoder can use."""
        try:
            found = json.loads((self.path / "current").read_text(encoding="utf-8"))
            if found["made_from"] != self._made_from:
                return None
            return Current({str(n): int(c) for n, c in found["sets"].items()}, found["gone"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None

    def write(self, current: Current) -> None:
        """Let this count, and drop all other sets."""
        body = {
            "made_from": self._made_from,
            "sets": dict(current.sets),
            "gone": list(current.gone),
        }
        beside = self.path / "current.new"
        beside.unlink(missing_ok=True)
        try:
            handle = os.open(beside, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                json.dump(body, file)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(self.path / "current")
        except OSError as error:
            raise Unavailable("判重快照无法写入") from error
        for path in self.path.iterdir():
            # What another process has mapped stays readable to it until it lets go.
            if path.is_dir() and path.name not in current.sets:
                shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def locked(self, *, wait: bool = False) -> Iterator[bool]:
        """Whether we may write; False while another process does, unless we are to wait for it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(self.path / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
            except BlockingIOError:
                yield False
            else:
                yield True
        finally:
            os.close(handle)

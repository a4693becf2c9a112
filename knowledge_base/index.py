"""The index on disk: generations in folders, built beside and swapped atomically.

index/current            JSON: which generation is in force, and from what it was made
index/<generation>/faq/…, index/<generation>/articles/…
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from knowledge_base.collection import Collection, Source, build_collection, stored_ids
from knowledge_base.encoder import Encoder
from knowledge_base.tokens import Tokeniser

FORMAT = 1
GENERATIONS_KEPT = 2
"""The one in force, and the one before: another process may still be reading it."""


Progress = Callable[[str, int, int], None]
"""Told while building: which collection, how many passages are done, of how many."""


def silent(_collection: str, _done: int, _total: int) -> None:
    """A `Progress` for those who do not watch."""


class IndexFolder:
    """Opens the index, after bringing it up to date where it is not."""

    def __init__(self, folder: Path, tokeniser: Tokeniser, encoder: Encoder | None) -> None:
        self._folder = folder
        self._tokeniser = tokeniser
        self._encoder = encoder

    def open(
        self,
        base: str,
        sources: Mapping[str, Source],
        progress: Progress,
    ) -> dict[str, Collection]:
        """Collections that hold exactly what the sources name.

        `base` identifies the database: ids mean something only within one.
        """
        self._folder.mkdir(parents=True, exist_ok=True)
        made_from = self._made_from(base)
        with self._locked():
            old = self._usable(made_from)
            if old is None or any(
                not np.array_equal(stored_ids(old / name), np.sort(source.ids))
                for name, source in sources.items()
            ):
                old = self._build(old, made_from, sources, progress)
            return {
                name: Collection(
                    old / name, lexical=source.lexical, with_vectors=self._encoder is not None
                )
                for name, source in sources.items()
            }

    def missing(self, base: str, sources: Mapping[str, Source]) -> int:
        """How many passages `open` would have to take in."""
        old = self._usable(self._made_from(base))
        return sum(
            len(source.ids)
            if old is None
            else len(np.setdiff1d(source.ids, stored_ids(old / name)))
            for name, source in sources.items()
        )

    def _made_from(self, base: str) -> dict[str, object]:
        return {
            "format": FORMAT,
            "base": base,
            "words": self._tokeniser.fingerprint,
            "encoder": self._encoder.fingerprint if self._encoder else "none",
        }

    def _usable(self, made_from: Mapping[str, object]) -> Path | None:
        current = self._current()
        if current is None or current["made_from"] != made_from:
            return None
        return self._folder / str(current["generation"])

    def _build(
        self,
        old: Path | None,
        made_from: Mapping[str, object],
        sources: Mapping[str, Source],
        progress: Progress,
    ) -> Path:
        name = secrets.token_hex(8)
        beside, new = self._folder / f"{name}.new", self._folder / name
        if old is not None:
            # Links cost nothing, and no file of a generation is ever written to again: what
            # changes is written beside and renamed.
            shutil.copytree(old, beside, copy_function=os.link)
        for part, source in sources.items():
            if old is not None and np.array_equal(stored_ids(old / part), np.sort(source.ids)):
                continue
            total = len(np.setdiff1d(source.ids, stored_ids(beside / part)))
            build_collection(
                beside / part,
                source,
                self._tokeniser,
                self._encoder,
                lambda done, part=part, total=total: progress(part, done, total),  # type: ignore[misc]
            )
        _sync(beside)
        beside.rename(new)
        # A copy is as old as what it was copied from, and the sweep goes by age: without
        # this it may take the generation that was just built.
        os.utime(new)
        pointer = self._folder / "current.new"
        pointer.write_text(json.dumps({"generation": name, "made_from": made_from}))
        with pointer.open("rb+") as file:
            os.fsync(file.fileno())
        pointer.replace(self._folder / "current")
        self._sweep()
        return new

    def _current(self) -> dict[str, object] | None:
        try:
            current: dict[str, object] = json.loads((self._folder / "current").read_text())
        except (FileNotFoundError, ValueError):
            return None
        return current if (self._folder / str(current.get("generation"))).is_dir() else None

    def _sweep(self) -> None:
        folders = [path for path in self._folder.iterdir() if path.is_dir()]
        # What ends in .new was left by a build that was killed: we hold the lock.
        whole = [path for path in folders if path.suffix != ".new"]
        whole.sort(key=lambda path: path.stat().st_mtime_ns, reverse=True)
        for path in set(folders) - set(whole[:GENERATIONS_KEPT]):
            shutil.rmtree(path, ignore_errors=True)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())

"""How the candidates for duplicates keep up as cases grow.

    python -m benchmarks.duplicate_scale --cases 1000000 [--data PATH]

Cases are put together from our own tellings (`data/triage`) and, with PATH, from the real letters
in `petitions/`; their vectors are those of the sentences, mixed and with noise, in clusters.
Building, then restarting and asking, each in a process of its own, so that memory is its own.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.report import figure, progress
from case_api.candidates import terms
from case_api.candidates.index import CAUGHT_UP, Candidates, Case
from case_api.candidates.looking import by_meaning
from knowledge_base.encoder import load_encoder
from nlu.text.normalise import normalise

ROOT = Path(__file__).resolve().parent.parent
OWN = ROOT / "data" / "triage"
ENCODER = "benchmark"
DIMENSIONS = 256
BATCH = 2_000
ASKED = 400
ADDED = 50
WANTED = 20
LIMIT = 60
DAY_ONE = datetime(2026, 1, 1, tzinfo=timezone.utc)
YEAR = timedelta(days=365)
CLUSTERS = 60_000
"""Matters that several people tell of."""
APART = 0.35
"""Length of the noise between two tellings of one matter, that of a vector being 1."""
STREETS = tuple("凤翔和平金桂石桥胜利纺织水岸建设幸福朝阳东湖南山文昌银杏迎宾长青")
KINDS = ("小区", "花园", "路", "村")


class Asked(Protocol):
    """What the command line says."""

    cases: int
    data: Path | None
    step: str
    folder: Path


def main() -> int:
    """Build, then restart and ask."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--data", type=Path, default=os.environ.get("MINSHENG_BENCH_DATA"))
    parser.add_argument("--step", choices=["all", "build", "ask"], default="all")
    parser.add_argument("--folder", type=Path, help="where the snapshot lies between two steps")
    asked: Asked = parser.parse_args()
    if asked.step == "build":
        build(asked.folder, asked.cases, asked.data)
        return 0
    if asked.step == "ask":
        ask(asked.folder, asked.cases)
        return 0
    with tempfile.TemporaryDirectory() as folder:
        for step in ("build", "ask"):
            command = [sys.executable, "-m", "benchmarks.duplicate_scale", "--step", step]
            command += ["--cases", str(asked.cases), "--folder", folder]
            command += ["--data", str(asked.data)] if asked.data else []
            if subprocess.run(command, cwd=ROOT, check=False).returncode:
                return 1
    return 0


def build(folder: Path, count: int, data: Path | None) -> None:
    """Take in `count` cases, and leave questions beside them."""
    made = Tellings(data)
    label = f"{count} cases"
    candidates = Candidates(DIMENSIONS, folder / "similar", ENCODER)
    made.preparing(label)
    before, spent, highest = Memory.now(), 0.0, 0
    for start in range(0, count, BATCH):
        cases, vectors = made.some(start, min(BATCH, count - start))
        began = time.perf_counter()
        candidates.add([case for case, _ in cases], vectors)
        if candidates.waiting >= CAUGHT_UP:
            candidates.tidy(catching_up=True)
            highest = max(highest, Memory.now().own)
        spent += time.perf_counter() - began
        if start % 100_000 == 0:
            progress(f"{start} of {count} …")
    began = time.perf_counter()
    with Watched() as watched:
        candidates.tidy()
    highest = max(highest, watched.highest)
    last = time.perf_counter() - began
    figure(f"{label}: build, without encoding and cutting into terms", spent + last, "s")
    figure(f"{label}: build, joining at the end", last, "s")
    figure(f"{label}: build, highest memory of its own", (highest - before.own) / 2**20, "MiB")
    questions, vectors = made.some(count, ASKED + ADDED, near=count)
    np.save(folder / "questions.npy", vectors)
    told = [[text, place] for _, (text, place) in questions]
    (folder / "questions.json").write_text(json.dumps(told), encoding="utf-8")


def ask(folder: Path, count: int) -> None:
    """Restart on the snapshot; ask, add, compare with looking at every vector."""
    label = f"{count} cases"
    vectors = np.load(folder / "questions.npy")
    told = json.loads((folder / "questions.json").read_text(encoding="utf-8"))
    # FAISS and its threads are there whether or not there are cases.
    warm = Candidates(DIMENSIONS)
    warm.add([_case(1, *told[0])], vectors[:1])
    warm.near(terms.of(*told[0]), vectors[0], LIMIT)
    before = Memory.now()
    began = time.perf_counter()
    candidates = Candidates(DIMENSIONS, folder / "similar", ENCODER)
    candidates.load()
    figure(f"{label}: restart, load and verify", time.perf_counter() - began, "s")
    assert len(candidates) == count
    took, meaning = [], []
    since = DAY_ONE - YEAR
    for (text, place), vector in zip(told[:ASKED], vectors, strict=False):
        began = time.perf_counter()
        candidates.near(terms.of(text, place), vector, LIMIT, since)
        took.append((time.perf_counter() - began) * 1000)
    for vector in vectors[:ASKED]:
        began = time.perf_counter()
        by_meaning(candidates.parts, vector, WANTED)
        meaning.append((time.perf_counter() - began) * 1000)
    figure(f"{label}: candidates p50", float(np.percentile(took, 50)), "ms")
    figure(f"{label}: candidates p99", float(np.percentile(took, 99)), "ms")
    figure(f"{label}: of these by meaning, p50", float(np.percentile(meaning, 50)), "ms")
    after = Memory.now()
    figure(f"{label}: memory of its own", (after.own - before.own) / 2**20, "MiB")
    figure(f"{label}: memory mapped from disk", (after.mapped - before.mapped) / 2**20, "MiB")
    disk = sum(path.stat().st_size for path in folder.joinpath("similar").rglob("*"))
    figure(f"{label}: on disk", disk / 2**20, "MiB")
    figure(f"{label}: recall@{WANTED} by meaning", _recall(candidates, vectors[:ASKED]), "")
    visible = []
    for number, ((text, place), vector) in enumerate(
        zip(told[ASKED:], vectors[ASKED:], strict=True), count + 1
    ):
        began = time.perf_counter()
        candidates.add([_case(number, text, place)], vector[None])
        found = candidates.near(terms.of(text, place), vector, LIMIT, since)
        visible.append((time.perf_counter() - began) * 1000)
        assert number in dict(found)
    figure(f"{label}: add one and find it, p50", float(np.percentile(visible, 50)), "ms")
    began = time.perf_counter()
    assert candidates.remove(f"B{count // 2:016}")
    figure(f"{label}: remove one", (time.perf_counter() - began) * 1000, "ms")
    began = time.perf_counter()
    candidates.tidy(thorough=True)
    figure(f"{label}: take it off the disk too", time.perf_counter() - began, "s")


class Tellings:
    """Cases made of sentences of others, the same for the same number."""

    def __init__(self, data: Path | None) -> None:
        self._sentences = list(_sentences(data))
        encoder = load_encoder("")
        assert encoder is not None
        progress(f"encoding {len(self._sentences)} sentences …")
        self._vectors = encoder.encode(self._sentences)
        self._encoder = encoder
        chance = np.random.default_rng(7)
        self._matters = chance.integers(0, len(self._sentences), size=(CLUSTERS, 3))
        self._streets = [a + b + k for a in STREETS for b in STREETS for k in KINDS]

    def preparing(self, label: str) -> None:
        """What a rebuild costs besides, a thousand cases."""
        told = [told for _, told in self.some(0, 1_000)[0]]
        began = time.perf_counter()
        self._encoder.encode([text for text, _ in told])
        figure(f"{label}: encode 1,000", time.perf_counter() - began, "s")
        began = time.perf_counter()
        for text, place in told:
            terms.of(text, place)
        figure(f"{label}: cut 1,000 into terms", time.perf_counter() - began, "s")

    def some(
        self, start: int, count: int, near: int | None = None
    ) -> tuple[list[tuple[Case, tuple[str, str]]], NDArray[np.float32]]:
        """Cases from a number on; `near`: told once more, of matters among so many."""
        chance = np.random.default_rng(start)
        # A few matters are told by many, most by few.
        matters = (CLUSTERS * chance.random(count) ** 1.5).astype(int)
        parts = self._matters[matters]
        others = chance.integers(0, len(self._sentences), size=(count, 2))
        mixed = self._vectors[parts].sum(axis=1) + self._vectors[others].sum(axis=1) * APART
        noise = chance.standard_normal(mixed.shape).astype(np.float32) / DIMENSIONS**0.5
        length = np.linalg.norm(mixed, axis=1, keepdims=True)
        mixed += APART * length * noise
        mixed /= np.linalg.norm(mixed, axis=1, keepdims=True)
        cases = []
        for i in range(count):
            text = "".join(self._sentences[n] for n in (*parts[i], *others[i]))
            street = self._streets[matters[i] % len(self._streets)]
            place = f"{street}{matters[i] % 40 + 1}号楼"
            cases.append((_case(start + i + 1, text, place), (text, place)))
        return cases, mixed.astype(np.float32)


class Memory:
    """Bytes that this process holds."""

    def __init__(self, own: int, mapped: int) -> None:
        self.own, self.mapped = own, mapped

    @classmethod
    def now(cls) -> Memory:
        return cls(_status("RssAnon"), _status("RssFile"))


class Watched:
    """The highest memory of our own while something is going on."""

    def __init__(self) -> None:
        self.highest = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Watched:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._done.wait(0.05):
            self.highest = max(self.highest, Memory.now().own)


def _status(name: str) -> int:
    lines = Path("/proc/self/status").read_text(encoding="utf-8").splitlines()
    return int(next(line for line in lines if line.startswith(name)).split()[1]) * 1024


def _case(seq: int, text: str, place: str) -> Case:
    return Case(seq, f"B{seq:016}", DAY_ONE + timedelta(seconds=20 * seq), terms.of(text, place))


def _sentences(data: Path | None) -> Iterator[str]:
    paths = [OWN / "matters.jsonl", OWN / "petitions.jsonl"]
    if data is not None:
        paths += [data / "petitions" / name for name in ("labelled.jsonl", "unlabelled.jsonl")]
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            yield from (
                part
                for part in normalise(json.loads(line)["text"]).split("。")
                if 8 <= len(part) <= 120
            )


def _recall(candidates: Candidates, asked: NDArray[np.float32]) -> float:
    """How many of the nearest are found by meaning; the nearest by looking at every vector."""
    best = np.full((len(asked), WANTED), -2.0, dtype=np.float32)
    who = np.zeros((len(asked), WANTED), dtype=np.uint32)
    for part in candidates.parts:
        for start in range(0, len(part), 50_000):
            rows = part.vectors[start : start + 50_000].astype(np.float32)
            scores = np.hstack([best, asked @ rows.T])
            seqs = np.tile(part.seqs[start : start + 50_000], (len(asked), 1))
            top = np.argpartition(-scores, WANTED - 1, axis=1)[:, :WANTED]
            best = np.take_along_axis(scores, top, axis=1)
            who = np.take_along_axis(np.hstack([who, seqs]), top, axis=1)
    found = [set(by_meaning(candidates.parts, vector, WANTED).tolist()) for vector in asked]
    right = [len(set(row.tolist()) & mine) for row, mine in zip(who, found, strict=True)]
    return float(np.mean(right)) / WANTED


if __name__ == "__main__":
    sys.exit(main())

"""How fast search is as the collection grows, and which lexical engine keeps up.

    python -m benchmarks.search_speed --data PATH [--sizes 1000 20000 147284]

PATH holds `laws/articles.jsonl.gz` and `law_questions/stard_dev.jsonl`. Three engines get the same
bigrams and the same questions: ours (tantivy), SQLite FTS5, and BM25 as a sparse matrix (as bm25s
and rank-bm25 keep it: no adding, only building anew). Then the whole of our search: words, bigrams,
vectors and order, with building, adding one article, and taking over an index that is ready.
Each runs in a process of its own, so that memory is its own.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

import numpy as np

from benchmarks.report import figure, progress
from benchmarks.search_engines import ENGINES, Row
from knowledge_base.article_ranking import expand, rank_articles
from knowledge_base.collection import Passage, Question, Source
from knowledge_base.concepts import Concepts
from knowledge_base.encoder import load_encoder
from knowledge_base.evaluation import read_articles, read_questions
from knowledge_base.index import IndexFolder, silent
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import load_weights

ROOT = Path(__file__).resolve().parent.parent
SIZES = (1_000, 20_000, 147_284)
ASKED = 200
ADDED = 5
NEW = 10_000_000


class Asked(Protocol):
    """What the command line says."""

    data: Path
    sizes: list[int]
    engine: str
    size: int


def main() -> int:
    """Run every engine at every size, or the one that is named."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument(
        "--data", type=Path, default=os.environ.get("MINSHENG_BENCH_DATA"), required=False
    )
    parser.add_argument("--sizes", type=int, nargs="*", default=SIZES)
    parser.add_argument("--engine", choices=[*ENGINES, "whole"], help="only this one…")
    parser.add_argument("--size", type=int, default=SIZES[0], help="…at this size")
    asked = parser.parse_args()
    if asked.data is None:
        progress("no articles: give --data or MINSHENG_BENCH_DATA")
        return 0
    if asked.engine == "whole":
        whole(asked.data, asked.size)
        return 0
    if asked.engine:
        lexical(asked.engine, asked.data, asked.size)
        return 0
    failed = 0
    for size in asked.sizes:
        for engine in (*ENGINES, "whole"):
            progress(f"{engine}, {size} passages …")
            command = [sys.executable, "-m", "benchmarks.search_speed", "--data", str(asked.data)]
            command += ["--engine", engine, "--size", str(size)]
            failed += subprocess.run(command, cwd=ROOT, check=False).returncode != 0
    return 1 if failed else 0


def lexical(name: str, data: Path, size: int) -> None:
    """One engine over bigrams: build, search, add one, memory, disk."""
    tokeniser = _tokeniser()
    passages = _passages(data, size, ADDED)
    rows: list[Row] = [(one.id, tokeniser.bigrams(one.text)) for one in passages]
    asked = [tokeniser.bigrams(text) for text in _questions(data)]
    label = f"{name}, {size} passages"
    with tempfile.TemporaryDirectory() as folder:
        before = _memory()
        started = time.perf_counter()
        engine = ENGINES[name](Path(folder), rows[:size])
        figure(f"{label}: build", time.perf_counter() - started, "s")
        _timed(label, [lambda terms=terms: engine.search(terms, 10) for terms in asked])
        figure(f"{label}: memory", (_memory() - before) / 2**20, "MiB")
        figure(f"{label}: on disk", _disk(Path(folder)) / 2**20, "MiB")
        took = []
        for row in rows[size:]:
            started = time.perf_counter()
            engine.add(row)
            took.append((time.perf_counter() - started) * 1000)
        figure(f"{label}: add one, searchable", float(np.median(took)), "ms")


def whole(data: Path, size: int) -> None:
    """Our search with everything: build, take over, search, add one, memory, disk."""
    tokeniser, concepts, encoder = _tokeniser(), Concepts.read(), load_encoder("")
    ranking = load_weights(encoder.fingerprint if encoder else None).articles
    passages = _passages(data, size, 1)
    by_id = {one.id: one for one in passages}
    label = f"whole search, {size} passages"

    def source(count: int) -> dict[str, Source]:
        ids = np.array([one.id for one in passages[:count]], dtype=np.int64)
        return {"articles": Source(ids, lambda wanted: [_passage(by_id, one) for one in wanted])}

    with tempfile.TemporaryDirectory() as place:
        folder = IndexFolder(Path(place), tokeniser, encoder)
        started = time.perf_counter()
        folder.open("bench", source(size), silent)
        figure(f"{label}: build", time.perf_counter() - started, "s")
        before = _memory()
        started = time.perf_counter()
        collection = folder.open("bench", source(size), silent)["articles"]
        figure(f"{label}: take over", (time.perf_counter() - started) * 1000, "ms")

        def search(text: str) -> None:
            vector = encoder.encode([text])[0] if encoder else None
            question = Question(text, *expand(text, tokeniser, concepts), vector)
            rank_articles(collection, question, ranking)

        _timed(label, [lambda text=text: search(text) for text in _questions(data)])
        figure(f"{label}: memory", (_memory() - before) / 2**20, "MiB")
        figure(f"{label}: on disk", _disk(Path(place)) / 2**20, "MiB")
        started = time.perf_counter()
        folder.open("bench", source(size + 1), silent)
        figure(f"{label}: add one, new generation", (time.perf_counter() - started) * 1000, "ms")


def _passages(data: Path, size: int, more: int) -> list[Passage]:
    """`size` articles, and `more` under numbers of their own, to be added later."""
    found = read_articles(data / "laws" / "articles.jsonl.gz", national_only=False)[:size]
    return [*found, *(Passage(NEW + one.id, one.text) for one in found[:more])]


def _passage(by_id: dict[int, Passage], wanted: int) -> Passage:
    return by_id[wanted]


def _questions(data: Path) -> list[str]:
    found = read_questions(data / "law_questions" / "stard_dev.jsonl")
    return [one.text for one in found[:ASKED]]


def _tokeniser() -> Tokeniser:
    return Tokeniser(Path(os.environ.get("MINSHENG_DATA_DIR") or ROOT / "var") / "cache")


def _timed(label: str, searches: Sequence[Callable[[], object]]) -> None:
    took = []
    for search in searches:
        started = time.perf_counter()
        search()
        took.append((time.perf_counter() - started) * 1000)
    figure(f"{label}: search p50", float(np.percentile(took, 50)), "ms")
    figure(f"{label}: search p99", float(np.percentile(took, 99)), "ms")


def _memory() -> int:
    """Bytes that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="utf-8").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _disk(folder: Path) -> int:
    # Generations share files: each counts once.
    files = {
        path.stat().st_ino: path.stat().st_size for path in folder.rglob("*") if path.is_file()
    }
    return sum(files.values())


if __name__ == "__main__":
    sys.exit(main())

"""Real petitions to the replies that offices published: the message, the title, or both asked."""

from __future__ import annotations

import json
import tempfile
import time
from pathlib import Path

import numpy as np

from benchmarks.report import figure
from knowledge_base.collection import Collection, Passage, Question, Source, build_collection
from knowledge_base.encoder import Encoder
from knowledge_base.evaluation import Score, first_right
from knowledge_base.long_questions import rank_for_letter
from knowledge_base.tokens import Tokeniser


def replies(path: Path, encoder: Encoder | None, tokeniser: Tokeniser) -> None:
    """Ours beside bigram BM25 alone and vectors alone."""
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    passages = [Passage(number, row["reply"]) for number, row in enumerate(rows)]
    titles = [Passage(number, row["text"]) for number, row in enumerate(rows)]
    asked = {
        "message to reply": [row["text"] for row in rows],
        "title and message to reply": [f"{row['title']} {row['text']}" for row in rows],
    }
    with tempfile.TemporaryDirectory() as folder:
        collection = _collection(Path(folder) / "replies", passages, tokeniser, encoder)
        for name, letters in asked.items():
            _ask(name, letters, collection, tokeniser, encoder)
        collection = _collection(Path(folder) / "messages", titles, tokeniser, encoder)
        _ask("title to message", [row["title"] for row in rows], collection, tokeniser, encoder)


def _collection(
    folder: Path, passages: list[Passage], tokeniser: Tokeniser, encoder: Encoder | None
) -> Collection:
    source = Source(
        np.arange(len(passages), dtype=np.int64), lambda ids: [passages[number] for number in ids]
    )
    build_collection(folder, source, tokeniser, encoder, lambda _done: None)
    return Collection(folder, lexical=True, with_vectors=encoder is not None)


def _ask(
    name: str,
    letters: list[str],
    collection: Collection,
    tokeniser: Tokeniser,
    encoder: Encoder | None,
) -> None:
    ours: list[int | None] = []
    bigrams: list[int | None] = []
    vectors: list[int | None] = []
    took = []
    for number, letter in enumerate(letters):
        right = frozenset([number])
        started = time.perf_counter()
        ranked = rank_for_letter(collection, letter, tokeniser, encoder)
        took.append((time.perf_counter() - started) * 1000)
        ours.append(first_right([passage for passage, _ in ranked], right))
        plain = dict.fromkeys(tokeniser.bigrams(letter), 1.0)
        alone = collection.candidates(Question(letter, {}, plain, None), 10)
        bigrams.append(first_right([one.id for one in alone], right))
        if encoder is not None:
            near = collection.candidates(Question(letter, {}, {}, encoder.encode([letter])[0]), 10)
            vectors.append(first_right([one.id for one in near], right))
    scored, base = Score.of(ours).mrr_at_10, Score.of(bigrams).mrr_at_10
    figure(f"retrieval MRR@10, {name}, beside BM25 alone", scored, "MRR", base)
    if encoder is not None:
        alone_score = Score.of(vectors).mrr_at_10
        figure(f"retrieval MRR@10, {name}, beside vectors alone", scored, "MRR", alone_score)
    figure(f"{name}: search p50", float(np.percentile(took, 50)), "ms")
    figure(f"{name}: search p99", float(np.percentile(took, 99)), "ms")

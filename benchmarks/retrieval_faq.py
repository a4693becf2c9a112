"""The starter FAQ, asked in words that nobody wrote down, and asked what it must refuse."""

from __future__ import annotations

import json
import time
from collections import Counter
from pathlib import Path

import numpy as np

from benchmarks.report import figure
from knowledge_base.concepts import Concepts
from knowledge_base.encoder import Encoder
from knowledge_base.faq import read_starter
from knowledge_base.faq_ranking import FaqRanker
from knowledge_base.faq_scoring import score_faq
from knowledge_base.fitting import faq_rows
from knowledge_base.tokens import Tokeniser
from knowledge_base.training.lexical import Bm25
from knowledge_base.weights import load_weights

QUESTIONS = Path(__file__).resolve().parent.parent / "tests" / "data" / "faq_questions.jsonl"


def faq(encoder: Encoder | None, tokeniser: Tokeniser, weights: Path) -> None:
    """Hits, answers and refusals of ours, of bigram BM25 alone and of vectors alone."""
    rows = [json.loads(line) for line in QUESTIONS.read_text(encoding="utf-8").splitlines()]
    entries = read_starter()
    texts = faq_rows(entries)
    vectors = encoder.encode([row.text for row in texts]) if encoder else None
    started = time.perf_counter()
    ranker = FaqRanker(texts, len(entries), tokeniser, Concepts.read(), vectors)
    figure("faq: ranker built", time.perf_counter() - started, "s")
    ranking = load_weights(encoder.fingerprint if encoder else None, weights).faq
    owners = np.array([row.entry for row in texts])
    lexical = Bm25([row.text for row in texts]).scores([row["query"] for row in rows])
    counts: Counter[str] = Counter()
    took = []
    for row, bm25 in zip(rows, lexical, strict=True):
        right = {row["faq_id"], *row.get("also", [])} - {None}
        started = time.perf_counter()
        vector = encoder.encode([row["query"]])[0] if encoder else None
        first = score_faq(ranker.figures(row["query"], vector), ranking, 3)[0]
        took.append((time.perf_counter() - started) * 1000)
        answered = first.score >= ranking.floor
        if not right:
            counts["foreign"] += 1
            counts["refused"] += not answered
            continue
        hit = entries[first.entry].id in right
        counts["known"] += 1
        counts["hit"] += hit
        counts["answered"] += answered and hit
        counts["wrong"] += answered and not hit
        counts["bm25"] += entries[owners[bm25.argmax()]].id in right
        if vectors is not None and vector is not None:
            counts["vectors"] += entries[owners[(vectors @ vector).argmax()]].id in right
    known = counts["known"]
    hit = counts["hit"] / known
    figure("faq hit@1, unseen wordings, beside BM25 alone", hit, "share", counts["bm25"] / known)
    if encoder:
        alone = counts["vectors"] / known
        figure("faq hit@1, unseen wordings, beside vectors alone", hit, "share", alone)
    figure("faq answered rightly", counts["answered"] / known, "share")
    figure("faq answered wrongly", counts["wrong"] / known, "share")
    figure("faq foreign questions refused", counts["refused"] / counts["foreign"], "share")
    figure("faq: search p50", float(np.percentile(took, 50)), "ms")
    figure("faq: search p99", float(np.percentile(took, 99)), "ms")

"""Search against BM25 alone and vectors alone, on the same questions: one JSON object a line.

    python -m benchmarks.retrieval --data PATH [--only faq|national|all|replies]

PATH (or MINSHENG_BENCH_DATA) holds `laws/articles.jsonl.gz`, `law_questions/stard_dev.jsonl` and
`petitions/replies.jsonl`. The first run cuts and encodes the articles (minutes), later ones reuse
that. The law questions asked are those that `python -m knowledge_base fit` leaves aside; they are
asked among the national articles, and among those of all regions. The FAQ is asked the questions
of `tests/data/faq_questions.jsonl`, which nothing has been fitted or trained on.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import figure, progress
from benchmarks.retrieval_faq import faq
from benchmarks.retrieval_replies import replies
from knowledge_base.article_ranking import expand, rank_articles
from knowledge_base.collection import Collection, Question
from knowledge_base.concepts import Concepts
from knowledge_base.encoder import Encoder, load_encoder
from knowledge_base.evaluation import (
    HELD_OUT,
    GoldQuestion,
    Score,
    first_right,
    open_articles,
    read_articles,
    read_questions,
)
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import load_weights

ROOT = Path(__file__).resolve().parent.parent
SETS = ("faq", "national", "all", "replies")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=os.environ.get("MINSHENG_BENCH_DATA", ""))
    parser.add_argument("--sample", type=int, default=HELD_OUT)
    parser.add_argument("--only", choices=SETS)
    parser.add_argument("--encoder", default=os.environ.get("MINSHENG_ENCODER", ""))
    asked = parser.parse_args()
    place = Path(os.environ.get("MINSHENG_DATA_DIR") or ROOT / "var")
    encoder = load_encoder(asked.encoder)
    tokeniser = Tokeniser(place / "cache")
    chosen = [asked.only] if asked.only else list(SETS)
    if "faq" in chosen:
        faq(encoder, tokeniser, place / "weights.toml")
    if not asked.data:
        progress("no law questions and no petitions: give --data or MINSHENG_BENCH_DATA")
        return
    data = Path(asked.data)
    path = data / "laws" / "articles.jsonl.gz"
    questions = read_questions(data / "law_questions" / "stard_dev.jsonl")[: asked.sample]
    for scope in ("national", "all"):
        if scope in chosen:
            passages = read_articles(path, national_only=scope == "national")
            progress(f"{len(passages)} articles: taking in what is not in the index yet")
            folder = place / f"bench-{scope}"
            collection = open_articles(path, passages, folder, tokeniser, encoder)
            articles(collection, questions, encoder, tokeniser, place / "weights.toml")
    if "replies" in chosen:
        replies(data / "petitions" / "replies.jsonl", encoder, tokeniser)


def articles(
    collection: Collection,
    questions: Sequence[GoldQuestion],
    encoder: Encoder | None,
    tokeniser: Tokeniser,
    weights: Path,
) -> None:
    """Lay questions to the right article."""
    concepts = Concepts.read()
    ranking = load_weights(encoder.fingerprint if encoder else None, weights).articles
    ours: list[int | None] = []
    bigrams: list[int | None] = []
    vectors: list[int | None] = []
    took = []
    for question in questions:
        started = time.perf_counter()
        vector = encoder.encode([question.text])[0] if encoder else None
        asked = Question(question.text, *expand(question.text, tokeniser, concepts), vector)
        ranked = rank_articles(collection, asked, ranking)
        took.append((time.perf_counter() - started) * 1000)
        ours.append(first_right([one.id for one in ranked[:10]], question.right))
        plain = dict.fromkeys(tokeniser.bigrams(question.text), 1.0)
        alone = collection.candidates(Question(question.text, {}, plain, None), 10)
        bigrams.append(first_right([one.id for one in alone], question.right))
        if vector is not None:
            near = collection.candidates(Question(question.text, {}, {}, vector), 10)
            vectors.append(first_right([one.id for one in near], question.right))
    name = f"{len(questions)} lay questions to {len(collection)} articles"
    against(name, Score.of(ours), Score.of(bigrams), Score.of(vectors) if vectors else None)
    timing(name, took)


def against(name: str, ours: Score, bigrams: Score, vectors: Score | None) -> None:
    """Every figure beside bigram BM25 alone, then the vectors alone beside it."""
    for measure in ("hit_at_1", "hit_at_10", "mrr_at_10"):
        unit = "MRR" if measure.startswith("mrr") else "share"
        label = measure.replace("_at_", "@").replace("mrr", "MRR")
        base = getattr(bigrams, measure)
        figure(f"retrieval {label}, {name}, beside BM25 alone", getattr(ours, measure), unit, base)
        if vectors:
            alone = getattr(vectors, measure)
            figure(
                f"retrieval {label}, {name}, beside vectors alone",
                getattr(ours, measure),
                unit,
                alone,
            )


def timing(name: str, took: Sequence[float]) -> None:
    """Half of the searches, and 99 of 100, were faster than this."""
    figure(f"{name}: search p50", float(np.percentile(took, 50)), "ms")
    figure(f"{name}: search p99", float(np.percentile(took, 99)), "ms")


if __name__ == "__main__":
    main()

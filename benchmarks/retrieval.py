"""Search against bigram BM25 alone, on the same questions: one JSON object a line.

    python -m benchmarks.retrieval --data PATH [--sample 400] [--all-regions]

PATH (or MINSHENG_BENCH_DATA) holds `laws/articles.jsonl.gz` and
`law_questions/stard_dev.jsonl`. The first run cuts and encodes the articles
(a minute or two), later ones reuse that. The questions asked are those that
`python -m knowledge_base fit` leaves aside. The FAQ is asked the questions of
`tests/data/faq_questions.jsonl`, which nothing has been fitted or trained on.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from benchmarks.report import figure, progress
from knowledge_base.article_ranking import expand, rank_articles
from knowledge_base.collection import Collection, Question
from knowledge_base.concepts import Concepts
from knowledge_base.database import Database
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
from knowledge_base.faq import read_starter
from knowledge_base.lexical import LexicalIndex
from knowledge_base.search import KnowledgeBase
from knowledge_base.tokens import Tokeniser
from knowledge_base.weights import load_weights

ROOT = Path(__file__).resolve().parent.parent
FAQ_QUESTIONS = ROOT / "tests" / "data" / "faq_questions.jsonl"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", default=os.environ.get("MINSHENG_BENCH_DATA", ""))
    parser.add_argument("--sample", type=int, default=HELD_OUT)
    parser.add_argument("--all-regions", action="store_true", help="provincial rules too")
    parser.add_argument("--encoder", default=os.environ.get("MINSHENG_ENCODER", ""))
    asked = parser.parse_args()
    place = Path(os.environ.get("MINSHENG_DATA_DIR") or ROOT / "var")
    encoder = load_encoder(asked.encoder)
    tokeniser = Tokeniser(place / "cache")
    asyncio.run(faq(encoder, tokeniser))
    if not asked.data:
        progress("no law questions: give --data or MINSHENG_BENCH_DATA")
        return
    data = Path(asked.data)
    path = data / "laws" / "articles.jsonl.gz"
    passages = read_articles(path, national_only=not asked.all_regions)
    progress(f"{len(passages)} articles: cutting and encoding what is not in the index yet")
    folder = place / ("bench-all" if asked.all_regions else "bench-national")
    collection = open_articles(path, passages, folder, tokeniser, encoder)
    questions = read_questions(data / "law_questions" / "stard_dev.jsonl")[: asked.sample]
    articles(collection, questions, encoder, tokeniser)


def articles(
    collection: Collection,
    questions: Sequence[GoldQuestion],
    encoder: Encoder | None,
    tokeniser: Tokeniser,
) -> None:
    """Lay questions to the right article."""
    concepts = Concepts.read()
    ranking = load_weights(encoder.fingerprint if encoder else None).articles
    ours, bigrams, vectors, took = [], [], [], []
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
    scored, baseline = Score.of(ours), Score.of(bigrams)
    name = f"{len(questions)} lay questions to {len(collection)} articles"
    figure(f"retrieval hit@1, {name}", scored.hit_at_1, "share", baseline.hit_at_1)
    figure(f"retrieval hit@10, {name}", scored.hit_at_10, "share", baseline.hit_at_10)
    figure(f"retrieval MRR@10, {name}", scored.mrr_at_10, "MRR", baseline.mrr_at_10)
    if vectors:
        alone_score = Score.of(vectors)
        figure("retrieval MRR@10, vectors alone", alone_score.mrr_at_10, "MRR", baseline.mrr_at_10)
    timing("retrieval, articles", took)


async def faq(encoder: Encoder | None, tokeniser: Tokeniser) -> None:
    """Questions in words that nobody wrote down, and questions to be refused."""
    rows = [json.loads(line) for line in FAQ_QUESTIONS.read_text(encoding="utf-8").splitlines()]
    hit, plain_hit, answered, wrong, refused, took = 0, 0, 0, 0, 0, []
    known = [row for row in rows if row["faq_id"]]
    with tempfile.TemporaryDirectory() as folder:
        best_wording = bigrams_alone(Path(folder) / "bigrams", tokeniser)
        database = Database(f"sqlite:///{folder}/kb.db")
        kb = await KnowledgeBase.open(database, encoder, Path(folder))
        for row in rows:
            right = {row["faq_id"], *row.get("also", [])} - {None}
            started = time.perf_counter()
            result = await kb.search(row["query"])
            took.append((time.perf_counter() - started) * 1000)
            first = result.hits[0].id if result.hits else ""
            if right:
                hit += first in right
                answered += result.answered and first in right
                wrong += result.answered and first not in right
                plain_hit += best_wording(row["query"]) in right
            else:
                refused += not result.answered
        await kb.close()
        await database.close()
    count, foreign = len(known), len(rows) - len(known)
    figure("faq hit@1, unseen wordings", hit / count, "share", plain_hit / count)
    figure("faq answered rightly", answered / count, "share")
    figure("faq answered wrongly", wrong / count, "share")
    figure("faq foreign questions refused", refused / max(1, foreign), "share")
    timing("faq", took)


def bigrams_alone(folder: Path, tokeniser: Tokeniser) -> Callable[[str], str]:
    """The baseline: the entry whose wording has the best BM25 over bigrams."""
    entries = read_starter()
    texts = [(entry.id, wording) for entry in entries for wording in entry.wordings]
    index = LexicalIndex(folder)
    index.update((at, [], tokeniser.bigrams(text)) for at, (_, text) in enumerate(texts))

    def best(question: str) -> str:
        found = index.search("bigrams", tokeniser.bigrams(question), 1)
        return texts[found[0][0]][0] if found else ""

    return best


def timing(name: str, took: Sequence[float]) -> None:
    """Half of the searches, and 99 of 100, were faster than this."""
    figure(f"{name}: search p50", float(np.percentile(took, 50)), "ms")
    figure(f"{name}: search p99", float(np.percentile(took, 99)), "ms")


if __name__ == "__main__":
    main()

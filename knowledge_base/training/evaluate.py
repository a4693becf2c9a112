"""How good the shipped encoder is, alone and beside BM25.

    python -m knowledge_base.training.evaluate --data DIR [--encoder PATH]

DIR holds `laws/articles.jsonl.gz`, `law_questions/stard_dev.jsonl` and `petitions/replies.jsonl`.
Law questions are those that training leaves aside; of the petitions nothing takes part in it. The
weight of the fusion is chosen on the even half of the questions and told for both halves.
"""

from __future__ import annotations

import argparse
import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from knowledge_base.evaluation import HELD_OUT, read_questions
from knowledge_base.training import corpus
from knowledge_base.training.lexical import Bm25, TfIdf

Floats = npt.NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]
_HOME = Path(__file__).resolve().parents[2]
_WEIGHTS = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.3, 1.6, 2.0, 3.0)


@dataclass(frozen=True, slots=True)
class Score:
    """How high the first right passage stands."""

    mrr: float
    """Mean reciprocal rank within the first ten."""
    hit1: float
    hit10: float

    def __str__(self) -> str:
        return f"MRR@10 {self.mrr:.3f}  hit@1 {self.hit1:.3f}  hit@10 {self.hit10:.3f}"


@dataclass(frozen=True, slots=True)
class Task:
    """Queries, passages, and which passages are right for each query."""

    queries: list[str]
    passages: list[str]
    right: list[set[int]]


def load(path: Path) -> Encode:
    """The encoder in a folder, as a function to unit vectors."""
    from sentence_transformers import SentenceTransformer

    # In half precision the unit vector of a text without a known word is not a number.
    model = SentenceTransformer(str(path), device="cpu", trust_remote_code=False).float()

    def encode(texts: Sequence[str]) -> Floats:
        vectors = model.encode(list(texts), batch_size=256, normalize_embeddings=True)
        return np.asarray(vectors, dtype=np.float32)

    return encode


def ranks(scores: Floats, right: Sequence[set[int]]) -> npt.NDArray[np.int64]:
    """For each query the place (from 0) of its best right passage."""
    best = [max(scores[i, sorted(wanted)]) for i, wanted in enumerate(right)]
    return np.asarray((scores > np.array(best)[:, None]).sum(axis=1))


def score(places: npt.NDArray[np.int64]) -> Score:
    """Ranks as figures."""
    reciprocal = np.where(places < 10, 1.0 / (places + 1.0), 0.0)
    return Score(float(reciprocal.mean()), float((places == 0).mean()), float((places < 10).mean()))


def fuse(lexical: Floats, cosine: Floats, weight: float) -> Floats:
    """BM25 over its best score of the query, plus the weighted cosine."""
    top = np.maximum(lexical.max(axis=1, keepdims=True), 1e-6)
    return np.asarray(lexical / top + weight * cosine, dtype=np.float32)


def compare(task: Task, encode: Encode) -> dict[str, Score]:
    """TF-IDF, BM25, the vectors, and the fusion with its weight chosen on the even half."""
    cosine = encode(task.queries) @ encode(task.passages).T
    lexical = Bm25(task.passages).scores(task.queries)
    odd = np.arange(len(task.queries)) % 2 == 1
    fused = {w: ranks(fuse(lexical, cosine, w), task.right) for w in _WEIGHTS}
    weight = max(_WEIGHTS, key=lambda w: (score(fused[w][~odd]).mrr, -w))
    bm25, vectors = ranks(lexical, task.right), ranks(cosine, task.right)
    tfidf = ranks(TfIdf(task.passages).scores(task.queries), task.right)
    return {
        "TF-IDF of bigrams": score(tfidf),
        "BM25 of bigrams": score(bm25),
        "vectors": score(vectors),
        f"BM25 + {weight} × vectors": score(fused[weight]),
        "BM25, even half": score(bm25[~odd]),
        "fused, even half": score(fused[weight][~odd]),
        "BM25, odd half (unseen)": score(bm25[odd]),
        "fused, odd half (unseen)": score(fused[weight][odd]),
    }


def law_questions(data: Path) -> Task:
    """Lay legal questions → articles of national laws, indexed with law and chapter."""
    passages: list[str] = []
    place: dict[int, int] = {}
    with gzip.open(data / "laws/articles.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            row: dict[str, Any] = json.loads(line)
            if not row["file"].startswith("DLC"):
                place[row["id"]] = len(passages)
                passages.append(f"{row['law']} {row['chapter'] or ''} {row['text']}")
    queries, right = [], []
    for question in read_questions(data / "law_questions/stard_dev.jsonl")[:HELD_OUT]:
        wanted = {place[i] for i in question.right if i in place}
        if wanted:
            queries.append(question.text)
            right.append(wanted)
    return Task(queries, passages, right)


def replies(data: Path) -> Task:
    """A citizen's message → the office's published reply."""
    with (data / "petitions/replies.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return Task(
        [f"{row['title']} {row['text']}" for row in rows],
        [row["reply"] for row in rows],
        [{i} for i in range(len(rows))],
    )


def curated(questions: Sequence[corpus.Question], encode: Encode) -> dict[str, Score]:
    """The last phrasing of each curated question → the question, its other phrasings, its answer.

    Honest only for an encoder trained with `--hold-out`.
    """
    known = [[*q.phrasings[:-1], q.answer] for q in questions]
    texts = [text for one in known for text in one]
    owner = np.array([i for i, one in enumerate(known) for _ in one])
    asked = [q.phrasings[-1] for q in questions]
    right = [{i} for i in range(len(questions))]

    def placed(scores: Floats) -> Score:
        best = [scores[:, owner == i].max(axis=1) for i in range(len(questions))]
        return score(ranks(np.stack(best, axis=1), right))

    cosine = encode(asked) @ encode(texts).T
    lexical = Bm25(texts).scores(asked)
    return {
        "TF-IDF of bigrams": placed(TfIdf(texts).scores(asked)),
        "BM25 of bigrams": placed(lexical),
        "vectors": placed(cosine),
        "BM25 + 1.0 × vectors": placed(fuse(lexical, cosine, 1.0)),
        "BM25 + 2.0 × vectors": placed(fuse(lexical, cosine, 2.0)),
    }


def report(name: str, figures: dict[str, Score]) -> str:
    """A small table for people."""
    lines = [name, *(f"  {row:<26} {figure}" for row, figure in figures.items())]
    return "\n".join(lines)


def main() -> None:
    """Print the three comparisons."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    options.add_argument("--data", type=Path, required=True)
    options.add_argument("--encoder", type=Path, default=_HOME / "knowledge_base/default_encoder")
    options.add_argument("--faq", type=Path, default=_HOME / "data/knowledge/faq")
    chosen = options.parse_args()
    encode = load(chosen.encoder)
    lay = compare(law_questions(chosen.data), encode)
    print(report("lay legal questions → national articles", lay))  # noqa: T201
    answers = compare(replies(chosen.data), encode)
    print(report("petitions → published replies", answers))  # noqa: T201
    if questions := corpus.read_faq(chosen.faq):
        figures = curated(questions, encode)
        print(report("curated questions, asked by their last phrasing", figures))  # noqa: T201


if __name__ == "__main__":
    main()

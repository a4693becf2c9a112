"""Questions with known answers, asked of a collection of articles."""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from knowledge_base.article_ranking import article_text
from knowledge_base.collection import Collection, Passage, Source
from knowledge_base.encoder import Encoder
from knowledge_base.index import IndexFolder, Progress, silent
from knowledge_base.tokens import Tokeniser

HELD_OUT = 400
"""Questions at the head of the shuffled list that a fit never sees; benchmarks ask these."""
SHUFFLE_SEED = 7
LOCAL_RULES = "DLC"
"""Files of provinces and cities begin so in the article list."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question and the articles that answer it."""

    text: str
    right: frozenset[int]


@dataclass(frozen=True, slots=True)
class Score:
    """How often the right article came first, and how near to the top it came."""

    hit_at_1: float
    hit_at_10: float
    mrr_at_10: float

    @classmethod
    def of(cls, ranks: Sequence[int | None]) -> Score:
        """From the place (0: first) of the first right article of each question."""
        places = [rank if rank is not None and rank < 10 else None for rank in ranks]
        count = max(1, len(places))
        return cls(
            sum(place == 0 for place in places) / count,
            sum(place is not None for place in places) / count,
            sum(1 / (place + 1) for place in places if place is not None) / count,
        )


def read_articles(path: Path, *, national_only: bool = True) -> list[Passage]:
    """Articles of a list (JSON lines: id, law, file, chapter, text), as they are indexed."""
    found: list[Passage] = []
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            if not (national_only and row["file"].startswith(LOCAL_RULES)):
                text = article_text(row["law"], row["chapter"] or "", row["text"])
                found.append(Passage(row["id"], text))
    return found


def read_questions(path: Path) -> list[GoldQuestion]:
    """Questions of a list (JSON lines: query, gold_article_ids), always shuffled alike."""
    rows = map(json.loads, path.read_text(encoding="utf-8").splitlines())
    found = [GoldQuestion(row["query"], frozenset(row["gold_article_ids"])) for row in rows]
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(found))
    return [found[place] for place in order]


def open_articles(
    path: Path,
    passages: Sequence[Passage],
    folder: Path,
    tokeniser: Tokeniser,
    encoder: Encoder | None,
    progress: Progress = silent,
) -> Collection:
    """A collection of the passages, built in the folder once and reused while nothing changed."""
    texts = {passage.id: passage for passage in passages}
    source = Source(
        np.array([*texts], dtype=np.int64), lambda ids: [texts[number] for number in ids]
    )
    base = hashlib.sha256(path.read_bytes()).hexdigest()
    name = "articles"
    return IndexFolder(folder, tokeniser, encoder).open(base, {name: source}, progress)[name]


def first_right(ranked: Sequence[int], right: frozenset[int]) -> int | None:
    """The place of the first right one."""
    return next((place for place, number in enumerate(ranked) if number in right), None)

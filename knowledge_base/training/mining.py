"""Wrong articles that look right: what the half-trained table itself finds beside the answer.

In a batch of different matters the other answers are easy to tell apart. What teaches is the
neighbour in the same law, so twice during training each matter gets the articles nearest to it
that are not among its own.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from knowledge_base.training.model import Floats
from knowledge_base.training.views import Ids, WrittenViews

ALIKE = 0.97
"""An article nearer than this to a right one says the same in another law."""
AT_ONCE = 128
SPARE = 6
"""How many more than wanted are looked at, for some are left out as alike."""


def unit_means(rows: torch.Tensor, texts: Sequence[Ids]) -> torch.Tensor:
    """The unit vector of each text."""
    starts = np.cumsum([0, *(len(text) for text in texts[:-1])])
    words = torch.from_numpy(np.concatenate(list(texts)).astype(np.int64))
    means = torch.nn.functional.embedding_bag(words, rows, torch.from_numpy(starts), mode="mean")
    return torch.nn.functional.normalize(means, dim=1)


class Miner:
    """Holds the articles among which wrong answers are looked for."""

    def __init__(self, articles: Sequence[Ids], count: int) -> None:
        self._articles = [article for article in articles if len(article)]
        self._count = count
        self._near: dict[int, list[int]] = {}

    def mine(self, table: Floats, own: WrittenViews) -> None:
        """Look again, with the table as it is now."""
        rows = torch.from_numpy(table)
        passages = unit_means(rows, self._articles)
        matters = [(at, *both) for at, both in enumerate(own.matters) if both[1]]
        for start in range(0, len(matters), AT_ONCE):
            some = matters[start : start + AT_ONCE]
            asked = torch.stack([unit_means(rows, said).mean(dim=0) for _, said, _ in some])
            for (number, _, answers), nearness in zip(some, asked @ passages.T, strict=True):
                wanted = min(self._count + len(answers) + SPARE, len(passages))
                nearest = torch.topk(nearness, wanted).indices
                closeness = (passages[nearest] @ unit_means(rows, answers).T).max(dim=1).values
                kept = nearest[closeness < ALIKE][: self._count]
                self._near[number] = [int(place) for place in kept]

    def draw(self, matters: Sequence[int], random: np.random.Generator) -> list[Ids]:
        """One wrong article for each matter that has any; none before the first look."""
        found = []
        for matter in matters:
            if near := self._near.get(matter):
                found.append(self._articles[near[int(random.integers(len(near)))]])
        return found

"""Which of thousands of questions are worth comparing with one."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

import numpy as np

from knowledge_base.closeness import Read

NEAREST = 30
"""By vector, and as many by shared bigrams: nearly all others have nothing in common with it."""


class Neighbours:
    """Questions by the bigrams they hold, and their vectors in one matrix."""

    def __init__(self, reads: Sequence[Read]) -> None:
        self._reads = reads
        vectors = [read.vector for read in reads if read.vector is not None]
        self._matrix = np.stack(vectors) if vectors else None
        self._holding: dict[str, list[int]] = defaultdict(list)
        for position, read in enumerate(reads):
            for bigram in read.bigrams:
                self._holding[bigram].append(position)

    def before(self, position: int) -> list[int]:
        """Positions of the nearest among those that stand before this one, in their order."""
        read = self._reads[position]
        shared = Counter(
            other for bigram in read.bigrams for other in self._holding[bigram] if other < position
        )
        near = {other for other, _ in shared.most_common(NEAREST)}
        if self._matrix is not None and position:
            cosines = self._matrix[:position] @ self._matrix[position]
            near.update(int(other) for other in np.argsort(-cosines)[:NEAREST])
        return sorted(near)

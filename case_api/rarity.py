"""How much a run of characters tells: what every petition says tells nothing.

Counted over the sentences that triage is trained with, which name no places of their own.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from nlu.text.normalise import normalise

PETITIONS = Path(__file__).parents[1] / "data" / "triage" / "petitions.jsonl"
_PIECES = re.compile(r"[^\w]+")


class Rarity:
    """Inverse document frequency of character bigrams; 1 for one never seen."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._seen: Counter[str] = Counter()
        for text in texts:
            self._seen.update(set(bigrams(normalise(text))))
        self._texts = len(texts)
        self._most = math.log(self._texts + 1)

    @classmethod
    @cache
    def read(cls, path: Path = PETITIONS) -> Rarity:
        """Of the sentences that are shipped."""
        rows = path.read_text(encoding="utf-8").splitlines()
        return cls([json.loads(row)["text"] for row in rows])

    def of(self, bigram: str) -> float:
        """Between 0 and 1."""
        return math.log((self._texts + 1) / (self._seen[bigram] + 1)) / self._most

    def of_run(self, run: str) -> float:
        """Of all the bigrams in a run, added up."""
        return sum(self.of(run[at : at + 2]) for at in range(len(run) - 1))


def bigrams(text: str) -> Iterable[str]:
    """Pairs of characters that do not reach across punctuation."""
    for piece in _PIECES.split(text.lower()):
        yield from (piece[at : at + 2] for at in range(len(piece) - 1))

"""What troubles somebody, apart from where: sentence vectors turned so that like troubles are near.

The matrix is learnt from troubles that several people tell in words of their own
(`python -m case_api duplicates fit`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from knowledge_base.encoder import Encoder

Floats32 = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Troubles:
    """Reads the trouble in a text whose places were cut out."""

    encoder: Encoder
    turn: Floats32
    """From the encoder's dimensions to fewer."""

    def read(self, texts: Sequence[str]) -> Floats32:
        """One row a text, of length one."""
        return turned(self.encoder.encode(list(texts)), self.turn)


def turned(vectors: Floats32, turn: NDArray[np.floating[Any]]) -> Floats32:
    """The vectors in the learnt space, of length one (zero stays zero)."""
    rows = vectors @ turn
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    found: Floats32 = (rows / np.where(lengths == 0, 1, lengths)).astype(np.float32)
    return found

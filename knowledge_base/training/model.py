"""The table while it learns: each word's row is its law-text vector turned, plus its characters.

A row is exp(gain) × (first @ turn + own + spelling @ characters). The turn and the characters are
shared, so what is learned from one word moves its neighbours and the words spelled like it; the
own part is what the word alone needs.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn

Floats = npt.NDArray[np.float32]


class Table(nn.Module):
    """Rows for the words of a batch, or all of them."""

    first: torch.Tensor
    spelled: torch.Tensor
    share: torch.Tensor

    def __init__(self, first: Floats, weights: Floats, spelling: Any, seed: int) -> None:
        super().__init__()
        torch.manual_seed(seed)
        words, dimensions = first.shape
        letters = spelling.shape[1]
        self.register_buffer("first", torch.from_numpy(first))
        self.turn = nn.Parameter(torch.eye(dimensions))
        # Sparse: a step touches a few thousand words and leaves the others alone.
        self.own = nn.Embedding(words, dimensions, sparse=True)
        nn.init.zeros_(self.own.weight)
        self.characters = nn.Parameter(torch.randn(letters, dimensions) * 0.02)
        self.gain = nn.Parameter(torch.from_numpy(np.log(np.maximum(weights, 1e-3))))
        # Spelled-out characters of every word, padded with the zero row `letters`.
        longest = int(np.diff(spelling.indptr).max())
        padded = np.full((words, longest), letters, dtype=np.int64)
        for word in range(words):
            own = spelling.indices[spelling.indptr[word] : spelling.indptr[word + 1]]
            padded[word, : len(own)] = own
        share = 1.0 / np.maximum((padded < letters).sum(axis=1), 1)
        self.register_buffer("spelled", torch.from_numpy(padded))
        self.register_buffer("share", torch.from_numpy(share.astype(np.float32)))

    def rows(self, ids: torch.Tensor) -> torch.Tensor:
        """The rows of these words."""
        letters = torch.cat([self.characters, self.characters.new_zeros(1, self.turn.shape[0])])
        spelled = nn.functional.embedding_bag(self.spelled[ids], letters, mode="sum")
        spelled = spelled * self.share[ids][:, None]
        own: torch.Tensor = self.own(ids)
        row = self.first[ids] @ self.turn + own + spelled
        return row * self.gain[ids].exp()[:, None]

    def forward(self, ids: torch.Tensor, offsets: torch.Tensor) -> torch.Tensor:
        """The unit vector of each text: the mean of its words' rows."""
        different, position = torch.unique(ids, return_inverse=True)
        rows = self.rows(different)
        mean = nn.functional.embedding_bag(position, rows, offsets, mode="mean")
        return nn.functional.normalize(mean, dim=1)

    @torch.no_grad()
    def export(self) -> Floats:
        """All rows, scaled to a mean length of one; the unknown word's is zero."""
        table = self.rows(torch.arange(self.own.num_embeddings))
        table[0] = 0.0
        table = table / table.norm(dim=1).mean()
        return np.asarray(table.numpy(), dtype=np.float32)

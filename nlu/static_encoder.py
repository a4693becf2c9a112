"""Reads a sentence-transformers `StaticEmbedding` folder without sentence-transformers.

The Rasa process shares the app's encoder file but not its libraries: a static embedding is a table
of word vectors, and a sentence the mean of its words.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file
from tokenizers import Tokenizer

_WEIGHTS = "model.safetensors"
_FOLDERS = ("", "0_StaticEmbedding")


class StaticEncoder:
    """Sentences to unit vectors; a sentence without a known word is the zero vector."""

    def __init__(self, folder: Path) -> None:
        home = _home(folder)
        self._tokenizer = Tokenizer.from_file(str(home / "tokenizer.json"))
        self._tokenizer.no_padding()
        tensors = load_file(home / _WEIGHTS)
        self._vectors = tensors["embedding.weight"]
        self.dimensions = int(self._vectors.shape[1])

    def encode(self, texts: Sequence[str]) -> np.ndarray:
        """float32 (n, dimensions), each row of length 1 or 0."""
        rows = np.zeros((len(texts), self.dimensions), dtype=np.float32)
        encodings = self._tokenizer.encode_batch(list(texts), add_special_tokens=False)
        for row, encoding in enumerate(encodings):
            if encoding.ids:
                mean = self._vectors[encoding.ids].astype(np.float32).mean(axis=0)
                length = float(np.linalg.norm(mean))
                rows[row] = mean / length if length else mean
        return rows


def fingerprint(folder: Path) -> str:
    """Changes when the weights or the tokenizer do, so that Rasa knows to train anew."""
    home = _home(folder)
    digest = hashlib.sha256()
    for name in ("tokenizer.json", _WEIGHTS):
        digest.update((home / name).read_bytes())
    return digest.hexdigest()


def _home(folder: Path) -> Path:
    for name in _FOLDERS:
        if (folder / name / _WEIGHTS).is_file():
            return folder / name
    raise FileNotFoundError(f"no static embedding under {folder}: {_WEIGHTS} is missing")

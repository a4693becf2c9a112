"""Sentences to vectors, with sentence-transformers; the default model is shipped with us."""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from nlu.text.errors import Unavailable

DEFAULT = Path(__file__).parent / "default_encoder"
HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
BATCH = 256


class Encoder(Protocol):
    """Turns sentences into rows of length one."""

    @property
    def dimensions(self) -> int: ...

    @property
    def fingerprint(self) -> str:
        """Changes whenever the same sentence would get another vector."""

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, float32, length one (zero for a text without known tokens)."""


class SentenceTransformersEncoder:
    """Any model that sentence-transformers can load without code of its own."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self._dimensions = int(model.get_embedding_dimension())
        digest = hashlib.sha256()
        for name, tensor in sorted(model.state_dict().items()):
            digest.update(name.encode())
            # As bytes: numpy has no bfloat16.
            digest.update(tensor.detach().cpu().contiguous().flatten().numpy(force=True).tobytes())
        self._fingerprint = digest.hexdigest()[:16]

    @property
    def dimensions(self) -> int:
        return self._dimensions

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row a text, float32, length one (zero for a text without known tokens)."""
        if not texts:
            return np.zeros((0, self._dimensions), dtype=np.float32)
        rows = self._model.encode(
            list(texts),
            batch_size=BATCH,
            convert_to_numpy=True,
            normalize_embeddings=True,
            show_progress_bar=False,
        )
        return np.nan_to_num(np.asarray(rows, dtype=np.float32))


def load_encoder(name: str = "", *, device: str = "cpu") -> Encoder | None:
    """The encoder that `MINSHENG_ENCODER` names.

    "" or "default": the packaged one; "none": None, search by words alone;
    a folder: that model, nothing fetched; otherwise a name on the hub, the
    only case in which the network is used. Takes seconds: call it in a thread.
    """
    if name == "none":
        return None
    if name in ("", "default"):
        name = str(DEFAULT)
    local = Path(name).is_dir()
    if not local and not HUB_NAME.fullmatch(name):
        raise Unavailable(f"找不到编码模型：{name}")
    # transformers warns about missing TensorFlow and the like on stderr otherwise.
    os.environ.setdefault("TRANSFORMERS_NO_ADVISORY_WARNINGS", "1")
    # Imported here: it takes five CPU seconds and 400 MiB, which "none" never pays.
    from sentence_transformers import SentenceTransformer

    try:
        model = SentenceTransformer(
            name, device=device, trust_remote_code=False, local_files_only=local
        )
    except (OSError, ValueError, RuntimeError, ImportError) as error:
        raise Unavailable(f"编码模型无法加载：{name}") from error
    return SentenceTransformersEncoder(model)

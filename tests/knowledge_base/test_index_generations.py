"""Generations of the index: the newest one is always there, however many came before."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from knowledge_base.collection import Passage, Source
from knowledge_base.index import IndexFolder, silent
from knowledge_base.tokens import Tokeniser


def texts(ids: Sequence[int]) -> list[Passage]:
    return [Passage(number, f"第{number}条\n路灯熄灭的，应当修复。") for number in ids]


def test_the_generation_that_was_just_built_is_never_swept(
    tokeniser: Tokeniser, tmp_path: Path
) -> None:
    index = IndexFolder(tmp_path, tokeniser, None)
    for last in range(1, 13):
        source = Source(np.arange(last, last + 3, dtype=np.int64), texts)
        collection = index.open("base", {"articles": source}, silent)["articles"]
        assert len(collection) == 3
    generations = [path for path in tmp_path.iterdir() if path.is_dir()]
    assert len(generations) == 2

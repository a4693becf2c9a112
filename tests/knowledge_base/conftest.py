"""A small knowledge base over real SQLite, tantivy and FAISS."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from knowledge_base.database import Database
from knowledge_base.tokens import Tokeniser

LAW = """# 中华人民共和国路灯法

2019年1月1日 第一次会议通过

<!-- INFO END -->

## 第一章 总则

第一条 为了照亮道路，制定本法。

## 第二章 维护

### 第一节 修理

第二条 路灯熄灭的，养护单位应当自接到报告之日起三日内修复，并向报告人说明：

（一）熄灭的原因；

（二）修复的时间。

第二条之一 夜间施工应当保持照明。

第三条 本法自2019年3月1日起施行。《城市灯光条例》同时废止。
"""


class LetterEncoder:
    """Sums of random directions of characters: no meaning, but real geometry."""

    dimensions = 32

    def __init__(self, seed: str = "a") -> None:
        self.fingerprint = f"letters-{seed}"
        self.encoded = 0

    def encode(self, texts: Sequence[str]) -> NDArray[np.float32]:
        self.encoded += len(texts)
        rows = np.stack([self._row(text) for text in texts]) if texts else np.zeros((0, 32))
        return (rows / np.maximum(1e-9, np.linalg.norm(rows, axis=1, keepdims=True))).astype(
            np.float32
        )

    def _row(self, text: str) -> NDArray[np.float64]:
        total = np.zeros(self.dimensions)
        for sign in text:
            seed = int.from_bytes(hashlib.sha256(f"{self.fingerprint}{sign}".encode()).digest()[:4])
            total += np.random.default_rng(seed).normal(size=self.dimensions)
        return total


@pytest.fixture(scope="session")
def tokeniser(tmp_path_factory: pytest.TempPathFactory) -> Tokeniser:
    return Tokeniser(tmp_path_factory.mktemp("jieba"), [])


@pytest.fixture
def encoder() -> LetterEncoder:
    return LetterEncoder()


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite:///{tmp_path}/kb.db")
    yield database
    await database.close()


@pytest.fixture(scope="session")
def law_text() -> str:
    return LAW


@pytest.fixture
def laws(tmp_path: Path) -> Path:
    """A folder with one law in it."""
    folder = tmp_path / "laws"
    folder.mkdir()
    (folder / "路灯法(2019-01-01).md").write_text(LAW, encoding="utf-8")
    return folder

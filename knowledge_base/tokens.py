"""How Chinese text is cut for the lexical index; index and questions are cut alike."""

from __future__ import annotations

import hashlib
import logging
import math
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from pathlib import Path

import jieba

from nlu.text.normalise import normalise

RUNS = re.compile(r"[\u3400-\u9fff]+|[a-z0-9]+(?:[.:][0-9]+)*")
SHORT = 100
"""Characters of a text up to which its words are remembered…"""
REMEMBERED = 20_000
"""…and of how many texts: about ten megabytes."""
WORDS_FILE = Path(__file__).parent / "stopwords.txt"
FIELD_DICTIONARIES = Path(__file__).parent.parent / "nlu" / "dictionaries"
UNKNOWN_COUNT = 5
"""Taken for a word that jieba has never counted."""


class Tokeniser:
    """Cuts text into jieba words and into character bigrams."""

    def __init__(self, cache_dir: Path, dictionaries: Sequence[Path] | None = None) -> None:
        if dictionaries is None:
            dictionaries = sorted(FIELD_DICTIONARIES.glob("*.txt"))
        jieba.setLogLevel(logging.WARNING)
        cache_dir.mkdir(parents=True, exist_ok=True)
        self._remembered = lru_cache(maxsize=REMEMBERED)(self._cut)
        self._jieba = jieba.Tokenizer()
        # By default jieba keeps its cache in the shared temp folder, where
        # anyone may put a file that it would then load with marshal.
        self._jieba.tmp_dir = str(cache_dir)
        self._jieba.initialize()
        # Raised when the index on disk has to hold something else for the same text.
        digest = hashlib.sha256(b"3")
        for path in dictionaries:
            digest.update(path.read_bytes())
            with path.open(encoding="utf-8") as lines:
                self._jieba.load_userdict(lines)
        self.fingerprint = digest.hexdigest()[:16]
        """Changes when the same text would be cut otherwise."""
        self._empty_words = frozenset(WORDS_FILE.read_text(encoding="utf-8").split())

    def words(self, text: str) -> list[str]:
        """Words, with the shorter words inside long ones, lower case, no punctuation."""
        # The wordings of the FAQ are cut again whenever something is published.
        return list(self._remembered(text)) if len(text) <= SHORT else self._cut(text)

    def _cut(self, text: str) -> list[str]:
        return [
            word
            for run in RUNS.findall(normalise(text).lower())
            for word in (self._jieba.cut_for_search(run) if run[0] > "z" else [run])
        ]

    def bigrams(self, text: str) -> list[str]:
        """Pairs of neighbouring Chinese characters; Latin words and numbers stay whole."""
        found: list[str] = []
        for run in RUNS.findall(normalise(text).lower()):
            if run[0] <= "z" or len(run) == 1:
                found.append(run)
            else:
                found.extend(run[at : at + 2] for at in range(len(run) - 1))
        return found

    def characters(self, text: str) -> list[str]:
        """Single Chinese characters; Latin words and numbers stay whole."""
        return [
            sign
            for run in RUNS.findall(normalise(text).lower())
            for sign in (run if run[0] > "z" else [run])
        ]

    def content(self, words: Iterable[str]) -> list[str]:
        """The words that say what a question is about, without 请问, 怎么, 的 and the like."""
        return [word for word in words if word not in self._empty_words]

    def rarity(self, word: str) -> float:
        """How much a word tells: high for one that is rare in Chinese (jieba's counts)."""
        return math.log(self._jieba.total / (self._jieba.FREQ.get(word) or UNKNOWN_COUNT))

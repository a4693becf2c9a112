"""What is meant by many words: a curated list of ways to say one thing.

    拖欠工资: [欠薪, 不发工资, 工钱, 血汗钱]      canonical, as laws say it: as people say it

Word overlap cannot know that 工钱 and 劳动报酬 are one matter; people do, and
the curators can add what they hear.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path

import yaml

from nlu.text.normalise import normalise

CONCEPTS = Path(__file__).parent.parent / "data" / "knowledge" / "concepts.yml"


class Concepts:
    """Finds concepts in text, the longest way of saying first."""

    def __init__(self, ways: Mapping[str, Sequence[str]]) -> None:
        self._meaning: dict[str, list[str]] = {}
        for name, said in ways.items():
            for phrase in dict.fromkeys((*name.split("|"), *said)):
                self._meaning.setdefault(normalise(phrase).lower(), []).append(name)
        self._longest = max(map(len, self._meaning), default=0)
        self.fingerprint = hashlib.sha256(repr(sorted(self._meaning.items())).encode()).hexdigest()[
            :16
        ]

    @classmethod
    def read(cls, path: Path = CONCEPTS) -> Concepts:
        """The shipped list."""
        return cls(yaml.safe_load(path.read_bytes()) if path.exists() else {})

    def find(self, text: str) -> list[str]:
        """Concepts spoken of, in order; one said twice is there twice."""
        words = normalise(text).lower()
        found: list[str] = []
        at = 0
        while at < len(words):
            for length in range(min(self._longest, len(words) - at), 0, -1):
                if names := self._meaning.get(words[at : at + length]):
                    found.extend(names)
                    at += length
                    break
            else:
                at += 1
        return found

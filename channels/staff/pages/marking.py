"""Words that a question and a text share, marked for reading."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

Run = tuple[str, bool]


def marked(text: str, words: Iterable[str]) -> list[Run]:
    """The text in runs: (run, whether it is one of the words)."""
    small = text.lower()
    covered = [False] * len(text)
    # Another case may have another length (İ); such a text is shown without marks.
    if len(small) == len(text):
        for word in filter(None, words):
            at = small.find(word.lower())
            while at >= 0:
                covered[at : at + len(word)] = [True] * len(word)
                at = small.find(word.lower(), at + 1)
    return [
        ("".join(sign for sign, _ in run), is_marked)
        for is_marked, run in groupby(zip(text, covered, strict=True), key=lambda one: one[1])
    ]

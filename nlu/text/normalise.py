"""One spelling for what people type: full-width, invisible and doubled signs evened out."""

from __future__ import annotations

import unicodedata

_DROPPED = frozenset({"Cf", "Cs", "Co", "Cn"})
_PUNCTUATION = frozenset("，。！？；：（）、…—“”‘’《》【】")
_TO_SPACE = frozenset({"Cc", "Zs", "Zl", "Zp"})


def normalise(text: str) -> str:
    """NFKC without control, zero-width and bidirectional marks; white space collapsed."""
    kept: list[str] = []
    for char in unicodedata.normalize("NFKC", text):
        category = unicodedata.category(char)
        if category in _TO_SPACE:
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(char)
    return " ".join("".join(kept).split())


def visible(text: str) -> str:
    """What was typed, for people to read: as `normalise`, but Chinese punctuation stays."""
    kept: list[str] = []
    for char in text:
        category = unicodedata.category(char)
        if char in _PUNCTUATION:
            kept.append(char)
        elif category in _TO_SPACE:
            kept.append(" ")
        elif category not in _DROPPED:
            kept.append(unicodedata.normalize("NFKC", char))
    return " ".join("".join(kept).split())


def fold(text: str) -> str:
    """Like `normalise`, but character for character: position i stays position i.

    For finding things in a citizen's own words and pointing at them there. What would grow or
    vanish is kept, except that invisible characters become spaces.
    """
    return "".join(map(_fold_char, text))


def _fold_char(char: str) -> str:
    if char.isascii() and char.isprintable():
        return char
    category = unicodedata.category(char)
    if category in _TO_SPACE or category in _DROPPED:
        return " "
    folded = unicodedata.normalize("NFKC", char)
    return folded if len(folded) == 1 else char

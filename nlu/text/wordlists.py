"""Reads the word lists beside this module: tables that people edit, kept out of the code.

A list is a text file of `[section]` headings; a line that starts with `#` is a remark.
"""

from __future__ import annotations

from pathlib import Path

_FOLDER = Path(__file__).parent / "words"


def lines(name: str) -> dict[str, tuple[str, ...]]:
    """The lines of each section, as they stand."""
    sections: dict[str, list[str]] = {}
    for line in (_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("[") and line.endswith("]"):
            current = sections.setdefault(line[1:-1], [])
        elif line.strip() and not line.startswith("#"):
            current.append(line)
    return {section: tuple(found) for section, found in sections.items()}


def words(name: str) -> dict[str, tuple[str, ...]]:
    """The words of each section, wherever its lines end."""
    return {
        section: tuple(word for line in found for word in line.split())
        for section, found in lines(name).items()
    }


def either(words: tuple[str, ...]) -> str:
    """A regular expression for one of the words, the longest that fits."""
    return "(?:" + "|".join(sorted(set(words), key=len, reverse=True)) + ")"


def any_pattern(patterns: tuple[str, ...]) -> str:
    """A regular expression for one of the patterns, the earlier first."""
    return "|".join(patterns)

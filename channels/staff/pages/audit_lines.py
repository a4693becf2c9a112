"""A row of the trail as people read it: who, what, and what was there before and after."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from channels.staff.shell import moment
from channels.staff.words import audit as words
from knowledge_base.audit import SYSTEM, Entry

LONGEST = 4_000
"""Characters of one value; the rest stands in the trail itself."""
KEPT_LINES = 1
"""Lines of a long text that are shown around what changed in it."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A line that was taken out (−), put in (+), or stands around one."""

    sign: str
    text: str


@dataclass(frozen=True, slots=True)
class Changed:
    """One field with what changed in it."""

    label: str
    pieces: tuple[Piece, ...]


def changed(entry: Entry) -> tuple[Changed, ...]:
    """Every field that the row tells of; what is the same on both sides is left out."""
    found = []
    for name in dict.fromkeys([*entry.before, *entry.after]):
        old, new = entry.before.get(name), entry.after.get(name)
        if name in entry.before and name in entry.after and old == new:
            continue
        before = _value(name, old) if name in entry.before else []
        after = _value(name, new) if name in entry.after else []
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            before, after = (
                [x for x in before if x not in after],
                [x for x in after if x not in before],
            )
        found.append(Changed(words.FIELDS.get(name, name), _pieces(before, after)))
    return tuple(found)


def side(entry: Entry, which: str) -> str:
    """One side in one cell of a sheet."""
    values: Mapping[str, Any] = getattr(entry, which)
    return "\n".join(
        f"{words.FIELDS.get(name, name)}：{'；'.join(_value(name, value))}"
        for name, value in values.items()
    )


def who(name: str, people: Mapping[str, str]) -> str:
    """张三（zhangsan）; the program; or just the name of somebody who is no account."""
    if name == SYSTEM.name:
        return words.SYSTEM
    return f"{people[name]}（{name}）" if people.get(name) else name


def subject(entry: Entry, titles: Mapping[str, str]) -> str:
    """What it was done to, by name where we know it."""
    own = words.OBJECTS.get((entry.kind, entry.object))
    if own is not None:
        return own
    return titles.get(entry.object, entry.object)


def _pieces(before: Sequence[str], after: Sequence[str]) -> tuple[Piece, ...]:
    old = [line for text in before for line in text.splitlines() or [""]]
    new = [line for text in after for line in text.splitlines() or [""]]
    pieces: list[Piece] = []
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(
        KEPT_LINES
    ):
        for tag, i, j, k, m in group:
            if tag == "equal":
                pieces += [Piece(" ", line) for line in old[i:j]]
                continue
            pieces += [Piece("−", line) for line in old[i:j]]
            pieces += [Piece("+", line) for line in new[k:m]]
    return tuple(pieces)


def _value(name: str, value: Any) -> list[str]:
    """In words; of a list, every item."""
    if isinstance(value, Mapping):
        return [f"{_key(name, key)}：{_plain(name, one)}" for key, one in value.items()]
    if isinstance(value, list):
        return [_plain(name, one) for one in value] or [words.EMPTY]
    return [_plain(name, value)]


def _plain(name: str, value: Any) -> str:
    if value is None or value == "":
        return words.EMPTY
    if isinstance(value, bool):
        return words.YES if value else words.NO
    if isinstance(value, Mapping):
        return "，".join(f"{_key(name, k)}：{_plain(name, v)}" for k, v in value.items() if v)
    if name == "changes" and isinstance(value, list) and len(value) == 3:
        return f"{value[0]}：{value[1]} → {value[2]}"
    if name == "faqs" and isinstance(value, list):
        return " → ".join(str(one or words.NONE) for one in value)
    if isinstance(value, Iterable) and not isinstance(value, str):
        return " ".join(_plain(name, one) for one in value) or words.EMPTY
    text = words.VALUES.get(name, {}).get(str(value), str(value))
    if name in ("due", "at", "until"):
        try:
            return moment(datetime.fromisoformat(text))
        except ValueError:
            return text
    return text[:LONGEST]


def _key(name: str, key: str) -> str:
    known = words.VALUES.get(name) or words.FIELDS
    return known.get(key, key)

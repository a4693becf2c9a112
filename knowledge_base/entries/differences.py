"""What differs between two versions of an entry, character by character and item by item."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from knowledge_base.models import FaqEntry

Op = Literal["same", "added", "removed"]
CONFETTI = 1
"""So few equal characters between two changes are shown as changed: confetti is unreadable."""

TEXTS = ("question", "answer", "facts", "handling")
LISTS = ("phrasings", "variants", "citation", "keywords")
FIELDS = (
    *("question", "phrasings", "answer", "variants", "facts", "handling", "citation"),
    *("category", "region", "keywords", "owner", "issuer", "material"),
    *("valid_from", "valid_until"),
)
"""In the order of the form."""


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that both have, or only one of them."""

    op: Op
    text: str


@dataclass(frozen=True, slots=True)
class FieldDiff:
    """One field that differs: a text as one row of runs, a list as one row an item."""

    field: str
    rows: tuple[tuple[Run, ...], ...]


def diff(old: FaqEntry | None, new: FaqEntry) -> list[FieldDiff]:
    """The fields that differ, in the order of the form; without `old` all is added."""
    found = []
    for name in FIELDS:
        if name in LISTS:
            rows = item_runs(_items(old, name), _items(new, name))
        elif name in TEXTS:
            rows = [text_runs(_text(old, name), _text(new, name))]
        else:
            rows = [_whole(_text(old, name), _text(new, name))]
        if any(run.op != "same" for row in rows for run in row):
            found.append(FieldDiff(name, tuple(rows)))
    return found


def text_runs(old: str, new: str) -> tuple[Run, ...]:
    """The two texts as one, with what was added and what was removed."""
    runs: list[Run] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for op, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        inside = old_start > 0 and old_end < len(old)
        if op == "equal" and not (inside and old_end - old_start <= CONFETTI):
            runs.append(Run("same", old[old_start:old_end]))
        else:
            runs += [Run("removed", old[old_start:old_end]), Run("added", new[new_start:new_end])]
    return tuple(_joined(runs))


def item_runs(old: Sequence[str], new: Sequence[str]) -> list[tuple[Run, ...]]:
    """Items kept, gone and new; one that was reworded is shown as such."""
    rows: list[tuple[Run, ...]] = []
    matcher = difflib.SequenceMatcher(None, old, new, autojunk=False)
    for op, old_start, old_end, new_start, new_end in matcher.get_opcodes():
        gone, come = old[old_start:old_end], new[new_start:new_end]
        if op == "equal":
            rows += [(Run("same", item),) for item in gone]
        elif op == "replace" and len(gone) == len(come):
            rows += [text_runs(before, after) for before, after in zip(gone, come, strict=True)]
        else:
            rows += [(Run("removed", item),) for item in gone]
            rows += [(Run("added", item),) for item in come]
    return rows


def _joined(runs: Sequence[Run]) -> list[Run]:
    """Between two stretches that stayed, what was removed stands before what was added."""
    found: list[Run] = []
    pending: dict[Op, str] = {}

    def flush() -> None:
        found.extend(Run(op, pending[op]) for op in ("removed", "added") if pending.get(op))
        pending.clear()

    for run in runs:
        if run.op == "same":
            flush()
            found.append(run)
        else:
            pending[run.op] = pending.get(run.op, "") + run.text
    flush()
    return found


def _whole(old: str, new: str) -> tuple[Run, ...]:
    if old == new:
        return (Run("same", old),)
    changes = (Run("removed", old), Run("added", new))
    return tuple(run for run in changes if run.text)


def _text(entry: FaqEntry | None, name: str) -> str:
    value = getattr(entry, name) if entry else None
    return "" if value is None else str(value)


def _items(entry: FaqEntry | None, name: str) -> list[str]:
    if entry is None:
        return []
    if name == "variants":
        return [
            f"{one.region}：{one.answer}" + "".join(f"（{cited}）" for cited in one.citation)
            for one in entry.variants
        ]
    return [str(item) for item in getattr(entry, name)]

"""The change that an entry needs when a law behind it has changed, as far as it writes itself.

An article that only moved is found again by its words, in the version in force or in the law
that took its place; what is not found again is no longer cited. The answer is a person's to
change: what to look at stands in the note.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

import sqlalchemy as sa
from sqlalchemy import Connection

from knowledge_base.entries.records import Flag
from knowledge_base.models import Citation, FaqEntry
from knowledge_base.regulations import law_key
from knowledge_base.tables import ARTICLES, DOCUMENTS

SAME = 0.6
"""From this likeness on two wordings count as one article."""
LONGEST_COMPARED = 600
_DATED = re.compile(r"（\d{4}-\d{2}-\d{2}）$")


@dataclass(frozen=True, slots=True)
class Redraft:
    """A draft that nobody has saved yet."""

    entry: FaqEntry
    note: str


def redraft(connection: Connection, entry: FaqEntry, flags: Sequence[Flag]) -> Redraft:
    """The entry with citations brought up to date, and what is left to a person in the note."""
    moved: dict[Citation, Citation | None] = {}
    told: list[str] = []
    for flag in flags:
        cited = flag.citation
        if cited is None:
            continue
        if flag.kind == "article_changed":
            told.append(f"{cited}改过，请核对答复")
        elif flag.kind in ("article_missing", "law_repealed"):
            law = _DATED.sub("", flag.successor) if flag.kind == "law_repealed" else cited.law
            found = _again(connection, law, flag.old.text) if flag.old and law else None
            moved[cited] = found
            told.append(
                f"{cited}改为{found}，请核对答复"
                if found
                else f"{cited}已不在，现行文本里没有找到对应的条，请核对答复"
            )
    return Redraft(_with(entry, moved), "；".join(told)[:500])


def _again(connection: Connection, law: str, text: str) -> Citation | None:
    """Where the words of an article stand now."""
    rows = connection.execute(
        sa.select(DOCUMENTS.c.law, ARTICLES.c.number, ARTICLES.c.text)
        .join(ARTICLES, ARTICLES.c.document == DOCUMENTS.c.id)
        .where(DOCUMENTS.c.key == law_key(law)[:300], DOCUMENTS.c.in_force)
    ).all()
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text[:LONGEST_COMPARED])
    best, found = SAME, None
    for row in rows:
        matcher.set_seq1(row.text[:LONGEST_COMPARED])
        if matcher.real_quick_ratio() < best or matcher.quick_ratio() < best:
            continue
        if (likeness := matcher.ratio()) >= best:
            best, found = likeness, Citation(row.law, row.number)
    return found


def _with(entry: FaqEntry, moved: dict[Citation, Citation | None]) -> FaqEntry:
    def brought(citations: tuple[Citation, ...]) -> tuple[Citation, ...]:
        now = [moved.get(one, one) for one in citations]
        return tuple(dict.fromkeys(one for one in now if one is not None))

    return replace(
        entry,
        citation=brought(entry.citation),
        variants=tuple(replace(one, citation=brought(one.citation)) for one in entry.variants),
    )

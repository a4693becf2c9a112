"""The filters of a list of entries as they stand in the address, so that Back keeps the place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlencode

from channels.staff.words import entries as words
from knowledge_base.entries.records import EntryQuery
from knowledge_base.models import EntryKind

SIZES = (20, 50, 100, 200)
TEXTS = ("q", "category", "region", "owner")
CHOICES: Mapping[str, Mapping[str, str]] = {
    "status": words.STATUS_FILTER,
    "flag": words.FLAG_FILTER,
    "sort": words.SORTS,
}
LONGEST = 100


@dataclass(frozen=True, slots=True)
class Address:
    """A list of one kind of entries, narrowed down."""

    query: EntryQuery
    usual_size: int

    @classmethod
    def parse(cls, text: str, kind: EntryKind, size: int) -> Address:
        """From the part after the question mark; what makes no sense is left out."""
        given = {name: value.strip()[:LONGEST] for name, value in parse_qsl(text)}
        values: dict[str, Any] = {name: given[name] for name in TEXTS if name in given}
        values |= {
            name: given[name] for name, known in CHOICES.items() if given.get(name, "") in known
        }
        wanted = _number(given.get("size", ""))
        values["size"] = wanted if wanted in SIZES else size
        values["page"] = max(1, _number(given.get("page", "")))
        return cls(EntryQuery(kind=kind, **values), size)

    @property
    def base(self) -> str:
        return words.BASES[self.query.kind or "faq"]

    @property
    def is_filtered(self) -> bool:
        query = self.query
        return any((query.q, query.status, query.category, query.region, query.owner, query.flag))

    def text(self, **changes: Any) -> str:
        """As it stands behind the question mark; only what differs from the usual."""
        wanted = replace(self.query, **changes)
        usual = EntryQuery(kind=wanted.kind, size=self.usual_size)
        return urlencode(
            [
                (one.name, str(getattr(wanted, one.name)))
                for one in fields(EntryQuery)
                if getattr(wanted, one.name) != getattr(usual, one.name)
            ]
        )

    def url(self, **changes: Any) -> str:
        """The list with some filters changed."""
        text = self.text(**changes)
        return f"{self.base}?{text}" if text else self.base


def day(text: str) -> date | None:
    """A date from a form; `ValueError` when it is none."""
    return date.fromisoformat(text.strip()) if text.strip() else None


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 7 else 0

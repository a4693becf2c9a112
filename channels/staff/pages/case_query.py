"""The work list's filters as they stand in the address, so that Back keeps the place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import parse_qsl, urlencode

from pydantic import ValidationError

from case_api.desk_schemas import WorkQuery
from channels.staff.case_files import OFFICIAL_TIME
from channels.staff.words import cases as words

LIST = "/staff/cases"
SIZES = (20, 50, 100, 200)
PLAIN = ("q", "channel", "colour", "sort", "page", "size")
SEVERAL = ("status", "category", "office")
DATES = ("since", "until")
FILTERS = (*SEVERAL, *DATES, "q", "channel", "colour", "urgent", "group")


@dataclass(frozen=True, slots=True)
class Address:
    """What stands behind `/staff/cases?`, cleaned of what means nothing."""

    given: tuple[tuple[str, str], ...]

    @classmethod
    def read(cls, pairs: Sequence[tuple[str, str]], *, size: int) -> Address:
        """From an address; values that nobody could have chosen here are left out."""
        known = {*PLAIN, *FILTERS}
        kept = [(name, value.strip()) for name, value in pairs if name in known and value.strip()]
        found = cls(())
        for name, value in kept:
            tried = cls((*found.given, (name, value)))
            if tried._fits():
                found = tried
        if not found.one("size"):
            found = found.with_(size=str(size))
        return found

    @classmethod
    def parse(cls, text: str, *, size: int) -> Address:
        """From the part after the question mark."""
        return cls.read(parse_qsl(text), size=size)

    def one(self, name: str) -> str:
        """A filter's value, or nothing."""
        return next((value for key, value in self.given if key == name), "")

    def all(self, name: str) -> list[str]:
        return [value for key, value in self.given if key == name]

    def with_(self, **changes: str) -> Address:
        """Another address; an empty value takes a part out."""
        kept = tuple((key, value) for key, value in self.given if key not in changes)
        return Address((*kept, *((key, value) for key, value in changes.items() if value)))

    def text(self, **changes: str) -> str:
        """As it stands behind the question mark."""
        return urlencode(self.with_(**changes).given)

    def url(self, **changes: str) -> str:
        text = self.text(**changes)
        return f"{LIST}?{text}" if text else LIST

    def sorted_by(self, column: str) -> str:
        """The list by this column; once more turns the order round."""
        now = self.query().sort
        # A time is looked for from its newest end first, a deadline from its nearest.
        first, second = (column, f"-{column}") if column == "due" else (f"-{column}", column)
        return self.url(sort=second if now == first else first, page="")

    def is_filtered(self) -> bool:
        return any(key in FILTERS for key, _ in self.given)

    def query(self) -> WorkQuery:
        """For the case API."""
        return WorkQuery.model_validate(self._values())

    def _fits(self) -> bool:
        try:
            self.query()
        except (ValidationError, ValueError):
            return False
        return True

    def _values(self) -> Mapping[str, Any]:
        values: dict[str, Any] = {name: self.one(name) for name in PLAIN if self.one(name)}
        values |= {name: self.all(name) for name in SEVERAL}
        group = self.one("group")
        if group:
            if group not in words.GROUPS:
                raise ValueError(group)
            values["status"] = values["status"] or list(words.GROUPS[group][1])
        if self.one("urgent"):
            values["urgent"] = self.one("urgent") == "1"
        if self.one("since"):
            values["since"] = _start(date.fromisoformat(self.one("since")))
        if self.one("until"):
            # The last day is meant with all its hours.
            values["until"] = _start(date.fromisoformat(self.one("until")) + timedelta(days=1))
        return values


def _start(day: date) -> datetime:
    return datetime.combine(day, time.min, OFFICIAL_TIME)

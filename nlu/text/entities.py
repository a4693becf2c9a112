"""What a citizen's sentence holds: who to call, when, where, how much, and what is asked for.

Everything points at the citizen's own words (`start`, `end`), and is found by rules that can be
read: a form filled in by mistake costs a citizen more than a question asked once more.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from nlu.text import case_code
from nlu.text.amounts import find_amounts
from nlu.text.contacts import find_numbers
from nlu.text.dates import find_dates
from nlu.text.demands import Known, find_demands
from nlu.text.names import find_names, find_people
from nlu.text.normalise import fold
from nlu.text.organisations import Organisation, find_organisations
from nlu.text.places import find_places


@dataclass(frozen=True, slots=True)
class Entity:
    """One thing found in someone's words."""

    type: str
    """case_code | phone | id_number | name (of who speaks) | person (spoken of) | date | amount |
    place | organisation | demand"""
    text: str
    """As it was written."""
    value: str
    """Canonical: digits of a number, ISO date or `first/last`, yuan, the words of a place."""
    start: int
    end: int
    valid: bool = True
    """False where a check character disagrees: mistyped, and meant all the same."""


def find_entities(text: str, now: datetime) -> list[Entity]:
    """Everything found, from left to right; only a demand may hold other entities inside it.

    `now` is what "yesterday" counts from: the citizen's own time of day.
    """
    found: list[Entity] = []
    for one in _identities(text):
        found.append(one)
    _add(
        found,
        (
            Entity("date", text[when.start : when.end], when.value, when.start, when.end)
            for when in find_dates(text, now)
        ),
    )
    _add(
        found,
        (
            Entity("amount", text[sum_.start : sum_.end], sum_.value, sum_.start, sum_.end)
            for sum_ in find_amounts(text)
        ),
    )
    taken = [(one.start, one.end) for one in found]
    organisations = [_organisation(text, one) for one in find_organisations(text, taken)]
    _add(found, iter(organisations))
    taken += [(one.start, one.end) for one in organisations]
    _add(
        found,
        (
            Entity("place", where.text, _plain(where.text), where.start, where.end)
            for where in find_places(text, taken)
        ),
    )
    _add(
        found,
        (
            Entity("person", text[one.start : one.end], one.value, one.start, one.end)
            for one in find_people(text)
        ),
    )
    found += list(_demands(text, found))
    return sorted(found, key=lambda one: (one.start, -one.end))


def _organisation(text: str, one: Organisation) -> Entity:
    words = text[one.start : one.end]
    kind = "place" if one.is_place else "organisation"
    return Entity(kind, words, _plain(words), one.start, one.end)


def _identities(text: str) -> Iterator[Entity]:
    codes = list(case_code.find_all(text))
    for code in codes:
        yield Entity(
            "case_code", text[code.start : code.end], code.code, code.start, code.end, code.valid
        )
    for one in find_numbers(text):
        inside_a_code = any(one.start < code.end and code.start < one.end for code in codes)
        if one.kind != "bank_card" and not inside_a_code:
            yield Entity(
                one.kind, text[one.start : one.end], one.value, one.start, one.end, one.valid
            )
    for name in find_names(text):
        yield Entity("name", text[name.start : name.end], name.value, name.start, name.end)


def _add(found: list[Entity], new: Iterator[Entity]) -> None:
    """Keeps what was found first: numbers before dates, dates before places."""
    earlier = tuple(found)
    found += [
        one
        for one in new
        if not any(one.start < old.end and old.start < one.end for old in earlier)
    ]


def _demands(text: str, found: list[Entity]) -> Iterator[Entity]:
    known = [Known(one.type, one.text, one.start) for one in found]
    for start, end in find_demands(text, known):
        yield Entity("demand", text[start:end], _plain(text[start:end]), start, end)


def _plain(words: str) -> str:
    return " ".join(fold(words).split())

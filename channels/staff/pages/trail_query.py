"""The filters of the trail and of the sign-ins as they stand in the address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from typing import Any, TypeVar
from urllib.parse import parse_qsl

from channels.staff.accounts.sign_in_log import SignInQuery
from channels.staff.accounts.trail import TrailQuery
from channels.staff.pages.testing_desk import SIZES, Pager, page_number
from channels.staff.words import audit as words

LONGEST = 100
Query = TypeVar("Query", TrailQuery, SignInQuery)


def parse(kind: type[Query], text: str, size: int) -> Query:
    """From the part after the question mark; what makes no sense counts as not given."""
    given = {name: value.strip()[:LONGEST] for name, value in parse_qsl(text)}
    values: dict[str, Any] = {
        field.name: given.get(field.name, "")
        for field in fields(kind)
        if field.name not in ("since", "until", "page", "size")
    }
    wanted = given.get("size", "")
    return kind(
        **values,
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
        page=page_number(given.get("page")),
        size=int(wanted) if wanted.isdigit() and int(wanted) in SIZES else size,
    )


def given(query: TrailQuery | SignInQuery) -> dict[str, str]:
    """The filters that are set, for addresses and hidden fields."""
    values = asdict(query)
    return {
        name: str(value) for name, value in values.items() if value and name not in ("page", "size")
    }


def told(query: TrailQuery | SignInQuery, names: Mapping[str, Mapping[str, str]]) -> str:
    """The filters in words; `names`: what the values of some are called."""
    return (
        "，".join(
            f"{words.FILTERS[name]}：{names.get(name, {}).get(value, value)}"
            for name, value in given(query).items()
        )
        or words.ALL
    )


def pager(path: str, query: TrailQuery | SignInQuery, total: int) -> Pager:
    """Where one is in the list."""
    kept = {**given(query), "size": str(query.size)}
    return Pager(path, kept, query.page, query.size, total)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None

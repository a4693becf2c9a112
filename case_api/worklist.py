"""Reads of the work list: filters, order, pages and counts over all cases.

Functions of a connection, as in `repository`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Table,
    case,
    func,
    or_,
    select,
)

from case_api import words
from case_api.deadlines import end_of
from case_api.desk_schemas import WorkQuery
from case_api.models import case_followers, cases, handoffs
from case_api.states import UNDECIDED
from case_api.supervision import OFFICE_CLOCKS, Colour
from nlu.text import case_code

RUNNING: ColumnElement[bool] = cases.c.clock.in_(sorted(OFFICE_CLOCKS))
OWED = case((RUNNING, cases.c.due))
"""The deadline where an office owes something; a citizen's right to a review is no work."""
ORDERS = {"due": OWED, "created": cases.c.seq, "updated": cases.c.updated_at}


def page(
    connection: Connection, query: WorkQuery, now: datetime, near_days: int
) -> Sequence[RowMapping]:
    """The rows of one page."""
    wanted = select(cases).where(*_conditions(query, now, near_days)).order_by(*_order(query.sort))
    wanted = wanted.limit(query.size).offset((query.page - 1) * query.size)
    return connection.execute(wanted).mappings().all()


def rows(
    connection: Connection, query: WorkQuery, now: datetime, near_days: int, most: int
) -> Sequence[RowMapping]:
    """All rows of a filter, `most` and one more at the utmost."""
    wanted = select(cases).where(*_conditions(query, now, near_days)).order_by(*_order(query.sort))
    return connection.execute(wanted.limit(most + 1)).mappings().all()


def codes(
    connection: Connection, query: WorkQuery, now: datetime, near_days: int, most: int
) -> list[str]:
    """The codes of a filter, in its order."""
    wanted = select(cases.c.code).where(*_conditions(query, now, near_days))
    return list(connection.scalars(wanted.order_by(*_order(query.sort)).limit(most)))


def total(connection: Connection, query: WorkQuery, now: datetime, near_days: int) -> int:
    return _count(connection, cases, *_conditions(query, now, near_days))


def statuses(
    connection: Connection, query: WorkQuery, now: datetime, near_days: int
) -> dict[str, int]:
    """How many in each status, whatever status and colour the filter names."""
    where = _conditions(_any_status(query), now, near_days)
    counted = select(cases.c.status, func.count()).where(*where).group_by(cases.c.status)
    return {status: int(count) for status, count in connection.execute(counted)}


def colours(
    connection: Connection, query: WorkQuery, now: datetime, near_days: int
) -> dict[str, int]:
    """How many of each colour, whatever status and colour the filter names."""
    where = _conditions(_any_status(query), now, near_days)
    label = case(
        *((condition, colour.value) for colour, condition in _colours(now, near_days).items()),
        else_=Colour.NONE.value,
    ).label("colour")
    inner = select(label).where(*where).subquery()
    counted = select(inner.c.colour, func.count()).group_by(inner.c.colour)
    return {colour: int(count) for colour, count in connection.execute(counted)}


def standing(connection: Connection, now: datetime, near_days: int) -> dict[str, int]:
    """What waits for somebody's hand; asked often, hence by indexed columns alone."""
    asked = {
        **{colour.value: query for colour, query in _colours(now, near_days).items()},
        "by_hand": (cases.c.office == words.BY_HAND)
        & cases.c.status.in_([status.value for status in UNDECIDED]),
    }
    del asked[Colour.OK.value]
    found = {name: _count(connection, cases, condition) for name, condition in asked.items()}
    return {**found, "handoffs": _count(connection, handoffs, handoffs.c.status == "open")}


def distinct(connection: Connection, column: str) -> list[str]:
    """The values that a column has."""
    found = select(cases.c[column]).distinct().order_by(cases.c[column])
    return list(connection.scalars(found))


def followers(connection: Connection, some: Iterable[str]) -> dict[str, int]:
    """How many follow each of these cases."""
    code = case_followers.c.code
    counted = select(code, func.count()).where(code.in_(list(some))).group_by(code)
    return {code: int(count) for code, count in connection.execute(counted)}


def queue(
    connection: Connection, *, waiting: bool, page: int, size: int
) -> tuple[Sequence[RowMapping], int]:
    """Who waits for a person, the urgent and then the longest waiting first; or who waited."""
    open_ = handoffs.c.status == "open"
    condition = open_ if waiting else ~open_
    order: tuple[Any, ...] = (handoffs.c.urgent.desc(), handoffs.c.id)
    if not waiting:
        order = (handoffs.c.closed_at.desc(), handoffs.c.id.desc())
    wanted = select(handoffs).where(condition).order_by(*order)
    found = connection.execute(wanted.limit(size).offset((page - 1) * size)).mappings().all()
    return found, _count(connection, handoffs, condition)


def _count(connection: Connection, table: Table, *conditions: ColumnElement[bool]) -> int:
    counted = select(func.count()).select_from(table).where(*conditions)
    return int(connection.execute(counted).scalar_one())


def _conditions(query: WorkQuery, now: datetime, near_days: int) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    several = {
        "status": [status.value for status in query.status],
        "category": query.category,
        "office": query.office,
    }
    found += [cases.c[column].in_(values) for column, values in several.items() if values]
    if query.channel is not None:
        found.append(cases.c.channel == query.channel)
    if query.urgent is not None:
        found.append(cases.c.urgent == query.urgent)
    if query.since is not None:
        found.append(cases.c.created_at >= query.since)
    if query.until is not None:
        found.append(cases.c.created_at < query.until)
    if query.colour is not None:
        found.append(_colour(query.colour, now, near_days))
    found += [_has(word) for word in query.q.split()]
    return found


def _has(word: str) -> ColumnElement[bool]:
    mention = case_code.find(word)
    if mention is not None and mention.valid:
        return cases.c.code == mention.code
    columns = (cases.c.text, cases.c.place, cases.c.code)
    return or_(*(column.icontains(word, autoescape=True) for column in columns))


def _colours(now: datetime, near_days: int) -> dict[Colour, ColumnElement[bool]]:
    late, near = cases.c.due < now, cases.c.due <= end_of(now, near_days)
    there = RUNNING & cases.c.due.is_not(None)
    return {
        Colour.OVERDUE: there & late,
        Colour.NEAR: there & ~late & near,
        Colour.OK: there & ~near,
    }


def _colour(colour: Colour, now: datetime, near_days: int) -> ColumnElement[bool]:
    if colour is Colour.NONE:
        return ~func.coalesce(RUNNING, False) | cases.c.due.is_(None)
    return _colours(now, near_days)[colour]


def _any_status(query: WorkQuery) -> WorkQuery:
    return query.model_copy(update={"status": (), "colour": None})


def _order(sort: str) -> tuple[Any, ...]:
    column = ORDERS[sort.lstrip("-")]
    ordered = column.desc() if sort.startswith("-") else column.asc()
    # The number of filing last: pages must not overlap where the dates are alike.
    return ordered.nulls_last(), cases.c.seq.desc()

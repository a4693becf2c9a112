"""The colour of a deadline (红黄绿), and the sum by which its date was found.

Only clocks by which an office owes something have a colour: a citizen's right
to ask for a review lapses, but nobody is late with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum

from sqlalchemy import RowMapping

from case_api import words
from case_api.deadlines import (
    CLOCKS,
    EXTENSION,
    HANDLING,
    OFFICIAL_TIME,
    URGENT_KEY,
    Clock,
    LocalLimits,
    On,
    end_of,
    in_words,
    urgent_clock,
)

OFFICE_CLOCKS = frozenset(
    {key for key, clock in CLOCKS.items() if clock.runs_for == "office"} | {URGENT_KEY}
)
STARTS = {On.FILED: "created_at", On.ACCEPTED: "accepted_at", On.ANSWERED: "answered_at"}


class Colour(str, Enum):
    """How near a deadline is."""

    OVERDUE = "overdue"
    NEAR = "near"
    OK = "ok"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Sum:
    """How a deadline came about."""

    name: str
    text: str
    """2026年3月5日登记 + 15日 = 2026年3月20日"""
    source: str
    """《信访工作条例》第二十三条"""
    rule: str


def colour_of(clock: str | None, due: datetime | None, now: datetime, near_days: int) -> Colour:
    """Red once the moment has passed, yellow in the last days before it."""
    if due is None or clock not in OFFICE_CLOCKS:
        return Colour.NONE
    if due < now:
        return Colour.OVERDUE
    return Colour.NEAR if due <= end_of(now, near_days) else Colour.OK


def days_left(due: datetime | None, now: datetime) -> int | None:
    """Calendar days until the last one; 0 on the day itself, negative afterwards."""
    return None if due is None else (_day(due) - _day(now)).days


def clock_name(clock: str | None) -> str:
    """What the clock is about: 受理告知."""
    if clock == URGENT_KEY:
        return urgent_clock(LocalLimits()).name
    return CLOCKS[clock].name if clock else ""


def article(clock: str | None) -> str:
    """By which article it runs: 第二十三条."""
    if clock == URGENT_KEY:
        return urgent_clock(LocalLimits()).article
    return CLOCKS[clock].article if clock else ""


def sum_of(row: RowMapping, limits: LocalLimits) -> Sum | None:
    """The sum behind a case's deadline; None where no clock runs."""
    key, due = row["clock"], row["due"]
    if key is None or due is None:
        return None
    clock = urgent_clock(limits) if key == URGENT_KEY else CLOCKS[key]
    # The extension is counted on from the 60 日, which began with the acceptance.
    starts = On.ACCEPTED if clock is EXTENSION else clock.starts
    start = row[STARTS[starts]]
    terms = [words.SUM_START[starts.value].format(date=in_words(_day(start)))]
    terms += [words.SUM_DAYS.format(days=days) for days in _days(clock, row["extended_days"])]
    if clock is EXTENSION:
        terms[-1] = words.SUM_EXTENSION.format(days=row["extended_days"])
    source = (
        limits.urgent_source if key == URGENT_KEY else words.SOURCE.format(article=clock.article)
    )
    text = f"{' + '.join(terms)} = {in_words(_day(due))}"
    return Sum(clock.name, text, source, words.SUM_RULE)


def _days(clock: Clock, extended: int) -> tuple[int, ...]:
    return (HANDLING.days, extended) if clock is EXTENSION else (clock.days,)


def _day(moment: datetime) -> date:
    return moment.astimezone(OFFICIAL_TIME).date()

"""Which clock runs, until when, and by which article.

The regulation's 「日」 are calendar days; the day something happens is not
counted (民法典 第二百零一条). A last day that is a holiday is not moved: that
would only lengthen what the citizen waits for.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

from case_api import words
from nlu.text.errors import Unprocessable

OFFICIAL_TIME = ZoneInfo("Asia/Shanghai")
LAST_MINUTE = time(23, 59, 59)


class On(str, Enum):
    """What starts a clock."""

    FILED = "filed"
    ACCEPTED = "accepted"
    ANSWERED = "answered"
    DUE = "due"


@dataclass(frozen=True, slots=True)
class Clock:
    """A period that a rule gives."""

    key: str
    name: str
    days: int
    article: str
    """As a citizen would look it up."""
    starts: On
    runs_for: str = "office"
    """office: something is owed to the citizen; citizen: a right that lapses."""


REGISTRATION = Clock("registration", "登记转送", 15, "第二十二条", On.FILED)
NOTICE = Clock("notice", "受理告知", 15, "第二十三条", On.FILED)
HANDLING = Clock("handling", "办理", 60, "第三十四条", On.ACCEPTED)
EXTENSION = Clock("extension", "延期", 30, "第三十四条", On.DUE)
REVIEW = Clock("review", "申请复查", 30, "第三十五条", On.ANSWERED, runs_for="citizen")
RE_REVIEW = Clock("re_review", "申请复核", 30, "第三十六条", On.ANSWERED, runs_for="citizen")
CLOCKS = {c.key: c for c in (REGISTRATION, NOTICE, HANDLING, EXTENSION, REVIEW, RE_REVIEW)}
URGENT_KEY = "urgent"
NEAR_DAYS = 3


@dataclass(frozen=True, slots=True)
class Due:
    """A moment that something is owed by."""

    clock: Clock
    at: datetime


@dataclass(frozen=True, slots=True)
class LocalLimits:
    """What this place promises beyond the regulation (`data/calendar/limits.toml`)."""

    urgent_days: int = 1
    """Urgent matters: a first contact within so many days (0: the end of the same day)."""
    urgent_source: str = "信访工作条例第二十五条要求及时处理，期限为本地约定"
    near_days: int = NEAR_DAYS
    """From so many days before the last one a deadline is shown yellow."""

    @classmethod
    def load(cls, path: Path) -> LocalLimits:
        """Read the file; a limit longer than the regulation's would promise less than the law."""
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        urgent = table["urgent"]
        limits = cls(
            urgent_days=urgent["days"],
            urgent_source=urgent["source"],
            near_days=table.get("colours", {}).get("near_days", NEAR_DAYS),
        )
        if not 0 <= limits.urgent_days <= NOTICE.days:
            raise ValueError(f"{path}: urgent.days must be 0–{NOTICE.days}")
        if not 0 <= limits.near_days <= HANDLING.days:
            raise ValueError(f"{path}: colours.near_days must be 0–{HANDLING.days}")
        return limits


def end_of(start: datetime, days: int) -> datetime:
    """The last moment of the n-th calendar day after `start`, in official time."""
    day = start.astimezone(OFFICIAL_TIME).date() + timedelta(days=days)
    return datetime.combine(day, LAST_MINUTE, OFFICIAL_TIME)


def on_filing(filed: datetime, *, urgent: bool, limits: LocalLimits) -> Due:
    """What is owed first: notice in 15 日, and sooner where it is urgent."""
    if urgent:
        return Due(urgent_clock(limits), end_of(filed, limits.urgent_days))
    return Due(NOTICE, end_of(filed, NOTICE.days))


def urgent_clock(limits: LocalLimits) -> Clock:
    """The clock of this place for urgent matters."""
    return Clock(URGENT_KEY, "紧急先行联系", limits.urgent_days, "第二十五条", On.FILED)


def on_acceptance(accepted: datetime) -> Due:
    """60 日 to handle and answer."""
    return Due(HANDLING, end_of(accepted, HANDLING.days))


def on_extension(accepted: datetime, days: int) -> Due:
    """The extension is counted from the 60 日's own end, whenever it is granted."""
    if not 1 <= days <= EXTENSION.days:
        raise Unprocessable(words.EXTENSION_TOO_LONG, field="days")
    return Due(EXTENSION, end_of(accepted, HANDLING.days + days))


def on_answer(answered: datetime) -> Due:
    """The citizen may ask for a review within 30 日."""
    return Due(REVIEW, end_of(answered, REVIEW.days))


def describe(clock: str | None, at: datetime | None, *, office: str, extended_days: int = 0) -> str:
    """The deadline in a sentence that a citizen understands; empty when nothing runs."""
    if clock is None or at is None:
        return ""
    office = words.BEFORE_ROUTING if office == words.BY_HAND else office
    day = in_words(at.astimezone(OFFICIAL_TIME).date())
    if clock == URGENT_KEY:
        return words.DUE_URGENT.format(office=office, date=day)
    if clock == REVIEW.key:
        return words.REVIEW.format(date=day)
    known = CLOCKS[clock]
    days = HANDLING.days + extended_days if clock == EXTENSION.key else known.days
    return words.DUE.format(
        article=known.article, office=office, date=day, promise=words.PROMISE[clock], days=days
    )


def in_words(day: date) -> str:
    """2026年12月7日"""
    return f"{day.year}年{day.month}月{day.day}日"

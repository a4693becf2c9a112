"""When something happened, as people say it: 上个月底, 前天晚上九点多, 国庆节前, 腊月二十八.

Petitions look back, so what carries no year or week is taken to be the nearest past one unless a
coming one is much nearer.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime

from nlu.text import calendar_words as words
from nlu.text import wordlists
from nlu.text.calendar_words import Span
from nlu.text.normalise import fold
from nlu.text.numbers import whole

_TO = re.compile(r"\s*(?:到|至|—+|-+|~+)\s*")
_NOW = r"(?:现在|今天|目前|如今|今日|今|这会儿|此刻|当下|这会儿|这阵儿?|这阵子|眼下|而家|今朝)"
_UNTIL_NOW = re.compile(rf"(?:开始|起)?\s*(?:一直)?\s*(?:到|至){_NOW}|(?:开始|以来|起|至今)")
# 前年夏天开始修 says when it began; 从前年夏天开始 and 至今 say how long it has gone on.
_FROM = re.compile(r"(?:从|自|打|自从|打从)\s*$")
_BEGAN = re.compile(r"(?:开始|起)$")


@dataclass(frozen=True, slots=True)
class When:
    """A time in someone's words."""

    value: str
    """ISO date, or `first/last`; what recurs (每天晚上) goes on still: today's date."""
    start: int
    end: int


_Reader = Callable[[re.Match[str], date], "Span | None"]


def find_dates(text: str, now: datetime) -> list[When]:
    """All times said, longest first at each place, from left to right."""
    read = fold(text)
    today = now.date()
    found: list[tuple[Span, int, int]] = []
    at = 0
    while (best := _next(read, at, today)) is not None:
        found.append(best)
        at = best[2]
    return [When(_iso(span), start, end) for span, start, end in _joined(read, found, today)]


def _next(read: str, at: int, today: date) -> tuple[Span, int, int] | None:
    best: tuple[Span, int, int] | None = None
    for pattern, reader in _FORMS:
        for match in pattern.finditer(read, at):
            if best and match.start() > best[1]:
                break
            span = reader(match, today)
            if span is None:
                continue
            if best is None or (match.start(), -match.end()) < (best[1], -best[2]):
                best = (span, match.start(), match.end())
            break
    return best


def _joined(
    read: str, found: list[tuple[Span, int, int]], today: date
) -> Iterator[tuple[Span, int, int]]:
    """Puts 从A到B, A至今 and A以来 together."""
    index = 0
    while index < len(found):
        span, start, end = found[index]
        index += 1
        if index < len(found) and _TO.fullmatch(read, end, found[index][1]):
            last = found[index][0]
            end = found[index][2]
            # 11月20号到22号: the second day lends its month from the first.
            span = Span(span.first, max(last.last, span.first))
            index += 1
        elif span.first <= today and (until := _UNTIL_NOW.match(read, end)):
            began = _BEGAN.search(until.group()) and not _FROM.search(read[:start])
            span, end = span if began else Span(span.first, today), until.end()
        yield span, start, end


def _iso(span: Span) -> str:
    if span.first == span.last:
        return span.first.isoformat()
    return f"{span.first.isoformat()}/{span.last.isoformat()}"


def _nearest(candidates: list[Span], today: date) -> Span:
    """The one meant when no year is said: coming ones count eight times as far."""

    def distance(span: Span) -> int:
        if span.first <= today <= span.last:
            return 0
        return (today - span.last).days if span.last < today else 8 * (span.first - today).days

    return min(candidates, key=distance)


def _year(match: re.Match[str], today: date) -> int | None:
    groups = match.groupdict()
    if said := groups.get("said_year"):
        return words.said_year(said, today)
    if not (written := groups.get("year")):
        return None
    value = whole(written)
    if value is None:
        return None
    return value if value > 100 else 2000 + value


def _numeric(match: re.Match[str], _: date) -> Span | None:
    return words.day(int(match["y"]), int(match["m"]), int(match["d"]))


def _month_day(match: re.Match[str], today: date) -> Span | None:
    month, day = whole(match["month"]), whole(match["day"])
    if month is None or day is None:
        return None
    year = _year(match, today)
    if year is not None:
        return words.day(year, month, day)
    spans = [words.day(today.year + shift, month, day) for shift in (-1, 0, 1)]
    return _nearest(known, today) if (known := [span for span in spans if span]) else None


def _month(match: re.Match[str], today: date) -> Span | None:
    month = whole(match["month"])
    if month is None or not 1 <= month <= 12:
        return None
    year = _year(match, today)
    part = match["part"] or ""
    if year is not None:
        return words.month_part(words.month(year, month), part)
    spans = [words.month(today.year + shift, month) for shift in (-1, 0, 1)]
    return words.month_part(_nearest(spans, today), part)


def _two_months(match: re.Match[str], today: date) -> Span | None:
    first, last = whole(match["month"].rstrip("、和")), whole(match["last"])
    if first is None or last is None or not first < last <= 12:
        return None
    year = _year(match, today)
    years = [year] if year is not None else [today.year - 1, today.year]
    spans = [Span(words.month(one, first).first, words.month(one, last).last) for one in years]
    return _nearest(spans, today)


def _said_month(match: re.Match[str], today: date) -> Span | None:
    shift = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1}[match["which"]]
    months = words.shift_month(today, shift)
    if match["day"]:
        day = whole(match["day"])
        return words.day(months.first.year, months.first.month, day) if day else None
    return words.month_part(months, match["part"] or "")


def _bare_part(match: re.Match[str], today: date) -> Span | None:
    spans = [
        words.month_part(words.shift_month(today, shift), match["part"]) for shift in (-1, 0, 1)
    ]
    return _nearest(spans, today)


def _only_day(match: re.Match[str], today: date) -> Span | None:
    day = whole(match["day"])
    if day is None:
        return None
    months = [words.shift_month(today, shift).first for shift in (-1, 0, 1)]
    spans = [words.day(first.year, first.month, day) for first in months]
    return _nearest(known, today) if (known := [span for span in spans if span]) else None


def _only_year(match: re.Match[str], today: date) -> Span | None:
    year = _year(match, today)
    return words.year_part(year, match["part"] or "") if year is not None else None


def _season(match: re.Match[str], today: date) -> Span | None:
    years = [words.year_part(today.year + shift, match["part"]) for shift in (-1, 0)]
    past = [span for span in years if span.first <= today]
    return past[-1] if past else None


def _since_school(match: re.Match[str], today: date) -> Span | None:
    """School begins in September and March; holidays in July and the middle of January."""
    begins = {"开学": ((3, 1), (9, 1)), "放暑假": ((7, 1),), "放寒假": ((1, 15),)}[match["word"]]
    days = [date(today.year + shift, *one) for shift in (-1, 0) for one in begins]
    past = [one for one in days if one <= today]
    return Span(past[-1], today) if past else None


def _relative_day(match: re.Match[str], today: date) -> Span | None:
    return words.relative_day(match["word"], today)


def _weekday(match: re.Match[str], today: date) -> Span | None:
    return words.weekday(match["which"] or "", match["weekday"], today)


def _ago(match: re.Match[str], today: date) -> Span | None:
    return words.ago(match["count"], match["unit"], today)


def _lasting(match: re.Match[str], today: date) -> Span | None:
    past = words.ago(match["count"], match["unit"], today)
    return Span(past.first, today) if past else None


def _vague(match: re.Match[str], today: date) -> Span | None:
    return words.vague(match["word"], today)


def _holiday(match: re.Match[str], today: date) -> Span | None:
    year = _year(match, today)
    years = [year] if year is not None else [today.year - 1, today.year, today.year + 1]
    spans = [span for one in years if (span := words.holiday(match["name"], one))]
    if not spans:
        return None
    return words.around(_nearest(spans, today), match["around"] or "")


def _lunar(match: re.Match[str], today: date) -> Span | None:
    year = _year(match, today)
    years = [year] if year is not None else [today.year - 1, today.year, today.year + 1]
    spans = [span for one in years if (span := words.lunar_day(match["month"], match["day"], one))]
    return _nearest(spans, today) if spans else None


def _going_on(_: re.Match[str], today: date) -> Span | None:
    return Span(today, today)


_READERS: dict[str, _Reader] = {
    "numeric": _numeric,
    "month_day": _month_day,
    "month": _month,
    "two_months": _two_months,
    "said_month": _said_month,
    "bare_part": _bare_part,
    "only_day": _only_day,
    "only_year": _only_year,
    "season": _season,
    "since_school": _since_school,
    "relative_day": _relative_day,
    "weekday": _weekday,
    "ago": _ago,
    "lasting": _lasting,
    "vague": _vague,
    "holiday": _holiday,
    "lunar": _lunar,
    "going_on": _going_on,
}


def _grammar() -> tuple[tuple[re.Pattern[str], _Reader], ...]:
    sections = wordlists.lines("dates")
    parts = {"HOLIDAYS": words.HOLIDAYS}

    def filled(pattern: str) -> str:
        for name, part in parts.items():
            pattern = pattern.replace("{" + name + "}", part)
        return pattern

    for line in sections["parts"]:
        name, part = line.split(" = ", 1)
        parts[name] = filled(part)
    forms = (line.split(" = ", 1) for line in sections["forms"])
    return tuple((re.compile(filled(pattern)), _READERS[reader]) for reader, pattern in forms)


_FORMS = _grammar()

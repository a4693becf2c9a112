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
from nlu.text.calendar_words import Span
from nlu.text.normalise import fold
from nlu.text.numbers import whole

_N = r"(?:\d{1,4}|[〇零一二两三四五六七八九十]{1,4})"
_SMALL = r"(?:\d{1,2}|[一二两三四五六七八九十]{1,3})"
_DAYPART = (
    r"(?:大清早|一大早|大早上|大半夜|后半夜|前半夜|下半夜|上半夜|大晚上|大中午|清晨|清早|凌晨|早晨|早上|早间|上午|中午|晌午|午后|午间|下午|傍晚"
    r"|晚上|晚间|夜里|夜晚|夜间|半夜|深夜|午夜|深更半夜|三更半夜|白天|天亮前?|天黑后?|早高峰|晚高峰|上下班高峰期?)"
)
_CLOCK = (
    rf"(?:[01]?\d|2[0-4])[:：][0-5]\d(?:[:：]\d\d)?|{_SMALL}点(?:{_SMALL}分|半|一刻|三刻|整|钟|{_SMALL}(?![\d一二三四五六七八九十]))?"  # noqa: RUF001
)
_ABOUT = r"(?:多钟?|左右|前后|许|出头|来钟)?"
_TIME = rf"(?:\s*(?:的|大概|大约|约|差不多)?\s*{_DAYPART})?(?:\s*(?:的|大概|大约|约|差不多)?\s*(?:{_CLOCK}){_ABOUT})?"
_TO = r"\s*(?:到|至|—+|-+|~+|～)\s*"  # noqa: RUF001
_CLOCK_RANGE = rf"(?:{_TO}(?:第二天|次日)?(?:{_DAYPART})?(?:{_CLOCK}){_ABOUT})?"
_NOW = r"(?:现在|今天|目前|如今|今日|今|这会儿|此刻|当下)"
_WEEKDAY = r"(?:周|星期|礼拜)(?P<weekday>[一二三四五六日天1-7]|末)"
_SURE_YEAR = r"(?:(?P<year>(?:19|20)\d\d|[一二][〇零一二三四五六七八九]{3})年\s*|(?P<said_year>今年|去年|前年|大前年|明年)(?:的|年)?\s*)"
_YEAR = r"(?:(?P<year>(?:19|20)?\d\d|[一二][〇零一二三四五六七八九]{3})年\s*|(?P<said_year>今年|去年|前年|大前年|明年|当年)(?:的|年)?\s*)"
# 3号楼, 5号线, 12号院: a number of a thing, not of a day.
_NOT_A_THING = r"(?!\s*(?:楼|院|线|门|栋|幢|座|地块|店|机|井|桥|铺|公馆|路|厂|库|墙|变|车|台|岗|房|室|单元|商|口|煤|公交|出口|馆|坑|[0-9A-Za-z]))"


@dataclass(frozen=True, slots=True)
class When:
    """A time in someone's words."""

    value: str
    """ISO date, or `first/last`. What recurs (每天晚上) is still going on: it carries today's date."""
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
        if index < len(found) and re.fullmatch(_TO, read[end : found[index][1]]):
            last = found[index][0]
            end = found[index][2]
            # 11月20号到22号: the second day lends its month from the first.
            span = Span(span.first, max(last.last, span.first))
            index += 1
        elif until := re.compile(rf"(?:开始|起)?\s*(?:一直)?\s*(?:到|至){_NOW}|(?:开始|以来|起|至今)").match(read, end):
            if span.first <= today:
                span, end = Span(span.first, today), until.end()
        yield span, start, end


def _iso(span: Span) -> str:
    if span.first == span.last:
        return span.first.isoformat()
    return f"{span.first.isoformat()}/{span.last.isoformat()}"


def _nearest(candidates: list[Span], today: date) -> Span:
    """The one meant when no year is said: coming ones count four times as far."""

    def distance(span: Span) -> int:
        if span.first <= today <= span.last:
            return 0
        return (today - span.last).days if span.last < today else 4 * (span.first - today).days

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


def _numeric(match: re.Match[str], today: date) -> Span | None:
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


def _said_month(match: re.Match[str], today: date) -> Span | None:
    shift = {"上上": -2, "上": -1, "这": 0, "本": 0, "当": 0, "下": 1}[match["which"]]
    months = words.shift_month(today, shift)
    if match["day"]:
        day = whole(match["day"])
        return words.day(months.first.year, months.first.month, day) if day else None
    return words.month_part(months, match["part"] or "")


def _bare_part(match: re.Match[str], today: date) -> Span | None:
    spans = [words.month_part(words.shift_month(today, shift), match["part"]) for shift in (-1, 0, 1)]
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


def _today(match: re.Match[str], today: date) -> Span | None:
    return Span(today, today)


_TAIL = rf"{_TIME}{_CLOCK_RANGE}"
_COUNT = rf"(?P<count>半|{_N}|好?几|十?多|数)个?半?多?(?:来)?"
_UNIT = r"(?P<unit>天|日|宿|晚上|晚|周|星期|礼拜|月|年|小时|钟头|分钟)"
_PART = r"(?P<part>底|初|末|中旬|中|上旬|下旬|头|份)?"
_AROUND = r"(?P<around>前后|前夕|期间|假期|放假|长假|当天|那天|那会儿?|的时候|以前|之前|以后|之后|过后|前|后)?"

_FORMS: tuple[tuple[re.Pattern[str], _Reader], ...] = tuple(
    (re.compile(pattern), reader)
    for pattern, reader in (
        (rf"(?<!\d)(?P<y>(?:19|20)\d\d)\s*[-/.]\s*(?P<m>\d{{1,2}})\s*[-/.]\s*(?P<d>\d{{1,2}})(?!\d)[日号]?{_TAIL}", _numeric),
        (rf"(?<![\d.]){_YEAR}?(?P<month>{_SMALL})月份?\s*(?P<day>{_SMALL})(?:[日号](?:当天|那天)?|(?![\d一二三四五六七八九十个多元块]))(?!楼|栋){_TAIL}", _month_day),
        (rf"(?<![\d.个]){_YEAR}?(?P<month>{_SMALL})月(?!饼|嫂|子|租|薪|供|台|亮){_PART}", _month),
        (rf"(?P<which>上上|上|这|本|当|下)个?月份?(?:的?(?P<day>{_SMALL})[日号]{_NOT_A_THING}{_TAIL}|{_PART})", _said_month),
        (rf"(?<![个这本上下])(?P<part>月底|月初|月中旬|月末)", _bare_part),
        (rf"(?<![\d一二三四五六七八九十路街巷弄区园道楼栋幢座院室])(?P<day>{_SMALL})[日号]{_NOT_A_THING}(?={_DAYPART}|{_CLOCK}|那天|当天|开始|到|至|之?前|之?后|以来|的时候|就|才|[,，。]|$){_TAIL}", _only_day),  # noqa: RUF001
        (rf"(?<=[到至])(?P<day>{_SMALL})[日号]{_NOT_A_THING}{_TAIL}", _only_day),
        (rf"{_SURE_YEAR}(?P<part>年底|年初|年末|年中|底|初|末|上半年|下半年|春天|夏天|秋天|冬天|开春|入春|入夏|入秋|入冬|春季|夏季|秋季|冬季|暑假|寒假)?", _only_year),
        (rf"(?P<word>大前天|大后天|前天|昨天|昨日|昨儿个?|前儿个?|今天|今日|今儿个?|明天|明日|明儿个?|后天|昨晚上?|昨夜|前晚|今晚|今早|今晨|今夜|明早|明晚|昨早|刚才|刚刚|方才|当天|当晚){_TAIL}", _relative_day),
        (rf"(?P<which>上上个?|上个?|这个?|本|下下个?|下个?)?{_WEEKDAY}(?!围|边|到|密|转|期){_TAIL}", _weekday),
        (rf"{_COUNT}{_UNIT}(?:以前|之前|前)(?!面|后|边){_TAIL}", _ago),
        (rf"(?:持续|连续|已经|都|快|整整|足足|接连|一连|有|差不多|将近|超过){{1,2}}了?\s*{_COUNT}{_UNIT}(?:多|左右)?(?:了|时间)?", _lasting),
        (rf"(?<![第号]){_COUNT}{_UNIT}多?了", _lasting),
        (rf"(?P<word>前几天|前几日|前两天|前些天|前些日子|前段时间|前阵子|前一阵子?|前一段时间|这几天|这两天|这些天|最近几天|近几天|近日|最近一段时间|最近|近期|近来|这段时间|这阵子|这一阵|这一段时间|这些日子|上周末|这周末|上个?星期|上个?礼拜|上周|这周|这个星期|这个礼拜|本周|近几个月|这几个月|近几年|这几年|近年来|近年|这些年|这两年|前几年|前两年|前些年|最近几个月|最近半年|上半年|下半年|今年以来){_TIME}", _vague),
        (rf"(?:{_YEAR}|(?P<none>))(?P<name>{words.HOLIDAYS})(?:节|长假|小长假|假期|放假)?{_AROUND}{_TAIL}", _holiday),
        (rf"(?:{_YEAR})?(?:农历|阴历|旧历)?(?P<month>正月|腊月|冬月)(?P<day>初[一二三四五六七八九十]|十[一二三四五六七八九]?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十)?{_TAIL}", _lunar),
        (rf"(?:{_YEAR})?(?:农历|阴历|旧历)(?P<month>[一二三四五六七八九十]{{1,2}}月)(?P<day>初[一二三四五六七八九十]|十[一二三四五六七八九]?|二十[一二三四五六七八九]?|廿[一二三四五六七八九]?|三十)?{_TAIL}", _lunar),
        (rf"(?:每天|天天|每晚|每日|每夜|夜夜|每周[一二三四五六日天末]?|每个?月|每年|每到|(?<![周期拜每])一到|一年四季|平时)(?:都是)?(?:{_DAYPART})?{_TAIL}", _today),
        (rf"{_DAYPART}\s*(?:{_CLOCK}){_ABOUT}{_CLOCK_RANGE}", _today),
        (rf"(?<![\d.一二三四五六七八九十])(?:(?:[01]?\d|2[0-4])[:：][0-5]\d(?!\d)|{_SMALL}点(?:半|钟|多钟?|左右|{_SMALL}分)){_ABOUT}{_CLOCK_RANGE}", _today),  # noqa: RUF001
    )
)

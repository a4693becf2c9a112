"""The lunar calendar by computation: 春节, 中秋, 腊月二十八 without a table to run out.

Mean new moons with the usual periodic terms (J. Meeus, Astronomical Algorithms, ch. 47 and 24, as
arranged by Ho Ngoc Duc), days counted in Beijing time. A month is 十一月 when it holds the winter
solstice; a leap month is one in which the sun enters no new sign.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from math import floor, pi, sin

_SYNODIC_MONTH = 29.530588853
_BEIJING = 8 / 24
_RADIAN = pi / 180


def to_date(year: int, month: int, day: int) -> date | None:
    """The solar date of that lunar day (never of a leap month), or None past the month's end.

    `year` is the solar year of its 春节: (2026, 12, 28) lies in early 2027.
    """
    before, after = _eleventh_month(year - 1), _eleventh_month(year)
    if month >= 11:
        before, after = after, _eleventh_month(year + 1)
    offset = (month - 11) % 12
    if after - before > 365:
        leap = _leap_offset(before)
        if offset >= leap:
            offset += 1
    number = floor(0.5 + (before - 2415021.076998695) / _SYNODIC_MONTH)
    first = _new_moon_day(number + offset)
    if not 1 <= day <= _new_moon_day(number + offset + 1) - first:
        return None
    return date.fromordinal(first + day - 1 - 1721425)


def new_year(year: int) -> date:
    """春节 of that solar year."""
    day = to_date(year, 1, 1)
    assert day is not None  # every month has a first day
    return day


@lru_cache(maxsize=512)
def _new_moon_day(k: int) -> int:
    """Julian day number, in Beijing, of the k-th new moon since 1900-01-01."""
    t = k / 1236.85
    moon = 2415020.75933 + 29.53058868 * k + 0.0001178 * t**2 - 0.000000155 * t**3
    moon += 0.00033 * sin((166.56 + 132.87 * t - 0.009173 * t**2) * _RADIAN)
    sun_m = (359.2242 + 29.10535608 * k - 0.0000333 * t**2 - 0.00000347 * t**3) * _RADIAN
    moon_m = (306.0253 + 385.81691806 * k + 0.0107306 * t**2 + 0.00001236 * t**3) * _RADIAN
    node = (21.2964 + 390.67050646 * k - 0.0016528 * t**2 - 0.00000239 * t**3) * _RADIAN
    shift = (0.1734 - 0.000393 * t) * sin(sun_m) + 0.0021 * sin(2 * sun_m)
    shift += -0.4068 * sin(moon_m) + 0.0161 * sin(2 * moon_m) - 0.0004 * sin(3 * moon_m)
    shift += 0.0104 * sin(2 * node) - 0.0051 * sin(sun_m + moon_m)
    shift += -0.0074 * sin(sun_m - moon_m) + 0.0004 * sin(2 * node + sun_m)
    shift += -0.0004 * sin(2 * node - sun_m) - 0.0006 * sin(2 * node + moon_m)
    shift += 0.0010 * sin(2 * node - moon_m) + 0.0005 * sin(2 * moon_m + sun_m)
    delta_t = -0.000278 + 0.000265 * t + 0.000262 * t**2
    return floor(moon + shift - delta_t + 0.5 + _BEIJING)


def _sun_sign(day: int) -> int:
    """Which twelfth of its way round the sun is in when that day begins in Beijing."""
    t = (day - 2451545.5 - _BEIJING) / 36525
    anomaly = (357.52910 + 35999.05030 * t - 0.0001559 * t**2 - 0.00000048 * t**3) * _RADIAN
    longitude = 280.46645 + 36000.76983 * t + 0.0003032 * t**2
    longitude += (1.914600 - 0.004817 * t - 0.000014 * t**2) * sin(anomaly)
    longitude += (0.019993 - 0.000101 * t) * sin(2 * anomaly) + 0.000290 * sin(3 * anomaly)
    return floor((longitude % 360) / 30)


@lru_cache(maxsize=64)
def _eleventh_month(year: int) -> int:
    """First day of the lunar month that holds the winter solstice of that solar year."""
    year_end = date(year, 12, 31).toordinal() + 1721425
    number = floor((year_end - 2415021.076998695) / _SYNODIC_MONTH)
    first = _new_moon_day(number)
    return first if _sun_sign(first) < 9 else _new_moon_day(number - 1)


def _leap_offset(eleventh: int) -> int:
    """How many months after 十一月 the leap month of a thirteen-month year stands."""
    number = floor(0.5 + (eleventh - 2415021.076998695) / _SYNODIC_MONTH)
    for offset in range(1, 14):
        if _sun_sign(_new_moon_day(number + offset)) == _sun_sign(
            _new_moon_day(number + offset + 1)
        ):
            return offset
    return 14

"""Which of two periods ends first, whatever the day they start on; and how late a period that has ended can have begun.

Months have 28 to 31 days, and a day ends at midnight while twenty-four hours do not: so two periods can be in no order
at all. What is answered here holds for every start, or it is not answered with yes.
"""

from __future__ import annotations

import calendar
from datetime import date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from compliance.domain.schedule import Period

_DAY = timedelta(days=1)
_MINUTE = timedelta(minutes=1)
# The Gregorian calendar repeats after so many months.
_CYCLE = 4800


def never_longer(one: Period | None, other: Period | None, zone: ZoneInfo) -> bool:
    """Whether `one` never ends after `other` when both run from the same start. None is no period: it ends at once."""
    if one is None or one == other:
        return True
    if other is None:
        return False
    if not one.by_calendar and not other.by_calendar:
        return _clock(one) <= _clock(other)
    if one.by_calendar and other.by_calendar:
        if _months(one) <= _months(other) and one.days <= other.days:
            return True
        return _days(one)[1] <= _days(other)[0]
    slack = _slack(zone)
    if one.by_calendar:
        # It starts at midnight at the earliest, so its last day comes on top.
        return timedelta(days=_days(one)[1] + 1) + slack <= _clock(other)
    return _clock(one) + slack <= timedelta(days=_days(other)[0])


def latest_start(period: Period, end: datetime, zone: ZoneInfo) -> datetime:
    """The last moment a period that ends at `end` can have started: exact but for the hour of a calendar period's day,
    and for month ends, where several days share an end (民法典 202) and the last of them is taken.
    """
    if not period.by_calendar:
        return end - _clock(period)
    last_day = end.astimezone(zone).date() - _DAY
    anchor = last_day - timedelta(days=period.days)
    day = _latest_before(anchor, _months(period)) if _months(period) else anchor
    return datetime.combine(day + _DAY, time(), tzinfo=zone) - timedelta(microseconds=1)


def _latest_before(day: date, months: int) -> date:
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    longest = calendar.monthrange(year, month + 1)[1]
    ends_its_month = day.day == calendar.monthrange(day.year, day.month)[1]
    return date(year, month + 1, longest if ends_its_month else min(day.day, longest))


def _clock(period: Period) -> timedelta:
    return (period.hours * 60 + period.minutes) * _MINUTE


def _months(period: Period) -> int:
    return period.years * 12 + period.months


def _days(period: Period) -> tuple[int, int]:
    """The fewest and the most days between the day a calendar period starts on and its last day."""
    fewest, most = _month_lengths(_months(period))
    return fewest + period.days, most + period.days


@cache
def _month_lengths(months: int) -> tuple[int, int]:
    if not months:
        return 0, 0
    fewest, most = 31 * months, 0
    for start in range(_CYCLE):
        first, last = _month(start), _month(start + months)
        days = (date(*last, 1) - date(*first, 1)).days
        # Days 29 to 31 end with the month where it has none such, and so the period is shorter.
        cut = calendar.monthrange(*first)[1] - calendar.monthrange(*last)[1]
        fewest, most = min(fewest, days - max(cut, 0)), max(most, days)
    return fewest, most


def _month(number: int) -> tuple[int, int]:
    return 2000 + number // 12, number % 12 + 1


def _slack(zone: ZoneInfo) -> timedelta:
    """How much longer or shorter a day can be than twenty-four hours: nothing where the clocks are never changed."""
    midsummers = (datetime(year, month, 1, tzinfo=zone) for year in (2026, 2027) for month in range(1, 13))
    return timedelta() if len({moment.utcoffset() for moment in midsummers}) == 1 else timedelta(hours=2)

"""Arithmetic over periods and days, for comparisons only: what is due and when is never worked out here."""

from __future__ import annotations

from datetime import date

from compliance.domain.schedule import Period

SIX_MONTHS, THREE_YEARS = 6, 36
# The longest that so many months can be, in days: a period in days has to reach it to be sure.
_MOST_DAYS = {SIX_MONTHS: 184, THREE_YEARS: 1096}
_FEBRUARY_29 = (2, 29)


def lasts_months(period: Period, months: int) -> bool:
    """Whether a period is at least so many calendar months, whenever it begins."""
    return period.years * 12 + period.months >= months or period.days >= _MOST_DAYS[months]


def shortest_days(period: Period) -> int:
    """A lower bound in days: months are counted as short as they come, and a part of a day not at all."""
    months = period.months * 30 - (2 if period.months else 0)
    return period.years * 365 + months + period.days + (period.hours * 60 + period.minutes) // 1440


def years_after(day: date, years: int) -> date:
    """The corresponding day, or the last of February (民法典 202)."""
    if (day.month, day.day) == _FEBRUARY_29:
        return date(day.year + years, 2, 28)
    return day.replace(year=day.year + years)

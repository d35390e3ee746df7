"""Counting working days. Which day is one is handed in: the State Council's notice is data, not arithmetic."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Workday:
    """Whether a day is worked, and whether anybody has said so (`known`) or a weekday rule was guessed."""

    works: bool
    known: bool


Calendar = Callable[[date], Workday]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reached:
    """The day on which a count ends. `provisional` where any day on the way was only guessed."""

    day: date
    provisional: bool


def by_weekday(day: date) -> Workday:
    """The rule where neither the library nor the override file knows the year: Monday to Friday, unconfirmed."""
    return Workday(works=day.weekday() < 5, known=False)


def after_workdays(start: date, count: int, calendar: Calendar) -> Reached:
    """The `count`-th working day after `start`, which is itself not counted (民法典 201)."""
    day, left, provisional = start, count, False
    while left:
        day += timedelta(days=1)
        answer = calendar(day)
        provisional = provisional or not answer.known
        left -= answer.works
    return Reached(day=day, provisional=provisional)

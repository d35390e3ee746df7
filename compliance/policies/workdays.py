"""Which days are worked in mainland China: our own file first, then the library, then a guess that says so."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import chinese_calendar
from pydantic import Field, field_validator

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.workdays import Calendar, Workday, by_weekday
from compliance.policies.source import read
from compliance.policies.terms import Model

FILE = Path(__file__).parent / "workdays.yaml"


class _Year(Model):
    holidays: list[str] = Field(default_factory=list)
    worked: list[str] = Field(default_factory=list)

    @field_validator("holidays", "worked")
    @classmethod
    def _iso_dates(cls, days: list[str]) -> list[str]:
        for day in days:
            date.fromisoformat(day)
        return days


class _File(Model):
    years: dict[str, _Year] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Published:
    holidays: frozenset[date]
    worked: frozenset[date]

    def answer(self, day: date) -> Workday:
        works = day in self.worked or (day.weekday() < 5 and day not in self.holidays)
        return Workday(works=works, known=True)


def workdays(file: Path = FILE) -> Calendar:
    """The calendar as one function; raises `ConfigurationInvalid` where the file cannot be understood.

    Loaded once: an operator who adds a year restarts, and the deadlines already promised stay as they were told.
    """
    published = _read(file)

    def answer(day: date) -> Workday:
        own = published.get(day.year)
        if own is not None:
            return own.answer(day)
        try:
            return Workday(works=bool(chinese_calendar.is_workday(day)), known=True)
        except NotImplementedError:  # what the library raises for a year that it has no table for
            return by_weekday(day)

    return answer


def _read(file: Path) -> dict[int, _Published]:
    source = read(file.name, file.read_text(encoding="utf-8"))
    if source.faults:
        raise ConfigurationInvalid(f"{file.name}: not readable as YAML")
    try:
        written = _File.model_validate(source.value)
        years = {int(year): _published(int(year), entry) for year, entry in written.years.items()}
    except ValueError as wrong:
        raise ConfigurationInvalid(f"{file.name}: {wrong}") from wrong
    return years


def _published(year: int, entry: _Year) -> _Published:
    days = [date.fromisoformat(day) for day in (*entry.holidays, *entry.worked)]
    if any(day.year != year for day in days) or len(set(days)) != len(days):
        raise ValueError(f"{year}: a day of another year, or one day twice")
    return _Published(
        holidays=frozenset(map(date.fromisoformat, entry.holidays)),
        worked=frozenset(map(date.fromisoformat, entry.worked)),
    )

"""When a period ends: calendar arithmetic as the Civil Code counts it.

The first day is not counted (民法典 201), month and year periods end on the corresponding day or the month's last
(202), and the last day ends at 24:00 (203(2)). A deletion is never moved by a holiday: it runs at the nominal
instant (an engine choice, requirements 0.4). Hour periods run from the instant itself.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from compliance.domain.errors import PeriodInvalid

# isodate reads PT24H and P1D into the same timedelta, which is exactly the difference that matters here: a day ends
# at midnight, twenty-four hours do not. Hence these two patterns.
_ISO = re.compile(
    r"P(?:(\d{1,3})Y)?(?:(\d{1,4})M)?(?:(\d{1,3})W)?(?:(\d{1,5})D)?(?:T(?:(\d{1,5})H)?(?:(\d{1,5})M)?)?\Z",
    re.ASCII,  # a full-width 3 is a digit to Python, and a slip of the pen in a policy
)
_ALIAS = re.compile(r"(\d{1,5})(d|h|min)\Z", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """A length of time as a policy writes it: either calendar units or clock units, never both."""

    years: int = 0
    months: int = 0
    days: int = 0
    hours: int = 0
    minutes: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Read ``P6M``, ``P30D``, ``PT24H`` or the aliases ``30d``, ``24h``, ``10min``; raises `PeriodInvalid`."""
        alias = _ALIAS.match(text)
        if alias:
            number, unit = int(alias[1]), alias[2]
            period = (
                cls(days=number) if unit == "d" else cls(hours=number) if unit == "h" else cls(minutes=number)
            )
        else:
            iso = _ISO.match(text)
            if not iso:
                raise PeriodInvalid
            years, months, weeks, days, hours, minutes = (int(group or 0) for group in iso.groups())
            period = cls(years=years, months=months, days=weeks * 7 + days, hours=hours, minutes=minutes)
        # A period of nothing is no period, and "a month and six hours" has no reading that the Civil Code gives.
        if period == cls() or (period.by_calendar and (period.hours or period.minutes)):
            raise PeriodInvalid
        return period

    @property
    def by_calendar(self) -> bool:
        return bool(self.years or self.months or self.days)

    @property
    def iso(self) -> str:
        calendar_part = "".join(
            f"{n}{u}" for n, u in ((self.years, "Y"), (self.months, "M"), (self.days, "D")) if n
        )
        clock_part = "".join(f"{n}{u}" for n, u in ((self.hours, "H"), (self.minutes, "M")) if n)
        return f"P{calendar_part}" + (f"T{clock_part}" if clock_part else "")

    @property
    def zh(self) -> str:
        units = ((self.years, "年"), (self.months, "个月"), (self.days, "天"), (self.hours, "小时"))
        return "".join(f"{n}{u}" for n, u in (*units, (self.minutes, "分钟")) if n)

    @property
    def en(self) -> str:
        units = ((self.years, "year"), (self.months, "month"), (self.days, "day"), (self.hours, "hour"))
        named = [(n, u) for n, u in (*units, (self.minutes, "minute")) if n]
        return " ".join(f"{n} {u}{'s' if n > 1 else ''}" for n, u in named)

    @property
    def longest_days(self) -> int:
        """An upper bound in days, for ceilings and comparisons only; due moments never use it."""
        return self.years * 366 + self.months * 31 + self.days + -(-(self.hours * 60 + self.minutes) // 1440)

    def end(self, start: datetime, zone: ZoneInfo) -> datetime:
        """The first instant after the period: from then on the record is due. Half-open, zone-aware."""
        if not self.by_calendar:
            return start + timedelta(hours=self.hours, minutes=self.minutes)
        last_day = _add_months(start.astimezone(zone).date(), self.years * 12 + self.months) + timedelta(
            days=self.days
        )
        return datetime.combine(last_day + timedelta(days=1), time(), tzinfo=zone)


def _add_months(day: date, months: int) -> date:
    if not months:
        return day
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """The trigger fact that a period runs from: a time field or ``collected_at``, and how long after it."""

    field: str
    plus: Period | None = None

    @classmethod
    def parse(cls, text: str) -> Start:
        """Read ``exit_time`` or ``entry_time + 24h``."""
        field, plus, after = (piece.strip() for piece in text.partition("+"))
        if not re.fullmatch(r"[a-z][a-z0-9_]{0,63}", field) or (plus and not after):
            raise PeriodInvalid
        return cls(field=field, plus=Period.parse(after) if plus else None)

    def instant(self, facts: dict[str, datetime], zone: ZoneInfo) -> datetime | None:
        fact = facts.get(self.field)
        if fact is None:
            return None
        return self.plus.end(fact, zone) if self.plus else fact


@dataclass(frozen=True, slots=True, kw_only=True)
class Floor:
    """A statute's minimum: storage goes on, restricted, until it ends (PIPL 47(2))."""

    keep: Period
    law_ref: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """How long one class of fields is kept, and from when. Equal retentions share a part."""

    starts: Start
    or_else: Start
    keep: Period
    then: str = "erase"
    floor: Floor | None = None
    apart: str = ""
    until: datetime | None = (
        None  # nothing of this class outlives this moment, whatever its period (突发事件应对法 85)
    )

    def due(self, facts: dict[str, datetime], zone: ZoneInfo) -> Due | None:
        """The due moments, from trigger facts by field name; None where no trigger has happened: not started."""
        start = self.starts.instant(facts, zone) or self.or_else.instant(facts, zone)
        return None if start is None else self.after(start, zone)

    def after(self, start: datetime, zone: ZoneInfo) -> Due:
        """The due moments of what starts at this instant."""
        readable_until = self.keep.end(start, zone)
        erase_at = max(readable_until, self.floor.keep.end(start, zone)) if self.floor else readable_until
        if self.until is not None:
            readable_until, erase_at = min(readable_until, self.until), min(erase_at, self.until)
        return Due(readable_until=readable_until, erase_at=erase_at)


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Purpose over (`readable_until`), and statute over too (`erase_at`). Both instants are exclusive ends."""

    readable_until: datetime
    erase_at: datetime


def window(retention: Retention, erase_at: datetime, zone: ZoneInfo) -> str:
    """The window whose key seals what dies at `erase_at`: a day for calendar periods, an hour for hour periods.

    A calendar part due at midnight belongs to the day that ends there, so that its key may go at that midnight.
    """
    calendar_bound = (
        retention.keep.by_calendar if retention.floor is None else retention.floor.keep.by_calendar
    )
    last_instant = erase_at.astimezone(zone) - timedelta(microseconds=1)
    return last_instant.strftime("%Y-%m-%d" if calendar_bound else "%Y-%m-%dT%H")


def window_end(name: str, zone: ZoneInfo) -> datetime:
    """The instant from which a window's key may be destroyed, once no part refers to it."""
    if "T" in name:
        return datetime.strptime(name, "%Y-%m-%dT%H").replace(tzinfo=zone) + timedelta(hours=1)
    return datetime.combine(date.fromisoformat(name) + timedelta(days=1), time(), tzinfo=zone)

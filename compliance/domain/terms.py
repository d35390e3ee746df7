"""How long a part lives, in every form that somebody asks for, worked out once for many records.

A calendar period ends at a midnight, so all records that start within one quarter of an hour have the same term: every
offset from UTC in use since 1972 is a multiple of fifteen minutes (IANA time zone database), so none of those quarters
has a midnight inside.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from compliance.domain.schedule import Due, Period, Retention, Start, window

QUARTER = 900  # seconds
# A year of quarters. What lies further apart than that comes from a clock that is wrong.
_MOST = 35_040


class Term(NamedTuple):
    """One part's due moments: exact, and as rows, keys and forecasts have them."""

    due: Due
    window: str  # whose key seals it
    last_day: str  # the site's last day on which it may still be there, ISO
    readable_until: int  # epoch seconds, exclusive
    erase_at: int  # epoch seconds, exclusive


TermOf = Callable[[datetime], Term]


def term(retention: Retention, due: Due, zone: ZoneInfo) -> Term:
    last = due.erase_at.astimezone(zone) - timedelta(microseconds=1)
    return Term(
        due,
        window(retention, due.erase_at, zone),
        last.date().isoformat(),
        int(due.readable_until.timestamp()),
        int(due.erase_at.timestamp()),
    )


def terms(retention: Retention, start: Start, zone: ZoneInfo) -> TermOf:
    """The term of what starts at a moment: `start` is the retention's own trigger or its fallback."""

    def exact(moment: datetime) -> Term:
        began = start.plus.end(moment, zone) if start.plus else moment
        return term(retention, retention.after(began, zone), zone)

    if not _same_within_a_quarter(retention, start):
        return exact
    known: dict[int, Term] = {}

    def remembered(moment: datetime) -> Term:
        quarter = int(moment.timestamp()) // QUARTER
        found = known.get(quarter)
        if found is None:
            if len(known) >= _MOST:
                known.clear()
            found = known[quarter] = exact(moment)
        return found

    return remembered


def _same_within_a_quarter(retention: Retention, start: Start) -> bool:
    periods = [retention.keep] if retention.floor is None else [retention.keep, retention.floor.keep]
    return all(period.by_calendar for period in periods) and _keeps_quarters(start.plus)


def _keeps_quarters(plus: Period | None) -> bool:
    return plus is None or plus.by_calendar or (plus.hours * 60 + plus.minutes) % 15 == 0

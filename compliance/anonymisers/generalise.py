"""Coarsens what is counted: time to day and daypart, a party to 1, 2, 3-5 or 6+ (requirements 6.3).

Coarse is not anonymous: the only visitor of a night is still one person. Whoever publishes what is made here puts it into
cells of at least k persons with `tally`.
"""

from datetime import datetime
from typing import Final

from compliance.anonymisers.strategy import Strategy, check_type

# Hours of the local clock, half-open: 0-6, 6-12, 12-18, 18-24.
DAYPART_HOURS: Final = 6
_LONGEST_COUNT = 9


def daypart(moment: datetime) -> int:
    """Return 0 to 3 for the six hours of the day in which a moment lies.

    The moment is aware and in the site's own zone, because a daypart is one of the local clock; a naive one raises ValueError.
    """
    if moment.tzinfo is None:
        raise ValueError("a daypart needs a moment with a time zone")
    return moment.hour // DAYPART_HOURS


def party_size(number: int) -> str:
    """Return 1, 2, 3-5 or 6+ for a number of persons; less than one raises ValueError."""
    if number < 1:
        raise ValueError("a party has at least one person")
    if number <= 2:
        return str(number)
    return "3-5" if number <= 5 else "6+"


def apply(field_type: str, value: str) -> str | None:
    """Return `2026-03-01/2` for a time, the bucket for a count, a code as it is; nothing for other types or broken values."""
    check_type(field_type)
    if field_type == "time":
        return _day_and_daypart(value)
    if field_type == "count" and value.isascii() and value.isdigit():
        # Only the size matters: converting a number of a million digits would cost seconds.
        number = value.lstrip("0")
        return party_size(int(number[:_LONGEST_COUNT])) if number else None
    return value if field_type == "code" and value else None


def _day_and_daypart(value: str) -> str | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return None if moment.tzinfo is None else f"{moment.date().isoformat()}/{daypart(moment)}"


STRATEGY = Strategy(name="generalise", outcome="de-identified", apply=apply)

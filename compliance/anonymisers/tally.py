"""Counts, unlinked from records: cells of (site, day, daypart, category, gate), of which none under k is ever shown.

A cell under k is rolled up from day to week to month, and dropped if even the month is under k (requirements 6.3; k is 20
there). What is shown are *disjoint* counts: a week row is the rest of its week, without the days that are shown themselves, so
that no two rows can be subtracted from each other. The only total that is shown is that of a site and month, and where it
would reveal a dropped remainder under k, the smallest row is dropped with it (complement suppression).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, Literal

from compliance.anonymisers.strategy import Strategy, check_type

Period = Literal["day", "week", "month"]

# Under two a cell would be one person.
SMALLEST_K: Final = 2

_Group = tuple[str, int, str, str]  # site, daypart, category, gate


@dataclass(frozen=True, kw_only=True, slots=True)
class Cell:
    """How many entered: `n` at one gate, of one category, in one daypart (0 to 3) of one local day."""

    site: str
    day: date
    daypart: int
    category: str
    gate: str
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Row:
    """A count that may be shown. `start` is the first day of its period; a week ends with its Sunday or its month.

    `n` counts what no finer row of the same period shows.
    """

    site: str
    period: Period
    start: date
    daypart: int
    category: str
    gate: str
    n: int


@dataclass(frozen=True, kw_only=True, slots=True)
class Total:
    """All entries of a site in the month that begins at `month`, shown or not; None where that is under k."""

    site: str
    month: date
    n: int | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Release:
    """What may leave: disjoint rows, each at least k, and totals from which no remainder under k can be worked out."""

    rows: tuple[Row, ...]
    totals: tuple[Total, ...]


def release(cells: Iterable[Cell], k: int) -> Release:
    """Return what may be shown of these cells.

    Cells with equal keys are added up. The result depends on the counts alone, never on the order of the cells. Release a
    month once, when it is complete: two releases of growing counts can be subtracted from each other.
    Raises ValueError for k under two, a negative count or a daypart outside 0 to 3.
    """
    if k < SMALLEST_K:
        raise ValueError("k must be at least two")
    by_month: dict[tuple[_Group, date], dict[date, int]] = defaultdict(lambda: defaultdict(int))
    for cell in cells:
        if cell.n < 0 or not 0 <= cell.daypart <= 3:
            raise ValueError("a cell has a negative count or no such daypart")
        group = (cell.site, cell.daypart, cell.category, cell.gate)
        by_month[group, cell.day.replace(day=1)][cell.day] += cell.n
    months: dict[tuple[str, date], int] = defaultdict(int)
    rows: dict[tuple[str, date], list[Row]] = defaultdict(list)
    for (group, month), counts in by_month.items():
        months[group[0], month] += sum(counts.values())
        rows[group[0], month] += _rolled_up(group, month, counts, k)
    shown = [row for key, of_month in rows.items() for row in _complemented(of_month, months[key], k)]
    totals = (
        Total(site=site, month=month, n=n if n >= k else None) for (site, month), n in sorted(months.items())
    )
    return Release(rows=tuple(sorted(shown, key=_order)), totals=tuple(totals))


def _rolled_up(group: _Group, month: date, days: Mapping[date, int], k: int) -> list[Row]:
    """Show what reaches k by itself, pool the rest one period up; a remainder of the month takes its smallest row along."""
    rows: list[Row] = []
    weeks: dict[date, int] = defaultdict(int)
    rest = 0
    for day, n in days.items():
        if n >= k:
            rows.append(_row(group, "day", day, n))
        else:
            weeks[_week_of(day)] += n
    for week, n in weeks.items():
        if n >= k:
            rows.append(_row(group, "week", week, n))
        else:
            rest += n
    if rows and 0 < rest < k:
        smallest = min(rows, key=_size)
        rows.remove(smallest)
        rest += smallest.n
    if rest >= k:
        rows.append(_row(group, "month", month, rest))
    return rows


def _complemented(rows: list[Row], total: int, k: int) -> list[Row]:
    """Drop the smallest row of a site and month whose total, less its rows, would leave a remainder between 0 and k."""
    if rows and 0 < total - sum(row.n for row in rows) < k:
        smallest = min(rows, key=_size)
        return [row for row in rows if row is not smallest]
    return rows


def _week_of(day: date) -> date:
    """Return the first day of a day's week, cut at the month so that weeks nest in months."""
    return day - timedelta(days=min(day.weekday(), day.day - 1))


def _row(group: _Group, period: Period, start: date, n: int) -> Row:
    site, daypart, category, gate = group
    return Row(site=site, period=period, start=start, daypart=daypart, category=category, gate=gate, n=n)


def _order(row: Row) -> tuple[str, date, str, int, str, str]:
    return row.site, row.start, row.period, row.daypart, row.category, row.gate


def _size(row: Row) -> tuple[int, str, date, str, int, str, str]:
    return row.n, *_order(row)


def apply(field_type: str, value: str) -> None:
    """Return nothing: of a value only its count remains, and that leaves the gate as a cell."""
    check_type(field_type)


STRATEGY = Strategy(name="tally", outcome="anonymised", apply=apply)

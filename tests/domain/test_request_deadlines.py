"""Deadlines in working days, over holidays, worked weekends, and years that nobody has published yet."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.request import deadlines
from compliance.domain.workdays import Workday, after_workdays, by_weekday
from compliance.policies.workdays import workdays

SHIPPED = workdays()


def test_the_day_of_receipt_is_not_counted() -> None:
    assert after_workdays(date(2026, 3, 2), 1, SHIPPED).day == date(2026, 3, 3)


def test_three_working_days_step_over_the_national_day_week() -> None:
    """28 September 2026 is a Monday; the holiday runs from 1 to 7 October."""
    due = deadlines(date(2026, 9, 28), SHIPPED)
    assert due.house == date(2026, 10, 8)
    assert not due.provisional


def test_a_worked_saturday_counts() -> None:
    """Saturday 10 October 2026 is worked in exchange for the holiday."""
    assert SHIPPED(date(2026, 10, 10)) == Workday(works=True, known=True)
    assert after_workdays(date(2026, 10, 9), 1, SHIPPED).day == date(2026, 10, 10)


def test_the_house_target_and_the_legal_limit_are_told_apart() -> None:
    due = deadlines(date(2026, 3, 2), SHIPPED)
    assert due.house == date(2026, 3, 5)
    assert due.outer == date(2026, 3, 23)
    assert due.calendar == date(2026, 4, 1)
    assert due.legal == date(2026, 3, 23)
    assert due.due == due.earliest_first[0] == due.house


def test_thirty_calendar_days_win_where_the_holidays_are_long() -> None:
    """With a month without a working day, fifteen working days end after thirty days."""
    due = deadlines(date(2026, 3, 2), lambda day: Workday(works=day > date(2026, 3, 31), known=True))
    assert due.legal == due.calendar == date(2026, 4, 1)


def test_a_year_nobody_has_published_is_counted_by_weekday_and_says_so() -> None:
    due = deadlines(date(2026, 12, 28), SHIPPED)
    assert due.provisional
    assert SHIPPED(date(2027, 1, 1)) == by_weekday(date(2027, 1, 1)) == Workday(works=True, known=False)


def test_a_year_in_the_override_file_is_known(tmp_path: Path) -> None:
    file = tmp_path / "workdays.yaml"
    file.write_text("years:\n  2027:\n    holidays: ['2027-01-01']\n    worked: ['2027-01-02']\n")
    calendar = workdays(file)
    assert calendar(date(2027, 1, 1)) == Workday(works=False, known=True)
    assert calendar(date(2027, 1, 2)) == Workday(works=True, known=True)
    assert calendar(date(2027, 1, 4)) == Workday(works=True, known=True)
    assert not deadlines(date(2026, 12, 28), calendar).provisional


@pytest.mark.parametrize(
    "text",
    [
        "years:\n  2027:\n    holidays: ['2028-01-01']\n",
        "years:\n  2027:\n    holidays: ['2027-01-01', '2027-01-01']\n",
        "years:\n  2027:\n    holidays: ['soon']\n",
        "years:\n  2027:\n    feasts: []\n",
        "years: {2027: {}, 2027: {}}\n",
    ],
)
def test_an_override_file_that_says_nonsense_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "workdays.yaml"
    file.write_text(text)
    with pytest.raises(ConfigurationInvalid, match=r"workdays\.yaml"):
        workdays(file)


@given(st.dates(date(2004, 1, 1), date(2030, 1, 1)), st.integers(1, 15))
def test_a_later_count_never_ends_earlier(start: date, count: int) -> None:
    first, second = after_workdays(start, count, SHIPPED), after_workdays(start, count + 1, SHIPPED)
    assert start < first.day < second.day
    assert SHIPPED(first.day).works
    assert second.provisional or not first.provisional

"""A start counted back from an end is never too early, so nothing is re-dated to before its time, nor past its promise."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.period_order import latest_start, never_longer
from compliance.domain.redating import Moments, Stay, redated, target
from compliance.domain.schedule import Floor, Period, Retention, Start
from tests.builders import SHANGHAI, a_field, a_pack, a_pack_with, a_retention

PERIODS = st.builds(
    Period, years=st.integers(0, 3), months=st.integers(0, 14), days=st.integers(0, 70)
).filter(lambda one: one.by_calendar) | st.builds(
    Period, hours=st.integers(1, 2000), minutes=st.integers(0, 59)
)
STARTS = st.datetimes(datetime(2023, 1, 1), datetime(2033, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - hypothesis adds the zone


@given(PERIODS, STARTS)
def test_the_latest_start_has_the_same_end_and_is_not_before_the_start(
    period: Period, start: datetime
) -> None:
    end = period.end(start, SHANGHAI)
    counted = latest_start(period, end, SHANGHAI)

    assert counted >= start
    assert period.end(counted, SHANGHAI) == end


@given(PERIODS, PERIODS, STARTS)
def test_what_is_said_to_be_never_longer_is_not(one: Period, other: Period, start: datetime) -> None:
    if never_longer(one, other, SHANGHAI):
        assert one.end(start, SHANGHAI) <= other.end(start, SHANGHAI)


@pytest.mark.parametrize(
    ("one", "other", "shorter", "longer"),
    [
        ("30d", "31d", True, False),
        ("P1M", "30d", False, False),
        ("P1M", "31d", True, False),
        ("P1M", "28d", False, True),
        ("P1Y", "P12M", True, True),
        ("P1Y", "366d", True, False),
        ("24h", "1d", True, False),
        ("1d", "24h", False, True),
        ("1d", "48h", True, False),
        ("29d", "P1M", False, False),
        ("28d", "P1M", True, False),
    ],
)
def test_months_and_days_are_compared_by_their_bounds(
    one: str, other: str, shorter: bool, longer: bool
) -> None:
    first, second = Period.parse(one), Period.parse(other)

    assert never_longer(first, second, SHANGHAI) is shorter
    assert never_longer(second, first, SHANGHAI) is longer


def kept(period: Period, floor: Period | None = None) -> Retention:
    start = Start(field="entry_time")
    bound = Floor(keep=floor, law_ref="保安条例 25(2)") if floor else None
    return Retention(starts=start, or_else=start, keep=period, floor=bound)


@given(PERIODS, st.none() | PERIODS, PERIODS, st.none() | PERIODS, STARTS, st.integers(0, 200))
def test_a_record_goes_neither_past_its_promise_nor_before_the_new_period_is_over(
    old: Period, old_floor: Period | None, new: Period, new_floor: Period | None, start: datetime, days: int
) -> None:
    was, said = kept(old, old_floor), kept(new, new_floor)
    promised, asked = was.due({"entry_time": start}, SHANGHAI), said.due({"entry_time": start}, SHANGHAI)
    assert promised is not None
    assert asked is not None
    now = start + timedelta(days=days)
    part = Moments(readable_until=promised.readable_until, erase_at=promised.erase_at)

    found = redated(part, ((was,),), (said,), now, SHANGHAI)

    assert found.erase_at <= promised.erase_at
    assert found.readable_until <= promised.readable_until
    assert found.erase_at >= min(promised.erase_at, asked.erase_at)
    assert found.erase_at == promised.erase_at or found.erase_at >= now


@pytest.mark.parametrize(
    ("old", "new"), [("30d", "7d"), ("30d", "1d"), ("72h", "24h"), ("72h", "1d"), ("90d", "P1M")]
)
def test_a_shorter_period_is_exact_where_the_old_one_ran_by_days_or_hours(old: str, new: str) -> None:
    start = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    was, said = kept(Period.parse(old)), kept(Period.parse(new))
    promised, asked = was.due({"entry_time": start}, SHANGHAI), said.due({"entry_time": start}, SHANGHAI)
    assert promised is not None
    assert asked is not None

    part = Moments(readable_until=promised.readable_until, erase_at=promised.erase_at)
    assert redated(part, ((was,),), (said,), start, SHANGHAI).erase_at == asked.erase_at


def test_of_a_second_shortening_the_start_is_counted_back_through_the_first() -> None:
    start = datetime(2026, 3, 2, 2, 0, tzinfo=UTC)
    first, second, third = (kept(Period.parse(one)) for one in ("30d", "7d", "3d"))
    due = second.due({"entry_time": start}, SHANGHAI)
    asked = third.due({"entry_time": start}, SHANGHAI)
    assert due is not None
    assert asked is not None

    part = Moments(readable_until=due.readable_until, erase_at=due.erase_at)
    assert redated(part, ((first,), (second,)), (third,), start, SHANGHAI).erase_at == asked.erase_at


class TestWhatANewPolicySaysOfAClass:
    def was(self) -> tuple[Retention, ...]:
        return a_pack().categories["visitor"].retentions

    def said(self, **changes: Any) -> object:
        was = a_pack().categories["visitor"]
        now = a_pack_with("visitor", **changes).categories["visitor"]
        return target(was, 0, (self.was()[:1],), now, SHANGHAI)

    def test_the_same_period_is_no_change(self) -> None:
        assert self.said() is Stay.SAME

    def test_a_category_that_is_gone_says_nothing(self) -> None:
        was = a_pack().categories["visitor"]

        assert target(was, 0, (self.was()[:1],), None, SHANGHAI) is Stay.CATEGORY_DROPPED

    def test_fields_that_are_gone_keep_their_promise(self) -> None:
        assert self.said(fields={}) is Stay.FIELD_DROPPED

    def test_a_period_from_another_fact_cannot_be_compared(self) -> None:
        name = a_field(retention=a_retention("7d", starts="collected_at", or_else="collected_at"))

        assert self.said(fields={"visitor_name": name}) is Stay.OTHER_START

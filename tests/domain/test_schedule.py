"""When a period ends, by table: the Civil Code's calendar, hours from the instant, half-open ends."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.domain.errors import PeriodInvalid
from compliance.domain.schedule import Floor, Period, Retention, Start, window, window_end
from tests.builders import SHANGHAI, a_retention

# Hypothesis draws naive moments and puts the zone on itself.
MOMENTS = st.datetimes(min_value=datetime(2001, 1, 1), max_value=datetime(2100, 1, 1))  # noqa: DTZ001


def at(text: str, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=zone)


class TestReadingAPeriod:
    @pytest.mark.parametrize(
        ("text", "period"),
        [
            ("P6M", Period(months=6)),
            ("P3Y", Period(years=3)),
            ("P1Y6M", Period(years=1, months=6)),
            ("P2W", Period(days=14)),
            ("P30D", Period(days=30)),
            ("30d", Period(days=30)),
            ("PT24H", Period(hours=24)),
            ("24h", Period(hours=24)),
            ("PT1H30M", Period(hours=1, minutes=30)),
            ("10min", Period(minutes=10)),
        ],
    )
    def test_a_period_is_read_as_it_is_written(self, text: str, period: Period) -> None:
        assert Period.parse(text) == period

    @pytest.mark.parametrize(
        "text",
        [
            *(
                "",
                "P",
                "PT",
                "0d",
                "P0D",
                "PT0H",
                "30",
                "d",
                "-30d",
                "P-1M",
                "6m",
                "30 d",
                " 30d",
                "30d ",
                "30d\n",
            ),
            *("P1DT6H", "P1M0DT1H", "P6M\n", "P1.5Y", "p6m", "P6", "PT6", "1y", "24H", "P1D1M", "forever"),
            *("999999d", "３０d", "P６M", "٣d"),
        ],
    )
    def test_anything_else_is_no_period(self, text: str) -> None:
        with pytest.raises(PeriodInvalid):
            Period.parse(text)

    @given(
        st.one_of(
            st.builds(Period, years=st.integers(0, 99), months=st.integers(0, 99), days=st.integers(1, 999)),
            st.builds(Period, hours=st.integers(0, 999), minutes=st.integers(1, 59)),
        )
    )
    def test_what_is_written_is_read_back(self, period: Period) -> None:
        assert Period.parse(period.iso) == period

    def test_a_day_is_not_twenty_four_hours(self) -> None:
        assert Period.parse("1d") != Period.parse("24h")

    def test_people_read_it_in_their_own_words(self) -> None:
        assert (Period.parse("P1Y6M").zh, Period.parse("P1Y6M").en) == ("1年6个月", "1 year 6 months")
        assert (Period.parse("24h").zh, Period.parse("1d").en) == ("24小时", "1 day")


class TestTheEndOfAPeriod:
    @pytest.mark.parametrize(
        ("keep", "start", "end"),
        [
            # The first day is not counted, and the last ends at 24:00 (民法典 201, 203(2)).
            ("30d", "2026-03-01T18:00", "2026-04-01T00:00"),
            ("30d", "2026-03-01T00:00", "2026-04-01T00:00"),
            ("30d", "2026-03-01T23:59:59", "2026-04-01T00:00"),
            ("1d", "2026-12-31T10:00", "2027-01-02T00:00"),
            ("P2W", "2026-02-20T10:00", "2026-03-07T00:00"),
            # Months end on the corresponding day, else on the month's last (202): never 180 days.
            ("P6M", "2026-03-01T10:00", "2026-09-02T00:00"),
            ("P6M", "2026-08-31T10:00", "2027-03-01T00:00"),
            ("P6M", "2027-08-31T10:00", "2028-03-01T00:00"),
            ("P1M", "2026-01-29T10:00", "2026-03-01T00:00"),
            ("P1M", "2026-01-31T10:00", "2026-03-01T00:00"),
            ("P1M", "2028-01-30T10:00", "2028-03-01T00:00"),
            ("P1M", "2026-02-28T10:00", "2026-03-29T00:00"),
            ("P1M", "2026-12-31T10:00", "2027-02-01T00:00"),
            ("P3Y", "2026-05-05T10:00", "2029-05-06T00:00"),
            ("P1Y", "2028-02-29T10:00", "2029-03-01T00:00"),
            ("P4Y", "2028-02-29T10:00", "2032-03-01T00:00"),
            ("P1M1D", "2026-01-31T10:00", "2026-03-02T00:00"),
            # Hours run from the instant itself.
            ("PT24H", "2026-03-01T18:00:07", "2026-03-02T18:00:07"),
            ("10min", "2026-12-31T23:55", "2027-01-01T00:05"),
        ],
    )
    def test_a_period_ends(self, keep: str, start: str, end: str) -> None:
        assert Period.parse(keep).end(at(start), SHANGHAI) == at(end)

    def test_a_day_is_the_sites_day(self) -> None:
        just_after_midnight = datetime(2026, 3, 1, 16, 30, tzinfo=UTC)  # 2 March in Shanghai

        assert Period.parse("30d").end(just_after_midnight, SHANGHAI) == at("2026-04-02T00:00")

    def test_a_day_of_twenty_three_hours_ends_at_its_own_midnight(self) -> None:
        berlin = ZoneInfo("Europe/Berlin")

        end = Period.parse("1d").end(at("2026-03-28T12:00", berlin), berlin)

        assert end == at("2026-03-30T00:00", berlin)
        assert Period.parse("24h").end(at("2026-03-28T12:00", berlin), berlin) == at(
            "2026-03-28T12:00", berlin
        ) + timedelta(hours=24)

    @given(
        MOMENTS,
        st.integers(1, 60),
        st.integers(1, 60),
    )
    def test_a_longer_period_never_ends_earlier(self, start: datetime, months: int, more: int) -> None:
        begun = start.replace(tzinfo=SHANGHAI)

        short = Period(months=months).end(begun, SHANGHAI)

        assert begun < short <= Period(months=months + more).end(begun, SHANGHAI)

    @given(
        MOMENTS,
        st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=400)),
        st.sampled_from(["30d", "P1M", "P6M", "P1Y", "PT24H", "P1M3D"]),
    )
    def test_what_begins_later_never_ends_earlier(self, start: datetime, later: timedelta, keep: str) -> None:
        begun, period = start.replace(tzinfo=SHANGHAI), Period.parse(keep)

        assert period.end(begun, SHANGHAI) <= period.end(begun + later, SHANGHAI)


class TestTheStartOfAPeriod:
    @pytest.mark.parametrize("text", ["exit_time", "entry_time + 24h", "collected_at+PT24H", "a_1 + P6M"])
    def test_a_start_is_a_field_and_how_long_after(self, text: str) -> None:
        start = Start.parse(text)

        assert start.field == text.partition("+")[0].strip()

    @pytest.mark.parametrize(
        "text", ["", "+ 24h", "exit_time +", "Exit", "1a", "a b", "exit_time + 0h", "a + b"]
    )
    def test_anything_else_is_no_start(self, text: str) -> None:
        with pytest.raises(PeriodInvalid):
            Start.parse(text)

    def test_the_exit_counts_before_the_entry_does(self) -> None:
        facts = {"entry_time": at("2026-03-01T09:00"), "exit_time": at("2026-03-05T18:00")}

        due = a_retention().due(facts, SHANGHAI)

        assert due is not None
        assert due.erase_at == at("2026-04-05T00:00")

    def test_without_an_exit_the_period_runs_from_a_day_after_the_entry(self) -> None:
        due = a_retention().due({"entry_time": at("2026-03-01T18:00")}, SHANGHAI)

        assert due is not None
        assert due.erase_at == at("2026-04-02T00:00")

    def test_without_any_trigger_the_period_has_not_started(self) -> None:
        assert a_retention().due({"collected_at": at("2026-03-01T18:00")}, SHANGHAI) is None


class TestAStatutesMinimum:
    def test_a_longer_minimum_moves_the_erasure_and_not_the_reading(self) -> None:
        due = _with_floor("30d", "P6M").due({"exit_time": at("2026-03-01T18:00")}, SHANGHAI)

        assert due is not None
        assert (due.readable_until, due.erase_at) == (at("2026-04-01T00:00"), at("2026-09-02T00:00"))

    def test_a_shorter_minimum_changes_nothing(self) -> None:
        due = _with_floor("P6M", "30d").due({"exit_time": at("2026-03-01T18:00")}, SHANGHAI)

        assert due is not None
        assert due.readable_until == due.erase_at == at("2026-09-02T00:00")


class TestWindows:
    @pytest.mark.parametrize(
        ("keep", "erase_at", "name"),
        [
            ("30d", "2026-04-01T00:00", "2026-03-31"),  # the day that ends at that midnight
            ("P6M", "2026-01-01T00:00", "2025-12-31"),
            ("24h", "2026-04-01T18:00:07", "2026-04-01T18"),
            ("24h", "2026-04-01T18:00:00", "2026-04-01T17"),
            ("24h", "2026-04-01T00:00:00", "2026-03-31T23"),
        ],
    )
    def test_a_window_is_a_day_or_an_hour(self, keep: str, erase_at: str, name: str) -> None:
        assert window(a_retention(keep), at(erase_at), SHANGHAI) == name

    @given(
        MOMENTS,
        st.sampled_from(["30d", "P6M", "24h", "10min"]),
        st.sampled_from(["Asia/Shanghai", "UTC", "Asia/Kathmandu"]),
    )
    def test_a_window_ends_only_when_everything_sealed_under_it_is_due(
        self, start: datetime, keep: str, zone: str
    ) -> None:
        where = ZoneInfo(zone)
        retention = a_retention(keep)
        erase_at = retention.keep.end(start.replace(tzinfo=where), where)

        end = window_end(window(retention, erase_at, where), where)

        assert erase_at <= end <= erase_at + timedelta(days=1 if retention.keep.by_calendar else 1 / 24)

    def test_the_minimum_decides_what_kind_of_window_it_is(self) -> None:
        retention = _with_floor("24h", "P6M")

        assert window(retention, at("2026-09-02T00:00"), SHANGHAI) == "2026-09-01"

    def test_hours_that_outlast_a_calendar_minimum_die_in_an_hours_window_or_a_days(self) -> None:
        retention = _with_floor("720h", "1d")
        due = retention.due({"exit_time": at("2026-03-01T18:30")}, SHANGHAI)
        assert due is not None

        end = window_end(window(retention, due.erase_at, SHANGHAI), SHANGHAI)

        assert due.erase_at <= end <= due.erase_at + timedelta(days=1)


def _with_floor(keep: str, floor: str) -> Retention:
    return Retention(
        starts=Start.parse("exit_time"),
        or_else=Start.parse("collected_at"),
        keep=Period.parse(keep),
        floor=Floor(keep=Period.parse(floor), law_ref="反恐怖主义法 32"),
    )

"""PIPL 19, 47(1)(1)(2): the shortest time that the purpose needs, and then gone without being asked."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.domain.collection import Admitted
from compliance.domain.errors import CollectionRefused, ReadRefused, RecordErased
from tests.builders import (
    OFFICER,
    SHANGHAI,
    MovedClock,
    a_full_submission,
    a_pack,
    a_submission,
    an_engine,
    sql,
    verdict,
)

GONE = datetime(2026, 4, 2, tzinfo=SHANGHAI)  # thirty days after a visit that ended on 2 March


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


@pytest.fixture
def record(engine: Engine, clock: MovedClock) -> str:
    record = engine.gate.write(a_submission()).record
    clock.forward(hours=2)
    engine.gate.amend(record, {"exit_time": clock.now().isoformat()})
    return record


class TestAPeriodIsFinite:
    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    @settings(max_examples=20)
    @given(at=st.datetimes(datetime(2024, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001
    def test_every_part_of_every_record_has_its_end(self, category: str, at: datetime) -> None:
        raw = a_full_submission(category, at, collected_at=at.isoformat())

        found = verdict(raw, now=at)

        assert isinstance(found, Admitted)
        for part in found.parts:
            assert at < part.due.erase_at <= at + timedelta(days=181)


class TestAPeriodEnds:
    @pytest.mark.parametrize(("seconds", "there"), [(-1, True), (0, False), (1, False)])
    def test_a_visit_is_kept_thirty_days_to_the_last_second(
        self, engine: Engine, clock: MovedClock, record: str, seconds: int, there: bool
    ) -> None:
        clock.to(GONE + timedelta(seconds=seconds))
        engine.retention.sweep()

        assert bool(sql(engine, "SELECT count(*) FROM vault")[0][0]) is there
        if there:
            assert engine.reader.read(record, "entry_security", OFFICER).fields
        else:
            with pytest.raises(RecordErased):
                engine.reader.read(record, "entry_security", OFFICER)

    def test_nobody_reads_what_is_over_even_before_it_is_swept(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        clock.to(GONE)

        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_a_field_may_go_before_its_record(self, engine: Engine, clock: MovedClock) -> None:
        fields = {"platform": "顺丰", "dest_building": "3栋", "order_room": "3-1-1201"}
        record = engine.gate.write(a_submission(category="delivery") | {"fields": fields}).record
        clock.forward(hours=48)
        engine.retention.sweep()

        assert set(engine.reader.read(record, "rights_request", OFFICER).fields) == {
            *("platform", "dest_building", "entry_time"),
        }

    def test_what_is_past_its_period_is_not_even_taken(self, engine: Engine, clock: MovedClock) -> None:
        with pytest.raises(CollectionRefused, match="already_expired"):
            engine.gate.write(a_submission(collected_at=(clock.now() - timedelta(days=40)).isoformat()))

    def test_a_late_sweep_still_finds_everything(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        clock.forward(days=400)

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.left) == (1, 0)
        assert swept.disposed.late_parts == 2

"""What bounds the door out: a statute's minimum, and what the forecast knew."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused
from tests.builders import (
    OFFICER,
    SHANGHAI,
    START,
    MovedClock,
    a_submission,
    an_engine,
    published,
    sql,
)

DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)  # a record of START of which nobody recorded the exit


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def register(engine: Engine, **changes: Any) -> str:
    return engine.gate.write(a_submission(**changes)).record


def hold(engine: Engine, until: date = date(2026, 6, 30), **scope: str) -> str:
    return engine.holds.place(
        ground="R8", document="协查〔2026〕1号", law_ref="刑事诉讼法 54", until=until, by="staff-7", **scope
    )


def carry_out(engine: Engine, record: str, clock: MovedClock, cause: str = "request") -> Any:
    disposal: Any = engine.holds._disposal
    with engine.books.writing() as books:
        holding = books.holdings.find(record)
        assert holding is not None
        return disposal.carry_out(books, [holding], cause=cause, now=clock.now())


def states(engine: Engine) -> dict[str, int]:
    return dict(sql(engine, "SELECT state, count(*) FROM part GROUP BY state"))


def entries(engine: Engine, act: str) -> int:
    engine.sealing.seal()
    return int(sql(engine, f"SELECT count(*) FROM ledger_entry WHERE act = '{act}'")[0][0])


class TestAStatutesMinimum:
    @pytest.fixture
    def record(self, engine: Engine, clock: MovedClock) -> str:
        text = _visitor_policy()
        floor = "  keep: 30d                   #"
        assert floor in text
        with_floor = text.replace(floor, "  floor: {keep: P6M, law_ref: 保安条例 25(2)}\n  keep: 30d #")
        assert published(engine, **{"visitor.yaml": with_floor}) == 2
        return register(engine)

    def test_what_a_statute_keeps_is_stored_and_not_read(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        clock.to(DUE)

        assert engine.retention.sweep().disposed.erased_parts == 0
        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_a_request_restricts_it_and_does_not_erase_it(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        disposed = carry_out(engine, record, clock)

        assert (disposed.restricted_parts, disposed.erased_parts) == (1, 0)
        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_it_goes_when_the_statute_lets_it(self, engine: Engine, clock: MovedClock, record: str) -> None:
        carry_out(engine, record, clock)
        clock.to(datetime(2026, 9, 5, tzinfo=SHANGHAI))

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (1, 0)


class TestTheBlastRadius:
    def test_rows_whose_dates_were_changed_behind_our_back_wait(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        for _ in range(4):
            register(engine)
        clock.forward(days=20)
        young = [register(engine) for _ in range(6)]
        clock.to(DUE)
        moment = int(DUE.timestamp())
        sql(engine, "UPDATE part SET erase_at = :at WHERE erase_at > :due", at=moment - 86400, due=moment)

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (4, 6)
        assert states(engine) == {"waiting": 6}
        assert entries(engine, "paused") == 1
        for record in young:
            with engine.books.reading() as books:
                assert books.holdings.find(record) is not None

    def test_only_the_excess_of_a_day_waits(self, engine: Engine, clock: MovedClock) -> None:
        for _ in range(3):
            register(engine)
        clock.forward(days=20)
        for _ in range(2):
            register(engine)
        clock.to(DUE)
        sql(engine, "UPDATE part SET erase_at = :at", at=int(DUE.timestamp()))

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (3, 2)

    def test_what_waits_goes_on_a_named_persons_word(self, engine: Engine, clock: MovedClock) -> None:
        register(engine)
        sql(engine, "UPDATE part SET erase_at = :at", at=int(START.timestamp()) - 1)
        assert engine.retention.sweep().disposed.waiting_parts == 1
        assert engine.retention.sweep().disposed.waiting_parts == 0

        assert engine.retention.release_excess("staff-9", "checked") == 1
        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (1, 0)
        assert entries(engine, "excess_released") == 1

    def test_what_waits_can_still_be_asked_away(self, engine: Engine, clock: MovedClock) -> None:
        record, others = register(engine), [register(engine) for _ in range(2)]
        sql(engine, "UPDATE part SET erase_at = :at WHERE holding_no = 1", at=int(START.timestamp()) - 1)
        engine.retention.sweep()

        assert carry_out(engine, record, clock).erased_records == 1

        clock.to(DUE)
        swept = engine.retention.sweep()
        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (len(others), 0)

    @pytest.mark.parametrize("days", [31, 60, 400])
    def test_what_the_forecast_knew_goes_after_an_outage(
        self, engine: Engine, clock: MovedClock, days: int
    ) -> None:
        for _ in range(5):
            register(engine)
        engine.retention.forecast()
        clock.forward(days=days + 1)

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (5, 0)

    def test_a_forecast_is_made_once_a_day(self, engine: Engine, clock: MovedClock) -> None:
        register(engine)
        assert engine.retention.forecast() == 1
        register(engine)
        assert engine.retention.forecast() == 0
        assert entries(engine, "forecast") == 1

        clock.forward(days=1)
        engine.retention.forecast()
        assert entries(engine, "forecast") == 2

    def test_a_day_on_which_nothing_is_known_has_one_forecast_too(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        for _ in range(3):
            engine.retention.forecast()

        assert entries(engine, "forecast") == 1

    def test_a_forecast_does_not_forget_what_came_between(self, engine: Engine, clock: MovedClock) -> None:
        for _ in range(3):
            engine.retention.forecast()
            register(engine)
            clock.forward(days=1)
        clock.to(DUE + timedelta(days=3))

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (3, 0)


def _visitor_policy() -> str:
    from compliance.policies.loader import read_files, shipped

    return read_files(shipped("residential"))["visitor.yaml"]

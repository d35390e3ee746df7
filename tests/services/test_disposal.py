"""The door out: what is due goes, what is bound is restricted, what nobody forecast waits, and all of it is shown."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused, RecordErased
from tests.builders import (
    MOBILE,
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
    return dict(sql(engine, "SELECT state, count(*) FROM part GROUP BY state"))  # type: ignore[arg-type]


def entries(engine: Engine, act: str) -> int:
    engine.sealing.seal()
    return int(sql(engine, f"SELECT count(*) FROM ledger_entry WHERE act = '{act}'")[0][0])


class TestWhatIsDue:
    @pytest.mark.parametrize(("seconds", "gone"), [(-1, False), (0, True), (1, True)])
    def test_a_record_goes_at_its_instant_and_not_before(
        self, engine: Engine, clock: MovedClock, seconds: int, gone: bool
    ) -> None:
        register(engine)
        clock.to(DUE + timedelta(seconds=seconds))

        assert engine.retention.sweep().disposed.erased_records == int(gone)

    def test_nothing_of_it_is_left(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine, fields={"visitor_phone": MOBILE})
        clock.to(DUE)

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_parts, swept.left, swept.disposed.late_parts) == (1, 0, 0)
        for table in ("holding", "part", "vault", "token"):
            assert sql(engine, f"SELECT count(*) FROM {table}") == [(0,)], table
        with pytest.raises(RecordErased):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_a_tombstone_remains_and_says_why(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        clock.to(DUE)
        engine.retention.sweep()

        with engine.books.reading() as books:
            (stone,) = books.ledger.tombstones_of(record)

        assert (stone.cause, stone.policy_version, stone.n, stone.members) == ("expired", 1, 1, f"{record}/0")
        assert stone.day == "2026-04-03"

    def test_the_run_is_read_again_and_zero_left_is_sealed(self, engine: Engine, clock: MovedClock) -> None:
        register(engine)
        clock.to(DUE)
        engine.retention.sweep()

        assert entries(engine, "erased") == entries(engine, "zero_left") == 1

    def test_the_windows_key_goes_when_nothing_refers_to_it(self, engine: Engine, clock: MovedClock) -> None:
        register(engine)
        assert engine.keyring.names("window/") == ["window/main/2026-04-02"]
        clock.to(DUE)

        assert engine.retention.sweep().keys_destroyed == 1
        assert engine.keyring.names("window/") == []

    def test_the_epochs_key_goes_when_nothing_refers_to_it(self, engine: Engine, clock: MovedClock) -> None:
        register(engine, key="k")
        (march,) = engine.keyring.names("epoch/")
        clock.to(DUE)
        engine.retention.sweep()
        assert engine.keyring.names("epoch/") == [march]  # a retry of yesterday's still finds its mark

        clock.to(datetime(2026, 5, 1, tzinfo=UTC))
        engine.retention.sweep()

        assert engine.keyring.names("epoch/") == []
        assert sql(engine, "SELECT count(*) FROM mark") == [(0,)]

    def test_an_epochs_key_stays_while_somebody_can_still_ask_by_it(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        register(engine)
        hold(engine)
        clock.to(datetime(2026, 5, 20, tzinfo=UTC))
        engine.retention.sweep()

        assert len(engine.keyring.names("epoch/")) == 1

    def test_sweeping_again_does_nothing(self, engine: Engine, clock: MovedClock) -> None:
        register(engine)
        clock.to(DUE)
        engine.retention.sweep()
        before = entries(engine, "erased"), entries(engine, "zero_left"), entries(engine, "key_destroyed")

        again = engine.retention.sweep()

        assert (again.disposed.erased_parts, again.keys_destroyed) == (0, 0)
        assert (
            entries(engine, "erased"),
            entries(engine, "zero_left"),
            entries(engine, "key_destroyed"),
        ) == before

    def test_what_goes_a_day_after_its_time_is_counted_as_late(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        register(engine)
        clock.to(DUE + timedelta(hours=24))
        assert engine.retention.sweep().disposed.late_parts == 0

        clock.to(START + timedelta(days=60))
        register(engine)
        clock.to(START + timedelta(days=95))
        assert engine.retention.sweep().disposed.late_parts == 1

    def test_many_go_in_batches_and_each_batch_is_whole(self, engine: Engine, clock: MovedClock) -> None:
        for _ in range(7):
            register(engine)
        clock.to(DUE)

        swept = engine.retention.sweep(batch=3)

        assert (swept.disposed.erased_records, swept.left) == (7, 0)
        assert entries(engine, "erased") == 3

    def test_a_record_keeps_the_promise_that_it_was_collected_under(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        register(engine)
        longer = _visitor_policy().replace("keep: 30d", "keep: 60d")
        published(engine, **{"visitor.yaml": longer})
        later = register(engine)
        clock.to(DUE)

        assert engine.retention.sweep().disposed.erased_records == 1
        assert engine.reader.read(later, "entry_security", OFFICER).record == later


class TestHolds:
    def test_a_hold_outlives_the_period(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        hold(engine, holding_id=record)
        clock.to(DUE)

        swept = engine.retention.sweep()

        assert (swept.disposed.restricted_parts, swept.disposed.erased_parts) == (1, 0)
        assert states(engine) == {"restricted": 1}

    def test_what_is_held_is_stored_and_not_read(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        hold(engine)
        clock.to(DUE)
        engine.retention.sweep()

        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_what_is_held_does_not_keep_its_windows_key_alive(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record, other = register(engine), register(engine)
        hold(engine, holding_id=record)
        clock.to(DUE)

        engine.retention.sweep()

        assert engine.keyring.names("window/") == []
        assert engine.keyring.names("own/") == [f"own/{record}/0"]
        with pytest.raises(RecordErased):
            engine.reader.read(other, "entry_security", OFFICER)

    def test_a_hold_before_the_period_ends_changes_nothing_yet(self, engine: Engine) -> None:
        record = register(engine)
        hold(engine)

        assert engine.retention.sweep().disposed.restricted_parts == 0
        assert engine.reader.read(record, "entry_security", OFFICER).fields

    def test_what_was_held_goes_when_the_hold_is_released(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        name = hold(engine, holding_id=record)
        clock.to(DUE)
        engine.retention.sweep()

        engine.holds.release(name, "staff-7")
        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (1, 0)
        assert engine.keyring.names("own/") == []

    @pytest.mark.parametrize(("day", "held"), [("2026-04-20", 1), ("2026-04-21", 0)])
    def test_a_hold_does_not_outlive_its_own_last_day(
        self, engine: Engine, clock: MovedClock, day: str, held: int
    ) -> None:
        register(engine)
        hold(engine, until=date(2026, 4, 20))
        clock.to(DUE)
        engine.retention.sweep()

        clock.to(datetime.fromisoformat(day).replace(hour=1, tzinfo=SHANGHAI))
        engine.retention.sweep()

        assert sum(states(engine).values()) == held
        assert len(engine.holds.standing()) == held

    def test_one_of_two_holds_is_enough(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        first, second = hold(engine, holding_id=record), hold(engine, category="visitor")
        clock.to(DUE)
        engine.retention.sweep()

        engine.holds.release(first, "staff-7")
        assert engine.retention.sweep().disposed.erased_parts == 0
        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", OFFICER)

        engine.holds.release(second, "staff-7")
        assert engine.retention.sweep().disposed.erased_parts == 1
        assert engine.keyring.names("own/") == []

    def test_a_hold_covers_its_scope_and_nothing_else(self, engine: Engine, clock: MovedClock) -> None:
        register(engine)
        hold(engine, category="delivery")
        clock.to(DUE)

        assert engine.retention.sweep().disposed.erased_records == 1

    def test_a_deletion_that_a_hold_put_off_is_done_when_the_hold_goes(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = register(engine)
        name = hold(engine, holding_id=record)
        assert carry_out(engine, record, clock).restricted_parts == 1
        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", OFFICER)

        engine.holds.release(name, "staff-7")

        with pytest.raises(
            ReadRefused
        ):  # asked to be deleted weeks before its period ends, and not to be read again
            engine.reader.read(record, "entry_security", OFFICER)
        swept = engine.retention.sweep()
        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (1, 0)
        assert engine.keyring.names("own/") == []


class TestRequestsThroughTheSameDoor:
    @pytest.mark.parametrize("cause", ["request", "withdrawal"])
    def test_a_record_goes_before_its_time(self, engine: Engine, clock: MovedClock, cause: str) -> None:
        record = register(engine)

        disposed = carry_out(engine, record, clock, cause)

        assert (disposed.erased_records, disposed.late_parts) == (1, 0)
        with engine.books.reading() as books:
            assert books.ledger.tombstones_of(record)[0].cause == cause

    def test_asking_twice_is_asking_once(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        with engine.books.reading() as books:
            holding = books.holdings.find(record)
        carry_out(engine, record, clock)
        disposal: Any = engine.holds._disposal

        with engine.books.writing() as books:
            assert disposal.carry_out(books, [holding], cause="request", now=clock.now()).erased_parts == 0

    def test_a_request_and_a_sweep_commute(self, tmp_path: Path) -> None:
        ends = []
        for first in ("request", "sweep"):
            clock = MovedClock()
            with an_engine(tmp_path / first, clock) as engine:
                asked, other = register(engine), register(engine)
                clock.to(DUE)
                if first == "request":
                    carry_out(engine, asked, clock)
                    engine.retention.sweep()
                else:
                    engine.retention.sweep()
                ends.append(
                    [sql(engine, f"SELECT count(*) FROM {t}") for t in ("holding", "part", "vault", "token")]
                )
                with pytest.raises(RecordErased):
                    engine.reader.read(other, "entry_security", OFFICER)

        assert ends[0] == ends[1]

    def test_the_others_of_that_day_still_go_on_time(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        for _ in range(3):
            register(engine)
        carry_out(engine, record, clock)
        clock.to(DUE)

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.disposed.waiting_parts) == (3, 0)


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

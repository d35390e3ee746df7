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
    return dict(sql(engine, "SELECT state, count(*) FROM part GROUP BY state"))


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


def _visitor_policy() -> str:
    from compliance.policies.loader import read_files, shipped

    return read_files(shipped("residential"))["visitor.yaml"]

"""A wrong clock is the quickest way to erase a whole register: it pauses disposal instead."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import REAL, Engine
from tests.builders import (
    START,
    MovedClock,
    a_pack,
    a_submission,
    an_engine,
    assessed,
    published,
    sql,
)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock, kind=REAL, publish=False) as engine:
        assessed(engine, a_pack())  # a real home publishes nothing sensitive without
        published(engine)
        clock.forward(hours=1)
        engine.gate.write(a_submission())
        engine.sealing.seal()
        assert engine.retention.sweep().paused is None
        yield engine


class TestAStep:
    @pytest.mark.parametrize("minutes", [5, -5, 0, 4])
    def test_a_small_step_is_no_step(self, engine: Engine, clock: MovedClock, minutes: int) -> None:
        clock.step(minutes=minutes)

        assert engine.retention.sweep().paused is None

    @pytest.mark.parametrize("seconds", [301, -301, 3 * 365 * 86400])
    def test_a_step_of_over_five_minutes_pauses_disposal(
        self, engine: Engine, clock: MovedClock, seconds: int
    ) -> None:
        clock.step(seconds=seconds)

        swept = engine.retention.sweep()

        assert swept.paused == "the wall clock stepped against the monotonic clock"
        assert swept.disposed.erased_parts == 0
        assert sql(engine, "SELECT count(*) FROM vault") == [(1,)]

    def test_a_clock_that_comes_back_resumes_by_itself(self, engine: Engine, clock: MovedClock) -> None:
        clock.step(days=400)
        assert engine.retention.sweep().paused is not None
        clock.step(days=-400).forward(hours=1)

        assert engine.retention.sweep().paused is None
        acts = [row[0] for row in sql(engine, "SELECT act FROM ledger_entry ORDER BY seq")]
        assert acts[-2:] == ["paused", "resumed"]

    def test_an_officer_may_vouch_for_the_new_time(self, engine: Engine, clock: MovedClock) -> None:
        clock.step(days=400)
        assert engine.retention.sweep().paused is not None

        engine.retention.resume("staff-9")

        assert engine.retention.sweep().disposed.erased_records == 1

    def test_what_an_officer_paused_no_clock_resumes(self, engine: Engine) -> None:
        engine.retention.pause("staff-9", "audit")

        assert engine.retention.sweep().paused == "audit"
        assert engine.retention.sweep().paused == "audit"

    def test_a_pause_is_entered_once(self, engine: Engine, clock: MovedClock) -> None:
        clock.step(days=1)
        for _ in range(3):
            engine.retention.sweep()
        engine.sealing.seal()

        assert sql(engine, "SELECT count(*) FROM ledger_entry WHERE act = 'paused'") == [(1,)]

    def test_time_that_passes_is_no_step(self, engine: Engine, clock: MovedClock) -> None:
        clock.forward(days=400)

        assert engine.retention.sweep().disposed.erased_records == 1


class TestWhileNothingRan:
    def reopened(self, tmp_path: Path, clock: MovedClock) -> Engine:
        return an_engine(tmp_path, clock, kind=REAL)

    def test_a_step_between_two_processes_of_one_boot_is_noticed(
        self, engine: Engine, tmp_path: Path, clock: MovedClock
    ) -> None:
        later = MovedClock(START + timedelta(days=400))
        later.seconds = clock.seconds + 60

        with self.reopened(tmp_path, later) as other:
            assert other.retention.sweep().paused == "the wall clock stepped while nothing ran"

    def test_after_a_reboot_there_is_nothing_to_compare_with(
        self, engine: Engine, tmp_path: Path, clock: MovedClock
    ) -> None:
        later = MovedClock(START + timedelta(days=400))
        later.booted, later.seconds = "boot-2", 5.0

        with self.reopened(tmp_path, later) as other:
            assert other.retention.sweep().disposed.erased_records == 1

    def test_no_true_clock_lies_before_the_last_head(self, engine: Engine, tmp_path: Path) -> None:
        earlier = MovedClock(START + timedelta(minutes=54))
        earlier.booted = "boot-2"

        with self.reopened(tmp_path, earlier) as other:
            sql(other, "UPDATE policy_version SET effective_from = 0")
            assert other.retention.sweep().paused == "the wall clock lies before the last signed head"


def test_a_scratch_home_is_run_at_any_time_one_likes(tmp_path: Path) -> None:
    clock = MovedClock()
    with an_engine(tmp_path, clock) as engine:
        engine.gate.write(a_submission())
        clock.step(days=400)

        assert engine.retention.sweep().disposed.erased_records == 1

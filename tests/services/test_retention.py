"""The plan is what the sweep does; a pause is a pause."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.domain.errors import GateClosed
from tests.builders import MOBILE, SHANGHAI, START, MovedClock, a_submission, an_engine, sql

DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def hold(engine: Engine, **scope: str) -> str:
    return engine.holds.place(
        ground="R8",
        document="协查〔2026〕1号",
        law_ref="刑事诉讼法 54",
        until=date(2026, 12, 1),
        by="staff-7",
        **scope,
    )


def delivery(engine: Engine) -> str:
    fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}
    return engine.gate.write(a_submission(category="delivery") | {"fields": fields}).record


def agree(engine: Engine) -> None:
    """Whatever has happened, the plan says what the sweep then does."""
    planned = engine.retention.plan()
    swept = engine.retention.sweep()
    states: dict[str, int] = dict(sql(engine, "SELECT state, count(*) FROM part GROUP BY state"))

    assert planned.due_parts == swept.disposed.erased_parts
    assert planned.held == states.get("restricted", 0)
    assert planned.waiting == states.get("waiting", 0)
    assert engine.retention.plan().due == ()


class TestPlans:
    def test_nothing_is_touched_by_looking(self, engine: Engine, clock: MovedClock) -> None:
        engine.gate.write(a_submission())
        before = sql(engine, "SELECT * FROM part")

        planned = engine.retention.plan(DUE)

        assert planned.due_parts == 1
        assert sql(engine, "SELECT * FROM part") == before

    def test_a_plan_says_what_by_when_and_under_which_version(self, engine: Engine) -> None:
        engine.gate.write(a_submission())
        engine.gate.write(a_submission())
        delivery(engine)

        planned = engine.retention.plan(DUE, days=0)

        assert [(line.category, line.day, line.policy_version, line.parts) for line in planned.due] == [
            ("delivery", "2026-03-04", 1, 1),
            ("delivery", "2026-03-10", 1, 1),
            ("visitor", "2026-04-02", 1, 2),
        ]
        assert planned.later == ()

    def test_what_is_not_yet_due_is_told_apart(self, engine: Engine) -> None:
        engine.gate.write(a_submission())

        planned = engine.retention.plan(DUE - timedelta(seconds=1))

        assert planned.due == ()
        assert planned.later[0].parts == 1

    def test_a_plan_agrees_with_the_sweep(self, engine: Engine, clock: MovedClock) -> None:
        for _ in range(3):
            engine.gate.write(a_submission())
        delivery(engine)
        clock.to(DUE)

        agree(engine)

    def test_what_is_held_is_planned_to_be(self, engine: Engine, clock: MovedClock) -> None:
        records = [engine.gate.write(a_submission()).record for _ in range(3)]
        hold(engine, holding_id=records[0])
        name = hold(engine, category="visitor")
        delivery(engine)
        clock.to(DUE)
        assert engine.retention.plan().held == 3
        agree(engine)
        agree(engine)

        engine.holds.release(name, "staff-7")
        assert engine.retention.plan().due_parts == 2
        agree(engine)

    def test_a_hold_that_has_ended_by_then_binds_nothing(self, engine: Engine, clock: MovedClock) -> None:
        engine.gate.write(a_submission())
        hold(engine)
        clock.to(DUE)
        engine.retention.sweep()
        clock.to(datetime(2026, 12, 2, tzinfo=SHANGHAI))

        assert engine.retention.plan().due_parts == 1
        agree(engine)

    def test_what_no_forecast_knew_is_planned_to_wait(self, engine: Engine, clock: MovedClock) -> None:
        for _ in range(3):
            engine.gate.write(a_submission())
        sql(engine, "UPDATE part SET erase_at = :at WHERE holding_no = 2", at=int(START.timestamp()) - 1)
        assert engine.retention.plan().waiting == 1
        agree(engine)
        clock.to(DUE)

        agree(engine)

    @settings(
        max_examples=10,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(
        steps=st.lists(
            st.sampled_from(
                ["write", "deliver", "hold", "hold visitors", "release", "tamper", "hours", "days", "sweep"]
            ),
            min_size=3,
            max_size=12,
        )
    )
    def test_a_plan_agrees_with_the_sweep_after_anything(
        self, tmp_path_factory: pytest.TempPathFactory, steps: list[str]
    ) -> None:
        clock = MovedClock()
        with an_engine(tmp_path_factory.mktemp("home"), clock) as engine:
            records: list[str] = []
            for number, step in enumerate(steps):
                match step:
                    case "write":
                        records.append(engine.gate.write(a_submission()).record)
                    case "deliver":
                        records.append(delivery(engine))
                    case "hold":
                        hold(engine, holding_id=records[number % len(records)]) if records else None
                    case "hold visitors":
                        hold(engine, category="visitor")
                    case "release":
                        for standing in engine.holds.standing()[:1]:
                            engine.holds.release(standing.id, "staff-7")
                    case "tamper":
                        sql(
                            engine,
                            "UPDATE part SET erase_at = erase_at - 864000 WHERE holding_no = :n",
                            n=number,
                        )
                    case "hours":
                        clock.forward(hours=30)
                    case "days":
                        clock.forward(days=12)
                    case _:
                        engine.retention.sweep()
            agree(engine)
            assert engine.sealing.verify().pending == 0


class TestPauses:
    def test_a_paused_disposal_erases_nothing_and_says_why(self, engine: Engine, clock: MovedClock) -> None:
        engine.gate.write(a_submission())
        engine.retention.pause("staff-9", "audit")
        clock.to(DUE)

        swept = engine.retention.sweep()

        assert (swept.paused, swept.disposed.erased_parts) == ("audit", 0)
        engine.retention.resume("staff-9")
        assert engine.retention.sweep().disposed.erased_parts == 1

    def test_a_pause_outlives_the_process(self, tmp_path: Path) -> None:
        with an_engine(tmp_path) as engine:
            engine.retention.pause("staff-9", "audit")

        with an_engine(tmp_path) as engine:
            assert engine.retention.sweep().paused == "audit"

    def test_pause_and_resumption_are_sealed(self, engine: Engine) -> None:
        engine.retention.pause("staff-9", "audit")
        engine.retention.resume("staff-9")
        engine.sealing.seal()

        acts = [row[0] for row in sql(engine, "SELECT act FROM ledger_entry ORDER BY seq")]
        assert acts[-2:] == ["paused", "resumed"]

    def test_without_a_policy_nothing_is_swept(self, tmp_path: Path) -> None:
        with an_engine(tmp_path, publish=False) as engine, pytest.raises(GateClosed):
            engine.retention.sweep()

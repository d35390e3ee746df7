"""The plan counts what publishing and re-dating then do, and touches nothing."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.difference import Direction
from compliance.domain.errors import PublicationRefused
from compliance.domain.ledger import Act, parse
from compliance.domain.redating import Stay
from compliance.policies.loader import LoadedPack, load_text, read_files, shipped
from compliance.services.forecast import due_day
from compliance.services.planning import ChangePlan
from tests.builders import START, MovedClock, a_pack, a_submission, an_engine, sql


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def files_with(keep: str = "", **replaced: str) -> dict[str, str]:
    """The shipped pack with another period for visitors, or other words in a file."""
    files = dict(read_files(shipped("residential")))
    if keep:
        files["visitor.yaml"], n = re.subn(
            r"\n  keep: \S+", f"\n  keep: {keep}", files["visitor.yaml"], count=1
        )
        assert n == 1
    return {**files, **replaced}


def a_new_pack(files: dict[str, str]) -> LoadedPack:
    return load_text(files, name="residential")


def without(field: str, text: str) -> str:
    """A category's file without one of its fields, and without the cases that speak of it."""
    found = re.sub(rf"\n  {field}:\n(?:    .*\n)+", "\n", text, count=1)
    assert found != text
    return found[: found.index("\ncases:")] + "\n"


def visits(engine: Engine, clock: MovedClock, days: int = 12) -> None:
    """Two visitors a day; of every other one the exit is recorded."""
    for _ in range(days):
        for leaves in (False, True):
            came = clock.now()
            receipt = engine.gate.write(a_submission(collected_at=came.isoformat()))
            clock.forward(hours=1)
            engine.sealing.seal()
            if leaves:
                engine.gate.amend(receipt.record, {"exit_time": (came + timedelta(minutes=20)).isoformat()})
        clock.forward(hours=22)
        engine.sealing.seal()


Parts = dict[tuple[int, int], tuple[str, int, int]]


def parts(engine: Engine) -> Parts:
    rows = sql(
        engine,
        "SELECT part.holding_no, part.part_no, holding.category, part.readable_until, part.erase_at"
        " FROM part JOIN holding ON holding.no = part.holding_no",
    )
    return {(no, part_no): (category, until, erase_at) for no, part_no, category, until, erase_at in rows}


def moved(before: Parts, after: Parts, now: datetime) -> Counter[tuple[str, str, str, bool]]:
    counted: Counter[tuple[str, str, str, bool]] = Counter()
    for key, (category, until, erase_at) in after.items():
        if (until, erase_at) != before[key][1:]:
            days = due_day(before[key][2], a_pack()), due_day(erase_at, a_pack())
            counted[category, *days, erase_at <= now.timestamp()] += 1
    return counted


def planned(plan: ChangePlan) -> Counter[tuple[str, str, str, bool]]:
    lines = [(line, True) for line in plan.due_now] + [(line, False) for line in plan.sooner]
    return Counter({(one.category, one.from_day, one.to_day, due): one.parts for one, due in lines})


def publish(engine: Engine, files: dict[str, str]) -> int:
    number = engine.publishing.publish(a_new_pack(files), files, "staff-1", second="staff-2")
    assert number is not None
    return number


class TestTheCounts:
    @pytest.mark.parametrize("keep", ["7d", "24h", "P1M", "29d", "30d", "1d", "60d", "90d"])
    def test_what_the_plan_counts_is_what_is_done(self, engine: Engine, clock: MovedClock, keep: str) -> None:
        visits(engine, clock)
        files = files_with(keep)
        before = parts(engine)
        plan = engine.planning.plan(a_new_pack(files))
        assert parts(engine) == before

        if keep != "30d":
            done = engine.publishing.redate(publish(engine, files), "staff-1", batch=5)
            assert done.parts == plan.moved_parts
        after = parts(engine)

        assert moved(before, after, clock.now()) == planned(plan)
        assert sum(line.parts for line in plan.stays) + plan.moved_parts == len(before)
        assert all(after[key][1:] <= before[key][1:] for key in before)

    def test_the_next_sweep_expects_what_was_re_dated(self, engine: Engine, clock: MovedClock) -> None:
        visits(engine, clock)
        engine.retention.forecast()
        files = files_with("7d")
        plan = engine.planning.plan(a_new_pack(files))
        engine.publishing.redate(publish(engine, files), "staff-1")

        swept = engine.retention.sweep()

        assert plan.due_now
        assert swept.disposed.erased_parts == sum(line.parts for line in plan.due_now)
        assert swept.disposed.waiting_parts == 0
        assert swept.disposed.late_parts == 0
        assert engine.sealing.verify().size

    def test_what_is_expected_is_what_the_rows_say(self, engine: Engine, clock: MovedClock) -> None:
        visits(engine, clock)
        engine.publishing.redate(publish(engine, files_with("7d")), "staff-1")

        with engine.books.reading() as books:
            expected = {key: n for key, n in books.counts.expected("9999").items() if n}
        rows = Counter(
            ("main", category, due_day(at, a_pack())) for category, _, at in parts(engine).values()
        )
        assert expected == dict(rows)

    def test_a_held_record_keeps_its_dates_and_the_plan_says_so(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        visits(engine, clock, days=2)
        sql(engine, "UPDATE part SET state = 'restricted' WHERE holding_no = 1")

        plan = engine.planning.plan(a_new_pack(files_with("1d")))

        assert {line.why: line.parts for line in plan.stays} == {Stay.BOUND: 1}


class TestOnPostgres:
    def test_it_counts_and_does_the_same(
        self, tmp_path: Path, postgres_database: str, clock: MovedClock
    ) -> None:
        with an_engine(tmp_path, clock, database=postgres_database) as engine:
            visits(engine, clock)
            before = parts(engine)
            plan = engine.planning.plan(a_new_pack(files_with("7d")))
            engine.publishing.redate(publish(engine, files_with("7d")), "staff-1", batch=5)

            assert plan.due_now
            assert moved(before, parts(engine), clock.now()) == planned(plan)
            swept = engine.retention.sweep().disposed
            assert swept.erased_parts == sum(line.parts for line in plan.due_now)
            assert swept.waiting_parts == 0


class TestWhyRecordsStay:
    def test_a_longer_period_never_reaches_what_exists(self, engine: Engine, clock: MovedClock) -> None:
        visits(engine, clock, days=2)
        plan = engine.planning.plan(a_new_pack(files_with("60d")))

        assert {line.why for line in plan.stays} == {Stay.LONGER}
        assert plan.needs_second
        assert plan.moved_parts == 0

    def test_a_register_that_is_given_up_keeps_its_promise(self, engine: Engine, clock: MovedClock) -> None:
        visits(engine, clock, days=2)
        files = files_with()
        del files["visitor.yaml"]

        plan = engine.planning.plan(a_new_pack(files))

        assert {line.why for line in plan.stays} == {Stay.CATEGORY_DROPPED}
        assert "visitor" not in {line.category for line in plan.notices}

    def test_a_field_that_is_dropped_goes_with_its_neighbours(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        visits(engine, clock, days=2)
        files = files_with("7d")
        files["visitor.yaml"] = without("visit_purpose", files["visitor.yaml"])

        assert engine.planning.plan(a_new_pack(files)).moved_parts == len(parts(engine))


class TestWhoIsAskedAndTold:
    def test_consents_to_a_register_that_widens_are_asked_again(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        visits(engine, clock, days=2)
        plan = engine.planning.plan(a_new_pack(files_with("60d")))

        assert [(line.category, line.consents) for line in plan.consents] == [("visitor", 4)]
        assert [(line.category, line.direction) for line in plan.notices] == [("visitor", Direction.WIDENS)]

    def test_nobody_is_asked_again_where_a_register_narrows(self, engine: Engine, clock: MovedClock) -> None:
        visits(engine, clock, days=2)
        plan = engine.planning.plan(a_new_pack(files_with("7d")))

        assert plan.consents == ()
        assert [(line.category, line.direction) for line in plan.notices] == [("visitor", Direction.NARROWS)]
        assert plan.as_json()["difference"]["narrows_only"] is True


class TestRedating:
    def test_it_is_done_once(self, engine: Engine, clock: MovedClock) -> None:
        visits(engine, clock, days=3)
        version = publish(engine, files_with("7d"))
        first = engine.publishing.redate(version, "staff-1")
        state, acts = parts(engine), len(amendments(engine))

        assert engine.publishing.redate(version, "staff-1") == first
        assert parts(engine) == state
        assert len(amendments(engine)) == acts

    def test_it_goes_on_where_it_was_killed(
        self, engine: Engine, clock: MovedClock, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        visits(engine, clock, days=3)
        plan = engine.planning.plan(a_new_pack(files_with("7d")))
        version = publish(engine, files_with("7d"))

        def killed() -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(engine.sealing, "nudge", killed)
            with pytest.raises(KeyboardInterrupt):
                engine.publishing.redate(version, "staff-1", batch=2)
        assert engine.publishing.redate(version, "staff-1", batch=2).parts == plan.moved_parts

    def test_it_is_sealed_with_its_reason_and_who_did_it(self, engine: Engine, clock: MovedClock) -> None:
        visits(engine, clock, days=2)
        engine.publishing.redate(publish(engine, files_with("7d")), "staff-1")

        (entry,) = amendments(engine)
        assert entry == {"by": "staff-1", "policy": 2, "was": 1, "why": "policy"}

    def test_an_exit_that_comes_later_does_not_bring_the_old_period_back(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        receipt = engine.gate.write(a_submission())
        engine.publishing.redate(publish(engine, files_with("7d")), "staff-1")
        clock.forward(hours=2)
        engine.sealing.seal()
        engine.gate.amend(receipt.record, {"exit_time": clock.now().isoformat()})

        assert {due_day(erase_at, a_pack()) for _, _, erase_at in parts(engine).values()} == {"2026-03-09"}

    def test_a_second_shortening_counts_from_the_same_start(self, engine: Engine, clock: MovedClock) -> None:
        engine.gate.write(a_submission())
        engine.publishing.redate(publish(engine, files_with("7d")), "staff-1")
        engine.publishing.redate(publish(engine, files_with("3d")), "staff-1")

        # entry + 24 h is the third of March, and three days from there end with the sixth
        assert {due_day(erase_at, a_pack()) for _, _, erase_at in parts(engine).values()} == {"2026-03-06"}

    def test_a_version_to_come_re_dates_nothing_yet(self, engine: Engine, clock: MovedClock) -> None:
        files = files_with("7d")
        engine.gate.write(a_submission())
        version = engine.publishing.publish(a_new_pack(files), files, "staff-1", START + timedelta(days=2))
        assert version == 2

        with pytest.raises(PublicationRefused):
            engine.publishing.redate(version, "staff-1")
        clock.forward(days=2)
        assert engine.publishing.redate(version, "staff-1").parts == 1


def amendments(engine: Engine) -> list[dict[str, str | int]]:
    engine.sealing.seal()
    with engine.books.reading() as books:
        entries = [parse(canonical) for _, _, canonical in books.ledger.entries()]
    return [dict(one.facts) for one in entries if one.act is Act.AMENDED and one.fact("why") == "policy"]

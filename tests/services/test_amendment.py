"""What comes later: an exit moves the due moments, earlier or later, and never leaves anything sealed under a dead key."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused, RecordErased, RecordUnknown
from tests.builders import (
    MOBILE,
    OFFICER,
    SHANGHAI,
    START,
    MovedClock,
    a_submission,
    an_engine,
    codes,
    sql,
)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def parts(engine: Engine) -> list[tuple[int, str, str]]:
    """(part number, last day, key) of every part."""
    rows = sql(engine, "SELECT part_no, erase_at, key FROM part ORDER BY part_no")
    return [
        (no, datetime.fromtimestamp(erase_at - 1, SHANGHAI).date().isoformat(), key)
        for no, erase_at, key in rows
    ]


def expected(engine: Engine) -> dict[str, int]:
    with engine.books.reading() as books:
        return {day: n for (_, _, day), n in books.counts.expected("9999").items() if n}


def delivery(engine: Engine) -> str:
    fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}
    return engine.gate.write(a_submission(category="delivery") | {"fields": fields}).record


def read(engine: Engine, record: str) -> dict[str, object]:
    return dict(engine.reader.read(record, "entry_security", OFFICER).fields)


class TestAnExitThatIsRecorded:
    def test_an_exit_before_the_day_is_over_brings_the_end_nearer(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = engine.gate.write(a_submission()).record
        assert parts(engine) == [(0, "2026-04-02", "window/main/2026-04-02")]
        clock.forward(hours=2)

        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        # What dies earlier stays under the key that it has; the fact itself is a part of its own.
        assert parts(engine) == [
            (0, "2026-04-01", "window/main/2026-04-02"),
            (1, "2026-04-01", "window/main/2026-04-01"),
        ]
        assert expected(engine) == {"2026-04-01": 2}

    def test_an_exit_after_days_moves_the_end_away_and_seals_again(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = engine.gate.write(a_submission()).record
        envelope = sql(engine, "SELECT envelope FROM vault")
        clock.forward(days=5)

        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        assert parts(engine) == [
            (0, "2026-04-06", "window/main/2026-04-06"),
            (1, "2026-04-06", "window/main/2026-04-06"),
        ]
        assert sql(engine, "SELECT envelope FROM vault WHERE part_no = 0") != envelope
        assert expected(engine) == {"2026-04-06": 2}

    def test_what_was_sealed_again_outlives_the_first_windows_key(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = engine.gate.write(a_submission()).record
        clock.forward(days=5)
        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})
        clock.to(datetime(2026, 4, 4, tzinfo=SHANGHAI))

        engine.retention.sweep()

        assert engine.keyring.names("window/") == ["window/main/2026-04-06"]
        assert read(engine, record)["visitor_name"] == "张三"

    def test_what_dies_earlier_goes_at_its_own_time(self, engine: Engine, clock: MovedClock) -> None:
        record = engine.gate.write(a_submission()).record
        clock.forward(hours=2)
        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})
        clock.to(datetime(2026, 4, 2, tzinfo=SHANGHAI))

        swept = engine.retention.sweep()

        assert (swept.disposed.erased_parts, swept.disposed.erased_records, swept.left) == (2, 1, 0)
        assert swept.disposed.waiting_parts == 0

    def test_each_part_moves_by_its_own_period(self, engine: Engine, clock: MovedClock) -> None:
        record = delivery(engine)
        assert (
            sorted(key for _, _, key in parts(engine))
            == [
                "window/main/2026-03-10",
                "window/main/2026-03-04T09",  # a day after the day in which nobody recorded the exit
            ][::-1]
        )
        clock.forward(hours=30)

        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        assert sorted(key for _, _, key in parts(engine)) == [
            *("window/main/2026-03-04T15", "window/main/2026-03-10", "window/main/2026-03-10"),
        ]

    def test_an_exit_is_read_with_the_rest(self, engine: Engine, clock: MovedClock) -> None:
        record = engine.gate.write(a_submission()).record

        engine.gate.amend(record, {"exit_time": "2026-03-02T10:00:00+08:00"})

        assert read(engine, record)["exit_time"] == "2026-03-02 10:00:00+08:00"

    def test_the_ledger_says_so(self, engine: Engine) -> None:
        record = engine.gate.write(a_submission()).record
        engine.gate.amend(record, {"exit_time": START.isoformat()})

        engine.sealing.seal()

        assert sql(engine, "SELECT count FROM ledger_entry WHERE act = 'amended'") == [(1,)]
        assert engine.sealing.verify().pending == 0


class TestTheSameAgain:
    def test_the_same_exit_again_changes_nothing(self, engine: Engine) -> None:
        record = engine.gate.write(a_submission()).record
        engine.gate.amend(record, {"exit_time": START.isoformat()})
        before = parts(engine)

        engine.gate.amend(record, {"exit_time": START.isoformat()})
        engine.gate.amend(
            record, {"exit_time": "2026-03-02T10:00:00+08:00"}
        )  # the same instant in other words

        assert parts(engine) == before

    def test_another_exit_is_refused(self, engine: Engine) -> None:
        record = engine.gate.write(a_submission()).record
        engine.gate.amend(record, {"exit_time": START.isoformat()})

        with pytest.raises(CollectionRefused) as refused:
            engine.gate.amend(record, {"exit_time": (START + timedelta(minutes=1)).isoformat()})

        assert codes(refused.value.reasons) == {"bad_order:exit_time"}

    def test_nothing_to_add_is_no_act(self, engine: Engine) -> None:
        record = engine.gate.write(a_submission()).record

        engine.gate.amend(record, {})

        engine.sealing.seal()
        assert sql(engine, "SELECT count(*) FROM ledger_entry WHERE act = 'amended'") == [(0,)]


class TestWhatMayNotBeAdded:
    @pytest.mark.parametrize(
        ("fields", "reasons"),
        [
            ({"exit_time": "2026-03-02T09:59:59+08:00"}, {"bad_order:exit_time"}),
            ({"exit_time": "soon"}, {"bad_format:exit_time"}),
            ({"exit_time": None}, {"bad_format:exit_time"}),
            ({"exit_time": "2026-03-03T09:59:59+08:00"}, {"bad_format:exit_time"}),
            ({"visitor_name": "李四"}, {"bad_order:visitor_name"}),
            ({"visitor_phone": MOBILE}, {"bad_order:visitor_phone"}),
            ({"id_number": "100000199001010011"}, {"over_collection:id_number"}),
            ({"exit_time": [], "face": {}}, {"bad_format:exit_time", "over_collection:face"}),
        ],
    )
    def test_a_fault_leaves_the_record_as_it_was(
        self, engine: Engine, fields: dict[str, object], reasons: set[str]
    ) -> None:
        record = engine.gate.write(a_submission()).record
        before = parts(engine)

        with pytest.raises(CollectionRefused) as refused:
            engine.gate.amend(record, fields)

        assert codes(refused.value.reasons) == reasons
        assert parts(engine) == before

    def test_a_record_that_never_was_is_unknown(self, engine: Engine) -> None:
        with pytest.raises(RecordUnknown) as unknown:
            engine.gate.amend("2603-aaaaaaaaaaaaaaaaaaaa", {"exit_time": START.isoformat()})
        assert not isinstance(unknown.value, RecordErased)

    def test_a_record_that_is_erased_is_said_to_be(self, engine: Engine, clock: MovedClock) -> None:
        record = engine.gate.write(a_submission()).record
        clock.forward(days=40)
        engine.retention.sweep()

        with pytest.raises(RecordErased):
            engine.gate.amend(record, {"exit_time": START.isoformat()})

    def test_a_record_that_is_over_and_not_yet_swept_is_not_brought_back(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = engine.gate.write(a_submission()).record
        clock.to(datetime(2026, 4, 3, tzinfo=SHANGHAI))

        with pytest.raises(RecordErased):
            engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        assert engine.retention.sweep().disposed.erased_records == 1

    def test_a_part_that_is_over_is_not_brought_back_with_the_others(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = delivery(engine)
        clock.forward(days=3)  # the telephone number is due since yesterday, and nobody has swept

        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        assert engine.retention.sweep().disposed.erased_parts == 1
        assert MOBILE[-4:] not in str(engine.reader.read(record, "delivery_order", OFFICER).fields)

    def test_a_held_record_takes_its_exit_and_keeps_its_own_key(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = delivery(engine)
        hold = engine.holds.place(
            ground="R8",
            document="协查〔2026〕1号",
            law_ref="刑事诉讼法 54",
            until=(START + timedelta(days=60)).date(),
            by="staff-7",
            holding_id=record,
        )
        clock.forward(days=3)
        engine.retention.sweep()  # the telephone number is due and held
        own = engine.keyring.names("own/")
        assert len(own) == 1

        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})
        engine.holds.release(hold, "staff-7")
        clock.forward(days=30)
        engine.retention.sweep()

        assert engine.keyring.names("own/") == []
        assert sql(engine, "SELECT count(*) FROM part") == [(0,)]

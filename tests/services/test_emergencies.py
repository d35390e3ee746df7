"""An emergency from its opening to the notice after it (requirements E84, P18-1, scenario 12)."""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.emergency import AFTER_ASSESSMENT
from compliance.domain.errors import CollectionRefused, EmergencyRefused, ReadRefused
from compliance.domain.ledger import Act, Entry, parse
from compliance.notices.collection import collection_slots
from compliance.notices.emergency import emergency_over
from compliance.policies.loader import load_text, read_files, shipped
from compliance.ports import EmergencyRow, Receipt
from compliance.services.holds import HoldInvalid
from tests.builders import OFFICER, START, MovedClock, a_submission, an_engine, codes, sql

DAY = timedelta(days=1)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as opened:
        yield opened


def opened(engine: Engine, days: int = 10, **changes: Any) -> EmergencyRow:
    said: dict[str, Any] = {
        "profile": "epidemic",
        "document": "示例政府〔2026〕1号",
        "authority": "示例市人民政府",
        "until": engine.clock.now() + days * DAY,
        "by": "staff-9",
    }
    return engine.emergencies.open(**{**said, **changes})


def checked(engine: Engine, **fields: object) -> Receipt:
    return engine.gate.write(a_submission(fields={"temperature_check": "异常", **fields}))


def passed(engine: Engine, clock: MovedClock, days: int) -> None:
    """Days in which beat runs: the ledger is sealed, the forecast made, and what is due is swept."""
    for _ in range(days):
        clock.forward(days=1)
        swept(engine)


def swept(engine: Engine) -> int:
    engine.sealing.seal()
    engine.retention.forecast()
    done = engine.retention.sweep()
    assert (done.left, done.disposed.waiting_parts) == (0, 0)
    return done.disposed.erased_parts


def refusal(engine: Engine, **fields: object) -> set[str]:
    with pytest.raises(CollectionRefused) as refused:
        checked(engine, **fields)
    return codes(refused.value.reasons)


def entries(engine: Engine, *acts: Act) -> list[Entry]:
    engine.sealing.seal()
    rows = sql(engine, "SELECT canonical FROM ledger_entry ORDER BY seq")
    return [entry for entry in (parse(bytes(row[0])) for row in rows) if entry.act in acts]


def parts(engine: Engine, record: str) -> list[int]:
    with engine.books.reading() as books:
        holding = books.holdings.find(record)
        assert holding is not None
        return [row.retention_class for row in books.holdings.parts(holding.no)]


class TestOpening:
    def test_before_it_the_field_is_refused_and_after_it_admitted(self, engine: Engine) -> None:
        assert refusal(engine) == {"over_collection:temperature_check"}
        opened(engine)

        assert parts(engine, checked(engine).record) == [0, 1]

    def test_who_opened_it_on_which_document_and_until_when_is_sealed(self, engine: Engine) -> None:
        row = opened(engine)

        (entry,) = entries(engine, Act.EMERGENCY_OPENED)
        assert dict(entry.facts) == {
            "emergency": row.id,
            "profile": "epidemic",
            "document": "示例政府〔2026〕1号",
            "authority": "示例市人民政府",
            "by": "staff-9",
            "until": "2026-03-12T10:00:00+08:00",
        }

    @pytest.mark.parametrize(
        "changes",
        [
            {"profile": "flood"},
            {"profile": "__class__"},
            {"document": " "},
            {"document": "x" * 201},
            {"document": "经办人 19400000001"},
            {"authority": ""},
            {"authority": "某局\n第二行"},
            {"by": "张三"},
            {"until": START},
            {"until": START + 40 * DAY},
        ],
    )
    def test_without_a_profile_document_person_or_near_end_nothing_opens(
        self, engine: Engine, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(EmergencyRefused):
            opened(engine, **changes)
        assert engine.emergencies.listed() == []
        assert entries(engine, Act.EMERGENCY_OPENED) == []

    def test_it_is_not_opened_twice(self, engine: Engine) -> None:
        opened(engine)
        with pytest.raises(EmergencyRefused, match="open already"):
            opened(engine)

    def test_the_notice_at_the_gate_names_what_it_brings_and_when_that_ends(self, engine: Engine) -> None:
        opened(engine)
        pack = engine.active_pack()
        slots = collection_slots(
            pack,
            "visitor",
            lang="zh",
            verifier_fingerprint="f",
            now_day="2026-03-02",
        )
        assert "体温检测结果" in str(slots["kinds"])
        for slot in ("periods", "periods_short"):
            assert "应急结束即销毁，最迟2026-03-12 10:00" in str(slots[slot])


class TestItsEnd:
    def test_ten_days_with_a_temperature_and_all_of_it_is_gone_the_moment_they_end(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        opened(engine)
        record = checked(engine).record
        passed(engine, clock, 9)
        checked(engine)
        passed(engine, clock, 1)

        assert refusal(engine) == {"over_collection:temperature_check"}
        assert parts(engine, record) == [0]
        (row,) = engine.emergencies.listed()
        assert (row.closed_by, row.destroyed_on, row.tell_by) == ("end", "2026-03-12", "2026-03-17")
        assert json.loads(row.affected or "") == {"visitor": 2}
        closed, zero = entries(engine, Act.EMERGENCY_CLOSED, Act.ZERO_LEFT)[0::2]
        assert (closed.fact("by"), closed.fact("records")) == ("end", 2)
        assert (zero.fact("emergency"), zero.fact("left")) == (row.id, 0)

    def test_closing_it_destroys_what_it_brought_and_leaves_the_rest(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        row = opened(engine)
        record, plain = checked(engine).record, engine.gate.write(a_submission()).record
        passed(engine, clock, 2)
        engine.emergencies.close(row.id, "staff-9")

        assert refusal(engine) == {"over_collection:temperature_check"}
        assert swept(engine) == 1
        assert (parts(engine, record), parts(engine, plain)) == ([0], [0])
        shown = engine.reader.read(record, "entry_security", OFFICER)
        assert shown.fields["visitor_name"] == "张三"

    def test_from_its_end_nothing_of_it_is_read_though_no_sweep_has_run(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        row = opened(engine)
        record = checked(engine).record
        clock.forward(hours=1)
        shown = engine.reader.read(record, "emergency_response", OFFICER)
        assert shown.fields == {"temperature_check": "异常"}  # the canary
        engine.emergencies.close(row.id, "staff-9")

        read = engine.reader.read(record, "rights_request", OFFICER)
        assert "temperature_check" not in read.fields
        assert engine.reader.read(record, "emergency_response", OFFICER).fields == {}

    def test_a_later_fact_does_not_lengthen_it(self, engine: Engine, clock: MovedClock) -> None:
        opened(engine)
        record = checked(engine).record
        clock.forward(days=3)
        engine.sealing.seal()
        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})
        with pytest.raises(CollectionRefused):
            engine.gate.amend(record, {"temperature_check": "正常"})

        passed(engine, clock, 7)
        assert 1 not in parts(engine, record)

    def test_a_policy_published_while_it_is_open_neither_ends_nor_lengthens_it(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        row = opened(engine)
        record = checked(engine).record
        files = read_files(shipped("residential"))
        files["site.yaml"] = files["site.yaml"].replace("tally_floor: 20", "tally_floor: 30")
        engine.publishing.publish(load_text(files, name="residential"), files, "staff-1", second="staff-2")
        later = checked(engine).record
        passed(engine, clock, 1)
        engine.publishing.redate(2, "staff-1")
        engine.emergencies.close(row.id, "staff-9")
        swept(engine)

        assert (parts(engine, record), parts(engine, later)) == ([0], [0])
        assert engine.emergencies.find(row.id).destroyed_on is not None

    def test_a_policy_that_drops_the_profile_ends_its_collection_at_once(self, engine: Engine) -> None:
        opened(engine)
        files = {"site.yaml": read_files(shipped("residential"))["site.yaml"]}
        visitor = read_files(shipped("residential"))["visitor.yaml"]
        files["visitor.yaml"] = visitor[: visitor.index("emergency:\n")] + "cases: []\n"
        engine.publishing.publish(load_text(files, name="residential"), files, "staff-1", second="staff-2")

        assert refusal(engine) == {"over_collection:temperature_check"}

    def test_where_its_end_cannot_be_sealed_it_has_not_ended(
        self, engine: Engine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = opened(engine)
        record = checked(engine).record

        def full(*_: object) -> str:
            raise OSError("no space left on device")

        with monkeypatch.context() as disk:
            disk.setattr(engine.sealing, "write", full)
            with pytest.raises(OSError, match="no space"):
                engine.emergencies.close(row.id, "staff-9")
        assert engine.emergencies.find(row.id) == row
        assert parts(engine, record) == parts(engine, checked(engine).record) == [0, 1]

        engine.emergencies.close(row.id, "staff-9")
        assert swept(engine) == 2

    def test_it_is_closed_once(self, engine: Engine) -> None:
        row = opened(engine)
        engine.emergencies.close(row.id, "staff-9")
        for wrong in (row.id, "nobody", ""):
            with pytest.raises(EmergencyRefused):
                engine.emergencies.close(wrong, "staff-9")

    def test_settling_again_and_again_changes_nothing(self, engine: Engine, clock: MovedClock) -> None:
        opened(engine)
        checked(engine)
        passed(engine, clock, 11)
        before = entries(engine, Act.EMERGENCY_CLOSED, Act.ZERO_LEFT)

        assert [engine.emergencies.settle() for _ in range(3)] == [False] * 3
        assert entries(engine, Act.EMERGENCY_CLOSED, Act.ZERO_LEFT) == before

    def test_a_restored_database_does_not_open_it_again(
        self, engine: Engine, clock: MovedClock, tmp_path: Path
    ) -> None:
        row = opened(engine)
        record = checked(engine).record
        engine.sealing.seal()
        kept = tmp_path / "kept.db"
        with closing(sqlite3.connect(tmp_path / "compliance.db")) as backup:
            backup.execute("VACUUM INTO ?", (str(kept),))
        clock.forward(hours=1)
        engine.emergencies.close(row.id, "staff-9")
        swept(engine)
        engine.close()
        for name in ("compliance.db-wal", "compliance.db-shm"):
            (tmp_path / name).unlink(missing_ok=True)
        (tmp_path / "compliance.db").write_bytes(kept.read_bytes())

        with an_engine(tmp_path, clock) as again:
            assert refusal(again) == {"over_collection:temperature_check"}
            swept(again)
            assert parts(again, record) == [0]


class TestKeepingItOn:
    def hold(self, engine: Engine, ground: str = AFTER_ASSESSMENT, **changes: Any) -> str:
        said: dict[str, Any] = {
            "ground": ground,
            "document": "评估〔2026〕7号",
            "law_ref": "突发事件应对法 85",
            "until": date(2026, 3, 25),
            "by": "staff-9",
            "second": "staff-1",
        }
        return engine.holds.place(**{**said, **changes})

    def test_without_an_assessment_no_hold_keeps_it(self, engine: Engine, clock: MovedClock) -> None:
        opened(engine)
        record = checked(engine).record
        self.hold(engine, "R8")
        passed(engine, clock, 10)

        assert parts(engine, record) == [0]

    def test_after_an_assessment_it_is_kept_unread_and_goes_when_that_ends(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        row = opened(engine)
        record = checked(engine).record
        hold = self.hold(engine, holding_id=record)
        passed(engine, clock, 10)
        assert parts(engine, record) == [0, 1]
        assert engine.emergencies.find(row.id).destroyed_on is None
        with pytest.raises(ReadRefused):
            engine.reader.read(record, "emergency_response", OFFICER)

        engine.holds.release(hold, "staff-9")
        passed(engine, clock, 1)
        assert parts(engine, record) == [0]
        assert engine.emergencies.find(row.id).destroyed_on is not None

    @pytest.mark.parametrize(
        "changes", [{"second": ""}, {"second": "staff-9"}, {"document": ""}, {"until": date(2026, 4, 2)}]
    )
    def test_it_takes_two_persons_the_assessment_and_thirty_days_at_most(
        self, engine: Engine, changes: dict[str, Any]
    ) -> None:
        with pytest.raises(HoldInvalid):
            self.hold(engine, **changes)


class TestTellingAfterwards:
    def test_the_notice_says_what_was_taken_on_whose_authority_and_that_it_is_gone(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        row = opened(engine)
        checked(engine)
        clock.forward(hours=2)
        engine.emergencies.close(row.id, "staff-9")
        going = self.text(engine, row.id, "zh")
        swept(engine)
        gone = self.text(engine, row.id, "zh")

        assert "正在销毁" in going
        for said in (
            "传染病疫情",
            "示例市人民政府",
            "体温检测结果",
            "1条",
            "已于2026-03-02全部销毁",
            "第十八条第二款",
        ):
            assert said in gone
        assert "异常" not in gone
        assert "destroyed on 2026-03-02" in self.text(engine, row.id, "en")

    def text(self, engine: Engine, emergency: str, lang: str) -> str:
        row = engine.emergencies.find(emergency)
        pack = engine.emergencies.declared_in(row)
        return emergency_over(pack, row, lang=lang, form="txt", now_day="2026-03-03").decode()

    def test_telling_is_recorded_once_and_only_after_the_end(self, engine: Engine) -> None:
        row = opened(engine)
        with pytest.raises(EmergencyRefused):
            engine.emergencies.tell(row.id, "staff-9")
        engine.emergencies.close(row.id, "staff-9")
        told = engine.emergencies.tell(row.id, "staff-9")
        with pytest.raises(EmergencyRefused):
            engine.emergencies.tell(row.id, "staff-9")

        assert (told.told_by, told.told_on) == ("staff-9", "2026-03-02")
        assert [entry.fact("by") for entry in entries(engine, Act.EMERGENCY_TOLD)] == ["staff-9"]


def test_no_entry_and_no_row_holds_what_was_measured(engine: Engine, clock: MovedClock) -> None:
    row = opened(engine)
    checked(engine)
    clock.forward(hours=1)
    engine.emergencies.close(row.id, "staff-9")
    swept(engine)
    engine.sealing.seal()

    assert "异常" not in str(sql(engine, "SELECT * FROM emergency"))
    assert all(
        "异常".encode() not in bytes(one[0]) for one in sql(engine, "SELECT canonical FROM ledger_entry")
    )


def test_on_postgresql_an_emergency_ends_as_it_does_on_sqlite(
    tmp_path: Path, clock: MovedClock, postgres_database: str
) -> None:
    with an_engine(tmp_path, clock, database=postgres_database) as engine:
        row = opened(engine)
        record = checked(engine).record
        clock.forward(hours=1)
        engine.emergencies.close(row.id, "staff-9")

        assert refusal(engine) == {"over_collection:temperature_check"}
        assert swept(engine) == 1
        assert parts(engine, record) == [0]
        assert engine.emergencies.find(row.id).destroyed_on == "2026-03-02"

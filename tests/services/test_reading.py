"""Reading by purpose: who sees what, as what, until when, and that it leaves a trace."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ComplianceError, KeyLost, ReadRefused, RecordErased, RecordUnknown
from compliance.domain.ledger import Act, Entry, members_root, parse
from compliance.domain.vocabulary import Role
from compliance.services.reading import Actor
from tests.builders import (
    GUARD,
    MOBILE,
    OFFICER,
    SHANGHAI,
    MovedClock,
    a_full_submission,
    a_pack,
    a_submission,
    an_engine,
    sql,
)

DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)
WHOLE = {"visitor_phone": MOBILE, "visit_purpose": "商务", "party_size": 2, "host_confirm": "已确认"}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


@pytest.fixture
def record(engine: Engine) -> str:
    return engine.gate.write(a_submission(fields=WHOLE)).record


def entries(engine: Engine, act: str) -> list[Entry]:
    engine.sealing.seal()
    with engine.books.reading() as books:
        return [entry for row in books.ledger.entries() if (entry := parse(row[2])).act == act]


def a_hold(engine: Engine, **scope: str) -> str:
    until = (engine.clock.now() + timedelta(days=60)).date()
    return engine.holds.place(
        ground="R8", document="示公调〔2026〕1号", law_ref="PIPL 34", until=until, by="staff-9", **scope
    )


class TestWhatIsShown:
    def test_an_officer_sees_the_whole_under_a_purpose(self, engine: Engine, record: str) -> None:
        shown = dict(engine.reader.read(record, "entry_security", OFFICER).fields)
        assert shown == {
            "visitor_name": "张三",
            "visitor_phone": MOBILE,
            "host_room": "3-1-1201",
            "visit_purpose": "商务",
            "party_size": 2,
            "entry_time": "2026-03-02 10:00:00+08:00",
            "host_confirm": "已确认",
        }

    def test_a_guard_sees_masks(self, engine: Engine, record: str) -> None:
        shown = engine.reader.read(record, "entry_security", GUARD).fields

        assert shown["visitor_name"] == "张**"
        assert shown["visitor_phone"] == "194****0001"
        assert shown["entry_time"] == "2026-03-02 10:00"
        assert "1201" not in str(shown["host_room"])

    @pytest.mark.parametrize(
        ("purpose", "role", "fields"),
        [
            ("emergency_rollcall", Role.GUARD, {"visitor_name", "host_room", "party_size", "entry_time"}),
            (
                "emergency_rollcall",
                Role.OFFICER,
                {"visitor_name", "visitor_phone", "host_room", "party_size", "entry_time"},
            ),
            ("host_confirmation", Role.GUARD, {"visitor_name", "host_room", "host_confirm"}),
            ("dispute", Role.OFFICER, {"visitor_name", "visitor_phone", "host_room", "entry_time"}),
        ],
    )
    def test_a_purpose_and_a_role_see_what_the_policy_gives_them(
        self, engine: Engine, record: str, purpose: str, role: Role, fields: set[str]
    ) -> None:
        assert set(engine.reader.read(record, purpose, Actor(id="staff-1", role=role)).fields) == fields

    @pytest.mark.parametrize(
        ("purpose", "role"),
        [
            *(
                ("dispute", Role.GUARD),
                ("marketing", Role.OFFICER),
                ("", Role.OFFICER),
                ("parking", Role.GUARD),
            ),
            *(
                ("entry_security", Role.AUDITOR),
                ("entry_security", Role.SUBJECT),
                ("entry_security", Role.DIRECTOR),
            ),
        ],
    )
    def test_nobody_else_sees_anything(self, engine: Engine, record: str, purpose: str, role: Role) -> None:
        with pytest.raises(ReadRefused):
            engine.reader.read(record, purpose, Actor(id="staff-1", role=role))

    @pytest.mark.parametrize("category", sorted(a_pack().categories))
    def test_a_guard_never_sees_more_than_an_officer_of_any_category(
        self, engine: Engine, category: str
    ) -> None:
        raw = a_full_submission(category, shown=engine.notice_ids.issue(category, 1))
        record = engine.gate.write(raw).record
        policy = a_pack().categories[category]

        for purpose in {purpose for rule in policy.fields.values() for purpose in rule.read_by}:
            try:
                masked = engine.reader.read(record, purpose, GUARD).fields
            except ReadRefused:
                continue
            for name, value in masked.items():
                assert Role.GUARD in policy.fields[name].read_by[purpose]
                assert len(str(value)) <= max(len(str(raw["fields"].get(name, value))), 25)

    def test_labels_are_the_policys(self, engine: Engine, record: str) -> None:
        assert engine.reader.read(record, "entry_security", GUARD).labels["visitor_name"] == "姓名"


class TestUntilWhen:
    @pytest.mark.parametrize(("seconds", "readable"), [(-1, True), (0, False)])
    def test_what_is_over_is_hidden_before_anybody_sweeps(
        self, engine: Engine, clock: MovedClock, record: str, seconds: int, readable: bool
    ) -> None:
        clock.to(DUE + timedelta(seconds=seconds))

        if readable:
            assert engine.reader.read(record, "entry_security", OFFICER).fields
        else:
            with pytest.raises(ReadRefused):
                engine.reader.read(record, "entry_security", OFFICER)
        assert sql(engine, "SELECT count(*) FROM vault") == [(1,)]

    def test_a_field_that_is_over_is_hidden_and_the_others_are_not(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        fields = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}
        record = engine.gate.write(a_submission(category="delivery") | {"fields": fields}).record
        assert "courier_phone" in engine.reader.read(record, "delivery_order", OFFICER).fields
        clock.forward(hours=48)

        assert "courier_phone" not in engine.reader.read(record, "delivery_order", OFFICER).fields

    def test_an_erased_record_is_said_to_be_and_an_unknown_one_is_unknown(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        clock.to(DUE)
        engine.retention.sweep()

        with pytest.raises(RecordErased):
            engine.reader.read(record, "entry_security", OFFICER)
        for other in ("2603-aaaaaaaaaaaaaaaaaaaa", "", "%", "/", record[:-1], record[1:]):
            with pytest.raises(RecordUnknown) as unknown:
                engine.reader.read(other, "entry_security", OFFICER)
            assert not isinstance(unknown.value, RecordErased)


class TestTraces:
    def test_a_reading_leaves_who_why_and_what(self, engine: Engine, record: str) -> None:
        engine.reader.read(record, "entry_security", OFFICER)
        engine.sealing.seal()

        with engine.books.reading() as books:
            (entry,) = [e for e in (parse(row[2]) for row in books.ledger.entries()) if e.act == "read"]
        assert {name: entry.fact(name) for name in ("actor", "purpose", "role", "holding")} == {
            "actor": "staff-9",
            "purpose": "entry_security",
            "role": "officer",
            "holding": record,
        }

    def test_a_reading_that_cannot_be_entered_has_not_happened(
        self, engine: Engine, record: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def full(*_: object) -> str:
            raise OSError("disk full")

        monkeypatch.setattr(engine.sealing, "write", full)

        with pytest.raises(OSError, match="disk full"):
            engine.reader.read(record, "entry_security", OFFICER)

    @pytest.mark.parametrize(
        ("purpose", "actor", "why", "written"),
        [
            ("marketing", OFFICER, "not_granted", "unknown"),
            ("dispute", GUARD, "not_granted", "dispute"),
            ("entry_security", Actor(id="res-1", role=Role.SUBJECT), "not_granted", "entry_security"),
            (f"找{MOBILE}", OFFICER, "not_granted", "unknown"),
            ("entry_security", Actor(id="key-1", role=Role.GUARD, categories=("delivery",)), "unknown", ...),
            ("entry_security", Actor(id="key-1", role=Role.GUARD, site="other"), "unknown", ...),
        ],
    )
    def test_a_refused_reading_leaves_one_too_without_what_was_typed(
        self, engine: Engine, record: str, purpose: str, actor: Actor, why: str, written: object
    ) -> None:
        with pytest.raises((ReadRefused, RecordUnknown)):
            engine.reader.read(record, purpose, actor)

        (entry,) = entries(engine, "read_refused")
        assert entry.fact("why") == why
        assert entry.fact("actor") == actor.id
        assert written is ... or entry.fact("purpose") == written
        assert MOBILE not in str(entry)

    @pytest.mark.parametrize(
        "typed", ["2603-aaaaaaaaaaaaaaaaaaaa", MOBILE, "京A00000", "", "%' OR 1=1", "鹮" * 500]
    )
    def test_what_is_no_record_is_not_written_down(self, engine: Engine, record: str, typed: str) -> None:
        with pytest.raises(RecordUnknown):
            engine.reader.read(typed, "entry_security", OFFICER)

        (entry,) = entries(engine, "read_refused")
        assert (entry.fact("why"), entry.fact("holding")) == ("unknown", None)
        assert not typed or typed not in str(entry)

    def test_a_page_is_one_entry_over_all_that_it_shows(self, engine: Engine, record: str) -> None:
        others = [engine.gate.write(a_submission()).record for _ in range(29)]
        with engine.books.reading() as books:
            rows = [row for one in (record, *others) if (row := books.holdings.find(one))]

        readings = engine.reader.page(rows, "entry_security", GUARD)

        (entry,) = entries(engine, "read")
        assert len(readings) == entry.count == 30
        assert entry.members == members_root(Act.READ, [(one, "0") for one in (record, *others)])
        assert entry.category == "visitor"

    def test_a_page_leaves_out_what_may_not_be_read_and_does_not_count_it(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        held, gone = (engine.gate.write(a_submission()).record for _ in range(2))
        a_hold(engine, holding_id=held)
        engine.gate.amend(gone, {"exit_time": clock.now().isoformat()})
        with engine.books.reading() as books:
            rows = [row for one in (record, held, gone) if (row := books.holdings.find(one))]

        assert [one.record for one in engine.reader.page(rows, "entry_security", GUARD)] == [record]
        assert engine.reader.page(rows, "marketing", GUARD) == []
        assert [entry.count for entry in entries(engine, "read")] == [1]

    def test_no_page_is_longer_than_fifty(self, engine: Engine, record: str) -> None:
        with engine.books.reading() as books:
            row = books.holdings.find(record)
        assert row is not None

        with pytest.raises(ReadRefused):
            engine.reader.page([row] * 51, "entry_security", GUARD)


class TestWhatIsOnlyStored:
    def test_a_record_that_is_held_by_name_is_read_by_nobody(self, engine: Engine, record: str) -> None:
        assert engine.reader.read(record, "entry_security", OFFICER).fields
        hold = a_hold(engine, holding_id=record)

        for actor in (GUARD, OFFICER):
            with pytest.raises(ReadRefused, match="只存储和保护") as refused:
                engine.reader.read(record, "entry_security", actor)
            assert "保全" not in str(refused.value)  # that an authority holds it is not the reader's to know
        engine.holds.release(hold, "staff-9")
        assert engine.reader.read(record, "entry_security", OFFICER).fields

    def test_a_hold_on_a_category_does_not_blind_the_gate_to_who_is_inside(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        a_hold(engine, category="visitor")
        assert engine.reader.read(record, "entry_security", GUARD).fields

        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        for actor in (GUARD, OFFICER):
            with pytest.raises(ReadRefused, match="只存储和保护"):
                engine.reader.read(record, "entry_security", actor)

    def test_what_was_taken_back_is_not_read_and_the_rest_is(self, engine: Engine, record: str) -> None:
        with engine.books.writing() as books:
            given = [one.id for one in books.consents.of_holding(record)]
            books.consents.withdraw(given, "2026-03-02")

        shown = engine.reader.read(record, "entry_security", OFFICER).fields

        assert given
        assert set(shown) == {"host_confirm"}  # the resident's own word rests on no consent of the visitor

    def test_where_all_of_it_was_taken_back_the_reading_is_refused(self, engine: Engine) -> None:
        record = engine.gate.write(a_submission()).record
        with engine.books.writing() as books:
            books.consents.withdraw([one.id for one in books.consents.of_holding(record)], "2026-03-02")

        with pytest.raises(ReadRefused, match="撤回同意"):
            engine.reader.read(record, "dispute", OFFICER)
        assert [entry.fact("why") for entry in entries(engine, "read_refused")] == ["withdrawn"]


class TestHistory:
    def test_a_guard_reads_of_those_who_are_here(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        assert engine.reader.read(record, "entry_security", GUARD).fields
        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        with pytest.raises(ReadRefused, match="只看在场的"):
            engine.reader.read(record, "entry_security", GUARD)
        assert engine.reader.read(record, "entry_security", OFFICER).fields

    def test_nobody_is_here_for_ever_because_nobody_wrote_the_exit_down(
        self, engine: Engine, clock: MovedClock, record: str
    ) -> None:
        clock.forward(hours=24)

        with pytest.raises(ReadRefused, match="只看在场的"):
            engine.reader.read(record, "entry_security", GUARD)


class TestKeys:
    def test_a_lost_key_is_entered_as_a_reading_that_was_refused(self, engine: Engine, record: str) -> None:
        engine.keyring.destroy("window/main/2026-04-02")

        with pytest.raises(KeyLost):
            engine.reader.read(record, "entry_security", OFFICER)
        assert [entry.fact("why") for entry in entries(engine, "read_refused")] == ["key_lost"]

    def test_without_its_key_nothing_opens(self, engine: Engine, record: str) -> None:
        engine.keyring.destroy("window/main/2026-04-02")

        with pytest.raises(KeyLost):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_an_envelope_moved_to_another_record_does_not_open(self, engine: Engine, record: str) -> None:
        other = engine.gate.write(a_submission(fields={"visitor_name": "李四"})).record
        sql(
            engine,
            "UPDATE vault SET envelope = (SELECT envelope FROM vault WHERE holding_no = 1) WHERE holding_no = 2",
        )

        with pytest.raises(ComplianceError):
            engine.reader.read(other, "entry_security", OFFICER)

    @pytest.mark.parametrize("at", [0, 1, 5, 20, -1])
    def test_an_envelope_with_one_bit_changed_does_not_open(
        self, engine: Engine, record: str, at: int
    ) -> None:
        ((envelope,),) = sql(engine, "SELECT envelope FROM vault")
        changed = bytearray(envelope)
        changed[at] ^= 1
        sql(engine, "UPDATE vault SET envelope = :e", e=bytes(changed))

        with pytest.raises(ComplianceError):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_a_policy_version_put_in_anothers_place_does_not_open_it(
        self, engine: Engine, record: str
    ) -> None:
        files = sql(engine, "SELECT files FROM policy_version")[0][0]
        sql(engine, "INSERT INTO policy_version VALUES (2, 'x', 'x', :f, 0, 'x')", f=files)
        sql(engine, "UPDATE holding SET policy_version = 2")

        with pytest.raises(ComplianceError):
            engine.reader.read(record, "entry_security", OFFICER)


def test_nothing_is_read_by_plate_or_telephone(engine: Engine) -> None:
    assert [name for name in dir(engine.reader) if not name.startswith("_")] == ["page", "read"]

"""Giving records to an authority: narrowed, signed by two, given once, kept three years, and refusable."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.disclosure import MOST_RECORDS, Authority, RefusalGround, Scope
from compliance.domain.errors import DisclosureRefused, LedgerError, ReadRefused
from compliance.domain.ledger import Act, members_root
from compliance.domain.vocabulary import Role
from compliance.services.reading import Actor
from tests.builders import GUARD, MOBILE, MovedClock, a_submission, an_engine, sql
from tests.services.disclosure_house import (
    ONE,
    OTHER,
    SCOPE,
    TODAY,
    URGENT,
    WANTED,
    entries,
    given,
    messages,
    opened,
    wanted,
)


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


@pytest.fixture
def records(engine: Engine) -> list[str]:
    names = ("张三", "李四", "王五")
    return [
        engine.gate.write(a_submission(fields={"visitor_name": name, "visitor_phone": MOBILE})).record
        for name in names
    ]


class TestTheScope:
    def test_what_was_asked_for_is_given_and_nothing_else(self, engine: Engine, records: list[str]) -> None:
        document = opened(given(engine))

        assert {one["record"] for one in document["records"]} == set(records)
        assert {tuple(sorted(one["values"])) for one in document["records"]} == {("姓名", "进入时间")}
        assert {one["values"]["姓名"] for one in document["records"]} == {"张三", "李四", "王五"}
        assert MOBILE not in str(document)
        assert document["ground"]["zh"].startswith("国家机关为履行法定职责")

    def test_days_are_the_days_of_entry(self, engine: Engine, clock: MovedClock, records: list[str]) -> None:
        clock.forward(hours=14)  # midnight in Shanghai
        later = engine.gate.write(a_submission()).record

        assert engine.disclosures.preview(WANTED, ONE) == 3
        tomorrow = wanted(first=TODAY + timedelta(days=1), last=TODAY + timedelta(days=1))
        assert [one["record"] for one in opened(given(engine, tomorrow))["records"]] == [later]

    def test_records_may_be_named_one_by_one(self, engine: Engine, records: list[str]) -> None:
        elsewhere = engine.gate.write(
            a_submission(category="delivery") | {"fields": {"platform": "顺丰", "dest_building": "3栋"}}
        ).record
        named = wanted(
            first=None, last=None, records=(records[1], records[1], elsewhere, "2603-none", MOBILE)
        )

        assert [one["record"] for one in opened(given(engine, named))["records"]] == [records[1]]

    def test_a_preview_counts_and_shows_nothing(self, engine: Engine, records: list[str]) -> None:
        assert engine.disclosures.preview(WANTED, ONE) == 3

        (entry,) = entries(engine, "looked_up")
        assert (entry.count, entry.fact("by")) == (3, "scope")
        assert engine.disclosures.register() == []

    def test_what_is_too_broad_is_refused_with_every_reason_and_entered(
        self, engine: Engine, records: list[str]
    ) -> None:
        broad = replace(WANTED, scope=Scope(category="", fields=("all",)), document=f"电话{MOBILE}")

        with pytest.raises(DisclosureRefused) as refused:
            engine.disclosures.ask(broad, ONE)

        assert {fault.code for fault in refused.value.faults} == {"whole_register", "no_end", "unwritten"}
        assert "整个登记簿" in str(refused.value)
        assert "whole register" in str(refused.value)
        (entry,) = entries(engine, "disclosure_refused")
        assert entry.fact("why") == "no_end unwritten whole_register"
        assert MOBILE not in str(refused.value) + str(entry)

    def test_a_scope_that_means_nothing_is_refused(self, engine: Engine) -> None:
        with pytest.raises(DisclosureRefused, match="没有可提供的记录"):
            engine.disclosures.ask(WANTED, ONE)

    def test_a_scope_that_means_too_much_is_refused(
        self, engine: Engine, records: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("compliance.domain.disclosure.MOST_RECORDS", 2)

        with pytest.raises(DisclosureRefused, match="请缩小"):
            engine.disclosures.preview(WANTED, ONE)
        assert MOST_RECORDS == 500

    @pytest.mark.parametrize("role", [Role.GUARD, Role.AUDITOR, Role.SUBJECT])
    def test_nobody_but_an_officer_puts_a_request(
        self, engine: Engine, records: list[str], role: Role
    ) -> None:
        with pytest.raises(DisclosureRefused, match="负责人办理"):
            engine.disclosures.ask(WANTED, Actor(id="staff-5", role=role))

    def test_what_is_over_and_what_was_taken_back_is_not_given(
        self, engine: Engine, clock: MovedClock, records: list[str]
    ) -> None:
        with engine.books.writing() as books:
            books.consents.withdraw([one.id for one in books.consents.of_holding(records[0])], "2026-03-02")
        assert engine.disclosures.preview(WANTED, ONE) == 2

        clock.forward(days=40)

        with pytest.raises(DisclosureRefused, match="没有可提供"):
            engine.disclosures.preview(WANTED, ONE)

    def test_what_an_authority_had_held_is_kept_for_it(
        self, engine: Engine, clock: MovedClock, records: list[str]
    ) -> None:
        until = date(2026, 9, 1)
        engine.holds.place(
            ground="R8", document="x-1", law_ref="PIPL 34", until=until, by="staff-9", holding_id=records[0]
        )
        clock.forward(days=40)
        engine.retention.sweep()

        document = opened(given(engine))

        assert [one["values"]["姓名"] for one in document["records"]] == ["张三"]


class TestTwoPersons:
    def test_nobody_signs_their_own_request(self, engine: Engine, records: list[str]) -> None:
        row = engine.disclosures.ask(WANTED, ONE)

        with pytest.raises(DisclosureRefused, match="另一位"):
            engine.disclosures.sign(row.id, ONE)
        with pytest.raises(DisclosureRefused, match="另一位"):
            engine.disclosures.sign(row.id, Actor(id="staff-7", role=Role.GUARD))
        with pytest.raises(DisclosureRefused, match="现在办不了"):
            engine.disclosures.give(row.id, ONE)
        assert engine.disclosures.sign(row.id, OTHER).signed_by == "staff-1"

    def test_it_is_given_once_to_one_of_the_two(self, engine: Engine, records: list[str]) -> None:
        row = engine.disclosures.ask(WANTED, ONE)
        engine.disclosures.sign(row.id, OTHER)

        with pytest.raises(DisclosureRefused, match="经办人和签字人"):
            engine.disclosures.give(row.id, Actor(id="staff-2", role=Role.OFFICER))
        package = engine.disclosures.give(row.id, OTHER)
        for actor in (ONE, OTHER):
            with pytest.raises(DisclosureRefused, match="只提供一次"):
                engine.disclosures.give(row.id, actor)
        assert package.count == 3
        assert len(entries(engine, "disclosed")) == 1

    def test_the_ledger_has_its_digest_and_its_members(self, engine: Engine, records: list[str]) -> None:
        package = given(engine)

        (entry,) = entries(engine, "disclosed")
        assert entry.fact("digest") == package.digest == sha256(package.content).hexdigest()
        assert entry.members == members_root(Act.DISCLOSED, [(one, "0") for one in records])
        assert (entry.count, entry.fact("actor"), entry.fact("second")) == (3, "staff-9", "staff-1")
        assert "012345" not in str(entry)  # who came for it is forgotten with the register; the ledger is not
        engine.sealing.verify()

    def test_what_cannot_be_entered_is_not_given(
        self, engine: Engine, records: list[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        row = engine.disclosures.ask(WANTED, ONE)
        engine.disclosures.sign(row.id, OTHER)

        def full(*_: object) -> str:
            raise LedgerError("disk full")

        with monkeypatch.context() as patched:
            patched.setattr(engine.sealing, "write", full)
            with pytest.raises(LedgerError):
                engine.disclosures.give(row.id, ONE)

        assert engine.disclosures.give(row.id, ONE).count == 3

    @pytest.mark.parametrize("number", ["", "%", "0" * 500, "nobody"])
    def test_a_number_that_is_none_is_told_so(self, engine: Engine, number: str) -> None:
        with pytest.raises(DisclosureRefused, match="没有这个编号"):
            engine.disclosures.sign(number, OTHER)

    def test_two_packages_of_the_same_values_are_the_same_bytes(
        self, engine: Engine, records: list[str]
    ) -> None:
        from compliance.notices.disclosure import package

        document = opened(given(engine))

        assert package(document) == package(document)


class TestHolding:
    def test_what_is_given_is_held_where_the_authority_asks(
        self, engine: Engine, clock: MovedClock, records: list[str]
    ) -> None:
        given(engine, replace(WANTED, hold_until=date(2026, 9, 1)))

        holds = engine.holds.standing()
        assert {hold.holding_id for hold in holds} == set(records)
        assert {(hold.ground, hold.document, hold.law_ref, hold.second_by) for hold in holds} == {
            ("R8", "示公调〔2026〕12号", "PIPL 34", "staff-1")
        }
        (entry,) = entries(engine, "hold_placed")
        assert entry.count == 3
        with pytest.raises(ReadRefused):
            engine.reader.read(records[0], "entry_security", ONE)
        clock.forward(days=40)
        assert engine.retention.sweep().disposed.restricted_parts == 3

    def test_nothing_is_held_where_nobody_asked(self, engine: Engine, records: list[str]) -> None:
        given(engine)

        assert engine.holds.standing() == []


class TestDangerToLife:
    def test_a_guard_gives_at_once_and_the_officer_is_told(self, engine: Engine, records: list[str]) -> None:
        package = engine.disclosures.give_urgently(URGENT, GUARD)

        assert package.count == 3
        assert messages(engine) == ["alarm"]
        (row,) = engine.disclosures.register()
        assert (row.state, row.given_by, row.signed_by, row.seen) == ("given", "staff-7", "", "012345")
        assert row.called_back == int(datetime(2026, 3, 2, 1, 50, tzinfo=UTC).timestamp())
        (entry,) = entries(engine, "disclosed")
        assert entry.fact("urgent") == 1

    def test_the_second_signature_within_a_day_ends_it(
        self, engine: Engine, clock: MovedClock, records: list[str]
    ) -> None:
        package = engine.disclosures.give_urgently(URGENT, GUARD)
        with pytest.raises(DisclosureRefused):
            engine.disclosures.sign(package.id, GUARD)

        assert engine.disclosures.sign(package.id, ONE).signed_by == "staff-9"

        clock.forward(hours=25)
        assert engine.disclosures.watch()["late"] == 0

    @pytest.mark.parametrize(("hours", "late"), [(23.9, 0), (24, 1)])
    def test_without_it_there_is_an_alarm_once(
        self, engine: Engine, clock: MovedClock, records: list[str], hours: float, late: int
    ) -> None:
        package = engine.disclosures.give_urgently(URGENT, GUARD)
        clock.forward(hours=hours)

        assert engine.disclosures.watch()["late"] == late
        assert engine.disclosures.watch()["late"] == 0
        assert len(entries(engine, "disclosure_late")) == late
        assert messages(engine).count("alarm") == 1 + late
        assert engine.disclosures.sign(package.id, ONE).signed_by == "staff-9"  # late is better than never

    @pytest.mark.parametrize(
        "changes",
        [
            {"urgent": False},
            {"called_back": None},
            {"seen": "999999"},
            {"authority": Authority.COURT},
            {"scope": replace(SCOPE, first=TODAY - timedelta(days=5))},
        ],
    )
    def test_less_than_that_is_not_danger_to_life(
        self, engine: Engine, records: list[str], changes: dict[str, Any]
    ) -> None:
        with pytest.raises(DisclosureRefused):
            engine.disclosures.give_urgently(replace(URGENT, **changes), GUARD)
        assert engine.disclosures.register() == []
        assert entries(engine, "disclosed") == []


class TestRefusing:
    @pytest.mark.parametrize("ground", list(RefusalGround))
    def test_a_refusal_is_an_act_with_a_ground(
        self, engine: Engine, records: list[str], ground: RefusalGround
    ) -> None:
        row = engine.disclosures.ask(WANTED, ONE)

        refused = engine.disclosures.refuse(row.id, ground, OTHER)

        assert (refused.state, refused.refusal) == ("refused", ground.value)
        (entry,) = entries(engine, "disclosure_refused")
        assert entry.fact("why") == ground.value
        with pytest.raises(DisclosureRefused):
            engine.disclosures.sign(row.id, OTHER)

    def test_what_was_signed_may_still_be_refused_and_what_was_given_not(
        self, engine: Engine, records: list[str]
    ) -> None:
        row = engine.disclosures.ask(WANTED, ONE)
        engine.disclosures.sign(row.id, OTHER)
        assert engine.disclosures.refuse(row.id, RefusalGround.TOO_BROAD, ONE).state == "refused"

        package = given(engine)
        with pytest.raises(DisclosureRefused):
            engine.disclosures.refuse(package.id, RefusalGround.TOO_BROAD, ONE)

    def test_a_guard_registers_that_somebody_was_sent_away(self, engine: Engine) -> None:
        row = engine.disclosures.decline(Authority.PRIVATE, "某某调查公司", "", RefusalGround.PRIVATE, GUARD)

        assert (row.state, row.refused_by) == ("refused", "staff-7")
        with pytest.raises(DisclosureRefused):
            engine.disclosures.decline(Authority.PRIVATE, f"电话{MOBILE}", "", RefusalGround.PRIVATE, GUARD)

    def test_what_nobody_signs_lapses(self, engine: Engine, clock: MovedClock, records: list[str]) -> None:
        row = engine.disclosures.ask(WANTED, ONE)
        clock.forward(days=7)

        assert engine.disclosures.watch()["lapsed"] == 1
        with pytest.raises(DisclosureRefused):
            engine.disclosures.sign(row.id, OTHER)


class TestTheRegister:
    def test_it_says_who_got_what_kind_and_nothing_of_anybody(
        self, engine: Engine, records: list[str]
    ) -> None:
        from compliance.notices.disclosure import register_html, register_json

        given(engine)
        engine.disclosures.decline(Authority.PRIVATE, "某公司", "", RefusalGround.PRIVATE, GUARD)
        rows = engine.disclosures.register()
        pack = engine.active_pack()

        for drawn in (register_html(rows, pack, "2026-03-02"), register_json(rows, pack)):
            text = drawn.decode()
            for said in ("示例分局刑侦大队", "示公调〔2026〕12号", "PIPL 34", "012345", "姓名", "某公司"):
                assert said in text
            for nobodys in ("张三", "李四", MOBILE, *records):
                assert nobodys not in text

    @pytest.mark.parametrize(("days", "kept"), [(0, 1), (1, 0)])
    def test_it_is_kept_three_years_and_then_forgotten(
        self, engine: Engine, clock: MovedClock, records: list[str], days: int, kept: int
    ) -> None:
        given(engine)
        clock.to(datetime(2029, 3, 2, 4, tzinfo=UTC) + timedelta(days=days))

        assert engine.disclosures.watch()["forgotten"] == 1 - kept
        assert len(engine.disclosures.register()) == kept
        assert len(entries(engine, "disclosure_forgotten")) == 1 - kept

    def test_a_restored_database_does_not_give_it_out_again(
        self, engine: Engine, clock: MovedClock, records: list[str], tmp_path: Path
    ) -> None:
        row = engine.disclosures.ask(WANTED, ONE)
        engine.disclosures.sign(row.id, OTHER)
        engine.sealing.seal()
        before = [sql(engine, "SELECT count(*) FROM ledger_entry")[0][0]]
        backup = {path: path.read_bytes() for path in tmp_path.glob("compliance.db*")}
        package = engine.disclosures.give(row.id, ONE)
        engine.close()
        for path in tmp_path.glob("compliance.db*"):
            path.unlink()
        for path, content in backup.items():
            path.write_bytes(content)

        with an_engine(tmp_path, clock) as restored:
            assert before
            with pytest.raises(DisclosureRefused, match="只提供一次"):
                restored.disclosures.give(row.id, ONE)
            (again,) = restored.disclosures.register()
            assert (again.state, again.digest, again.n) == ("given", package.digest, 3)
            assert again.members.count("/") == 3

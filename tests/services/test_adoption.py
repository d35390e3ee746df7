"""An existing table under a policy: the real engine, the real table, a clock that stands still."""

import sqlite3
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.db.refs import SqlRefs
from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.ledger import Act, parse
from compliance.domain.vocabulary import PartState
from compliance.policies.loader import load, read_files, shipped
from compliance.ports import HoldingRow, PartRow
from compliance.services.adoption import Adoption
from compliance.services.tokens import living_digests
from compliance.stores.sql_table import SqlTable

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)  # ten in the morning in Shanghai
MOBILE = "19400000001"
MAPPING = """
name: register
url: sqlite:///{file}
table: visits
key: id
category: {{column: kind, words: {{访: visitor}}}}
columns:
  visitor_name: name
  visitor_phone: phone
  host_room: room
  visit_purpose: why
  entry_time: {{columns: arrived, time: true}}
  exit_time: {{columns: gone, time: true}}
  plate_no: plate
collected_at: arrived
holding: compliance_id
technical: [terminal]
times: {{timezone: Asia/Shanghai}}
"""
COLUMNS = (
    "kind",
    "name",
    "phone",
    "room",
    "why",
    "arrived",
    "gone",
    "plate",
    "id_number",
    "badge",
    "terminal",
)
ROW = {
    "kind": "访",
    "name": "张三",
    "room": "3-1-1201",
    "arrived": "2026-02-20 10:00:00",
    "badge": "",
    "terminal": "A",
}


class Table:
    """The table, as its owner sees it."""

    def __init__(self, file: Path) -> None:
        self.file = file
        columns = ", ".join(f"{name} TEXT" for name in COLUMNS if name != "badge")
        self.run(
            f"CREATE TABLE visits (id INTEGER PRIMARY KEY, {columns}, badge TEXT NOT NULL, compliance_id TEXT)"
        )

    def run(self, statement: str, values: object = ()) -> list[tuple[object, ...]]:
        connection = sqlite3.connect(self.file)
        try:
            with connection:
                return connection.execute(statement, values).fetchall()  # type: ignore[arg-type]
        finally:
            connection.close()

    def insert(self, *rows: dict[str, str | None]) -> None:
        for row in rows:
            whole = {**ROW, **row}
            named, marks = ", ".join(whole), ", ".join("?" * len(whole))
            self.run(f"INSERT INTO visits ({named}) VALUES ({marks})", tuple(whole.values()))

    def column(self, name: str) -> list[object]:
        return [value for (value,) in self.run(f"SELECT {name} FROM visits ORDER BY id")]


@pytest.fixture
def table(tmp_path: Path) -> Table:
    return Table(tmp_path / "register.db")


@pytest.fixture
def engine(tmp_path: Path, table: Table) -> Iterator[Engine]:
    stores = tmp_path / "home" / "stores"
    stores.mkdir(parents=True)
    (stores / "register.yaml").write_text(MAPPING.format(file=table.file), encoding="utf-8")
    with bootstrap(Settings(home=tmp_path / "home"), at=NOW, kind=SCRATCH) as opened:
        folder = shipped("residential")
        opened.publishing.publish(load(folder), read_files(folder), "staff-1")
        yield opened


@pytest.fixture
def adoption(engine: Engine) -> Adoption:
    return engine.adoption


def holdings(engine: Engine) -> list[HoldingRow]:
    with engine.books.reading() as books:
        return SqlRefs().page(books, "register", 0, 1000)


def parts(engine: Engine, holding: HoldingRow) -> list[PartRow]:
    with engine.books.reading() as books:
        return books.holdings.parts(holding.no)


def shanghai(text: str) -> int:
    return int(datetime.fromisoformat(f"{text}+08:00").timestamp())


class TestARowThatIsAdopted:
    def test_ends_when_it_would_have_ended_had_it_come_by_the_gate(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert({"gone": "2026-02-20 12:00:00"}, {})

        adoption.adopt("register")
        left, stayed = holdings(engine)

        assert [part.erase_at for part in parts(engine, left)] == [shanghai("2026-03-23T00:00")]
        assert [part.erase_at for part in parts(engine, stayed)] == [shanghai("2026-03-24T00:00")]

    def test_is_found_by_the_number_that_it_holds(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert({"phone": MOBILE}, {})

        adoption.adopt("register")
        with engine.books.reading() as books:
            found = books.holdings.by_tokens(living_digests(engine.keyring, f"mobile:{MOBILE}"))

        assert [holding.ref for holding in found] == ["1"]

    def test_bears_our_id_and_is_otherwise_untouched(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert({"id_number": "100000199001010011", "plate": "京A12345"})
        before = table.run(f"SELECT {', '.join(COLUMNS)} FROM visits")

        adoption.adopt("register")

        assert table.run(f"SELECT {', '.join(COLUMNS)} FROM visits") == before
        assert table.column("compliance_id") == [holdings(engine)[0].id]

    def test_is_adopted_once(self, engine: Engine, adoption: Adoption, table: Table) -> None:
        table.insert({}, {})

        first, second = adoption.adopt("register"), adoption.adopt("register")

        assert (first.adopted, first.already) == (2, 0)
        assert (second.adopted, second.already) == (0, 2)
        assert len(holdings(engine)) == 2

    def test_is_sealed_as_admitted_and_the_ledger_holds(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert({}, {})

        adoption.adopt("register")
        with engine.books.reading() as books:
            entries = [parse(sealed) for _, _, sealed in books.ledger.entries()]

        (admitted,) = [entry for entry in entries if entry.act is Act.ADMITTED]
        assert (admitted.count, admitted.fact("adopted"), admitted.category) == (2, 1, "visitor")
        assert engine.sealing.verify().size == len(entries)

    def test_goes_through_the_one_door_out(self, engine: Engine, adoption: Adoption, table: Table) -> None:
        table.insert({"name": "CANARY-OLD", "arrived": "2025-11-01 10:00:00"}, {"name": "CANARY-NEW"})
        assert b"CANARY-OLD" in table.file.read_bytes()

        report = adoption.adopt("register")
        engine.retention.forecast()
        swept = engine.retention.sweep()

        assert report.past_period == 1
        assert (swept.disposed.erased_records, swept.disposed.waiting_parts, swept.left) == (1, 0, 0)
        assert table.column("name") == ["CANARY-NEW"]
        assert b"CANARY-OLD" not in table.file.read_bytes()


class TestARowThatDoesNotFit:
    def test_of_an_unknown_category_is_counted_and_left(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert({"kind": "其他"}, {"kind": None})

        report = adoption.adopt("register")

        assert (report.adopted, report.unknown_category) == (0, 2)
        assert holdings(engine) == []

    def test_without_a_date_counts_from_today(self, engine: Engine, adoption: Adoption, table: Table) -> None:
        table.insert({"arrived": None}, {"arrived": "不详"})

        report = adoption.adopt("register")

        assert report.undated == 2
        assert report.unreadable == {"entry_time": 1}
        assert {parts(engine, row)[0].erase_at for row in holdings(engine)} == {shanghai("2026-04-01T00:00")}

    def test_a_time_that_cannot_have_been_yet_does_not_postpone_its_end(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert({"gone": "2031-01-01 00:00:00"})

        report = adoption.adopt("register")

        assert report.unreadable == {"exit_time": 1}
        assert parts(engine, holdings(engine)[0])[0].erase_at == shanghai("2026-03-24T00:00")

    def test_is_judged_as_at_the_gate_and_counted_by_reason(self, adoption: Adoption, table: Table) -> None:
        table.insert(
            {"phone": "12", "why": "CANARY", "plate": "京A12345", "id_number": "CANARY", "badge": "7"}
        )

        report = adoption.adopt("register")

        assert report.unfit == {"bad_format:visit_purpose": 1, "bad_format:visitor_phone": 1}
        assert report.over_collection == {"badge": 1, "id_number": 1, "plate_no": 1}
        assert report.stripped == {}
        assert "CANARY" not in report.in_words()


class TestStripping:
    def test_what_no_policy_names_and_optional_values_that_do_not_fit_are_emptied(
        self, adoption: Adoption, table: Table
    ) -> None:
        table.insert(
            {"plate": "京A12345", "id_number": "100000199001010011", "badge": "7", "why": "随便"},
            {"why": "看房"},
        )

        report = adoption.adopt("register", strip=True)

        assert report.stripped == {"id_number": 1, "plate_no": 1, "visit_purpose": 1}
        assert report.over_collection == {"badge": 1, "id_number": 1, "plate_no": 1}
        assert table.column("id_number") == [None, None]
        assert table.column("plate") == [None, None]
        assert table.column("why") == [None, "看房"]
        assert table.column("badge") == ["7", ""]  # may not be NULL: counted, and for its owner to change
        assert table.column("terminal") == ["A", "A"]
        assert table.column("name") == ["张三", "张三"]

    def test_a_second_run_finds_nothing_more_to_empty(self, adoption: Adoption, table: Table) -> None:
        table.insert({"id_number": "100000199001010011"})
        adoption.adopt("register", strip=True)

        assert adoption.adopt("register", strip=True).stripped == {}

    def test_what_a_crash_left_undone_the_next_run_does(
        self, engine: Engine, adoption: Adoption, table: Table, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        table.insert({"id_number": "100000199001010011"})
        with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
            broken.setattr(SqlTable, "mark", _killed)
            adoption.adopt("register", strip=True)
        assert table.column("id_number") == ["100000199001010011"]

        report = adoption.adopt("register", strip=True)

        assert (report.adopted, report.already) == (0, 1)
        assert table.column("id_number") == [None]
        assert table.column("compliance_id") == [holdings(engine)[0].id]


def _killed(*_: object) -> None:
    raise KeyboardInterrupt


class TestReconciling:
    def test_new_rows_are_adopted_and_vanished_ones_closed_with_a_tombstone(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert({}, {})
        adoption.adopt("register")
        vanished = holdings(engine)[0]
        table.run("DELETE FROM visits WHERE id = 1")
        table.insert({})

        report = adoption.reconcile("register")
        with engine.books.reading() as books:
            (tombstone,) = books.ledger.tombstones_of(vanished.id)

        assert (report.checked, report.vanished, report.closed, report.adoption.adopted) == (2, 1, 1, 1)
        assert tombstone.cause == "vanished"
        assert [holding.ref for holding in holdings(engine)] == ["2", "3"]

    def test_a_table_in_step_changes_nothing(self, engine: Engine, adoption: Adoption, table: Table) -> None:
        table.insert({}, {})
        adoption.adopt("register")
        before = holdings(engine)

        report = adoption.reconcile("register")

        assert (report.vanished, report.closed, report.adoption.adopted) == (0, 0, 0)
        assert holdings(engine) == before

    def test_more_than_a_days_work_vanishing_waits_for_a_word(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        table.insert(*({} for _ in range(30)))
        adoption.adopt("register")
        table.run("DELETE FROM visits")

        waits = adoption.reconcile("register")
        told = adoption.reconcile("register", accept_vanished=True)

        assert (waits.waiting, waits.closed) == (30, 0)
        assert (told.waiting, told.closed) == (0, 30)
        assert holdings(engine) == []

    def test_a_write_that_was_cut_off_is_finished_or_withdrawn_when_it_is_seen_twice(
        self, engine: Engine, adoption: Adoption, table: Table
    ) -> None:
        _intend(engine, 1, "2603-arrived")
        _intend(engine, 2, "2603-lost")
        table.insert({})
        table.run("UPDATE visits SET compliance_id = '2603-arrived'")

        first, second = adoption.reconcile("register"), adoption.reconcile("register")

        assert (first.finished, first.withdrawn, first.adoption.unfinished) == (0, 0, 1)
        assert (second.finished, second.withdrawn, second.adoption.already) == (1, 1, 1)
        (kept,) = holdings(engine)
        assert (kept.id, kept.ref) == ("2603-arrived", "1")
        assert parts(engine, kept)[0].state == PartState.ACTIVE


def _intend(engine: Engine, number: int, holding_id: str) -> None:
    due = shanghai("2026-04-01T00:00")
    holding = HoldingRow(number, holding_id, "main", "register", "visitor", 1, None, None)
    part = PartRow(number, 0, 0, due, due, "", PartState.INTENDED.value, b"")
    with engine.books.writing() as books:
        books.holdings.add([holding], [part], [])


def test_a_table_that_nobody_named_is_not_adopted(adoption: Adoption) -> None:
    with pytest.raises(ConfigurationInvalid, match="vault"):
        adoption.adopt("vault")


def test_a_scan_says_in_words_what_is_too_much(adoption: Adoption, table: Table) -> None:
    table.insert({"id_number": "CANARY"})

    words = adoption.scan("register").in_words()

    assert "id_number: 1" in words
    assert "CANARY" not in words

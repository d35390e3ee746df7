"""A store that cannot erase: each part is sealed under a key of its own, and erasing it is destroying that key.

Its bytes stay where they are, so every absence here is shown as what it is: bytes that nobody can open.
"""

import shutil
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import (
    ComplianceError,
    GateClosed,
    KeyLost,
    ReadRefused,
    RecordErased,
)
from compliance.domain.ledger import parse
from compliance.domain.request import RequestKind
from compliance.domain.submission import Defaults
from compliance.ports import PartRef, PartRow
from compliance.services.contents import bound
from tests.builders import (
    MOBILE,
    OFFICER,
    SHANGHAI,
    MovedClock,
    a_submission,
    an_engine,
    sql,
    with_archive,
)
from tests.services.requests_house import NAME, a_house

DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)
WINDOW = "window/main/2026-04-02"


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def engine(request: pytest.FixtureRequest, tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with_archive(tmp_path / "home", "visitor")
    database = request.getfixturevalue("postgres_database") if request.param == "postgres" else ""
    with an_engine(tmp_path / "home", clock, database=database) as engine:
        yield engine


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    return tmp_path / "home" / "archive"


def register(engine: Engine, **changes: Any) -> str:
    return engine.gate.write(a_submission(**changes)).record


def name_in(engine: Engine, record: str) -> object:
    return engine.reader.read(record, "entry_security", OFFICER).fields["visitor_name"]


def rows(engine: Engine) -> list[PartRow]:
    return [PartRow(*row) for row in sql(engine, "SELECT * FROM part ORDER BY holding_no, part_no")]


def contents(archive: Path) -> dict[str, bytes]:
    """Whatever lies there, by window."""
    return {path.stem.partition(".")[2]: path.read_bytes() for path in sorted(archive.iterdir())}


def envelope_of(engine: Engine, record: str, row: PartRow) -> bytes:
    with engine.books.reading() as books:
        ref = PartRef(row.holding_no, row.part_no, record, row.ref)
        sealed = engine.stores["archive"].sealed(books, ref)
    assert isinstance(sealed, bytes)
    return sealed


def opens(engine: Engine, record: str, row: PartRow, envelope: bytes) -> bool:
    """Whether any key of the keyring opens it, by the part's own key or without."""
    tied, keyring = bound(record, row.part_no, 1), engine.keyring
    for key in keyring.names(""):
        with suppress(ComplianceError):
            return bool(keyring.unseal(key, envelope, tied))
        with suppress(ComplianceError):
            return bool(keyring.unseal_part(key, row.wrapped or b"", envelope, tied))
    return False


def facts(engine: Engine, act: str) -> list[dict[str, str | int]]:
    engine.sealing.seal()
    with engine.books.reading() as books:
        entries = [parse(sealed) for _, _, sealed in books.ledger.entries()]
    return [dict(entry.facts) for entry in entries if entry.act.value == act]


class TestWriting:
    def test_what_was_written_is_read_and_lies_in_no_database(self, engine: Engine, archive: Path) -> None:
        record = register(engine, fields={"visitor_name": "司马鹮甲"})

        assert name_in(engine, record) == "司马鹮甲"
        assert sql(engine, "SELECT count(*) FROM vault") == [(0,)]
        assert "司马鹮甲".encode() not in b"".join(contents(archive).values())

    def test_the_record_is_there_as_soon_as_the_gate_has_answered(self, engine: Engine) -> None:
        register(engine)

        assert {row.state for row in rows(engine)} == {"active"}

    def test_no_key_opens_two_parts(self, engine: Engine) -> None:
        one, two = register(engine), register(engine)
        first, second = rows(engine)
        assert first.wrapped != second.wrapped
        sealed = envelope_of(engine, one, first)
        assert opens(engine, one, first, sealed)

        swapped = first._replace(wrapped=second.wrapped)
        assert not opens(engine, one, swapped, sealed)
        assert not opens(engine, two, second, sealed)
        assert not opens(engine, one, first._replace(wrapped=None), sealed)

    def test_a_batch_may_go_to_both_kinds_of_store(self, engine: Engine) -> None:
        delivery = {"platform": "顺丰", "dest_building": "3栋", "courier_phone": MOBILE}
        lines = [a_submission(category="delivery") | {"fields": delivery}, a_submission()] * 3

        records = [
            one.receipt.record for one in engine.gate.write_many(lines, defaults=Defaults()) if one.receipt
        ]

        assert len(records) == 6
        assert {row.wrapped is None for row in rows(engine)} == {True, False}
        assert all(name_in(engine, record) == "张三" for record in records[1::2])
        (vaulted,) = sql(engine, "SELECT count(*) FROM vault")
        assert vaulted == (sum(row.wrapped is None for row in rows(engine)),)

    def test_a_replay_gets_the_first_receipt(self, engine: Engine, archive: Path) -> None:
        first = engine.gate.write(a_submission(key="once"))
        before = contents(archive)

        again = engine.gate.write(a_submission(key="once"))

        assert (again.record, again.replayed) == (first.record, True)
        assert contents(archive) == before

    def test_a_folder_that_takes_nothing_closes_the_gate_and_nothing_is_kept(
        self, engine: Engine, archive: Path
    ) -> None:
        register(engine)
        archive.rename(archive.with_name("elsewhere"))

        with pytest.raises(GateClosed):
            register(engine, key="k")

        assert sql(engine, "SELECT count(*) FROM holding") == [(1,)]
        archive.with_name("elsewhere").rename(archive)
        assert not engine.gate.write(a_submission(key="k")).replayed

    @pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
    def test_bytes_whose_record_was_not_committed_are_noise_and_the_next_lie_behind_them(
        self, engine: Engine, archive: Path
    ) -> None:
        sql(engine, "CREATE TRIGGER full BEFORE INSERT ON holding BEGIN SELECT RAISE(ABORT, 'full'); END")
        with pytest.raises(Exception, match="full"):
            register(engine)
        noise = contents(archive)["window%2Fmain%2F2026-04-02"]
        assert noise
        assert rows(engine) == []

        sql(engine, "DROP TRIGGER full")
        record = register(engine)

        (row,) = rows(engine)
        assert str(row.ref).endswith(f".window%2Fmain%2F2026-04-02:{len(noise)}")
        assert name_in(engine, record) == "张三"


class TestErasing:
    def test_after_its_period_nobody_can_open_what_still_lies_there(
        self, engine: Engine, archive: Path, clock: MovedClock
    ) -> None:
        held = register(engine, fields={"visitor_name": "司马鹮乙"})
        record = register(engine)
        row = rows(engine)[1]
        sealed = envelope_of(engine, record, row)
        assert opens(engine, record, row, sealed)
        engine.holds.place(
            ground="R8",
            document="协查1号",
            law_ref="刑诉法 54",
            until=date(2026, 6, 1),
            by="s7",
            holding_id=held,
        )

        clock.to(DUE)
        swept = engine.retention.sweep()

        assert (swept.disposed.erased_parts, swept.disposed.restricted_parts, swept.left) == (1, 1, 0)
        assert sealed in contents(archive)["window%2Fmain%2F2026-04-02"]
        assert not opens(engine, record, row, sealed)
        with pytest.raises(RecordErased):
            name_in(engine, record)

    def test_a_withdrawn_or_requested_erasure_takes_the_key_at_once(
        self, engine: Engine, archive: Path
    ) -> None:
        record = register(engine)
        (row,) = rows(engine)
        sealed = envelope_of(engine, record, row)
        before = contents(archive)
        disposal: Any = engine.holds._disposal

        with engine.books.writing() as books:
            claimed = books.holdings.recent("main", 1)
            disposal.carry_out(books, claimed, cause="request", now=engine.clock.now())

        assert rows(engine) == []
        assert contents(archive) == before
        assert not opens(engine, record, row._replace(wrapped=None), sealed)
        assert engine.keyring.names("window/") == [
            WINDOW
        ]  # it lives, and opens nothing without the part's own key

    def test_a_key_that_is_left_is_counted(self, engine: Engine, clock: MovedClock) -> None:
        record = register(engine)
        (row,) = rows(engine)
        with engine.books.writing() as books:
            (due,) = books.holdings.claim([row.holding_no])
            disposal: Any = engine.holds._disposal
            assert disposal.left(books, [due]) == 1
        clock.to(DUE)

        assert engine.retention.sweep().left == 0
        with engine.books.reading() as books:
            assert disposal.left(books, [due]) == 0
        assert due.holding.id == record

    def test_the_file_goes_whole_after_its_window(
        self, engine: Engine, archive: Path, clock: MovedClock
    ) -> None:
        register(engine)
        clock.forward(days=5)
        register(engine)
        assert len(contents(archive)) == 2

        clock.to(DUE)
        engine.retention.sweep()

        assert list(contents(archive)) == ["window%2Fmain%2F2026-04-07"]
        assert [one["cleared"] for one in facts(engine, "key_destroyed") if "cleared" in one] == [1]

    def test_what_a_dead_writer_left_behind_goes_with_the_window(
        self, engine: Engine, archive: Path, clock: MovedClock
    ) -> None:
        register(engine)
        with next(archive.iterdir()).open("ab") as file:
            file.write(b"\0\0\1")
        clock.to(DUE)
        engine.retention.sweep()

        assert contents(archive) == {}

    def test_a_strange_file_in_the_folder_stops_no_sweep_and_stays(
        self, engine: Engine, archive: Path, clock: MovedClock
    ) -> None:
        register(engine)
        owner = next(archive.iterdir()).name.partition(".")[0]
        strange = {f"{owner}.notes.sealed", "notes.sealed", f"{owner}.window%2Fmain%2F2026-13-99.sealed"}
        for name in strange:
            (archive / name).write_bytes(b"somebody's")
        clock.to(DUE)

        assert engine.retention.sweep().left == 0
        assert {path.name for path in archive.iterdir()} == strange

    def test_the_entry_and_the_certificate_say_how_and_until_when(
        self, engine: Engine, clock: MovedClock
    ) -> None:
        record = register(engine)
        clock.to(DUE)
        engine.retention.sweep()

        (erased,) = facts(engine, "erased")
        assert "crypto-erasure: the key was destroyed" in str(erased["rule"])
        # The store's own tapes are kept for longer than our backups, so theirs is the last date.
        assert erased["backup_until"] == (DUE.date() + timedelta(days=90)).isoformat()
        (certificate,) = engine.certificates.of_record(record)
        assert "crypto-erasure" in certificate["tombstone"]["rule"]


class TestWhatIsHeld:
    def test_a_held_parts_key_moves_and_its_bytes_do_not(
        self, engine: Engine, archive: Path, clock: MovedClock
    ) -> None:
        record = register(engine)
        (before,) = rows(engine)
        sealed = envelope_of(engine, record, before)
        laid = contents(archive)
        hold = engine.holds.place(
            ground="R8", document="协查1号", law_ref="刑诉法 54", until=date(2026, 6, 1), by="s7"
        )
        clock.to(DUE)
        engine.retention.sweep()

        (held,) = rows(engine)
        assert (held.state, held.key, held.ref) == ("restricted", f"own/{record}/0", before.ref)
        assert contents(archive) == laid
        assert engine.keyring.names("window/") == []
        assert not opens(engine, record, before, sealed)  # an old copy of the row opens nothing
        assert opens(engine, record, held, sealed)
        with pytest.raises(ReadRefused):
            name_in(engine, record)

        engine.holds.release(hold, "s7")
        clock.forward(days=1)
        engine.retention.sweep()

        assert rows(engine) == []
        assert engine.keyring.names("own/") == []
        assert contents(archive) == {}

    def test_a_part_that_is_due_later_is_put_under_the_later_window(
        self, engine: Engine, archive: Path, clock: MovedClock
    ) -> None:
        record = register(engine)
        (first,) = rows(engine)
        laid = contents(archive)["window%2Fmain%2F2026-04-02"]
        clock.forward(days=5)

        engine.gate.amend(record, {"exit_time": clock.now().isoformat()})

        moved, added = rows(engine)
        assert moved.key == added.key == "window/main/2026-04-06"
        assert moved.ref == first.ref
        assert contents(archive)["window%2Fmain%2F2026-04-02"] == laid
        assert set(engine.reader.read(record, "entry_security", OFFICER).fields) >= {
            "visitor_name",
            "exit_time",
        }

        clock.to(DUE)
        engine.retention.sweep()
        assert name_in(engine, record) == "张三"  # its old window is over, and its file stays for its sake
        assert len(contents(archive)) == 2
        clock.forward(days=5)
        engine.retention.sweep()
        assert contents(archive) == {}


class TestAnOldBackup:
    """What is said of it in docs/threat-model.md, as it is."""

    def back_up(self, engine: Engine, home: Path, to: Path) -> None:
        engine.books.settle()
        shutil.copytree(home, to, ignore=shutil.ignore_patterns("keys"))

    @pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
    def test_a_copy_of_the_database_and_files_opens_nothing_once_the_window_is_over(
        self, engine: Engine, tmp_path: Path, clock: MovedClock
    ) -> None:
        record = register(engine)
        (old,) = rows(engine)
        sealed = envelope_of(engine, record, old)
        self.back_up(engine, tmp_path / "home", tmp_path / "backup")
        assert old.wrapped is not None
        assert old.wrapped in (tmp_path / "backup" / "compliance.db").read_bytes()
        assert engine.keyring.unseal_part(old.key, old.wrapped, sealed, bound(record, 0, 1))

        clock.to(DUE)
        engine.retention.sweep()

        assert old.wrapped not in (tmp_path / "home" / "compliance.db").read_bytes()
        with pytest.raises(KeyLost):
            engine.keyring.unseal_part(old.key, old.wrapped, sealed, bound(record, 0, 1))
        assert not opens(engine, record, old, sealed)

    @pytest.mark.parametrize("engine", ["sqlite"], indirect=True)
    def test_a_restored_database_erases_again_what_was_erased_since(
        self, engine: Engine, tmp_path: Path, clock: MovedClock
    ) -> None:
        record, home = register(engine), tmp_path / "home"
        engine.sealing.seal()
        self.back_up(engine, home, tmp_path / "backup")
        disposal: Any = engine.holds._disposal
        with engine.books.writing() as books:
            disposal.carry_out(
                books, books.holdings.recent("main", 1), cause="withdrawal", now=engine.clock.now()
            )
        engine.sealing.seal()
        engine.close()
        for path in home.glob("compliance.db*"):
            path.unlink()
        shutil.copy(tmp_path / "backup" / "compliance.db", home / "compliance.db")

        with an_engine(home, clock) as restored:
            assert rows(restored) == []
            with pytest.raises(RecordErased):
                name_in(restored, record)


def test_a_request_is_answered_from_there_and_ends_with_the_letter_that_says_how(tmp_path: Path) -> None:
    with_archive(tmp_path, "visitor")
    with a_house(tmp_path) as house:
        registered = house.register()
        access = house.requests.open(RequestKind.ACCESS, pass_code=registered.pass_code)
        house.requests.fulfil(access.number)
        assert NAME in str(house.requests.package(access.number, access.access_token or ""))

        deletion = house.requests.open(RequestKind.DELETION, pass_code=registered.pass_code)
        house.requests.fulfil(deletion.number)
        letter = house.requests.letter(deletion.number, deletion.access_token or "")

        assert (letter["count"], letter["by_key"], letter["backup_date"]) == (1, 1, "2026-05-31")
        assert rows(house.engine) == []

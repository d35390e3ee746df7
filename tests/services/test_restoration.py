"""A database put back from a backup: what was erased since goes again, before anything opens."""

import shutil
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ComplianceError, JournalMissing, LedgerError, ReadRefused, RecordErased
from tests.builders import (
    OFFICER,
    SHANGHAI,
    START,
    MovedClock,
    a_submission,
    an_engine,
    bytes_at_rest,
    connection,
    published,
    sql,
)

DUE = datetime(2026, 4, 3, tzinfo=SHANGHAI)
FILES = ("compliance.db", "compliance.db-wal", "compliance.db-shm")


def register(engine: Engine, **changes: Any) -> str:
    return engine.gate.write(a_submission(**changes)).record


def back_up(home: Path, to: Path) -> None:
    to.mkdir(exist_ok=True)
    for name in FILES:
        (to / name).unlink(missing_ok=True)
        if (home / name).exists():
            shutil.copy2(home / name, to / name)


def put_back(backup: Path, home: Path) -> None:
    for name in FILES:
        (home / name).unlink(missing_ok=True)
        if (backup / name).exists():
            shutil.copy2(backup / name, home / name)


def hold(engine: Engine, **scope: str) -> str:
    return engine.holds.place(
        ground="R8",
        document="协查〔2026〕1号",
        law_ref="刑事诉讼法 54",
        until=date(2026, 8, 1),
        by="staff-7",
        **scope,
    )


def entries(engine: Engine, act: str) -> list[tuple[Any, ...]]:
    engine.sealing.seal()
    return sql(engine, f"SELECT count FROM ledger_entry WHERE act = '{act}'")


class TestABackupFromBeforeAnErasure:
    def test_what_was_erased_is_erased_again(self, tmp_path: Path) -> None:
        home, backup, clock = tmp_path / "home", tmp_path / "backup", MovedClock()
        with an_engine(home, clock) as engine:
            record = register(engine)
            engine.sealing.seal()
            back_up(home, backup)
            with engine.books.reading() as books:
                ((envelope,),) = connection(books).exec_driver_sql("SELECT envelope FROM vault").all()
            assert any(envelope in content for content in bytes_at_rest(backup).values())
            clock.to(DUE)
            assert engine.retention.sweep().disposed.erased_records == 1

        put_back(backup, home)
        with an_engine(home, clock) as engine:
            with pytest.raises(RecordErased):
                engine.reader.read(record, "entry_security", OFFICER)
            assert entries(engine, "restored") == [(1,)]
            assert engine.sealing.verify().restored == 1
            with engine.books.reading() as books:
                assert [stone.cause for stone in books.ledger.tombstones_of(record)] == ["replay"]

    def test_a_restore_is_done_once(self, tmp_path: Path) -> None:
        home, backup, clock = tmp_path / "home", tmp_path / "backup", MovedClock()
        with an_engine(home, clock) as engine:
            register(engine)
            engine.sealing.seal()
            back_up(home, backup)
            clock.to(DUE)
            engine.retention.sweep()
        put_back(backup, home)
        an_engine(home, clock).close()

        with an_engine(home, clock) as engine:
            assert entries(engine, "restored") == [(1,)]

    def test_the_same_backup_put_back_twice_brings_nothing_back(self, tmp_path: Path) -> None:
        home, backup, clock = tmp_path / "home", tmp_path / "backup", MovedClock()
        with an_engine(home, clock) as engine:
            record = register(engine)
            engine.sealing.seal()
            back_up(home, backup)
            clock.to(DUE)
            engine.retention.sweep()

        for _ in range(3):
            put_back(backup, home)
            with an_engine(home, clock) as engine:
                with pytest.raises(RecordErased):
                    engine.reader.read(record, "entry_security", OFFICER)
                register(engine)
                engine.sealing.seal()
                assert engine.sealing.verify().pending == 0

    def test_an_erasure_that_was_journaled_before_a_head_it_is_not_under_is_not_forgotten(
        self, tmp_path: Path
    ) -> None:
        """Two processes: one has journaled an erasure and not yet committed it when the other journals a head."""
        home, backup, clock = tmp_path / "home", tmp_path / "backup", MovedClock()
        with an_engine(home, clock) as engine:
            record = register(engine)
            engine.sealing.seal()
            back_up(home, backup)
            head = engine.sealing.current_head()
            assert head is not None
            append, late = engine.journal.append, {"act": "head", "size": head.size, "root": head.root.hex()}

            def append_and_then_a_late_head(lines: Any) -> None:
                append(lines)
                append([{**late, "time": head.time}])

            clock.to(DUE)
            engine.journal.append = append_and_then_a_late_head  # type: ignore[method-assign]
            engine.retention.sweep()
        put_back(backup, home)

        with an_engine(home, clock) as engine, pytest.raises(RecordErased):
            engine.reader.read(record, "entry_security", OFFICER)

    def test_what_was_not_yet_due_is_still_there(self, tmp_path: Path) -> None:
        home, backup, clock = tmp_path / "home", tmp_path / "backup", MovedClock()
        with an_engine(home, clock) as engine:
            register(engine)
            clock.forward(days=10)
            young = register(engine)
            engine.sealing.seal()
            back_up(home, backup)
            clock.to(DUE)
            engine.retention.sweep()
        put_back(backup, home)

        with an_engine(home, clock) as engine:
            assert engine.reader.read(young, "entry_security", OFFICER).fields
            assert entries(engine, "restored") == [(1,)]


class TestHoldsAcrossARestore:
    def test_a_hold_placed_since_stands_again(self, tmp_path: Path) -> None:
        home, backup, clock = tmp_path / "home", tmp_path / "backup", MovedClock()
        with an_engine(home, clock) as engine:
            record = register(engine)
            engine.sealing.seal()
            back_up(home, backup)
            name = hold(engine, holding_id=record)
            (before,) = engine.holds.standing()
        put_back(backup, home)
        clock.to(DUE)

        with an_engine(home, clock) as engine:
            assert engine.holds.standing() == [before]
            assert before.id == name
            assert engine.retention.sweep().disposed.restricted_parts == 1

    def test_a_hold_released_since_is_released_again(self, tmp_path: Path) -> None:
        home, backup, clock = tmp_path / "home", tmp_path / "backup", MovedClock()
        with an_engine(home, clock) as engine:
            record = register(engine)
            name = hold(engine, holding_id=record)
            clock.to(DUE)
            engine.retention.sweep()
            back_up(home, backup)
            engine.holds.release(name, "staff-7")
        put_back(backup, home)

        with an_engine(home, clock) as engine:
            assert engine.holds.standing() == []
            with pytest.raises(ReadRefused):
                engine.reader.read(record, "entry_security", OFFICER)
            assert engine.retention.sweep().disposed.erased_records == 1


class TestJournals:
    @pytest.mark.parametrize("how", ["gone", "emptied"])
    def test_without_a_journal_nothing_opens(self, tmp_path: Path, how: str) -> None:
        with an_engine(tmp_path) as engine:
            register(engine)
            path = engine.settings.journal_path
        path.unlink() if how == "gone" else path.write_bytes(b"")

        with pytest.raises(JournalMissing):
            an_engine(tmp_path)

    def test_with_a_damaged_journal_nothing_opens(self, tmp_path: Path) -> None:
        with an_engine(tmp_path) as engine:
            register(engine)
            path = engine.settings.journal_path
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)

        with pytest.raises((LedgerError, ValueError)):
            an_engine(tmp_path)

    def test_a_first_head_that_a_crash_kept_out_of_the_journal_locks_nobody_out(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        engine = an_engine(tmp_path, publish=False)
        append = engine.journal.append

        def crash_on_heads(lines: Any) -> None:
            if lines[0]["act"] == "head":
                raise KeyboardInterrupt
            append(lines)

        monkeypatch.setattr(engine.journal, "append", crash_on_heads)
        with pytest.raises(KeyboardInterrupt):
            published(engine)
        monkeypatch.undo()

        with an_engine(tmp_path, publish=False) as engine:
            register(engine)
            assert engine.sealing.verify().restored == 0

    def test_a_database_that_was_lost_altogether_opens_anew(self, tmp_path: Path) -> None:
        with an_engine(tmp_path) as engine:
            register(engine)
        for name in FILES:
            (tmp_path / name).unlink(missing_ok=True)

        with an_engine(tmp_path, MovedClock(START + timedelta(days=1)), publish=False) as engine:
            published(engine)
            register(engine)
            assert engine.sealing.verify().restored == 1

    def test_a_start_while_another_seals_restores_nothing(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The journal grows between the two looks that a start takes at journal and database."""
        with an_engine(tmp_path) as first:
            register(first)
            second = an_engine(tmp_path)
            read = second.journal.read

            def read_while_another_seals() -> Any:
                lines = read()
                register(first)
                first.sealing.seal()
                return lines

            monkeypatch.setattr(second.journal, "read", read_while_another_seals)
            assert not second.sealing.behind_journal()
            monkeypatch.undo()
            second.close()


class TestKeys:
    def test_a_history_without_its_signing_key_does_not_open(self, tmp_path: Path) -> None:
        with an_engine(tmp_path) as engine:
            register(engine)
        for path in (tmp_path / "keys").glob("ledger*"):
            path.unlink()

        with pytest.raises(ComplianceError):
            an_engine(tmp_path)

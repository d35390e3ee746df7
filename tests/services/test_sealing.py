"""The ledger: whatever is changed afterwards, by whomever, is found."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from compliance.bootstrap import Engine
from compliance.domain.checkpoint import open_head
from compliance.domain.errors import HeadRejected, JournalMissing, LedgerError
from compliance.domain.ledger import Act, Entry, canonical
from tests.builders import START, MovedClock, a_submission, an_engine, connection, sql


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        for _ in range(5):
            engine.gate.write(a_submission())
            clock.forward(seconds=2)
        engine.retention.forecast()
        engine.sealing.seal()
        yield engine
        # A ledger that was tampered with cannot be closed in good order, and need not be.
        engine.sealing.try_to_seal()


class TestAnHonestLedger:
    def test_an_honest_ledger_verifies(self, engine: Engine) -> None:
        verified = engine.sealing.verify()

        assert (verified.pending, verified.outside_head) == (0, False)
        assert verified.verdict == "self-consistent only"
        assert verified.size == sql(engine, "SELECT count(*) FROM ledger_entry")[0][0]

    def test_a_head_held_outside_is_compared(self, engine: Engine, clock: MovedClock) -> None:
        outside = engine.sealing.current_head()
        assert outside is not None
        engine.gate.write(a_submission())
        engine.sealing.seal()

        assert engine.sealing.verify(outside.note).outside_head

    def test_what_is_not_yet_sealed_is_counted(self, engine: Engine) -> None:
        engine.gate.write(a_submission())  # within the second in which a head was signed

        assert engine.sealing.verify().pending == 1

    def test_sealing_twice_is_sealing_once(self, engine: Engine) -> None:
        head = engine.sealing.current_head()

        assert engine.sealing.seal() == 0
        assert engine.sealing.current_head() == head

    def test_heads_never_run_backwards_in_time(self, engine: Engine, clock: MovedClock) -> None:
        first = engine.sealing.current_head()
        clock.step(minutes=-30)
        engine.gate.write(a_submission(collected_at=(START - timedelta(days=4)).isoformat()))
        engine.sealing.seal()
        second = engine.sealing.current_head()

        assert first is not None
        assert second is not None
        assert second.size > first.size
        assert second.time >= first.time

    def test_a_head_is_a_signed_note(self, engine: Engine) -> None:
        row = engine.sealing.current_head()
        assert row is not None

        head = open_head(
            row.note, engine.signer.verify, engine.signer.public_key, origin=engine.settings.origin
        )

        assert (head.size, head.root) == (row.size, row.root)

    def test_many_entries_come_under_a_head_at_once(self, engine: Engine) -> None:
        with engine.books.writing() as books:
            for number in range(600):
                engine.sealing.write(
                    books, Entry(act=Act.PAUSED, site="", category="", day="2026-03-02", count=number)
                )

        assert engine.sealing.seal() == 600
        assert engine.sealing.verify().pending == 0

    def test_lag_is_told_in_seconds(self, engine: Engine, clock: MovedClock) -> None:
        assert engine.sealing.lag_seconds() == 0
        with engine.books.writing() as books:
            engine.sealing.write(
                books, Entry(act=Act.PAUSED, site="", category="", day="2026-03-02", count=1)
            )
        clock.forward(seconds=61)

        assert engine.sealing.lag_seconds() == 61


def statement(text: str, **values: Any) -> Callable[[Engine], object]:
    return lambda engine: sql(engine, text, **values)


def _flip(engine: Engine, table: str, column: str, at: int) -> None:
    rows = sql(engine, f"SELECT {column} FROM {table}")
    for (value,) in rows:
        changed = bytearray(value)
        changed[at % len(changed)] ^= 1
        sql(
            engine, f"UPDATE {table} SET {column} = :new WHERE {column} = :old", new=bytes(changed), old=value
        )


def _other_signature(engine: Engine) -> None:
    (note,) = sql(engine, "SELECT note FROM ledger_head ORDER BY size DESC LIMIT 1")[0]
    turned = note[:-10] + note[-10:-4].swapcase() + note[-4:]
    assert turned != note
    sql(engine, "UPDATE ledger_head SET note = :n WHERE note = :o", n=turned, o=note)


OTHER = canonical(Entry(act=Act.PAUSED, site="x", category="", day="2026-03-02", count=1))
TAMPERING: dict[str, Callable[[Engine], object]] = {
    "an act": statement("UPDATE ledger_entry SET act = 'read' WHERE seq = 1"),
    "a site": statement("UPDATE ledger_entry SET site = 'other' WHERE seq = 1"),
    "a category": statement("UPDATE ledger_entry SET category = 'delivery' WHERE seq = 1"),
    "a day": statement("UPDATE ledger_entry SET day = '2026-03-01' WHERE seq = 1"),
    "a count": statement("UPDATE ledger_entry SET count = count + 1 WHERE seq = 1"),
    "an entry": statement("UPDATE ledger_entry SET canonical = :c WHERE seq = 2", c=OTHER),
    "an entry with its columns": statement(
        "UPDATE ledger_entry SET act='paused', site='x', category='', day='2026-03-02', count=1, canonical = :c"
        " WHERE seq = 2",
        c=OTHER,
    ),
    "an entry to nonsense": statement("UPDATE ledger_entry SET canonical = :c WHERE seq = 2", c=b"\x01{}"),
    "an entry that goes": statement("DELETE FROM ledger_entry WHERE seq = 2"),
    "the first entry that goes": statement("DELETE FROM ledger_entry WHERE seq = 0"),
    "the last entry that goes": statement(
        "DELETE FROM ledger_entry WHERE seq = (SELECT max(seq) FROM ledger_entry)"
    ),
    "an entry that comes": statement(
        "INSERT INTO ledger_entry SELECT max(seq) + 1, 'forged', 'paused', 'x', '', '2026-03-02', 1, :c FROM ledger_entry",
        c=OTHER,
    ),
    "two entries that change places": lambda engine: [
        sql(engine, "UPDATE ledger_entry SET seq = -1 WHERE seq = 1"),
        sql(engine, "UPDATE ledger_entry SET seq = 1 WHERE seq = 2"),
        sql(engine, "UPDATE ledger_entry SET seq = 2 WHERE seq = -1"),
    ],
    "a tile": lambda engine: _flip(engine, "ledger_tile", "hashes", 40),
    "a tile that goes": statement("DELETE FROM ledger_tile"),
    "the head's root": lambda engine: _flip(engine, "ledger_head", "root", 3),
    "the head's size": statement(
        "UPDATE ledger_head SET size = size + 100 WHERE size = (SELECT max(size) FROM ledger_head)"
    ),
    "the head's note": statement("UPDATE ledger_head SET note = replace(note, 'compliance', 'complience')"),
    "the head's signature": _other_signature,
    "the newest head that goes": statement(
        "DELETE FROM ledger_head WHERE size = (SELECT max(size) FROM ledger_head)"
    ),
    "every head that goes": statement("DELETE FROM ledger_head"),
}


class TestATamperedLedger:
    @pytest.mark.parametrize("what", TAMPERING)
    def test_any_change_is_found(self, engine: Engine, what: str) -> None:
        engine.sealing.verify()
        TAMPERING[what](engine)

        with pytest.raises(LedgerError):
            engine.sealing.verify()

    def test_a_ledger_that_was_written_anew_disagrees_with_the_journal(self, engine: Engine) -> None:
        """Somebody with the database and the signing key drops the last entries and seals others."""
        engine.sealing.verify()
        with engine.books.writing() as books:
            run = connection(books).exec_driver_sql
            for table in ("ledger_entry", "ledger_tile", "ledger_head"):
                run(f"DELETE FROM {table}")
        for _ in range(12):
            with engine.books.writing() as books:
                engine.sealing.write(
                    books, Entry(act=Act.READ, site="", category="", day="2026-03-02", count=1)
                )
            engine.sealing.seal()

        with pytest.raises(LedgerError):
            engine.sealing.verify()

    def test_another_signers_head_is_refused(self, engine: Engine, tmp_path: Path) -> None:
        with an_engine(tmp_path / "other", publish=False) as other:
            from tests.builders import published

            published(other)
            head = other.sealing.current_head()
            assert head is not None

            with pytest.raises(HeadRejected):
                engine.sealing.verify(head.note)

    def test_a_journal_that_has_gone_is_missed(self, engine: Engine) -> None:
        engine.settings.journal_path.unlink()

        with pytest.raises(JournalMissing):
            engine.sealing.verify()

    @pytest.mark.parametrize("line", ["first", "middle", "last"])
    def test_a_changed_line_of_the_journal_is_found(self, engine: Engine, line: str) -> None:
        path = engine.settings.journal_path
        lines = path.read_bytes().splitlines(keepends=True)
        at = {"first": 0, "middle": len(lines) // 2, "last": -1}[line]
        lines[at] = lines[at].replace(b'"act":"', b'"act":"x')
        path.write_bytes(b"".join(lines))

        with pytest.raises(LedgerError):
            engine.sealing.verify()

    @settings(
        max_examples=25,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
    )
    @given(data=st.data())
    def test_no_single_bit_changes_unnoticed(self, engine: Engine, data: st.DataObject) -> None:
        rows = sql(engine, "SELECT seq, canonical FROM ledger_entry")
        seq, entry = data.draw(st.sampled_from(rows))
        changed = bytearray(entry)
        changed[data.draw(st.integers(0, len(entry) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        sql(engine, "UPDATE ledger_entry SET canonical = :c WHERE seq = :s", c=bytes(changed), s=seq)
        try:
            with pytest.raises(LedgerError):
                engine.sealing.verify()
        finally:
            sql(engine, "UPDATE ledger_entry SET canonical = :c WHERE seq = :s", c=entry, s=seq)
        engine.sealing.verify()

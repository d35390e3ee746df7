"""PIPL 69: fault is presumed, so what was done can be shown, and what was shown cannot be changed."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import LedgerError
from compliance.domain.ledger import parse
from tests.builders import MOBILE, OFFICER, SHANGHAI, MovedClock, a_submission, an_engine, sql


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        record = engine.gate.write(
            a_submission(fields={"visitor_name": "司马鹮甲", "visitor_phone": MOBILE})
        ).record
        engine.reader.read(record, "entry_security", OFFICER)
        clock.to(datetime(2026, 4, 3, tzinfo=SHANGHAI))
        engine.retention.sweep()
        yield engine
        engine.sealing.try_to_seal()


def test_collection_reading_and_erasure_are_all_entered(engine: Engine) -> None:
    acts = [row[0] for row in sql(engine, "SELECT act FROM ledger_entry ORDER BY seq")]

    assert [
        act for act in acts if act in {"policy_published", "admitted", "read", "erased", "zero_left"}
    ] == [
        *("policy_published", "admitted", "read", "erased", "zero_left"),
    ]


def test_an_entry_says_which_rule_and_no_name(engine: Engine) -> None:
    with engine.books.reading() as books:
        entries = [parse(sealed) for _, _, sealed in books.ledger.entries()]

    (erased,) = [entry for entry in entries if entry.act == "erased"]
    assert erased.fact("article") == "PIPL 47(1)(2)"
    assert erased.fact("rule") == "expired under policy version 1"
    assert not any(secret in str(entries) for secret in ("司马鹮甲", MOBILE))


def test_one_changed_line_is_detected(engine: Engine) -> None:
    engine.sealing.verify()
    sql(engine, "UPDATE ledger_entry SET count = 0 WHERE act = 'erased'")

    with pytest.raises(LedgerError):
        engine.sealing.verify()


def test_a_history_that_was_cut_off_is_detected(engine: Engine) -> None:
    size = engine.sealing.verify().size
    for table, column in (("ledger_entry", "seq"), ("ledger_head", "size")):
        sql(engine, f"DELETE FROM {table} WHERE {column} > :cut", cut=size // 2)

    with pytest.raises(LedgerError):
        engine.sealing.verify()


def test_an_act_that_cannot_be_entered_has_not_happened(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> str:
        raise OSError("disk full")

    monkeypatch.setattr(engine.sealing, "write", full)

    with pytest.raises(OSError, match="disk full"):
        engine.gate.write(a_submission())
    assert sql(engine, "SELECT (SELECT count(*) FROM holding) + (SELECT count(*) FROM vault)") == [(0,)]

"""Somebody's table behind the gate: written column by column, erased through the one door out."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest

from compliance.bootstrap import SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.errors import CollectionRefused
from compliance.policies.loader import load, read_files, shipped
from compliance.ports import Receipt

NOW = datetime(2026, 3, 1, 2, 0, tzinfo=UTC)
MAPPING = """
name: register
url: sqlite:///{file}
table: visits
key: id
category: visitor
columns:
  visitor_name: name
  host_room: room
  host_confirm: confirmed
  entry_time: {{columns: arrived, time: true}}
  exit_time: {{columns: gone, time: true}}
holding: compliance_id
times: {{timezone: Asia/Shanghai}}
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "register.db"
    columns = "name VARCHAR(12), room TEXT, confirmed TEXT, arrived TEXT, gone TEXT, compliance_id TEXT"
    asked(path, f"CREATE TABLE visits (id INTEGER PRIMARY KEY, {columns})")
    return path


def asked(file: Path, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(file)
    try:
        with connection:
            return connection.execute(statement).fetchall()
    finally:
        connection.close()


@contextmanager
def home(file: Path, at: datetime = NOW) -> Iterator[Engine]:
    folder = file.parent / "home"
    (folder / "stores").mkdir(parents=True, exist_ok=True)
    (folder / "stores" / "register.yaml").write_text(MAPPING.format(file=file), encoding="utf-8")
    with bootstrap(Settings(home=folder), at=at, kind=SCRATCH) as engine:
        pack = shipped("residential")
        engine.publishing.publish(load(pack), read_files(pack), "staff-1")
        yield engine


def register(engine: Engine, name: str = "张三", **fields: str) -> Receipt:
    return engine.gate.write(
        {
            "category": "visitor",
            "channel": "miniapp",
            "fields": {"visitor_name": name, "host_room": "3-1-1201", "host_confirm": "已确认", **fields},
            "notice": {"mode": "screen", "id": engine.notice_ids.issue("visitor", 1)},
            "consent": [{"kind": "plain", "by": "self", "act": "tap"}],
        }
    )


def test_the_gate_writes_into_their_columns_and_the_row_bears_our_id(file: Path) -> None:
    with home(file) as engine:
        receipt = register(engine)

    assert asked(file, "SELECT name, room, arrived, compliance_id FROM visits") == [
        ("张三", "3-1-1201", "2026-03-01 10:00:00", receipt.record)
    ]


def test_what_the_policy_forbids_never_reaches_their_table(file: Path) -> None:
    with home(file) as engine, pytest.raises(CollectionRefused):
        register(engine, id_number="100000199001010011")

    assert asked(file, "SELECT * FROM visits") == []


def test_a_record_goes_from_their_table_when_its_period_ends(file: Path) -> None:
    with home(file) as engine:
        register(engine, name="CANARY-NAME".replace("-", " "))
    assert b"CANARY NAME" in file.read_bytes()

    with home(file, datetime(2026, 4, 1, 16, 0, tzinfo=UTC)) as engine:
        engine.retention.forecast()
        swept = engine.retention.sweep()

    assert (swept.disposed.erased_records, swept.left) == (1, 0)
    assert asked(file, "SELECT * FROM visits") == []
    assert b"CANARY" not in b"".join(path.read_bytes() for path in file.parent.rglob("*") if path.is_file())


def test_a_table_that_refuses_keeps_nothing_and_neither_do_the_books(file: Path) -> None:
    with home(file) as engine:
        with pytest.raises(CollectionRefused, match="too_large:visitor_name"):
            register(engine, name="这个名字比那一列的宽度要长一些")

        assert engine.adoption.reconcile("register").checked == 0
        assert engine.retention.plan().later == ()
    assert asked(file, "SELECT * FROM visits") == []


def test_what_the_gate_wrote_is_not_adopted_again(file: Path) -> None:
    with home(file) as engine:
        register(engine)
        report = engine.adoption.adopt("register")

    assert (report.adopted, report.already) == (0, 1)

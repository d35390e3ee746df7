"""PIPL 51: encryption, roles, traces, and keys that end with what they seal."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import KeyLost, ReadRefused
from compliance.domain.reading import MOST_LISTED
from compliance.domain.vocabulary import Role
from compliance.services.reading import Actor
from tests.builders import OFFICER, SHANGHAI, MovedClock, a_submission, an_engine, bytes_at_rest, sql


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def test_nothing_is_at_rest_in_clear(engine: Engine, tmp_path: Path) -> None:
    engine.gate.write(a_submission(fields={"visitor_name": "司马鹮甲"}))

    assert not any("司马鹮甲".encode() in content for content in bytes_at_rest(tmp_path).values())


def test_the_database_without_its_keys_opens_nothing(engine: Engine) -> None:
    record = engine.gate.write(a_submission()).record
    for name in engine.keyring.names("window/"):
        engine.keyring.destroy(name)

    with pytest.raises(KeyLost):
        engine.reader.read(record, "entry_security", OFFICER)


def test_a_key_ends_with_what_it_seals(engine: Engine, clock: MovedClock) -> None:
    engine.gate.write(a_submission())
    clock.to(datetime(2026, 4, 3, tzinfo=SHANGHAI))
    engine.retention.sweep()

    assert engine.keyring.names("window/") == []


@pytest.mark.parametrize("role", [Role.AUDITOR, Role.DIRECTOR, Role.SUBJECT])
def test_a_role_that_the_policy_does_not_name_reads_nothing(engine: Engine, role: Role) -> None:
    record = engine.gate.write(a_submission()).record

    with pytest.raises(ReadRefused):
        engine.reader.read(record, "entry_security", Actor(id="staff-3", role=role))


def test_every_reading_leaves_a_trace(engine: Engine) -> None:
    record = engine.gate.write(a_submission()).record
    for _ in range(3):
        engine.reader.read(record, "entry_security", OFFICER)
    engine.sealing.seal()

    assert sql(engine, "SELECT count(*) FROM ledger_entry WHERE act = 'read'") == [(3,)]


@pytest.mark.parametrize("name", ["keys", "journal"])
def test_keys_and_journal_are_for_their_owner_alone(engine: Engine, tmp_path: Path, name: str) -> None:
    engine.gate.write(a_submission())

    for path in (tmp_path / name).rglob("*"):
        assert path.stat().st_mode & 0o077 == 0, path.name


def test_every_reading_that_was_refused_leaves_one_too(engine: Engine) -> None:
    record = engine.gate.write(a_submission()).record
    for role in (Role.AUDITOR, Role.SUBJECT):
        with pytest.raises(ReadRefused):
            engine.reader.read(record, "entry_security", Actor(id="staff-3", role=role))
    engine.sealing.seal()

    assert sql(engine, "SELECT count(*) FROM ledger_entry WHERE act = 'read_refused'") == [(2,)]


def test_a_guard_lists_no_more_than_a_page(engine: Engine) -> None:
    record = engine.gate.write(a_submission()).record
    with engine.books.reading() as books:
        row = books.holdings.find(record)
    assert row is not None

    with pytest.raises(ReadRefused):
        engine.reader.page([row] * (MOST_LISTED + 1), "entry_security", Actor(id="staff-7", role=Role.GUARD))


def test_breaking_the_glass_is_told_at_once(engine: Engine) -> None:
    engine.gate.write(a_submission())
    engine.roster.call(reason="3栋火警", actor=Actor(id="staff-7", role=Role.GUARD))
    engine.sealing.seal()

    assert sql(engine, "SELECT act, count FROM ledger_entry WHERE act = 'break_glass'") == [
        ("break_glass", 1)
    ]
    assert sql(engine, "SELECT kind FROM outbox") == [("alarm",)]

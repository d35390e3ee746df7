"""Consents in a real PostgreSQL: who relies on one and who takes it back at the same moment, and nothing slips between."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused
from tests.builders import MovedClock, a_submission, an_engine, codes, sql
from tests.services.test_consents import alive, by_pass, readable, registered, tried, with_a_door


@pytest.fixture
def engine(tmp_path: Path, postgres_database: str) -> Iterator[Engine]:
    with an_engine(tmp_path, MovedClock(), database=postgres_database) as engine:
        with_a_door(engine)
        yield engine


def test_a_consent_is_taken_over_taken_back_and_gone(engine: Engine) -> None:
    first = registered(engine, declined={"visitor_phone": "refused"})
    second = by_pass(engine, first.pass_code)
    assert readable(engine, second.record)

    engine.requests.withdraw_consent(first.pass_code)

    engine.retention.sweep()
    assert alive(engine, [first.record, second.record]) == []
    assert sql(engine, "SELECT count(*) FROM withdrawal") == [(2,)]
    assert "visitor_phone" in engine.consents.asking(first.pass_code, "visitor").quiet


def test_nothing_is_written_on_a_consent_while_it_is_taken_back(engine: Engine) -> None:
    first = registered(engine)
    begun, written = threading.Barrier(4), []

    def open_the_door() -> None:
        begun.wait()
        for _ in range(6):
            written.extend(tried(engine, first.pass_code))

    doors = [threading.Thread(target=open_the_door) for _ in range(3)]
    for door in doors:
        door.start()
    begun.wait()
    engine.requests.withdraw_consent(first.pass_code)
    for door in doors:
        door.join(timeout=60)

    assert not [one.record for one in written if readable(engine, one.record)]
    engine.retention.sweep()
    assert alive(engine, [one.record for one in written]) == []


def test_many_machines_at_once_use_one_showing_of_a_notice_once(engine: Engine) -> None:
    shown = engine.notice_ids.issue("visitor", 1)
    act = {"kind": "plain", "by": "self", "act": "tap"}
    raw = a_submission(channel="kiosk", notice={"mode": "screen", "id": shown}, consent=[act])
    told: list[set[str]] = []
    begun = threading.Barrier(4)

    def stamp() -> None:
        begun.wait()
        try:
            engine.gate.write(raw)
            told.append(set())
        except CollectionRefused as refused:
            told.append(codes(refused.reasons))

    machines = [threading.Thread(target=stamp) for _ in range(4)]
    for machine in machines:
        machine.start()
    for machine in machines:
        machine.join(timeout=60)

    assert sorted(told, key=len) == [set(), {"no_notice"}, {"no_notice"}, {"no_notice"}]

"""PIPL 25: nothing is published. Nobody at the gate sees who came before, and lists are for who is here."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused
from tests.builders import GUARD, MovedClock, a_submission, an_engine


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def test_earlier_visitors_are_not_shown_at_the_gate(engine: Engine, clock: MovedClock) -> None:
    earlier = engine.gate.write(a_submission()).record
    clock.forward(hours=25)
    here = engine.gate.write(a_submission(fields={"visitor_name": "李四"})).record
    with engine.books.reading() as books:
        rows = [row for record in (earlier, here) if (row := books.holdings.find(record))]

    shown = engine.reader.page(rows, "entry_security", GUARD)

    assert [one.record for one in shown] == [here]
    with pytest.raises(ReadRefused):
        engine.reader.read(earlier, "entry_security", GUARD)


def test_what_is_shown_of_those_who_are_here_is_masked(engine: Engine, clock: MovedClock) -> None:
    record = engine.gate.write(a_submission()).record
    clock.forward(minutes=1)

    shown = engine.reader.read(record, "entry_security", GUARD).fields

    assert shown["visitor_name"] == "张**"

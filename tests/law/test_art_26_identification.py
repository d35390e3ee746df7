"""PIPL 26: what identifies people in public places serves public safety, and no other purpose."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused
from compliance.domain.vocabulary import FieldType, Role
from compliance.services.reading import Actor
from tests.builders import OFFICER, MovedClock, a_submission, an_engine
from tests.services.disclosure_house import entries


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


PLATE = "京AD00000"


@pytest.fixture
def record(engine: Engine) -> str:
    sent = {"category": "vehicle", "channel": "lpr", "fields": {"plate_no": PLATE}, "consent": None, "notice": {"mode": "posted"}}  # fmt: skip
    return engine.gate.write(a_submission() | sent).record


@pytest.mark.parametrize("purpose", ["marketing", "fee_collection", "attendance", ""])
@pytest.mark.parametrize("role", list(Role))
def test_a_plate_that_a_camera_read_serves_no_other_purpose(
    engine: Engine, record: str, purpose: str, role: Role
) -> None:
    with pytest.raises(ReadRefused):
        engine.reader.read(record, purpose, Actor(id="staff-5", role=role))
    with pytest.raises(ReadRefused):
        engine.lookup.find(
            FieldType.PLATE, PLATE, purpose=purpose, actor=Actor(id="staff-5", role=role), document="x-1"
        )
    assert len(entries(engine, "read_refused")) == 2


def test_it_serves_the_purpose_that_it_was_read_for(engine: Engine, record: str) -> None:
    assert engine.reader.read(record, "parking", OFFICER).fields["plate_no"] == PLATE

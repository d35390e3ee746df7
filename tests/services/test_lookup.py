"""Finding by plate or number: who is here, for a guard; with a document, for the officer; for nobody else."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.domain.errors import ReadRefused
from compliance.domain.vocabulary import FieldType, Role
from compliance.services.reading import Actor
from tests.builders import GUARD, MOBILE, OFFICER, MovedClock, a_submission, an_engine
from tests.services.disclosure_house import entries

PLATE = "京AD00000"
CASE: dict[str, Any] = {"purpose": "dispute", "document": "示案〔2026〕7号"}


@pytest.fixture
def clock() -> MovedClock:
    return MovedClock()


@pytest.fixture
def engine(tmp_path: Path, clock: MovedClock) -> Iterator[Engine]:
    with an_engine(tmp_path, clock) as engine:
        yield engine


def drive(engine: Engine, plate: str = PLATE) -> str:
    sent = {"category": "vehicle", "channel": "lpr", "fields": {"plate_no": plate}, "consent": None, "notice": {"mode": "posted"}}  # fmt: skip
    return engine.gate.write(a_submission() | sent).record


class TestTheGuard:
    def test_finds_the_car_that_is_here(self, engine: Engine) -> None:
        record = drive(engine)
        drive(engine, "京AD11111")

        found = engine.lookup.find(FieldType.PLATE, " 京a·d00000 ", purpose="parking", actor=GUARD)

        assert [(one.record, one.category) for one in found] == [(record, "vehicle")]

    def test_finds_no_history(self, engine: Engine, clock: MovedClock) -> None:
        left, over = drive(engine), drive(engine)
        engine.gate.amend(left, {"exit_time": clock.now().isoformat()})
        clock.forward(hours=24)
        here = drive(engine)

        found = engine.lookup.find(FieldType.PLATE, PLATE, purpose="parking", actor=GUARD)

        assert [one.record for one in found] == [here]
        assert over not in str(found)

    def test_finds_nothing_for_a_purpose_that_is_not_theirs(self, engine: Engine) -> None:
        drive(engine)

        with pytest.raises(ReadRefused):
            engine.lookup.find(FieldType.PLATE, PLATE, **CASE, actor=GUARD)


class TestTheOfficer:
    def test_finds_history_under_a_purpose_with_a_document(self, engine: Engine, clock: MovedClock) -> None:
        first = drive(engine)
        engine.gate.amend(first, {"exit_time": clock.now().isoformat()})
        clock.forward(days=2)
        second = drive(engine)

        found = engine.lookup.find(FieldType.PLATE, PLATE, **CASE, actor=OFFICER)

        assert [one.record for one in found] == [second, first]

    @pytest.mark.parametrize("document", ["", "   ", f"电话{MOBILE}", "x" * 101])
    def test_finds_nothing_without_one(self, engine: Engine, document: str) -> None:
        drive(engine)

        with pytest.raises(ReadRefused, match="须写明文号"):
            engine.lookup.find(FieldType.PLATE, PLATE, purpose="dispute", actor=OFFICER, document=document)

    @pytest.mark.parametrize("purpose", ["marketing", "", "fee_collection", "compliance_review"])
    def test_finds_nothing_for_what_the_policy_does_not_give(self, engine: Engine, purpose: str) -> None:
        drive(engine)

        with pytest.raises(ReadRefused, match="不能为这个目的"):
            engine.lookup.find(
                FieldType.PLATE, PLATE, purpose=purpose, actor=OFFICER, document="示案〔2026〕7号"
            )

    def test_finds_more_than_fifty_only_narrowed(self, engine: Engine) -> None:
        for _ in range(51):
            drive(engine)

        with pytest.raises(ReadRefused, match="50"):
            engine.lookup.find(FieldType.PLATE, PLATE, **CASE, actor=OFFICER)


class TestTraces:
    def test_a_look_up_leaves_who_why_and_how_many_but_not_the_number(self, engine: Engine) -> None:
        drive(engine)
        engine.lookup.find(FieldType.PLATE, PLATE, **CASE, actor=OFFICER)

        (entry,) = entries(engine, "looked_up")
        assert (entry.count, entry.fact("by"), entry.fact("document")) == (1, "plate", "示案〔2026〕7号")
        assert PLATE not in str(entry)

    @pytest.mark.parametrize("value", ["", "京A", "x" * 5000, "\ud800", "' OR 1=1", MOBILE])
    def test_what_is_no_plate_finds_nothing_and_is_entered_as_such(self, engine: Engine, value: str) -> None:
        drive(engine)

        assert engine.lookup.find(FieldType.PLATE, value, **CASE, actor=OFFICER) == []
        (entry,) = entries(engine, "looked_up")
        assert entry.count == 0
        assert not value or value not in str(entry)

    @pytest.mark.parametrize(
        "kind", [one for one in FieldType if one not in (FieldType.PLATE, FieldType.MOBILE)]
    )
    def test_nobody_is_looked_up_by_anything_else(self, engine: Engine, kind: FieldType) -> None:
        with pytest.raises(ReadRefused):
            engine.lookup.find(kind, "张三", **CASE, actor=OFFICER)


def test_a_residents_query_of_anothers_plate_history_is_denied_and_logged(engine: Engine) -> None:
    """Scenario 14 of the requirements."""
    drive(engine)

    with pytest.raises(ReadRefused, match="不能凭车牌或手机号查别人") as refused:
        engine.lookup.find(FieldType.PLATE, PLATE, **CASE, actor=Actor(id="resident-8", role=Role.SUBJECT))

    (entry,) = entries(engine, "read_refused")
    assert (entry.fact("why"), entry.fact("actor"), entry.fact("role")) == (
        "by_identifier",
        "resident-8",
        "subject",
    )
    assert PLATE not in str(entry) + str(refused.value)
    assert entries(engine, "looked_up") == []

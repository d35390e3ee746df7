"""Holds: placed and released, never edited; each says by whom, on which document, under which law, until when."""

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from compliance.bootstrap import Engine
from compliance.services.holds import HoldInvalid
from tests.builders import START, MovedClock, a_submission, an_engine, sql

TODAY = START.date()
FITTING: dict[str, Any] = {
    "ground": "R8",
    "document": "协查〔2026〕1号",
    "law_ref": "刑事诉讼法 54",
    "until": TODAY + timedelta(days=60),
    "by": "staff-7",
}
DISPUTE = {**FITTING, "ground": "R8b", "document": "C-2026-1", "law_ref": "", "second": "staff-9"}


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with an_engine(tmp_path, MovedClock()) as engine:
        yield engine


class TestPlacing:
    def test_a_hold_stands_from_then_on(self, engine: Engine) -> None:
        name = engine.holds.place(**FITTING)

        (standing,) = engine.holds.standing()
        assert (standing.id, standing.ground, standing.until) == (name, "R8", "2026-05-01")

    @pytest.mark.parametrize(
        "changes",
        [
            *(
                {"ground": "R9"},
                {"ground": ""},
                {"document": ""},
                {"law_ref": ""},
                {"by": ""},
                {"until": TODAY},
            ),
            *(
                {"until": date(2020, 1, 1)},
                {"category": "spies"},
                {"holding_id": "2603-aaaaaaaaaaaaaaaaaaaa"},
            ),
        ],
    )
    def test_an_authoritys_hold_names_everything(self, engine: Engine, changes: dict[str, Any]) -> None:
        with pytest.raises(HoldInvalid):
            engine.holds.place(**{**FITTING, **changes})
        assert engine.holds.standing() == []

    @pytest.mark.parametrize(
        "changes",
        [{"second": ""}, {"second": "staff-7"}, {"document": ""}, {"until": TODAY + timedelta(days=91)}],
    )
    def test_a_dispute_of_our_own_needs_two_persons_and_ninety_days(
        self, engine: Engine, changes: dict[str, Any]
    ) -> None:
        engine.holds.place(**{**DISPUTE, "until": TODAY + timedelta(days=90)})

        with pytest.raises(HoldInvalid):
            engine.holds.place(**{**DISPUTE, **changes})

    def test_a_hold_may_name_a_record_of_its_category(self, engine: Engine) -> None:
        record = engine.gate.write(a_submission()).record

        assert engine.holds.place(**FITTING, holding_id=record, category="visitor")
        with pytest.raises(HoldInvalid):
            engine.holds.place(**FITTING, holding_id=record, category="delivery")

    def test_placing_is_sealed_and_journaled(self, engine: Engine) -> None:
        name = engine.holds.place(**FITTING)

        engine.sealing.seal()
        assert sql(engine, "SELECT count(*) FROM ledger_entry WHERE act = 'hold_placed'") == [(1,)]
        assert [line["hold"] for line in engine.journal.read() if line["act"] == "hold_placed"] == [name]


class TestReleasing:
    def test_a_released_hold_stands_no_more(self, engine: Engine) -> None:
        name = engine.holds.place(**FITTING)

        engine.holds.release(name, "staff-9")

        assert engine.holds.standing() == []
        assert sql(engine, "SELECT released_by FROM hold") == [("staff-9",)]

    @pytest.mark.parametrize("name", ["", "nothing", "%"])
    def test_a_hold_that_does_not_stand_is_not_released(self, engine: Engine, name: str) -> None:
        with pytest.raises(HoldInvalid):
            engine.holds.release(name, "staff-9")

    def test_a_hold_is_released_once(self, engine: Engine) -> None:
        name = engine.holds.place(**FITTING)
        engine.holds.release(name, "staff-9")

        with pytest.raises(HoldInvalid):
            engine.holds.release(name, "staff-7")

    def test_a_hold_is_not_edited(self, engine: Engine) -> None:
        assert {name for name in dir(engine.holds) if not name.startswith("_")} == {
            "place",
            "place_each",
            "release",
            "standing",
        }

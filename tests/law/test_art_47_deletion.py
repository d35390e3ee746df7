"""PIPL 47: what is no longer needed, or is asked away, is erased; what a statute or a case keeps is only stored."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.domain.errors import ReadRefused, RecordErased
from compliance.domain.request import RequestKind, RequestState
from tests.builders import GUARD, OFFICER
from tests.services.requests_house import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


class TestParagraph1:
    def test_the_period_is_over_and_nobody_had_to_ask(self, house: House) -> None:
        record = house.register().record
        house.clock.forward(days=32)

        swept = house.engine.retention.sweep()

        assert (swept.disposed.erased_records, swept.left) == (1, 0)
        assert house.sealed_parts() == 0
        with pytest.raises(RecordErased):
            house.engine.reader.read(record, "entry_security", OFFICER)

    def test_whoever_asks_is_erased_at_once(self, house: House) -> None:
        asked, other = house.register(), house.register()
        number = house.requests.open(RequestKind.DELETION, pass_code=asked.pass_code).number

        assert house.requests.fulfil(number) is RequestState.CLOSED

        with pytest.raises(RecordErased):
            house.engine.reader.read(asked.record, "entry_security", OFFICER)
        assert house.engine.reader.read(other.record, "entry_security", OFFICER).fields

    def test_the_erasure_is_shown_and_not_only_said(self, house: House) -> None:
        receipt = house.register()
        number = house.requests.open(RequestKind.DELETION, pass_code=receipt.pass_code).number
        house.requests.fulfil(number)

        assert len(house.requests.acts(number)) == 1
        assert house.engine.sealing.verify().size > 0

    def test_nothing_of_it_can_be_asked_for_again(self, house: House) -> None:
        receipt = house.register()
        number = house.requests.open(RequestKind.DELETION, pass_code=receipt.pass_code).number
        house.requests.fulfil(number)
        envelopes = house.sealed_parts()

        assert envelopes == 0
        assert house.keys("own/") == []


class TestParagraph2:
    def test_what_a_case_needs_is_stored_and_nothing_else(self, house: House) -> None:
        record = house.register().record
        house.hold(holding_id=record)
        house.clock.forward(days=32)

        swept = house.engine.retention.sweep()

        assert (swept.disposed.restricted_parts, swept.disposed.erased_parts) == (1, 0)
        for reader in (GUARD, OFFICER):
            with pytest.raises(ReadRefused):
                house.engine.reader.read(record, "entry_security", reader)

    def test_when_the_case_is_over_it_goes(self, house: House) -> None:
        hold = house.hold(holding_id=house.register().record)
        house.clock.forward(days=32)
        house.engine.retention.sweep()

        house.engine.holds.release(hold, "staff-7")
        house.engine.retention.sweep()

        assert house.sealed_parts() == 0

    def test_a_hold_ends_on_its_day_without_anybody(self, house: House) -> None:
        house.hold(holding_id=house.register().record)
        house.clock.forward(days=32)
        house.engine.retention.sweep()
        house.clock.forward(days=40)

        house.engine.retention.sweep()

        assert house.sealed_parts() == 0
        assert house.standing() == []

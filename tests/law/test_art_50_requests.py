"""PIPL 50: asking is easy, is answered by a date, and a refusal gives its reasons."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.domain.errors import RequestRefused
from compliance.domain.request import Ground, RequestKind, RequestState, Stated
from tests.services.requests_house import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


class TestParagraph1:
    def test_a_request_gets_a_number_and_a_date_at_once(self, house: House) -> None:
        receipt = house.requests.open(RequestKind.DELETION, pass_code=house.register().pass_code)

        view = house.requests.status(receipt.number)
        assert view.state is not RequestState.CLOSED
        assert house.requests.receipt(receipt.number)

    def test_what_nothing_stands_against_runs_by_itself(self, house: House) -> None:
        number = house.requests.open(RequestKind.DELETION, pass_code=house.register().pass_code).number

        house.requests.resume()

        assert house.requests.status(number).state is RequestState.CLOSED

    def test_a_refusal_without_reasons_is_impossible(self, house: House) -> None:
        receipt = house.register()
        house.hold(holding_id=receipt.record)
        number = house.requests.open(RequestKind.DELETION, pass_code=receipt.pass_code).number
        house.requests.fulfil(number)

        with pytest.raises(RequestRefused):
            house.requests.decide(number, by="staff-9", accept=False, reasons=())

    def test_a_refusal_says_why_and_under_which_law(self, house: House) -> None:
        receipt = house.register()
        house.hold(holding_id=receipt.record)
        number = house.requests.open(RequestKind.DELETION, pass_code=receipt.pass_code).number
        house.requests.fulfil(number)

        secret = Stated(ground=Ground.SECRECY, law_ref="反恐怖主义法 18")
        house.requests.decide(number, by="staff-9", accept=False, reasons=[secret])

        assert house.requests.status(number).state is RequestState.REFUSED

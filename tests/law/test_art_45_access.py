"""PIPL 45: a person may see and copy what is held about them, by what they hold in their hand, and nobody else may."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.domain.errors import RequestRefused
from compliance.domain.request import RequestKind, RequestState
from tests.builders import MOBILE
from tests.services.requests_house import NAME, UNKNOWN, House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


class TestWhoAsks:
    def test_the_pass_code_is_enough(self, house: House) -> None:
        number = house.requests.open(RequestKind.ACCESS, pass_code=house.register().pass_code).number

        assert house.requests.fulfil(number) is RequestState.CLOSED

    def test_a_number_alone_proves_nothing(self, house: House) -> None:
        house.register()
        number = house.requests.open(RequestKind.ACCESS, mobile=MOBILE).number
        house.requests.match(number)

        assert house.requests.fulfil(number) is not RequestState.CLOSED
        with pytest.raises(RequestRefused):
            house.requests.verify(number, "000000")

    def test_asking_does_not_tell_whether_a_number_is_on_record(self, house: House) -> None:
        house.register()
        known, unknown = (
            house.requests.open(RequestKind.ACCESS, mobile=mobile) for mobile in (MOBILE, UNKNOWN)
        )
        for one in (known, unknown):
            house.requests.match(one.number)

        assert house.requests.status(known.number).state is house.requests.status(unknown.number).state


class TestWhatIsShown:
    def test_a_copy_has_everything_that_is_held(self, house: House) -> None:
        number = house.requests.open(RequestKind.ACCESS, mobile=MOBILE).number
        house.register()
        house.requests.match(number)
        house.deliver()
        token = house.requests.verify(number, house.last_code())
        house.requests.fulfil(number)

        said = json.dumps(house.requests.package(number, token), ensure_ascii=False)

        for value in (NAME, MOBILE):
            assert value in said

    def test_nobody_else_opens_it(self, house: House) -> None:
        number = house.requests.open(RequestKind.ACCESS, pass_code=house.register().pass_code).number
        house.requests.fulfil(number)

        with pytest.raises(RequestRefused):
            house.requests.package(number, "not-the-token")

"""Who asks: by a pass code that is itself the proof, or by a number of which nobody learns whether it is on record."""

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from compliance.domain.errors import RequestRefused
from compliance.domain.request import RequestKind, RequestState
from tests.builders import MOBILE
from tests.services.requests_house import UNKNOWN, House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


class TestByPassCode:
    def test_the_code_is_itself_the_proof(self, house: House) -> None:
        asked = house.requests.open(RequestKind.ACCESS, pass_code=house.register().pass_code)
        assert asked.access_token is not None
        assert house.requests.status(asked.number).state is RequestState.SEARCHING

    def test_it_is_read_as_people_copy_it(self, house: House) -> None:
        code = house.register().pass_code
        typed = "-".join((code[:4], code[4:8], code[8:])).lower().replace("0", "o").replace("1", "l")
        assert house.requests.open(RequestKind.ACCESS, pass_code=typed).access_token

    @pytest.mark.parametrize("code", ["0000-0000-0000", "", "not a code", "密" * 12, "0" * 400])
    def test_a_wrong_an_unknown_and_a_malformed_code_are_one_answer(self, house: House, code: str) -> None:
        house.register()
        with pytest.raises(RequestRefused, match=r"^No living record has this pass code\.$"):
            house.requests.open(RequestKind.ACCESS, pass_code=code)
        assert house.requests.list_open() == []
        assert house.keys("request/") == []

    def test_a_code_whose_record_is_gone_is_unknown(self, house: House) -> None:
        code = house.register().pass_code
        first = house.requests.open(RequestKind.DELETION, pass_code=code)
        assert house.requests.fulfil(first.number) is RequestState.CLOSED
        with pytest.raises(RequestRefused, match="No living record"):
            house.requests.open(RequestKind.ACCESS, pass_code=code)


class TestByMobile:
    def test_known_and_unknown_numbers_get_byte_equal_answers(self, house: House) -> None:
        house.register()
        answers, views = [], []
        for mobile in (MOBILE, UNKNOWN):
            asked = house.requests.open(RequestKind.DELETION, mobile=mobile)
            before = house.requests.status(asked.number)
            house.requests.match(asked.number)
            after = house.requests.status(asked.number)
            text = json.dumps(dict(asked.text), ensure_ascii=False).replace(asked.number, "N")
            answers.append((text.encode(), asked.deadlines, asked.access_token))
            views.append((replace(before, number="N"), replace(after, number="N")))
        assert answers[0] == answers[1]
        assert views[0] == views[1]
        assert house.deliver() == 1
        assert [destination for _, destination, _ in house.messages.sent] == [MOBILE]

    def test_the_rows_of_both_look_alike_too(self, house: House) -> None:
        house.register()
        shapes = []
        for mobile in (MOBILE, UNKNOWN):
            number = house.requests.open(RequestKind.DELETION, mobile=mobile).number
            house.requests.match(number)
            with house.engine.books.reading() as books:
                row = books.requests.find(number)
            assert row is not None
            assert row.code is not None
            assert row.sealed is not None
            shapes.append(row._replace(number="", code=bytes(len(row.code)), sealed=bytes(len(row.sealed))))
        assert shapes[0] == shapes[1]

    def test_the_right_code_gives_a_token(self, house: House) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile="+86 194-0000-0001").number
        house.requests.match(number)
        house.deliver()
        assert house.requests.verify(number.lower(), house.last_code())
        assert house.requests.status(number).state is RequestState.SEARCHING

    def test_five_wrong_codes_lock_and_a_new_one_opens_again(self, house: House) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
        house.requests.match(number)
        house.deliver()
        code = house.last_code()
        for _ in range(5):
            with pytest.raises(RequestRefused):
                house.requests.verify(number, wrong(code))
        assert house.requests.status(number).state is RequestState.NEED_INFO
        with pytest.raises(RequestRefused):
            house.requests.verify(number, code)
        house.requests.new_code(number)
        house.requests.match(number)
        house.deliver()
        assert house.requests.verify(number, house.last_code())

    def test_four_wrong_codes_do_not_lock(self, house: House) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
        house.requests.match(number)
        house.deliver()
        for _ in range(4):
            with pytest.raises(RequestRefused):
                house.requests.verify(number, wrong(house.last_code()))
        assert house.requests.verify(number, house.last_code())

    @pytest.mark.parametrize(("seconds", "good"), [(599, True), (600, False)])
    def test_a_code_is_good_for_ten_minutes(self, house: House, seconds: int, good: bool) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
        house.requests.match(number)
        house.deliver()
        house.clock.forward(seconds=seconds)
        if good:
            assert house.requests.verify(number, house.last_code())
        else:
            with pytest.raises(RequestRefused):
                house.requests.verify(number, house.last_code())

    def test_a_code_serves_its_own_request_only(self, house: House) -> None:
        house.register()
        first = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
        other = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
        house.requests.match(first)
        house.deliver()
        code = house.last_code()
        house.requests.match(other)
        with pytest.raises(RequestRefused):
            house.requests.verify(other, code)

    def test_a_code_serves_once(self, house: House) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
        house.requests.match(number)
        house.deliver()
        house.requests.verify(number, house.last_code())
        with pytest.raises(RequestRefused):
            house.requests.verify(number, house.last_code())

    @pytest.mark.parametrize("mobile", [MOBILE, UNKNOWN])
    def test_a_number_gets_three_codes_an_hour_over_all_its_requests(self, house: House, mobile: str) -> None:
        house.register()
        for _ in range(3):
            house.requests.match(house.requests.open(RequestKind.ACCESS, mobile=mobile).number)
        fourth = house.requests.open(RequestKind.ACCESS, mobile=mobile).number
        house.requests.match(fourth)
        assert house.requests.status(fourth).state is RequestState.NEED_INFO
        with pytest.raises(RequestRefused, match="Three codes an hour"):
            house.requests.new_code(fourth)
        assert house.deliver() == (3 if mobile == MOBILE else 0)
        house.clock.forward(hours=1)
        house.requests.new_code(fourth)
        house.requests.match(fourth)
        assert house.deliver() == (1 if mobile == MOBILE else 0)

    def test_matching_twice_sends_once(self, house: House) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
        for _ in range(3):
            house.requests.match(number)
        house.requests.resume()
        house.deliver()
        house.deliver()
        assert len(house.messages.sent) == 1

    @pytest.mark.parametrize("mobile", [MOBILE, UNKNOWN])
    def test_a_lost_wake_up_is_found_by_the_next_beat(self, house: House, mobile: str) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile=mobile).number
        house.requests.resume()
        assert house.requests.status(number).state is RequestState.VERIFYING

    @pytest.mark.parametrize("mobile", [MOBILE, UNKNOWN])
    def test_who_shows_no_proof_within_a_day_is_refused_with_the_reason(
        self, house: House, mobile: str
    ) -> None:
        house.register()
        number = house.requests.open(RequestKind.DELETION, mobile=mobile).number
        house.requests.resume()
        house.deliver()
        house.messages.sent.clear()
        house.clock.forward(days=1)
        house.requests.resume()
        assert house.requests.status(number).state is RequestState.REFUSED
        assert house.keys("request/") == []
        assert house.deliver() == 0
        with house.engine.books.reading() as books:
            row = books.requests.find(number)
        assert row is not None
        assert json.loads(row.letter)["reasons"] == [["R4", ""]]
        assert (row.sealed, row.code) == (None, None)

    @pytest.mark.parametrize("mobile", ["1", "110101180001010015", "abc", "", "1" * 5000])
    def test_what_is_no_mobile_number_is_not_repeated(self, house: House, mobile: str) -> None:
        with pytest.raises(RequestRefused) as refused:
            house.requests.open(RequestKind.DELETION, mobile=mobile)
        assert str(refused.value) == "mobile: bad format"


class TestWhatIsNotTaken:
    def test_a_right_that_is_not_built(self, house: House) -> None:
        with pytest.raises(RequestRefused):
            house.requests.open(RequestKind.TRANSFER, mobile=MOBILE)

    def test_both_ways_at_once_or_none(self, house: House) -> None:
        with pytest.raises(RequestRefused):
            house.requests.open(RequestKind.ACCESS)
        with pytest.raises(RequestRefused):
            house.requests.open(RequestKind.ACCESS, mobile=MOBILE, pass_code="0" * 12)

    def test_a_site_that_is_not_ours(self, house: House) -> None:
        with pytest.raises(RequestRefused, match="site"):
            house.requests.open(RequestKind.ACCESS, mobile=MOBILE, site="elsewhere")

    def test_an_unknown_request_number(self, house: House) -> None:
        house.requests.match("260302-00000000")
        assert house.requests.fulfil("260302-00000000") is None
        for step in (
            lambda: house.requests.verify("260302-00000000", "000000"),
            lambda: house.requests.status("nobody's"),
            lambda: house.requests.show("nobody's"),
            lambda: house.requests.letter("260302-00000000", "0" * 26),
            lambda: house.requests.new_code("260302-00000000"),
        ):
            with pytest.raises(RequestRefused):
                step()

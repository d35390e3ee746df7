"""The same life of a request in a real PostgreSQL, and two hands that reach for the same request at once."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.domain.request import RequestKind, RequestState
from tests.builders import MOBILE
from tests.services.requests_house import UNKNOWN, House, a_house


@pytest.fixture
def house(tmp_path: Path, postgres_database: str) -> Iterator[House]:
    with a_house(tmp_path, postgres_database) as house:
        yield house


def test_a_request_lives_its_whole_life(house: House) -> None:
    house.register()
    number = house.requests.open(RequestKind.ACCESS, mobile=MOBILE).number
    unknown = house.requests.open(RequestKind.ACCESS, mobile=UNKNOWN).number
    house.requests.resume()
    assert house.deliver() == 1
    token = house.requests.verify(number, house.last_code())
    assert house.requests.fulfil(number) is RequestState.CLOSED
    assert house.requests.package(number, token)["records"]
    erasing = house.requests.open(RequestKind.DELETION, mobile=MOBILE).number
    house.requests.match(erasing)
    assert house.deliver() == 2  # the copy's outcome and the new code
    house.requests.verify(erasing, house.last_code())
    assert house.requests.fulfil(erasing) is RequestState.CLOSED
    assert house.sealed_parts() == 0
    house.clock.forward(days=8)
    house.requests.resume()
    house.engine.outbox.clear()
    assert house.requests.status(unknown).state is RequestState.REFUSED
    assert house.keys("request/") == house.keys("package/") == house.keys("outbox/") == []
    house.engine.sealing.seal()
    assert house.engine.sealing.verify().pending == 0


def test_many_hands_at_once_carry_a_request_out_once(house: House) -> None:
    receipt = house.register()
    asked = house.requests.open(RequestKind.DELETION, pass_code=receipt.pass_code)
    failures: list[BaseException] = []

    def work() -> None:
        try:
            house.requests.fulfil(asked.number)
        except BaseException as failure:  # noqa: BLE001  a thread has to bring its failure home
            failures.append(failure)

    hands = [threading.Thread(target=work) for _ in range(6)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(timeout=60)
    assert failures == []
    assert [step.state for step in house.requests.show(asked.number).steps] == [
        *("received", "verifying", "searching", "deciding", "executing", "notified", "closed")
    ]
    with house.engine.books.reading() as books:
        assert len(books.ledger.tombstones_of(receipt.record)) == 1


def test_many_deliverers_at_once_send_each_message_once(house: House) -> None:
    mobiles = [f"1940001{n:04d}" for n in range(8)]
    for mobile in mobiles:
        house.register(mobile)
        house.requests.match(house.requests.open(RequestKind.DELETION, mobile=mobile).number)
    hands = [threading.Thread(target=house.deliver) for _ in range(4)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join(timeout=60)
    assert sorted(destination for _, destination, _ in house.messages.sent) == mobiles

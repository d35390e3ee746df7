"""Messages: sealed in the act's own transaction, sent at most once, destroyed on sending."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from compliance.policies.instruments import INSTRUMENTS
from compliance.services.transports import ConsoleTransport
from tests.builders import MOBILE
from tests.services.requests_house import House, a_house


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


def post(house: House, key: str = "code/1", body: str = "验证码123456", to: str = MOBILE) -> None:
    with house.engine.books.writing() as books:
        house.engine.outbox.post(
            books, key=key, kind="code", destination=to, body=body, useful_for=timedelta(minutes=10)
        )


class Refusing:
    """A carrier whose line is down, and whose error quotes the number."""

    def send(self, *, key: str, kind: str, destination: str, body: str) -> None:
        raise OSError(destination)


class Killed(BaseException):
    """The process ends here."""


class Killing:
    def send(self, *, key: str, kind: str, destination: str, body: str) -> None:
        raise Killed


def test_a_message_is_sent_once_and_then_gone_with_its_key(house: House) -> None:
    post(house)
    assert len(house.keys("outbox/")) == 1
    assert house.deliver() == 1
    assert house.deliver() == 0
    assert house.messages.sent == [("code", MOBILE, "验证码123456")]
    assert house.keys("outbox/") == []


def test_the_same_key_is_no_second_message(house: House) -> None:
    post(house)
    post(house, body="another")
    assert house.deliver() == 1


def test_a_message_of_an_act_that_failed_was_never_written(house: House) -> None:
    with pytest.raises(Killed), house.engine.books.writing() as books:
        house.engine.outbox.post(
            books, key="k", kind="code", destination=MOBILE, body="", useful_for=timedelta(minutes=10)
        )
        raise Killed
    assert house.deliver() == 0
    house.clock.forward(days=3)
    house.engine.outbox.clear()
    assert house.keys("outbox/") == []


def test_a_message_at_rest_shows_neither_destination_nor_body(house: House) -> None:
    unused = "19400008888"  # MOBILE itself stands in the cases of the published policies
    post(house, body="canary-body", to=unused)
    at_rest = house.bytes_at_rest()
    assert b"code/1" in at_rest
    assert unused.encode() not in at_rest
    assert b"canary-body" not in at_rest


def test_a_carrier_that_fails_is_tried_again(house: House) -> None:
    post(house)
    assert house.engine.outbox.deliver(Refusing()) == 0
    assert house.deliver() == 1


def test_a_deliverer_that_is_killed_sends_nothing_twice(house: House) -> None:
    post(house)
    with pytest.raises(Killed):
        house.engine.outbox.deliver(Killing())
    assert house.deliver() == 0
    house.clock.forward(minutes=11)
    assert house.deliver() == 0
    assert house.keys("outbox/") == []


@pytest.mark.parametrize(("seconds", "sent"), [(599, 1), (600, 0)])
def test_a_message_of_no_use_any_more_is_destroyed_unsent(house: House, seconds: int, sent: int) -> None:
    post(house)
    house.clock.forward(seconds=seconds)
    assert house.deliver() == sent
    assert house.keys("outbox/") == []


def test_a_message_whose_key_is_lost_does_not_stop_the_others(house: House) -> None:
    post(house, "first")
    house.engine.keyring.destroy(house.keys("outbox/")[0])
    post(house, "second")
    assert house.deliver() == 1
    assert house.deliver() == 0


def test_the_console_shows_the_message_and_masks_where_it_goes() -> None:
    lines: list[str] = []
    ConsoleTransport(lines.append, INSTRUMENTS.mask).send(
        key="k", kind="code", destination=MOBILE, body="验证码123456"
    )
    assert lines == ["验证码短信 → 194****0001：验证码123456"]

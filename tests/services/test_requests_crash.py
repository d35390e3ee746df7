"""A process that is killed at any moment: before every call on the books, before every commit, and after it."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from compliance.db.unit_of_work import SqlBooks, SqlUnitOfWork
from compliance.domain.errors import RequestRefused
from compliance.domain.ledger import parse
from compliance.domain.request import RequestKind, RequestState
from compliance.policies.instruments import INSTRUMENTS
from compliance.services.outbox import SealedOutbox
from compliance.services.requests import Requests
from tests.services.requests_house import House, a_house

BOOKS = frozenset({"holdings", "ledger", "consents", "requests", "outbox", "counts", "packs", "holds"})


class Killed(BaseException):
    """The process ends here."""


class Countdown:
    """Ends the process at the n-th tick."""

    def __init__(self, n: int) -> None:
        self.left = n

    def tick(self) -> None:
        self.left -= 1
        if self.left == 0:
            raise Killed


class Watched:
    """One group of books, each of whose calls is a tick."""

    def __init__(self, inner: Any, countdown: Countdown) -> None:
        self._inner, self._countdown = inner, countdown

    def __getattr__(self, name: str) -> Any:
        call: Callable[..., Any] = getattr(self._inner, name)

        def watched(*given: Any, **named: Any) -> Any:
            self._countdown.tick()
            return call(*given, **named)

        return watched


class WatchedBooks(SqlBooks):
    countdown: Countdown

    def __getattribute__(self, name: str) -> Any:
        found = super().__getattribute__(name)
        return Watched(found, super().__getattribute__("countdown")) if name in BOOKS else found


class DyingBooks:
    """A unit of work of a process that dies: within a transaction, just before its commit, or just after it."""

    def __init__(self, inner: SqlUnitOfWork, countdown: Countdown) -> None:
        self._inner, self._countdown = inner, countdown

    @contextmanager
    def writing(self) -> Iterator[SqlBooks]:
        with self._inner.writing() as books:
            watched = WatchedBooks(books.connection)
            watched.countdown = self._countdown
            yield watched
            self._countdown.tick()
        self._countdown.tick()

    @contextmanager
    def reading(self) -> Iterator[SqlBooks]:
        with self._inner.reading() as books:
            yield books

    def settle(self) -> None:
        self._countdown.tick()
        self._inner.settle()


def dying(house: House, n: int) -> tuple[Requests, SealedOutbox]:
    """The same wiring as bootstrap's, on books that end the process at the n-th call."""
    assert isinstance(house.engine.books, SqlUnitOfWork)
    books = DyingBooks(house.engine.books, Countdown(n))
    whole = house.requests
    engine = house.engine
    outbox = SealedOutbox(books=books, keyring=engine.keyring, ids=engine.ids, clock=engine.clock)
    requests = Requests(
        books=books,
        casework=whole._case,
        tools=INSTRUMENTS,
        reads=engine.stores,
        outbox=outbox,
        disposal=whole._work._disposal,
        journal=engine.journal,
    )
    return requests, outbox


def erased(house: House, record: str) -> int:
    """How many sealed entries say that this record was erased."""
    house.engine.sealing.seal()
    with house.engine.books.reading() as books:
        return sum(
            1 for row in books.ledger.tombstones_of(record) if books.ledger.seq_of(row.act_id) is not None
        )


def sums_up(house: House) -> None:
    """Every step has its entry, and no entry of a request is without its step."""
    house.engine.sealing.seal()
    with house.engine.books.reading() as books:
        entries = [(act_id, parse(sealed)) for _, act_id, sealed in books.ledger.entries(limit=100_000)]
        rows = books.requests.received("2026-01-01", "2027-01-01")
        steps = {step.act_id for row in rows for step in books.requests.steps(row.number)}
    assert steps == {act_id for act_id, entry in entries if entry.act.value.startswith("request")}
    house.engine.sealing.verify()


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    with a_house(tmp_path) as house:
        yield house


@pytest.mark.parametrize(
    ("kind", "end"), [(RequestKind.DELETION, RequestState.CLOSED), (RequestKind.ACCESS, RequestState.CLOSED)]
)
def test_fulfilment_killed_at_any_call_ends_as_if_it_had_not_been(
    house: House, stride: int, kind: RequestKind, end: RequestState
) -> None:
    for nth, n in enumerate(range(1, 500, stride), 1):
        receipt = house.register()
        asked = house.requests.open(kind, pass_code=receipt.pass_code)
        requests, _ = dying(house, n)
        finished = False
        with suppress(Killed):
            requests.fulfil(asked.number)
            finished = True
        house.requests.resume()
        house.requests.resume()
        assert house.requests.status(asked.number).state is end
        assert house.keys("request/") == []
        if kind is RequestKind.DELETION:
            assert erased(house, receipt.record) == 1
            assert house.sealed_parts() == 0
        else:
            assert house.requests.package(asked.number, asked.access_token or "")["records"]
            assert house.sealed_parts() == nth
        if finished:
            assert n > 20
            break
    sums_up(house)


def test_asking_by_mobile_killed_at_any_call_can_be_gone_on_with(house: House, stride: int) -> None:
    for n in range(1, 500, stride):
        mobile = f"194{n:08d}"
        receipt = house.register(mobile)
        requests, outbox = dying(house, n)
        number, finished = "", False
        with suppress(Killed):
            number = requests.open(RequestKind.DELETION, mobile=mobile).number
            requests.match(number)
            outbox.deliver(house.messages)
            requests.verify(number, house.last_code())
            requests.fulfil(number)
            outbox.deliver(house.messages)
            finished = True
        go_on(house, number, mobile)
        assert erased(house, receipt.record) == 1
        codes = codes_for(house, mobile)
        assert len(codes) == len(set(codes)) <= 2
        if finished:
            assert n > 40
            break
    house.clock.forward(days=3)  # what was opened and never acknowledged is refused in the end
    house.requests.resume()
    house.engine.outbox.clear()
    assert house.requests.list_open() == []
    assert house.sealed_parts() == 0
    assert house.keys("request/") == house.keys("outbox/") == house.keys("package/") == []
    sums_up(house)


def codes_for(house: House, mobile: str) -> list[str]:
    texts = [body for _, destination, body in house.messages.sent if destination == mobile]
    return [found[1] for text in texts if (found := re.search(r"验证码(\d{6})", text))]


def go_on(house: House, number: str, mobile: str) -> None:
    """What the people and the beat do after the restart: who got no receipt asks again, who got no code asks for one.

    Where the first request was committed but not acknowledged, both get a code, and people try the one they have.
    """
    number = number or house.requests.open(RequestKind.DELETION, mobile=mobile).number
    house.requests.resume()
    for _ in range(2):
        house.deliver()
        for code in codes_for(house, mobile):
            with suppress(RequestRefused):
                house.requests.verify(number, code)
        if house.requests.status(number).state is RequestState.VERIFYING:
            house.clock.forward(minutes=11)
            house.requests.new_code(number)
            house.requests.match(number)
    house.requests.resume()
    assert house.requests.status(number).state is RequestState.CLOSED

"""Subjects' requests, and messages on their way out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from compliance.ports.books import Books  # who opens the books asks of the stores, and they of the books


class RequestRow(NamedTuple):
    """One request. `sealed` holds the identity it was made under and the records found, under ``request/<number>``;
    at the case's end it is None and the key is gone. `access` and `code` are keyed digests of what the requester holds.
    """

    number: str
    kind: str
    site: str
    way: str  # pass | mobile
    received_at: int
    received_on: str
    state: str
    moved_at: int
    house_due: str
    legal_due: str
    provisional: bool
    sealed: bytes | None
    access: bytes | None
    code: bytes | None
    code_until: int
    tries: int
    codes: int
    letter: str  # JSON: the outcome in slots, without what was deleted or shown; "" before there is one


class RequestStepRow(NamedTuple):
    """One move of one request, and the ledger's act that says so without saying whose."""

    number: str
    no: int
    state: str
    at: int
    by: str  # subject | engine | a staff id
    act_id: str


class PackageRow(NamedTuple):
    """The copy that an access request is answered with, sealed under ``package/<number>``; open until `ends_at`.

    While `ends_at` is 0 the case has not been decided and nobody may have it.
    """

    number: str
    envelope: bytes
    ends_at: int


class RequestBook(Protocol):
    def add(self, row: RequestRow) -> None: ...

    def find(self, number: str) -> RequestRow | None: ...

    def claim(self, number: str) -> RequestRow | None:
        """The same, kept from everybody else until this unit of work ends."""
        ...

    def save(self, row: RequestRow) -> None: ...

    def in_states(self, states: Sequence[str]) -> list[RequestRow]:
        """Oldest first."""
        ...

    def received(self, first_day: str, end_day: str) -> list[RequestRow]:
        """Received on a day in [first, end), for reports."""
        ...

    def forget(self, states: Sequence[str], before: int) -> int:
        """Drop requests, with their steps, that came to rest in one of these states by then; returns how many."""
        ...

    def add_step(self, row: RequestStepRow) -> None: ...

    def steps(self, number: str) -> list[RequestStepRow]: ...

    def note_code(self, token: bytes, at: int) -> None:
        """That a code was made for a number, as a keyed digest; kept for the hour that the limit looks back."""
        ...

    def codes_since(self, token: bytes, since: int) -> int: ...

    def forget_codes(self, before: int) -> int: ...

    def put_package(self, row: PackageRow) -> None: ...

    def package(self, number: str) -> PackageRow | None: ...

    def packages(self) -> list[tuple[str, int]]:
        """(number, ends_at) of every package there is."""
        ...

    def drop_package(self, number: str) -> None: ...


class OutboxRow(NamedTuple):
    """A message to somebody, sealed with its destination under ``outbox/<id>``. `key` makes a second one impossible."""

    id: str
    key: str
    kind: str
    envelope: bytes
    made_at: int
    until: int  # of no use afterwards, so destroyed unsent
    claimed_at: int  # 0 = nobody is sending it
    failures: int


class OutboxBook(Protocol):
    def add(self, row: OutboxRow) -> None: ...

    def has(self, key: str) -> bool: ...

    def claim(self, id: str) -> OutboxRow | None:
        """One message, kept from other deliverers until this unit of work ends."""
        ...

    def waiting(self, limit: int) -> list[str]:
        """Ids of messages that nobody is sending, oldest first."""
        ...

    def save(self, row: OutboxRow) -> None: ...

    def drop(self, ids: Sequence[str]) -> None: ...

    def over(self, now: int, claimed_before: int) -> list[str]:
        """Ids of messages past their use, and of those whose sending began long ago and was never reported."""
        ...

    def ids(self) -> list[str]: ...


class Outbox(Protocol):
    """Where an act leaves a message, in its own transaction."""

    def post(
        self, books: Books, *, key: str, kind: str, destination: str, body: str, useful_for: timedelta
    ) -> None: ...


class Transport(Protocol):
    """Carries one message out of the house. Raises whatever it likes where it could not; it is tried again later."""

    def send(self, *, key: str, kind: str, destination: str, body: str) -> None: ...

"""The register of what authorities asked for: its rows and its shelf."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol


class DisclosureRow(NamedTuple):
    """One request of an authority. Lists are words with blanks between them; days are ISO, moments epoch seconds, and
    "" or 0 stand for what has not happened.
    """

    id: str
    site: str
    state: str
    authority: str
    unit: str
    document: str
    ground: str
    officers: str
    approval: str
    category: str
    fields: str
    first_day: str
    last_day: str
    records: str
    hold_until: str
    urgent: bool
    seen: str
    called_back: int
    asked_by: str
    asked_at: int
    asked_on: str
    signed_by: str
    signed_on: str
    sign_due: int
    given_by: str
    given_on: str
    n: int
    digest: str
    members: str
    refused_by: str
    refusal: str
    alarmed_at: int
    keep_until: str


class DisclosureBook(Protocol):
    def add(self, row: DisclosureRow) -> None: ...

    def find(self, disclosure_id: str) -> DisclosureRow | None: ...

    def claim(self, disclosure_id: str) -> DisclosureRow | None:
        """The row, locked to the end of the transaction: two signers, or two who fetch, come one after the other."""
        ...

    def save(self, row: DisclosureRow) -> None: ...

    def listed(self, states: Sequence[str] = ()) -> list[DisclosureRow]:
        """Newest first; of every state where none is named."""
        ...

    def unsigned(self, due_before: int) -> list[DisclosureRow]:
        """Given at once, due for a second signature before this moment, not signed, and no alarm yet."""
        ...

    def forget(self, before: str) -> int:
        """Erase what is kept no longer than before this day; returns how many rows."""
        ...

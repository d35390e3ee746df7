"""The evidence of consents, what takes it back, and whom not to ask again: rows are added and expire, none is changed."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from compliance.ports.rows import ConsentRow


class RelianceRow(NamedTuple):
    """That one consent is taken over from an earlier one, by the pass of its holder."""

    consent_id: str
    on_consent: str
    holding_id: str
    erase_on: str


class CoolDownRow(NamedTuple):
    """That whoever holds this token said no to a field: not asked again before the day `until` is over."""

    epoch: int
    digest: bytes
    category: str
    field: str
    until: str


class Consents(Protocol):
    def add(self, rows: Sequence[ConsentRow], relying: Sequence[RelianceRow] = ()) -> None: ...

    def of_holding(self, holding_id: str) -> list[ConsentRow]:
        """Those that stand: without what was withdrawn."""
        ...

    def evidence(self, holding_id: str) -> list[tuple[ConsentRow, str]]:
        """All of them, each with the day of its withdrawal, empty where it stands."""
        ...

    def taken_back(self, holding_ids: Sequence[str]) -> dict[str, list[str]]:
        """What each withdrawn consent of these records covered, by holding id; records without one are left out."""
        ...

    def standing(self, consent_ids: Sequence[str]) -> set[str]:
        """Which of these stand; they cannot be withdrawn before the transaction ends."""
        ...

    def claim(self, holding_ids: Sequence[str]) -> list[ConsentRow]:
        """The standing consents of these holdings, claimed: nothing comes to rely on them any more."""
        ...

    def relying_on(self, consent_ids: Sequence[str]) -> list[str]:
        """The holdings whose consents were taken over from these."""
        ...

    def withdraw(self, consent_ids: Sequence[str], day: str) -> int:
        """Enter that these were withdrawn on that day; returns how many were not yet."""
        ...

    def cool(self, rows: Sequence[CoolDownRow]) -> None: ...

    def cooling(self, tokens: Sequence[tuple[int, bytes]], category: str, today: str) -> dict[str, str]:
        """Field → the last day on which whoever holds one of these tokens is not asked for it."""
        ...

    def drop_expired(self, today: str) -> int: ...

"""The use cases as others see them: the door in, the door out, and what they answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from compliance.domain.modes import verdict_word
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason
from compliance.domain.submission import Submission
from compliance.domain.vocabulary import Channel, Door
from compliance.ports.books import Books
from compliance.ports.rows import DuePart, HoldingRow


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who stands at a door: an API key's or staff member's opaque id, and what it may write."""

    id: str
    site: str | None = None  # None = the only site
    categories: tuple[str, ...] = ()  # empty = all
    channels: tuple[Channel, ...] = ()
    door: Door = Door.SINGLE


class Receipt(NamedTuple):
    """What the gate answers. `erase_on` is the day by which the last part is gone."""

    record: str
    category: str
    site: str
    policy_version: int
    pass_code: str
    erase_on: str
    replayed: bool = False
    stripped: tuple[Reason, ...] = ()
    observed: tuple[Reason, ...] = ()
    flagged: tuple[Reason, ...] = ()  # admitted as they are, although a detector spoke

    @property
    def verdict(self) -> str:
        return verdict_word(self.stripped, self.observed)

    @property
    def said(self) -> tuple[Reason, ...]:
        """What was dropped, then what was let through all the same."""
        return self.stripped + self.observed

    def __repr__(self) -> str:  # whoever has the pass code is the person
        return f"Receipt(record={self.record!r}, erase_on={self.erase_on!r}, replayed={self.replayed})"


class Outcome(NamedTuple):
    """One line of a batch: a receipt or the reasons."""

    receipt: Receipt | None = None
    reasons: tuple[Reason, ...] = ()
    erased: bool = False  # a replay of something that has been erased since


class Admit(Protocol):
    """The one door in, as other use cases receive it."""

    def write(self, submission: Submission, caller: Caller) -> Receipt: ...


class Dispose(Protocol):
    """The one door out, as other use cases receive it."""

    def carry_out(
        self, books: Books, holdings: Sequence[HoldingRow], *, cause: str, now: datetime
    ) -> Disposed: ...

    def end_use(self, books: Books, holdings: Sequence[HoldingRow], now: datetime) -> int:
        """Stop all use of what rests on consent, and let it fall due now; returns the parts."""
        ...

    def release(self, books: Books, holding_nos: Sequence[int]) -> int:
        """Put restricted parts back among the living."""
        ...


class Sweep(Protocol):
    """The door out, as retention receives it."""

    def sweep_batch(self, books: Books, now: datetime, limit: int) -> tuple[Disposed, list[DuePart]]:
        """Dispose of one batch of what is due, in the caller's transaction; also returns what was erased."""
        ...

    def release(self, books: Books, holding_nos: Sequence[int]) -> int: ...

    def left(self, books: Books, erased: Sequence[DuePart]) -> int:
        """Read again what was erased: how many parts are still there."""
        ...

    def clear_windows(self, books: Books, now: datetime) -> int:
        """Be rid of windows that are over, where a store cannot erase part by part; returns how many."""
        ...


class Repeat(Protocol):
    """The door out, for a restored database: what was erased is erased again."""

    def repeat(self, books: Books, members: Mapping[str, set[int]], now: datetime) -> Disposed: ...

    def end_use(self, books: Books, holdings: Sequence[HoldingRow], now: datetime) -> int: ...

    def release(self, books: Books, holding_nos: Sequence[int]) -> int: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """What one disposal did: parts and whole records erased, restricted by reason, and the acts that sealed it."""

    erased_parts: int = 0
    erased_records: int = 0
    restricted_parts: int = 0
    late_parts: int = 0
    waiting_parts: int = 0
    act_ids: tuple[str, ...] = ()

    def __add__(self, other: Disposed) -> Disposed:
        return Disposed(
            erased_parts=self.erased_parts + other.erased_parts,
            erased_records=self.erased_records + other.erased_records,
            restricted_parts=self.restricted_parts + other.restricted_parts,
            late_parts=self.late_parts + other.late_parts,
            waiting_parts=self.waiting_parts + other.waiting_parts,
            act_ids=self.act_ids + other.act_ids,
        )


class PolicySource(Protocol):
    """Packs by version. Versions are immutable, so a source may keep what it has read."""

    def active(self, books: Books, now: datetime) -> Pack: ...

    def version(self, books: Books, number: int) -> Pack: ...

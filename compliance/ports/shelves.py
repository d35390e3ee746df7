"""The shelves of our own books: what each group of rows can be asked and told."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from compliance.domain.ledger import Act, Entry
from compliance.ports.rows import (
    DetectionRow,
    DuePart,
    Expectation,
    HeadRow,
    HoldingRow,
    HoldRow,
    PartRow,
    PendingEntry,
    RefusalRow,
    TokenRow,
    TombstoneRow,
)


class Holdings(Protocol):
    def reserve(self, count: int) -> int:
        """The first of `count` consecutive holding numbers."""
        ...

    def add(
        self, holdings: Sequence[HoldingRow], parts: Sequence[PartRow], tokens: Sequence[TokenRow]
    ) -> None: ...

    def add_parts(self, parts: Sequence[PartRow], tokens: Sequence[TokenRow]) -> None: ...

    def find(self, holding_id: str) -> HoldingRow | None: ...

    def recent(self, site: str, limit: int, categories: Sequence[str] = ()) -> list[HoldingRow]:
        """The newest holdings of a site, newest first, for whoever registered them; empty = every category.

        Looks at the newest few thousand only: a rare category must not cost a walk through the whole register.
        """
        ...

    def parts(self, holding_no: int) -> list[PartRow]: ...

    def lasting(self, site: str, category: str, erase_from: int, erase_until: int) -> list[HoldingRow]:
        """A category's holdings of which an active part falls due within these seconds, newest first."""
        ...

    def registered(
        self, site: str, category: str, months: Sequence[str], after: int, limit: int
    ) -> list[HoldingRow]:
        """A category's holdings whose ids begin with one of these months (``2611``), numbered beyond `after`."""
        ...

    def by_tokens(self, digests: Sequence[tuple[int, bytes]]) -> list[HoldingRow]: ...

    def claim_due(self, now: int, limit: int) -> list[DuePart]:
        """Claim active parts that are due, oldest first; other sweeps skip them until this unit of work ends."""
        ...

    def claim(self, holding_nos: Sequence[int]) -> list[DuePart]:
        """Claim every part of these holdings, due or not (a request's plan)."""
        ...

    def part_counts(self, holding_nos: Sequence[int]) -> dict[int, int]: ...

    def drop(self, parts: Sequence[PartRow]) -> int:
        """Remove the parts' duty and tokens, and every holding that has no part left; returns how many of those."""
        ...

    def move(self, part: PartRow) -> None:
        """Replace a part's dates, key and state."""
        ...

    def set_state(self, holding_nos: Sequence[int], state: str, *, was: str) -> int: ...

    def count_in(self, state: str) -> int: ...

    def release_waiting(self) -> list[tuple[str, str, int]]:
        """Make waiting parts active again; returns (site, category, erase_at) of each."""
        ...

    def set_ref(self, refs: Sequence[tuple[int, str]]) -> None: ...

    def set_content(self, holding_no: int, content: bytes | None) -> None: ...

    def in_scope(self, site: str, category: str, holding_id: str) -> list[int]:
        """Holding numbers of a site, narrowed where category or holding id is not empty."""
        ...

    def key_in_use(self, name: str) -> bool: ...

    def keys_left(self, parts: Sequence[tuple[int, int]]) -> int:
        """How many of these parts, by holding and part number, still have a key of their own."""
        ...

    def refers_into(self, begin: str) -> bool:
        """Whether any part lies at a reference that begins like this. Looks at every part: for rare questions."""
        ...

    def epoch_in_use(self, epoch: int) -> bool: ...

    def due_summary(self, until: int) -> list[tuple[str, str, int, int, int]]:
        """(site, category, erase_at, policy version, parts) of what a sweep would decide about up to `until`."""
        ...

    def due_in_scope(
        self, until: int, site: str, category: str, holding_id: str
    ) -> dict[tuple[int, int], tuple[str, str, int, int]]:
        """The same within a hold's scope, part by part: (holding no, part no) → (site, category, erase_at, version)."""
        ...


class Marks(Protocol):
    """Idempotency keys, as keyed digests, until their epoch ends."""

    def known(self, digests: Sequence[tuple[int, bytes]]) -> dict[bytes, str]: ...

    def add(self, rows: Sequence[tuple[int, bytes, str]]) -> None: ...

    def forget(self, holding_ids: Sequence[str]) -> None:
        """Free the keys of submissions that came to nothing: their retry is a first try."""
        ...

    def drop_epochs(self, before: int) -> None: ...


class Counts(Protocol):
    """What is only counted: tallies, refusals, detections, and the parts expected to fall due."""

    def tally(self, cells: Mapping[tuple[str, str, int, str, str], tuple[int, int]]) -> None:
        """(site, day, daypart, category, gate) → (n, the epoch second from which it may be shown)."""
        ...

    def refused(self, rows: Sequence[RefusalRow]) -> None: ...

    def detected(self, rows: Sequence[DetectionRow]) -> None: ...

    def expect(self, rows: Sequence[Expectation]) -> None: ...

    def expected(self, until_day: str) -> dict[tuple[str, str, str], int]:
        """Parts expected to fall due by (site, category, due day), up to a day: forecast and changes since."""
        ...

    def fold_forecast(self, made_on: str) -> list[Expectation]:
        """Make today's forecast of yesterday's and the changes since; returns it."""
        ...

    def forecast_day(self) -> str | None: ...


class LedgerBook(Protocol):
    def write(self, entry: Entry, act_id: str, now: int) -> None:
        """Insert an unnumbered entry: part of the act's own transaction."""
        ...

    def oldest_pending(self) -> int | None: ...

    def pending_count(self) -> int: ...

    def take_pending(self, limit: int) -> list[PendingEntry]: ...

    def number(self, first_seq: int, entries: Sequence[PendingEntry]) -> None: ...

    def tile(self, level: int, index: int) -> bytes: ...

    def put_tiles(self, tiles: Mapping[tuple[int, int], bytes]) -> None: ...

    def head(self) -> HeadRow | None: ...

    def head_at(self, size: int) -> HeadRow | None: ...

    def put_head(self, head: HeadRow) -> None: ...

    def sequence_lock(self) -> bool:
        """Whether this unit of work is the one sequencer now."""
        ...

    def entries(self, first: int = 0, limit: int = 1000) -> list[tuple[int, str, bytes]]:
        """(seq, act id, canonical bytes)."""
        ...

    def columns_of(self, first: int, limit: int) -> list[tuple[str, str, str, str, int]]:
        """(act, site, category, day, count) as the counting columns have them, for `ledger verify`."""
        ...

    def written_of(self, acts: Collection[Act], since: str) -> list[Entry]:
        """The entries of these acts from this day on, in their order; those that wait for a number come last."""
        ...

    def seq_of(self, act_id: str) -> int | None: ...

    def entomb(self, row: TombstoneRow) -> None: ...

    def tombstones_of(self, holding_id: str) -> list[TombstoneRow]: ...

    def tombstone(self, act_id: str) -> TombstoneRow | None: ...

    def sums(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, int]]:
        """(act, site, category, day, count) over the days in [first, end)."""
        ...


class Holds(Protocol):
    def place(self, row: HoldRow) -> None: ...

    def release(self, hold_id: str, by: str, day: str) -> None: ...

    def find(self, hold_id: str) -> HoldRow | None: ...

    def standing(self) -> list[HoldRow]: ...


class Packs(Protocol):
    def active(self, now: int) -> tuple[int, str] | None:
        """(version, files as JSON) of the version in force at `now`."""
        ...

    def active_version(self, now: int) -> int | None: ...

    def version(self, number: int) -> str | None: ...

    def publish(self, name: str, digest: str, files: str, effective_from: int, by: str) -> int: ...

    def latest_digest(self) -> str | None: ...


class Switches(Protocol):
    """Small durable facts: disposal paused and why, what the clock last said."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str | None) -> None: ...

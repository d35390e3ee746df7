"""Stores: the guarded logs, ours and other people's. Reading, writing and erasing are three rights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple, Protocol, runtime_checkable

if TYPE_CHECKING:
    from compliance.ports.books import Books  # who opens the books asks of the stores, and they of the books


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a store says that it can prove.

    `sealing`: takes sealed parts, not columns. `ours`: writes and erases in our own transaction. `erases`: can take away
    one part and leave its neighbours; where it cannot, each part has a key of its own, and erasing destroys that key.
    `columns`: the fields that a plain store has a column for; None: whatever it is given.
    `residue`: how long erased bytes survive, ISO periods by place, e.g. ``{"backup": "P30D"}``.
    """

    sealing: bool
    ours: bool
    erases: bool = True
    residue: Mapping[str, str] = field(default_factory=dict)
    columns: frozenset[str] | None = None

    def has_place(self, name: str) -> bool:
        """Whether a plain store would take this field as it is; "" asks whether it is plain at all."""
        if self.sealing:
            return False
        return not name or self.columns is None or name in self.columns


class PartRef(NamedTuple):
    """One part in a store. `ref` is the store's own row reference; `fields` the names that die with the part."""

    holding_no: int
    part_no: int
    holding_id: str
    ref: str | None = None
    fields: tuple[str, ...] = ()
    last: bool = False


class StoredPart(NamedTuple):
    """A part on its way into a store: the envelope for a sealing store, the values for a plain one.

    `window` names what dies together, for a store that cannot erase and is cleared window by window.
    """

    ref: PartRef
    envelope: bytes
    values: Mapping[str, object]
    window: str = ""


def place_of(ref: PartRef) -> str:
    """What a part is called among the references that a store returns part by part."""
    return f"{ref.holding_id}/{ref.part_no}"


class Reads(Protocol):
    name: str
    capabilities: Capabilities

    def fetch(self, books: Books, parts: Sequence[PartRef]) -> dict[int, bytes | Mapping[str, object]]:
        """Content by part number of one holding: envelopes from a sealing store, values from a plain one."""
        ...


class Writes(Protocol):
    name: str
    capabilities: Capabilities

    def append(self, books: Books, category: str, parts: Sequence[StoredPart]) -> dict[str, str]:
        """Write all or none; returns the store's own reference by holding id where a record has one, or by `place_of`
        where each part has one.
        """
        ...

    def replace(self, books: Books, parts: Sequence[StoredPart]) -> None:
        """Put a re-sealed envelope, or amended values, in the place of what is there."""
        ...


class Erases(Protocol):
    """Of a store that cannot erase only the capabilities are asked, and what `Clears` has."""

    name: str
    capabilities: Capabilities

    def erase(self, books: Books, category: str, parts: Sequence[PartRef]) -> None:
        """Erase; idempotent: what is already gone is no error."""
        ...

    def left(self, books: Books, category: str, parts: Sequence[PartRef]) -> int:
        """How many of these are still there: read again after each run for "zero left"."""
        ...

    def reseal(self, books: Books, ref: PartRef, envelope: bytes) -> None:
        """Put a part under another key (a held part gets its own); sealing stores only."""
        ...

    def sealed(self, books: Books, ref: PartRef) -> bytes | None:
        """The envelope, to be re-sealed; None where it is gone or the store is plain."""
        ...


@runtime_checkable
class Lays(Protocol):
    """A store that cannot erase, as the gate writes to it: bytes first, and their duty in the transaction after them."""

    def lay(self, parts: Sequence[StoredPart]) -> list[str]:
        """Write, for good before this returns; the places in the order of the parts."""
        ...


@runtime_checkable
class Clears(Protocol):
    """A store that cannot erase parts, and can be rid of all that died together: by then it is noise without keys."""

    def windows(self) -> list[str]:
        """The windows of which something is still there."""
        ...

    def refs_of(self, window: str) -> str:
        """How the references into this window begin."""
        ...

    def clear(self, window: str) -> None:
        """Remove the window whole; idempotent."""
        ...

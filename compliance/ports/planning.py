"""What a change of policy needs to know of the records that exist, and the one thing it does to them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from compliance.ports.books import Books
from compliance.ports.rows import PartRow


class PartGroup(NamedTuple):
    """Parts that share everything a newer policy could ask about. Moments are epoch seconds."""

    site: str
    category: str
    policy_version: int
    retention_class: int
    readable_until: int
    erase_at: int
    state: str
    parts: int


class ConsentGroup(NamedTuple):
    """Consents that stand, of records that are still there, by what they were given for."""

    site: str
    category: str
    policy_version: int
    kind: str
    consents: int


class Redatable(Protocol):
    """Parts in bulk, by the version that promised: counted in the database, never row by row."""

    def groups(self, books: Books, before: int | None) -> list[PartGroup]:
        """Every part pinned to a version under `before` (None: to any), counted by what decides over it."""
        ...

    def consents(self, books: Books, before: int | None) -> list[ConsentGroup]: ...

    def page(self, books: Books, before: int, after_no: int, limit: int) -> list[int]:
        """The next holding numbers after `after_no` that are pinned to a version under `before`."""
        ...

    def redate(self, books: Books, parts: Sequence[PartRow]) -> None:
        """Replace the two moments of these parts; nothing else of them."""
        ...

"""Rows that were there before us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from compliance.ports.rows import HoldingRow
from compliance.ports.stores import Capabilities

if TYPE_CHECKING:
    from compliance.ports.books import Books  # who opens the books asks of the stores, and they of the books


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedColumn:
    """One column of somebody's table. `role`: field | key | category | collected_at | holding | technical | unmapped.

    `identifiers` counts what the detectors are certain of, by kind. Counts only: a scan never shows a value.
    """

    name: str
    role: str
    of_field: str = ""
    filled: int = 0
    identifiers: Mapping[str, int] = field(default_factory=dict)
    can_be_emptied: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What stands in a table; `unknown_category` counts rows whose category word the mapping does not translate."""

    store: str
    rows: int
    columns: tuple[ScannedColumn, ...]
    unknown_category: int = 0

    def in_words(self) -> str:
        """What an operator reads, Chinese first: counts by column, and what no field of the mapping stands for."""
        extra = [column for column in self.columns if column.role == "unmapped" and column.filled]
        lines = [
            (
                f"{self.store}：{self.rows} 行；{len(extra)} 列有内容但不对应任何字段（过度收集）"
                f" / {self.rows} rows; {len(extra)} filled columns stand for no field (over-collection)"
            )
        ]
        lines += [f"  {column.name}: {column.filled} 行 / rows" for column in extra]
        lines += [
            f"  {column.name}: 发现 {kind} {n} 处 / {n} of {kind} found in the text"
            for column in self.columns
            for kind, n in column.identifiers.items()
        ]
        if self.unknown_category:
            n = self.unknown_category
            lines.append(f"  {n} 行类别不明，不会纳管 / {n} rows of an unknown category will not be adopted")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRow:
    """One row of somebody's table, read for its due dates. `values` holds content, so it has no repr.

    Moments are datetimes in UTC. `unreadable` names fields whose moment could not be read; `extra` names columns that
    hold something and that the mapping does not know.
    """

    ref: str
    category: str | None
    values: Mapping[str, object] = field(repr=False)
    collected_at: datetime | None
    holding: str | None = None
    unreadable: frozenset[str] = frozenset()
    extra: frozenset[str] = frozenset()


class Adoptable(Protocol):
    """A plain store whose existing rows can be put under a policy. `fixed` are columns that cannot be emptied."""

    name: str
    capabilities: Capabilities
    fixed: frozenset[str]

    def scan(self) -> ScanReport: ...

    def rows(self, after: str | None, limit: int) -> list[ExistingRow]:
        """The next rows by key; `after` is the last ref seen."""
        ...

    def strip(self, refs: Sequence[str], fields: Iterable[str], columns: Iterable[str]) -> None:
        """Empty these fields and columns of these rows; idempotent. Columns that cannot be emptied stay."""
        ...

    def mark(self, holdings: Mapping[str, str]) -> None:
        """Write our ids beside their rows (ref → holding id) where the mapping names a column for it."""
        ...

    def bearing(self, holding_ids: Sequence[str]) -> dict[str, str]:
        """The refs of the rows that bear these ids (holding id → ref); none where no column holds them."""
        ...

    def present(self, refs: Sequence[str]) -> set[str]: ...


class Refs(Protocol):
    """Which of their rows are ours to answer for already: holdings by the store's own row reference."""

    def known(self, books: Books, store: str, refs: Sequence[str]) -> dict[str, HoldingRow]: ...

    def page(self, books: Books, store: str, after_no: int, limit: int) -> list[HoldingRow]:
        """Holdings of one store that have a ref, by number, from above `after_no`."""
        ...

    def unfinished(self, books: Books, store: str) -> list[HoldingRow]:
        """Holdings whose write into the store has no outcome: they have no ref."""
        ...

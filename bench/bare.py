"""The bare side: the very rows that the engine wrote, put down and taken away by the driver alone.

What the driver is fastest with: `executemany` on SQLite, `COPY` and key arrays on PostgreSQL. Transactions are as long
as the engine's own, because a longer one would compare the disk's flushes and not the work between them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, select
from sqlalchemy import Engine as Bare

from compliance.db.bulk import delete_rows, insert_rows
from compliance.db.tables import (
    expectation,
    holding,
    ledger_entry,
    ledger_pending,
    mark,
    part,
    tally,
    token,
    vault,
)

Rows = list[tuple[Any, ...]]
T = TypeVar("T")
# What one record consists of, wherever it stands: everything that a write puts down and a sweep takes away.
RECORD: tuple[tuple[Table, str], ...] = (
    (holding, "no"),
    (part, "holding_no"),
    (token, "holding_no"),
    (vault, "holding_no"),
)


@dataclass(frozen=True, slots=True)
class Written:
    """The rows of some records by table, in batches of the engine's size."""

    batches: list[dict[Table, Rows]]

    @property
    def rows(self) -> int:
        return sum(len(rows) for batch in self.batches for rows in batch.values())


@dataclass(frozen=True, slots=True)
class Marked:
    """Where the books stood: what comes after is what a run wrote."""

    number: int
    tally: int
    expectation: int
    entry: int
    pending: frozenset[str]


def mark_of(engine: Bare) -> Marked:
    with engine.connect() as connection:
        number, tallied, expected, entry = (
            connection.scalar(select(func.max(column))) or 0
            for column in (holding.c.no, tally.c.id, expectation.c.id, ledger_entry.c.seq)
        )
        pending = frozenset(connection.scalars(select(ledger_pending.c.act_id)))
        return Marked(number, tallied, expected, entry, pending)


def read_back(engine: Bare, after: Marked, batch: int) -> Written:
    """What the engine wrote since then, as it stands in its tables, in batches of so many records."""
    with engine.connect() as connection:
        numbers = list(
            connection.scalars(select(holding.c.no).where(holding.c.no > after.number).order_by(holding.c.no))
        )
        batches: list[dict[Table, Rows]] = []
        for chosen in _slices(numbers, batch):
            rows: dict[Table, Rows] = {}
            for table, key in RECORD:
                within = table.c[key].between(chosen[0], chosen[-1])
                rows[table] = [tuple(row) for row in connection.execute(select(table).where(within))]
            rows[part] = _without_empty_ends(rows[part])
            ids = [row[1] for row in rows[holding]]
            rows[mark] = [
                tuple(row) for row in connection.execute(select(mark).where(mark.c.holding_id.in_(ids)))
            ]
            batches.append(rows)
        for table, last in ((tally, after.tally), (expectation, after.expectation)):
            counted = connection.execute(select(table).where(table.c.id > last).order_by(table.c.id))
            _spread(table, [tuple(row)[1:] for row in counted], batches)  # the number is given anew
        _spread(ledger_pending, _entries(connection, after), batches)
    return Written(batches)


def _entries(connection: Connection, after: Marked) -> Rows:
    """The ledger's entries as they were written, whether or not they have been numbered meanwhile."""
    numbered = select(ledger_entry.c.act_id, ledger_entry.c.canonical).where(ledger_entry.c.seq > after.entry)
    waiting = select(ledger_pending.c.act_id, ledger_pending.c.canonical)
    rows = [*connection.execute(numbered), *connection.execute(waiting)]
    return [(str(act_id), 0, bytes(sealed)) for act_id, sealed in rows if act_id not in after.pending]


def _spread(table: Table, rows: Rows, batches: list[dict[Table, Rows]]) -> None:
    """Hand the rows that a whole batch has in common out evenly: each batch wrote its own."""
    each = -(-len(rows) // max(1, len(batches)))
    for at, one in enumerate(batches):
        one[table] = rows[at * each : (at + 1) * each]


def insert(engine: Bare, written: Written) -> None:
    for batch in written.batches:
        with engine.begin() as connection:
            for table, rows in batch.items():
                insert_rows(connection, table, rows)


def laid(written: Written, folder: Path) -> list[dict[str, bytes]]:
    """What the engine appended to the files of a folder, by batch and file, as the parts' references say."""
    at = [column.name for column in part.columns].index("ref")
    appended = []
    for batch in written.batches:
        spans: dict[str, list[int]] = {}
        for row in batch[part]:
            file, _, offset = row[at].rpartition(":")
            spans.setdefault(f"{file}.sealed", []).append(int(offset))
        appended.append({name: _from(folder / name, min(starts)) for name, starts in spans.items()})
    # A file's next batch begins where this one ends.
    for earlier, later in pairwise(appended):
        for name in earlier.keys() & later.keys():
            earlier[name] = earlier[name].removesuffix(later[name])
    return appended


def _from(file: Path, start: int) -> bytes:
    return file.read_bytes()[start:]


def insert_and_append(engine: Bare, written: Written, appended: list[dict[str, bytes]], folder: Path) -> None:
    """`insert`, and before each commit the batch's bytes appended to their files and flushed."""
    folder.mkdir(exist_ok=True)
    for batch, files in zip(written.batches, appended, strict=True):
        with engine.begin() as connection:
            for name, content in files.items():
                _append(folder / name, content)
            for table, rows in batch.items():
                insert_rows(connection, table, rows)


def _append(path: Path, content: bytes) -> None:
    fresh = not path.exists()
    with path.open("ab", buffering=0) as file:
        file.write(content)
        os.fsync(file.fileno())
    if fresh:
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def keys_of(written: Written, batch: int) -> list[dict[Table, Rows]]:
    """Primary keys of the records' rows in batches, as a DELETE statement needs them."""
    return [
        {
            table: [tuple(row[at] for at in _key_positions(table)) for one in group for row in one[table]]
            for table, _ in RECORD
        }
        for group in _slices(written.batches, batch)
    ]


def delete(engine: Bare, batches: Sequence[dict[Table, Rows]]) -> None:
    for keys in batches:
        with engine.begin() as connection:
            for table, rows in keys.items():
                delete_rows(connection, table, [column.name for column in table.primary_key], rows)


def settle(engine: Bare) -> None:
    """Let PostgreSQL count its tables now, on both sides, and not in the midst of one side's run: a DELETE that was
    planned for the empty table of the last run takes ten times as long.
    """
    if engine.dialect.name != "postgresql":
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table, _ in RECORD:
            connection.exec_driver_sql(f'VACUUM (ANALYZE) "{table.name}"')


def _without_empty_ends(rows: Rows) -> Rows:
    """Columns at the end that are NULL in every row: whoever inserts such rows does not name them."""
    while rows and all(row[-1] is None for row in rows):
        rows = [row[:-1] for row in rows]
    return rows


def _key_positions(table: Table) -> list[int]:
    names = [column.name for column in table.columns]
    return [names.index(column.name) for column in table.primary_key]


def _slices(items: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    for at in range(0, len(items), size):
        yield items[at : at + size]

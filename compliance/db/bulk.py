"""Rows by the thousand, in the driver's own fast form: tuples on SQLite, COPY and arrays on PostgreSQL.

SQLAlchemy is the shell, not the inner loop: its list insert costs several times as much as what is done here on the
same connection and in the same transaction. Names in the SQL come from our own tables, never from a caller.
"""

# ruff: noqa: S608 - see above: only names of `compliance.db.tables` are put together here

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from typing import Any

from sqlalchemy import Connection, Table

# Under this many rows a COPY's own round trips cost more than they save.
_WORTH_A_COPY = 20
# Far from SQLite's limit of 32,766, and one statement text for nearly every call.
_VALUES_A_STATEMENT = 500


def insert_rows(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> None:
    """Insert rows, their values in the order of the table's columns without a generated key; what may be NULL at the
    end of them may be left out, of all rows alike.
    """
    if not rows:
        return
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "sqlite":
            cursor.executemany(_insert(table, len(rows[0])), rows)
            return
        columns = _columns(table, len(rows[0]))
        if len(rows) < _WORTH_A_COPY:
            # One statement for all of them: `executemany` would prepare it and pipe it row by row.
            values = ", ".join([f"({', '.join(['%s'] * len(columns))})"] * len(rows))
            sql = f'INSERT INTO "{table.name}" ({_listed(columns)}) VALUES {values}'
            cursor.execute(sql, [value for row in rows for value in row])
        else:
            with cursor.copy(f"COPY {table.name} ({_listed(columns)}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
    finally:
        cursor.close()


def first_of(connection: Connection, sql: str, *values: Any) -> Any:
    """The first column of the first row, None where there is none: for the few questions that every write asks.

    `sql` marks values with a `?`, and is a text of ours.
    """
    cursor = connection.connection.cursor()
    try:
        cursor.execute(sql if connection.dialect.name == "sqlite" else sql.replace("?", "%s"), values)
        row = cursor.fetchone()
    finally:
        cursor.close()
    return row[0] if row else None


def insert_unless_there(connection: Connection, table: Table, rows: Sequence[tuple[Any, ...]]) -> int:
    """Insert whole rows whose keys are new; returns how many were. On SQLite, where nobody else writes, all of them."""
    if connection.dialect.name == "sqlite" or not rows:
        insert_rows(connection, table, rows)
        return len(rows)
    columns = _columns(table, len(rows[0]))
    arrays = ", ".join(f"%s::{_kind(connection, table, name)}[]" for name in columns)
    sql = f'INSERT INTO "{table.name}" ({_listed(columns)}) SELECT * FROM unnest({arrays}) ON CONFLICT DO NOTHING'
    with closing(connection.connection.cursor()) as cursor:
        cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
        return int(cursor.rowcount)


def look_up(
    connection: Connection,
    table: Table,
    columns: Sequence[str],
    fixed: Mapping[str, Any],
    key: str,
    values: Sequence[Any],
) -> list[tuple[Any, ...]]:
    """The columns of the rows whose `key` is among the values, and whose other columns are as `fixed` says."""
    sqlite = connection.dialect.name == "sqlite"
    sign = "?" if sqlite else "%s"
    matched = "".join(f'"{name}" = {sign} AND ' for name in fixed)
    found: list[tuple[Any, ...]] = []
    with closing(connection.connection.cursor()) as cursor:
        for at in range(0, len(values), _VALUES_A_STATEMENT):
            chosen = values[at : at + _VALUES_A_STATEMENT]
            among = (
                f"IN ({', '.join('?' * len(chosen))})"
                if sqlite
                else f"= ANY(%s::{_kind(connection, table, key)}[])"
            )
            sql = f'SELECT {_listed(columns)} FROM "{table.name}" WHERE {matched}"{key}" {among}'
            cursor.execute(sql, (*fixed.values(), *(chosen if sqlite else [list(chosen)])))
            found += cursor.fetchall()
    return found


def delete_rows(
    connection: Connection, table: Table, keys: Sequence[str], rows: Sequence[tuple[Any, ...]]
) -> None:
    """Delete rows by their key columns; what is already gone is no error."""
    if not rows:
        return
    cursor = connection.connection.cursor()
    try:
        if connection.dialect.name == "sqlite":
            matched = " AND ".join(f'"{key}" = ?' for key in keys)
            cursor.executemany(f'DELETE FROM "{table.name}" WHERE {matched}', rows)
        else:
            arrays = ", ".join(f"%s::{_kind(connection, table, key)}[]" for key in keys)
            matched = " AND ".join(f't."{key}" = gone.k{number}' for number, key in enumerate(keys))
            named = ", ".join(f"k{number}" for number in range(len(keys)))
            sql = f'DELETE FROM "{table.name}" t USING unnest({arrays}) AS gone({named}) WHERE {matched}'
            cursor.execute(sql, [list(column) for column in zip(*rows, strict=True)])
    finally:
        cursor.close()


def update_rows(
    connection: Connection, table: Table, changed: str, key: str, rows: Sequence[tuple[Any, Any]]
) -> None:
    """Set one column of rows named by their key: pairs of key and value."""
    if not rows:
        return
    with closing(connection.connection.cursor()) as cursor:
        if connection.dialect.name == "sqlite":
            cursor.executemany(f'UPDATE "{table.name}" SET "{changed}" = ?2 WHERE "{key}" = ?1', rows)
            return
        arrays = ", ".join(f"%s::{_kind(connection, table, name)}[]" for name in (key, changed))
        sql = f'UPDATE "{table.name}" t SET "{changed}" = new.v FROM unnest({arrays}) AS new(k, v)'
        cursor.execute(f'{sql} WHERE t."{key}" = new.k', [list(column) for column in zip(*rows, strict=True)])


def _kind(connection: Connection, table: Table, column: str) -> str:
    return str(table.c[column].type.compile(connection.dialect))


def _columns(table: Table, width: int) -> tuple[str, ...]:
    names = tuple(column.name for column in table.columns)
    generated = table.autoincrement_column
    if generated is not None and width < len(names):
        names = tuple(name for name in names if name != generated.name)
    return names[:width]


@cache
def _insert(table: Table, width: int) -> str:
    columns = _columns(table, width)
    return f'INSERT INTO "{table.name}" ({_listed(columns)}) VALUES ({", ".join("?" * len(columns))})'


def _listed(columns: Sequence[str]) -> str:
    return ", ".join(f'"{name}"' for name in columns)

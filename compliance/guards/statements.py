"""INSERT and UPDATE statements of one guarded table, judged as they are executed, whoever built them.

What can be read is judged row by row and rewritten to what may be kept. What cannot be read (rows out of a SELECT, SQL
expressions, an upsert's own values, a CTE that writes) is refused, because nothing unread reaches the table. So is text
that is plainly a write of the table. Out of reach: text that disguises its write, a view or trigger over the table, the
driver's own cursor, and other programs.
"""
# ruff: noqa: SLF001 — what a statement is about to write is in no public attribute; where it is not found, nothing runs

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import BindParameter, ClauseElement, Connection, Insert, Table, Update

from compliance.db.engine import OURS
from compliance.domain.errors import CollectionRefused
from compliance.domain.reasons import reason
from compliance.domain.vocabulary import ReasonCode
from compliance.guards.rows import Rows

_SAYS = (
    "这条写入语句无法逐行核对，请改用 session.add，或把要写的值直接作为参数传入。",
    "This statement cannot be judged row by row. Use session.add, or pass the values as parameters.",
)
_HARMLESS = frozenset({"OnConflictDoNothing"})
_Row = dict[str, object]
_Judged = Callable[[], frozenset[tuple[str, object]]]


class Unread(CollectionRefused):
    """The statement writes what cannot be read beforehand."""

    def __init__(self, table: str) -> None:
        super().__init__((reason(ReasonCode.MALFORMED, table, say=_SAYS),))


class Statements:
    """The two listeners of one table. `judged` gives what the flush in progress has judged already."""

    def __init__(self, table: Table, rows: Rows, *, names: Mapping[str, str], judged: _Judged) -> None:
        self._name, self._rows, self._judged = table.name, rows, judged
        self._names = names  # a statement of the ORM may call a column by its attribute
        self._columns = frozenset(column.key for column in table.columns)
        self._writes = _plain_writes_of(table.name)

    def before_execute(
        self, connection: Connection, statement: Any, many: Any, one: Any, options: object
    ) -> tuple[Any, Any, Any]:
        """Judge what the statement says and what comes with it; return it with the rows as they may be kept."""
        if not isinstance(statement, Insert | Update) or _is_ours(connection):
            return statement, many, one
        if not self._named(statement.table):
            self._require_elsewhere(statement)
            return statement, many, one
        self._require_readable(statement)
        embedded, whole = _embedded(statement, self._name), isinstance(statement, Insert)
        sent = [dict(row) for row in (many or ([one] if one else []))]
        if not sent or len(embedded) > 1:
            for row in embedded or [{}]:
                self._require_kept(self._resolved(row, {}), whole=whole)
            return statement, many, one
        values = embedded[0] if embedded else {}
        kept = [self._sendable(row, self._resolved(values, row), whole=whole) for row in sent]
        return (statement, kept, one) if many else (statement, many, kept[0])

    def before_cursor_execute(
        self,
        connection: Connection,
        cursor: object,
        text: str,
        parameters: object,
        context: Any,
        many: object,
    ) -> None:
        """Refuse text that writes the table, unless it was compiled from a statement that has been judged."""
        if self._name.casefold() not in text.casefold() or _is_ours(connection):
            return
        compiled = getattr(context, "compiled", None)
        statement = getattr(compiled, "statement", None)
        judged = isinstance(statement, Insert | Update) and self._named(statement.table)
        if judged and not getattr(compiled, "ctes", None):
            return
        if any(map(self._writes.search, (" ".join(text.split()), _without_comments(text)))):
            raise Unread(self._name)

    def _named(self, table: Any) -> bool:
        # By name: the same table may be reflected, aliased, or described anew.
        name = getattr(table, "name", None) or getattr(getattr(table, "element", None), "name", None)
        plain = getattr(getattr(table, "element", None), "name", None)
        return self._name.casefold() in {str(one).casefold() for one in (name, plain) if one}

    def _require_elsewhere(self, statement: Any) -> None:
        """An UPDATE of another table may set columns of this one as well, where the database allows it."""
        keys = [key for row in _embedded(statement, self._name, strict=False) for key in row]
        if any(self._named(getattr(key, "table", None)) for key in keys):
            raise Unread(self._name)

    def _require_readable(self, statement: Any) -> None:
        upsert = statement._post_values_clause
        if upsert is not None and type(upsert).__name__ not in _HARMLESS:
            raise Unread(self._name)
        if statement._independent_ctes or getattr(statement, "select", None) is not None:
            raise Unread(self._name)

    def _resolved(self, values: Mapping[Any, object], sent: Mapping[Any, object]) -> _Row:
        """The row that will be written: the statement's own values, and the parameters that are columns."""
        row: _Row = {}
        for key, value in values.items():
            if isinstance(value, BindParameter):
                if value.key not in sent and value.required:
                    raise Unread(self._name)
                row[self._key(key)] = sent.get(value.key, value.effective_value)
            elif isinstance(value, ClauseElement) or hasattr(value, "__clause_element__"):
                raise Unread(self._name)
            else:
                row[self._key(key)] = value
        return row | {self._key(key): value for key, value in sent.items() if self._key(key) in self._columns}

    def _key(self, key: Any) -> str:
        name = str(getattr(key, "key", key))
        return self._names.get(name, name)

    def _keep(self, row: _Row, *, whole: bool) -> _Row:
        judged = self._judged()
        if judged and all(value is None or _within(judged, (key, value)) for key, value in row.items()):
            return row
        if any(isinstance(value, ClauseElement) for value in row.values()):
            raise Unread(self._name)
        return self._rows.keep(row, whole=whole)

    def _sendable(self, sent: Mapping[Any, object], row: _Row, *, whole: bool) -> dict[Any, object]:
        """The parameters with what may be kept in them; what stands in the statement itself has to be so already."""
        kept = self._keep(row, whole=whole)
        if any(kept[key] is not row[key] for key in row if key not in map(self._key, sent)):
            raise Unread(self._name)
        return {key: kept.get(self._key(key), value) for key, value in sent.items()}

    def _require_kept(self, row: _Row, *, whole: bool) -> None:
        if self._keep(row, whole=whole) != row:
            raise Unread(self._name)


def _embedded(statement: Any, table: str, *, strict: bool = True) -> list[Mapping[Any, object]]:
    """The rows that stand in the statement itself, by column."""
    rows = [row for group in statement._multi_values for row in group]
    if strict and not all(isinstance(row, Mapping) for row in rows):
        raise Unread(table)
    return [row for row in rows if isinstance(row, Mapping)] or (
        [statement._values] if statement._values else []
    )


def _within(judged: frozenset[tuple[str, object]], pair: tuple[str, object]) -> bool:
    try:
        return pair in judged
    except TypeError:  # what cannot be a member of a set was not put into it
        return False


def _is_ours(connection: Connection) -> bool:
    return bool(connection.get_execution_options().get(OURS))


def _plain_writes_of(table: str) -> re.Pattern[str]:
    named = rf"(?:[\w\"`\[\]]+\s*\.\s*)?[\"`\[]?{re.escape(table)}(?![\w$])"
    update = r"(?<!for )update(?:\s+or\s+\w+)?(?:\s+only)?"
    return re.compile(rf"\b(?:into|into\s+table|copy|{update})\s+{named}", re.IGNORECASE)


def _without_comments(text: str) -> str:
    """One space for each comment and each run of blanks; a comment that does not end goes to the end."""
    return " ".join(_joined(text).split())


def _joined(text: str) -> str:
    pieces, at = [], 0
    while (start := text.find("/*", at)) >= 0:
        end = text.find("*/", start + 2)
        pieces.append(text[at:start])
        at = len(text) if end < 0 else end + 2
    lines: Iterable[str] = " ".join([*pieces, text[at:]]).splitlines()
    return " ".join(line.partition("--")[0] for line in lines)

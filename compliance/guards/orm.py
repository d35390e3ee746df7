"""Guard a mapped class that an application already has: no row of its table is written that the policy forbids.

    guard = guard_model(engine, Visit, category="visitor", channel="desk",
                        columns={"name": "visitor_name", "room": "host_room"}, technical=("id",))

Two nets. At the flush every new or changed object is judged before a statement is sent, and takes on the form in which
the policy keeps it. Every INSERT and UPDATE of the table that SQLAlchemy builds, from bulk methods, Core or wherever,
is judged again as it is executed (`compliance.guards.statements`). Form and content are judged, as by `gate check`:
notice and consent are the application's to show. Nothing is stored here; the rows come under their periods by
`compliance store adopt`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextvars import ContextVar
from typing import Any

from sqlalchemy import Engine as SqlEngine
from sqlalchemy import Table, event, inspect
from sqlalchemy.orm import ColumnProperty, Mapper, Session

from compliance.bootstrap import Engine
from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.vocabulary import Channel
from compliance.guards.rows import Rows
from compliance.guards.statements import Statements


class ModelGuard:
    """The listeners of one mapped class, until `remove`."""

    def __init__(self, mapper: Mapper[Any], table: Table, rows: Rows) -> None:
        self._mapper, self._rows = mapper, rows
        self._attributes = _attributes(mapper)
        # What the flush in progress has judged, by column: for this thread, or this task, alone.
        self._judged: ContextVar[frozenset[tuple[str, object]]] = ContextVar(table.name, default=frozenset())
        names = {attribute: column for column, attribute in self._attributes.items()}
        self._statements = Statements(table, rows, names=names, judged=self._judged.get)
        self._listeners: tuple[tuple[Any, str, Any], ...] = (
            (Session, "before_flush", self._before_flush),
            (Session, "after_flush", self._forget),
            (Session, "after_soft_rollback", self._forget),
            (SqlEngine, "before_execute", self._statements.before_execute),
            (SqlEngine, "before_cursor_execute", self._statements.before_cursor_execute),
        )
        for target, name, listener in self._listeners:
            event.listen(target, name, listener, retval=name == "before_execute")

    def remove(self) -> None:
        """Take the guard away again."""
        for target, name, listener in self._listeners:
            event.remove(target, name, listener)

    def _before_flush(self, session: Session, _context: object, _instances: object) -> None:
        judged: set[tuple[str, object]] = set()
        for one in session.new:
            if isinstance(one, self._mapper.class_):
                judged |= self._judge(one, changed=None)
        for one in session.dirty:
            if isinstance(one, self._mapper.class_) and session.is_modified(one):
                judged |= self._judge(one, changed=_changed(one))
        self._judged.set(self._judged.get() | judged)

    def _judge(self, one: object, *, changed: frozenset[str] | None) -> set[tuple[str, object]]:
        """Judge what the object says, have it say it as it may be kept, and return that, column by column."""
        loaded = inspect(one, raiseerr=True).dict
        said = {
            column: loaded[name]
            for column, name in self._attributes.items()
            if name in loaded and (changed is None or name in changed)
        }
        if changed is not None and not said:
            return set()
        beside = {column: loaded[name] for column, name in self._attributes.items() if name in loaded}
        kept = self._rows.keep(said, whole=changed is None, beside=beside)
        for column, value in kept.items():
            if value is not said[column]:
                setattr(one, self._attributes[column], value)
        return {pair for pair in kept.items() if _hashable(pair)}

    def _forget(self, *_: object) -> None:
        self._judged.set(frozenset())


def guard_model(
    engine: Engine,
    model: type[Any],
    *,
    category: str,
    channel: Channel | str,
    columns: Mapping[str, str],
    technical: Iterable[str] = (),
) -> ModelGuard:
    """Put the guard in place, for every session and every engine of this process.

    `columns` says which column is which field. Every other column has to be named in `technical`: what it holds is
    looked through for identifiers.

    Raises:
        ConfigurationInvalid: a column is named twice, or not at all, or there is no such column.
    """
    mapper = inspect(model)
    table = mapper.local_table
    if not isinstance(table, Table):
        raise ConfigurationInvalid("model: 只支持映射到一张表的类 / a class that is mapped to one table")
    technical = frozenset(technical)
    known = {column.key for column in table.columns}
    if set(columns) & technical or len(set(columns.values())) != len(columns):
        raise ConfigurationInvalid("columns: 一列只能有一个用途 / a column has exactly one meaning")
    if strangers := {*columns, *technical} - known:
        raise ConfigurationInvalid(f"columns: 没有这些列 / no such columns: {', '.join(sorted(strangers))}")
    if undecided := known - {*columns, *technical}:
        raise ConfigurationInvalid(
            f"columns: 这些列没有说明 / columns that nobody decided about: {', '.join(sorted(undecided))}"
        )
    if crossed := {c for c, a in _attributes(mapper).items() if a != c and a in known}:
        raise ConfigurationInvalid(
            f"columns: 属性与另一列同名 / an attribute is called as another column: {', '.join(sorted(crossed))}"
        )
    filled = {one.key for one in table.columns if one.default is not None or one.server_default is not None}
    rows = Rows(
        engine,
        category=category,
        channel=Channel(channel),
        columns=columns,
        technical=technical,
        filled=frozenset(filled),
    )
    return ModelGuard(mapper, table, rows)


def _attributes(mapper: Mapper[Any]) -> dict[str, str]:
    """The attribute behind each column; synonyms and hybrids end up in one of them."""
    return {
        column.key: prop.key
        for prop in mapper.attrs
        if isinstance(prop, ColumnProperty)
        for column in prop.columns
        if getattr(column, "table", None) is mapper.local_table
    }


def _changed(one: object) -> frozenset[str]:
    return frozenset(attr.key for attr in inspect(one, raiseerr=True).attrs if attr.history.has_changes())


def _hashable(pair: tuple[str, object]) -> bool:
    try:
        hash(pair)
    except TypeError:
        return False
    return True

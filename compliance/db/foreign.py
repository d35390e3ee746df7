"""Somebody else's table: reflected on its own engine, checked against the mapping, spoken to in its own types.

Everything here that fails says which column, never which value: drivers like to quote the row that they could not
take, so their errors end here.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Integer,
    MetaData,
    Numeric,
    RowMapping,
    String,
    Table,
    UniqueConstraint,
    and_,
    create_engine,
    event,
    inspect,
    or_,
)
from sqlalchemy.exc import NoSuchTableError, SQLAlchemyError

from compliance.db.engine import OURS
from compliance.domain.errors import CollectionRefused, ComplianceError, ConfigurationInvalid
from compliance.domain.mapping import ColumnRule, TableMapping
from compliance.domain.reasons import reason
from compliance.domain.vocabulary import ReasonCode


@contextmanager
def told_without_values(doing: str) -> Iterator[None]:
    """Turn the driver's error into one that names the act alone; raises ComplianceError."""
    try:
        yield
    except SQLAlchemyError as error:
        kind = type(error).__name__
        raise ComplianceError(
            f"外部表操作失败（{doing}：{kind}）/ the table refused: {doing}: {kind}"
        ) from None


class ForeignTable:
    """The reflected table with its mapping; raises ConfigurationInvalid, all faults at once, where they disagree."""

    def __init__(self, url: str, mapping: TableMapping) -> None:
        self.mapping = mapping
        self.engine = _open(url)
        try:
            with told_without_values("reflect"):
                self.table = _reflect(self.engine, mapping)
            if faults := list(_faults(self.table, mapping)):
                raise ConfigurationInvalid("; ".join(f"{mapping.name}: {fault}" for fault in faults))
        except ComplianceError:
            self.engine.dispose()
            raise
        self.key: Column[Any] = self.table.c[mapping.key]

    @contextmanager
    def writing(self, doing: str) -> Iterator[Connection]:
        with told_without_values(doing), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def reading(self, doing: str) -> Iterator[Connection]:
        with told_without_values(doing), self.engine.connect() as connection:
            yield connection

    def settle(self) -> None:
        """Let SQLite copy its write-ahead log back and truncate it, so that no erased byte survives there."""
        if self.engine.dialect.name == "sqlite":
            with self.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def key_of(self, ref: str) -> Any:
        kind = self.key.type.python_type
        return ref if kind is str else kind(ref)

    def roles(self) -> dict[str, tuple[str, str]]:
        """What each mapped column is, and of which field; a column that is not here is unmapped."""
        mapping = self.mapping
        roles = dict.fromkeys(mapping.technical, ("technical", ""))
        roles |= {mapping.collected_at: ("collected_at", ""), mapping.category_column: ("category", "")}
        for name, rule in mapping.columns.items():
            roles |= dict.fromkeys(rule.columns, ("field", name))
        return roles | {mapping.holding: ("holding", ""), mapping.key: ("key", "")}

    def category(self, row: RowMapping) -> str | None:
        """The row's category in our words; None for a word that the mapping does not translate."""
        if not self.mapping.category_column:
            return self.mapping.category
        word = str(row[self.mapping.category_column])
        return self.mapping.category_words.get(word) if self.mapping.category_words else word

    def columns_of(self, rule: ColumnRule) -> list[Column[Any]]:
        return [self.table.c[name] for name in rule.columns]

    def written(self, name: str, value: object) -> dict[str, object]:
        """A field's value as its column takes it; raises CollectionRefused, or ConfigurationInvalid without a column."""
        rule = self.mapping.columns.get(name)
        if rule is None or len(rule.columns) != 1:
            raise ConfigurationInvalid(
                f"{self.mapping.name}: {name} 没有唯一对应的列 / has no column of its own"
            )
        column = self.table.c[rule.columns[0]]
        moment = (
            _moment(value, self.mapping) if rule.time or isinstance(column.type, Date | DateTime) else None
        )
        if moment is not None:
            return {column.name: _moment_in(column, moment, self.mapping)}
        return {column.name: _plain_in(name, column, value)}

    def erased(self, rule: ColumnRule) -> dict[str, object]:
        """What the columns of an expired field become: NULL, or the mapping's own word where NULL is forbidden."""
        return {
            column.name: None if column.nullable or rule.erased is None else rule.erased
            for column in self.columns_of(rule)
        }

    def still_there(self, rule: ColumnRule) -> ColumnElement[bool]:
        conditions: list[ColumnElement[bool]] = []
        for column in self.columns_of(rule):
            gone = self.erased(rule)[column.name]
            present = column.is_not(None)
            conditions.append(present if gone is None else and_(present, column != gone))
        return or_(*conditions)

    def read(self, rule: ColumnRule, row: RowMapping) -> object:
        """A field's value in the form in which the gate keeps it: moments as datetimes in UTC; None where empty.

        Of several columns the words are joined, and of moments the first is taken. A moment that no format fits comes
        back as its text, so that the caller can count it as a fault.
        """
        gone = self.erased(rule)
        values = [row[name] for name in rule.columns if row[name] not in (None, "", gone[name])]
        if not values:
            return None
        if rule.time or isinstance(self.table.c[rule.columns[0]].type, Date | DateTime):
            moments = (_moment(value, self.mapping) for value in values)
            return next((moment for moment in moments if moment is not None), str(values[0]))
        return values[0] if len(values) == 1 else " ".join(str(value) for value in values)


def _open(url: str) -> Engine:
    try:
        # Without this, an error would carry the row that was being written.
        engine = create_engine(url, hide_parameters=True, pool_pre_ping=True, execution_options={OURS: True})
    except (SQLAlchemyError, ImportError):
        raise ConfigurationInvalid(
            "数据库地址写法不对或缺少驱动 / the URL is wrong or its driver is missing"
        ) from None
    if engine.dialect.name == "sqlite":
        name = engine.url.database
        # SQLite would make an empty database of a typing error, and find no table in it.
        if not name or not Path(name).is_file():
            raise ConfigurationInvalid("找不到这个 SQLite 文件 / there is no such SQLite file")
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # transactions are ours, and begin when they begin
    connection.execute("PRAGMA secure_delete = ON")
    connection.execute("PRAGMA busy_timeout = 30000")
    connection.execute("PRAGMA foreign_keys = ON")


def _reflect(engine: Engine, mapping: TableMapping) -> Table:
    schema, _, name = mapping.table.rpartition(".")

    def as_stored(_: Any, __: Any, column: Any) -> None:
        # SQLite has no type for time: whatever form its owner chose is text, and is read by the mapping's formats.
        if engine.dialect.name == "sqlite" and isinstance(column["type"], Date | DateTime):
            column["type"] = String()

    try:
        inspect(engine)  # a wrong password or host shows itself here and not as a missing table
        return Table(
            name,
            MetaData(),
            schema=schema or None,
            autoload_with=engine,
            resolve_fks=False,
            listeners=[("column_reflect", as_stored)],
        )
    except NoSuchTableError:
        raise ConfigurationInvalid(
            f"{mapping.name}: 没有表 {mapping.table} / there is no such table"
        ) from None


def _faults(table: Table, mapping: TableMapping) -> Iterator[str]:
    named = [column for rule in mapping.columns.values() for column in rule.columns]
    single = [mapping.key, mapping.category_column, mapping.collected_at, mapping.holding]
    missing = sorted({name for name in (*named, *single, *mapping.technical) if name} - set(table.c.keys()))
    for name in missing:
        yield f"{name} 表里没有这一列 / is no column of the table"
    if mapping.key not in missing and not _identifies(table, mapping.key):
        # Erasing by a column that two rows share would erase somebody else's row.
        yield f"{mapping.key} 不是主键或唯一键 / is neither the primary key nor unique"
    for rule in mapping.columns.values():
        for column in (table.c[name] for name in rule.columns if name not in missing):
            if not column.nullable and rule.erased is None:
                zh, en = "不可为空，须写明 erased 值", "may not be NULL: give an `erased` value"
                yield f"{column.name} {zh} / {en}"
            if column.primary_key or column.computed is not None:
                yield f"{column.name} 是主键或计算列，不能作为字段 / is a key or computed and cannot be a field"


def _identifies(table: Table, key: str) -> bool:
    if [column.name for column in table.primary_key] == [key]:
        return True
    alone = [
        [column.name for column in constraint.columns]
        for constraint in table.constraints
        if isinstance(constraint, UniqueConstraint)
    ]
    alone += [[column.name for column in index.columns] for index in table.indexes if index.unique]
    return [key] in alone and not table.c[key].nullable


def _moment(value: object, mapping: TableMapping) -> datetime | None:
    """A moment in UTC from whatever a column or a sealed value holds; None where it is none."""
    read: datetime | None = None
    if isinstance(value, datetime):
        read = value
    elif isinstance(value, date):
        read = datetime.combine(value, time())
    elif isinstance(value, str):
        read = _parsed(" ".join(value.split()), mapping.formats)
    elif isinstance(value, int) and not isinstance(value, bool) and 0 < value < 253402300800:
        return datetime.fromtimestamp(value, UTC)
    if read is None:
        return None
    return (read if read.tzinfo else read.replace(tzinfo=mapping.timezone)).astimezone(UTC)


def _parsed(text: str, formats: tuple[str, ...]) -> datetime | None:
    for pattern in formats:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007  the zone is the mapping's
        except ValueError:
            continue
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _moment_in(column: Column[Any], moment: datetime, mapping: TableMapping) -> object:
    local = moment.astimezone(mapping.timezone)
    if isinstance(column.type, DateTime):
        return moment if column.type.timezone else local.replace(tzinfo=None)
    if isinstance(column.type, Date):
        return local.date()
    if isinstance(column.type, Integer):
        return int(moment.timestamp())
    return local.strftime(mapping.formats[0])


def _plain_in(name: str, column: Column[Any], value: object) -> object:
    if isinstance(column.type, JSON):
        return value
    if isinstance(column.type, Integer | Numeric) and isinstance(value, int):
        return value
    if isinstance(column.type, String) and isinstance(value, str | int):
        text = str(value)
        # PostgreSQL cannot hold a NUL and SQLite's tools stop reading at it: neither is what was submitted.
        if "\0" in text:
            raise CollectionRefused((reason(ReasonCode.BAD_FORMAT, name),))
        if column.type.length is not None and len(text) > column.type.length:
            raise CollectionRefused((reason(ReasonCode.TOO_LARGE, name),))
        return text
    raise CollectionRefused((reason(ReasonCode.BAD_FORMAT, name),))

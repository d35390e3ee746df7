"""A plain store: somebody's existing table, put under a policy without being moved.

It keeps their columns. A field's expiry rewrites its columns to NULL, the last part's deletes the row: both are plain
SQL on their side, outside our transaction, so every act here may be repeated and says the same the second time.
Where the mapping names a `holding` column, each act also asks for our id in it: a key that the database gives to a new
row after ours has gone never leads to that row.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    RowMapping,
    and_,
    bindparam,
    delete,
    func,
    insert,
    or_,
    select,
    tuple_,
    update,
)

from compliance import detectors
from compliance.db.foreign import ForeignTable
from compliance.domain.errors import ConfigurationInvalid, RecordErased
from compliance.domain.mapping import ColumnRule, TableMapping
from compliance.ports import (
    Books,
    Capabilities,
    ExistingRow,
    PartRef,
    ScannedColumn,
    ScanReport,
    StoredPart,
)

_KEYS_A_STATEMENT = 500
_ROWS_A_PAGE = 1000
Find = Callable[[str], Iterable[Any]]
T = TypeVar("T")


class SqlTable:
    """Plain and not ours. Raises ConfigurationInvalid at once where table and mapping disagree."""

    def __init__(self, url: str, mapping: TableMapping, *, find: Find = detectors.scan) -> None:
        self.name = mapping.name
        residue, columns = dict(mapping.residue), frozenset(mapping.columns)
        self.capabilities = Capabilities(sealing=False, ours=False, residue=residue, columns=columns)
        self._mapping = mapping
        self._foreign = ForeignTable(url, mapping)
        self._find = find
        roles = self._foreign.roles()
        self.fixed = frozenset(
            c.name for c in self._foreign.table.c if not c.nullable and c.name not in roles
        )

    def close(self) -> None:
        self._foreign.engine.dispose()

    # -- the gate's

    def append(self, books: Books, category: str, parts: Sequence[StoredPart]) -> dict[str, str]:
        """Insert one row for each holding, all or none; returns their keys. Rows that bear our id are not repeated.

        Raises CollectionRefused for a value that the column cannot hold, ConfigurationInvalid for one without a column.
        """
        rows: dict[str, dict[str, object]] = {}
        for part in parts:
            row = rows.setdefault(part.ref.holding_id, self._frame(category, part.ref.holding_id))
            for name, value in part.values.items():
                row.update(self._foreign.written(name, value))
        with self._foreign.writing("append") as connection:
            refs = self._already(connection, list(rows))
            return refs | self._inserted(
                connection, {holding: row for holding, row in rows.items() if holding not in refs}
            )

    def replace(self, books: Books, parts: Sequence[StoredPart]) -> None:
        """Put amended values in the place of what is there, all or none; raises RecordErased for a row that is gone."""
        changes = [(part.ref, self._amended(part.values)) for part in parts if part.values]
        with self._foreign.writing("replace") as connection:
            for ref, values in changes:
                changed = update(self._foreign.table).where(self._at([ref])).values(values)
                if not connection.execute(changed).rowcount:
                    raise RecordErased

    def _amended(self, values: Mapping[str, object]) -> dict[str, object]:
        return {
            column: written
            for name, value in values.items()
            for column, written in self._foreign.written(name, value).items()
        }

    def _frame(self, category: str, holding_id: str) -> dict[str, object]:
        """What a row has beside its fields: the category's own word, and our id."""
        mapping = self._mapping
        frame: dict[str, object] = {mapping.holding: holding_id} if mapping.holding else {}
        if not mapping.category_column:
            if category != mapping.category:
                raise ConfigurationInvalid(f"{self.name}: 这张表不收 {category} / does not take {category}")
            return frame
        words = {ours: theirs for theirs, ours in mapping.category_words.items()}
        if words and category not in words:
            raise ConfigurationInvalid(f"{self.name}: {category} 没有对应的词 / has no word for {category}")
        return {**frame, mapping.category_column: words.get(category, category)}

    def _already(self, connection: Connection, holdings: Sequence[str]) -> dict[str, str]:
        if not self._mapping.holding:
            return {}
        column = self._foreign.table.c[self._mapping.holding]
        found: dict[str, str] = {}
        for some in _chunks(holdings):
            rows = connection.execute(select(column, self._foreign.key).where(column.in_(some)))
            found |= {str(holding): str(key) for holding, key in rows}
        return found

    def _inserted(self, connection: Connection, rows: Mapping[str, dict[str, object]]) -> dict[str, str]:
        key, refs = self._foreign.key, dict[str, str]()
        if not self._mapping.holding:
            # Nothing says which of many new keys is whose, so each row is asked for its own.
            for holding, row in rows.items():
                ref = connection.scalar(insert(self._foreign.table).values(row).returning(key))
                refs[holding] = str(ref)
            return refs
        ours = self._foreign.table.c[self._mapping.holding]
        # Rows of one statement must name the same columns; those that say less would else become NULL by our hand.
        by_shape: dict[frozenset[str], list[dict[str, object]]] = {}
        for row in rows.values():
            by_shape.setdefault(frozenset(row), []).append(row)
        for same in by_shape.values():
            returned = connection.execute(insert(self._foreign.table).returning(ours, key), same)
            refs |= {str(holding): str(ref) for holding, ref in returned}
        return refs

    # -- reading's

    def fetch(self, books: Books, parts: Sequence[PartRef]) -> dict[int, bytes | Mapping[str, object]]:
        """The fields of each part as they were sealed elsewhere: moments as ISO text in UTC. Nothing of what is gone."""
        found: dict[int, bytes | Mapping[str, object]] = {}
        with self._foreign.reading("fetch") as connection:
            for part in parts:
                query = select(self._foreign.table).where(self._at([part]))
                row = connection.execute(query).mappings().first()
                values = self._sealed_form(part, row) if row is not None else {}
                if values:
                    found[part.part_no] = values
        return found

    def _sealed_form(self, part: PartRef, row: RowMapping) -> dict[str, object]:
        rules = {name: self._mapping.columns[name] for name in part.fields if name in self._mapping.columns}
        read = {name: self._foreign.read(rule, row) for name, rule in rules.items()}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value
            for name, value in read.items()
            if value is not None
        }

    # -- the disposal's

    def erase(self, books: Books, category: str, parts: Sequence[PartRef]) -> None:
        """Delete the rows whose last part this is, and empty the fields of the others; idempotent."""
        whole = [part for part in parts if part.last]
        by_fields: dict[tuple[str, ...], list[PartRef]] = {}
        for part in parts:
            if not part.last:
                by_fields.setdefault(part.fields, []).append(part)
        with self._foreign.writing("erase") as connection:
            for some in _chunks(whole):
                connection.execute(delete(self._foreign.table).where(self._at(some)))
            for fields, group in by_fields.items():
                emptied = self._emptied(fields)
                for some in _chunks(group) if emptied else ():
                    connection.execute(update(self._foreign.table).where(self._at(some)).values(emptied))
        with self._foreign.reading("settle"):
            self._foreign.settle()

    def left(self, books: Books, category: str, parts: Sequence[PartRef]) -> int:
        """How many of these parts are still there, read again. A row that has lost our id counts, and so does one of
        whose part no field is named: we cannot say that it is gone."""
        by_fields: dict[tuple[str, ...] | None, list[PartRef]] = {}
        for part in parts:
            by_fields.setdefault(None if part.last else part.fields, []).append(part)
        count = select(func.count()).select_from(self._foreign.table)
        total = 0
        with self._foreign.reading("left") as connection:
            for fields, group in by_fields.items():
                there = [] if fields is None else [self._foreign.still_there(r) for r in self._rules(fields)]
                if fields and not there:
                    continue
                for some in _chunks(group):
                    narrowed = count.where(self._at(some, unmarked=True))
                    total += connection.scalar(narrowed.where(or_(*there)) if there else narrowed) or 0
        return total

    def reseal(self, books: Books, ref: PartRef, envelope: bytes) -> None:
        """A plain store has no envelope to put under another key."""
        raise ConfigurationInvalid(f"{self.name}: 明文存储，不能重新加密 / a plain store cannot re-seal")

    def sealed(self, books: Books, ref: PartRef) -> bytes | None:
        return None

    # -- adoption's

    def scan(self) -> ScanReport:
        """Count what stands there: rows, filled cells by column, identifiers by kind. Never a value."""
        table, mapping = self._foreign.table, self._mapping
        columns = list(table.columns)
        filled = {column.name: 0 for column in columns}
        found: dict[str, dict[str, int]] = {column.name: {} for column in columns}
        rows = unknown = 0
        for page in self._pages():
            rows += len(page)
            for row in page:
                unknown += self._foreign.category(row) is None
                for column in columns:
                    value = row[column.name]
                    if value in (None, ""):
                        continue
                    filled[column.name] += 1
                    if isinstance(value, str) and column.name not in (mapping.key, mapping.holding):
                        self._count_identifiers(value, found[column.name])
        scanned = tuple(self._scanned(column, filled[column.name], found[column.name]) for column in columns)
        return ScanReport(store=self.name, rows=rows, columns=scanned, unknown_category=unknown)

    def _count_identifiers(self, text: str, found: dict[str, int]) -> None:
        for finding in self._find(text):
            if finding.certainty == "certain":
                found[finding.kind] = found.get(finding.kind, 0) + 1

    def _scanned(self, column: Column[Any], filled: int, found: Mapping[str, int]) -> ScannedColumn:
        role, of_field = self._foreign.roles().get(column.name, ("unmapped", ""))
        return ScannedColumn(
            name=column.name,
            role=role,
            of_field=of_field,
            filled=filled,
            identifiers=found,
            can_be_emptied=bool(column.nullable),
        )

    def rows(self, after: str | None, limit: int) -> list[ExistingRow]:
        """The next rows in the order of their key; an empty list at the end."""
        query = select(self._foreign.table).order_by(self._foreign.key).limit(limit)
        if after is not None:
            query = query.where(self._foreign.key > self._foreign.key_of(after))
        with self._foreign.reading("rows") as connection:
            return [self._existing(row) for row in connection.execute(query).mappings()]

    def _existing(self, row: RowMapping) -> ExistingRow:
        mapping, roles = self._mapping, self._foreign.roles()
        read = {name: self._foreign.read(rule, row) for name, rule in mapping.columns.items()}
        moments = {name for name, rule in mapping.columns.items() if rule.time}
        collected = (
            self._foreign.read(ColumnRule(columns=(mapping.collected_at,), time=True), row)
            if mapping.collected_at
            else None
        )
        return ExistingRow(
            ref=str(row[mapping.key]),
            category=self._foreign.category(row),
            values={name: value for name, value in read.items() if value is not None},
            collected_at=collected if isinstance(collected, datetime) else None,
            holding=row[mapping.holding] if mapping.holding else None,
            unreadable=frozenset(name for name in moments if isinstance(read[name], str)),
            extra=frozenset(
                name for name, value in row.items() if name not in roles and value not in (None, "")
            ),
        )

    def _pages(self) -> Iterator[Sequence[RowMapping]]:
        after: Any = None
        query = select(self._foreign.table).order_by(self._foreign.key).limit(_ROWS_A_PAGE)
        while True:
            with self._foreign.reading("scan") as connection:
                paged = query if after is None else query.where(self._foreign.key > after)
                page = connection.execute(paged).mappings().all()
            if not page:
                return
            yield page
            after = page[-1][self._mapping.key]

    def strip(self, refs: Sequence[str], fields: Iterable[str], columns: Iterable[str]) -> None:
        """Empty fields and columns of these rows; what may not be NULL and has no word of its own stays."""
        nullable = [name for name in columns if self._foreign.table.c[name].nullable]
        emptied = self._emptied(tuple(fields)) | dict.fromkeys(nullable)
        with self._foreign.writing("strip") as connection:
            for some in _chunks(refs) if emptied else ():
                keys = self._foreign.key.in_([self._foreign.key_of(ref) for ref in some])
                connection.execute(update(self._foreign.table).where(keys).values(emptied))

    def mark(self, holdings: Mapping[str, str]) -> None:
        """Write our ids beside their rows, over whatever stands there; nothing where the mapping has no column."""
        if not self._mapping.holding or not holdings:
            return
        key = self._foreign.key
        statement = update(self._foreign.table).where(key == bindparam("ref_"))
        statement = statement.values({self._mapping.holding: bindparam("id_")})
        rows = [{"ref_": self._foreign.key_of(ref), "id_": holding} for ref, holding in holdings.items()]
        with self._foreign.writing("mark") as connection:
            connection.execute(statement, rows)

    def bearing(self, holding_ids: Sequence[str]) -> dict[str, str]:
        with self._foreign.reading("bearing") as connection:
            return self._already(connection, holding_ids)

    def present(self, refs: Sequence[str]) -> set[str]:
        found: set[str] = set()
        with self._foreign.reading("present") as connection:
            for some in _chunks(refs):
                keys = self._foreign.key.in_([self._foreign.key_of(ref) for ref in some])
                found |= {str(key) for key in connection.scalars(select(self._foreign.key).where(keys))}
        return found

    # -- shared

    def _rules(self, fields: Iterable[str]) -> list[ColumnRule]:
        # A field of the policy that their table has no column for was never there, so nothing of it is left.
        return [self._mapping.columns[name] for name in fields if name in self._mapping.columns]

    def _emptied(self, fields: tuple[str, ...]) -> dict[str, object]:
        return {
            column: value
            for rule in self._rules(fields)
            for column, value in self._foreign.erased(rule).items()
        }

    def _at(self, parts: Sequence[PartRef], *, unmarked: bool = False) -> ColumnElement[bool]:
        """The rows of these parts. A part that never got a ref (a crash before we learnt it) is found by our id."""
        keyed = [(self._foreign.key_of(part.ref), part.holding_id) for part in parts if part.ref is not None]
        lost = [part.holding_id for part in parts if part.ref is None]
        key = self._foreign.key
        if not self._mapping.holding:
            return key.in_([ref for ref, _ in keyed])
        ours = self._foreign.table.c[self._mapping.holding]
        found = or_(tuple_(key, ours).in_(keyed), ours.in_(lost))
        return or_(found, and_(key.in_([ref for ref, _ in keyed]), ours.is_(None))) if unmarked else found


def _chunks(some: Sequence[T]) -> Iterator[Sequence[T]]:
    for at in range(0, len(some), _KEYS_A_STATEMENT):
        yield some[at : at + _KEYS_A_STATEMENT]

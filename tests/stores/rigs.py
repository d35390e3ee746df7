"""One rig a store: the store itself, a transaction of ours, and everything that can be found of it at rest."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, create_engine, text

from compliance.db.engine import open_engine
from compliance.db.tables import metadata
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.domain.mapping import ColumnRule, SealedFileMapping, TableMapping
from compliance.ports import PartRef, StoredPart, place_of
from compliance.stores.memory import Memory
from compliance.stores.sealed_file import SealedFile
from compliance.stores.sql_table import SqlTable
from compliance.stores.vault import Vault

Store = Memory | Vault | SqlTable | SealedFile

# Whoever named this table did not think of us, and SQLAlchemy has to quote all of it.
TABLE = '访客 "登记"'
COLUMNS = """
    kind VARCHAR(20) NOT NULL,
    "full name" VARCHAR(20000),
    "select" TEXT NOT NULL DEFAULT '',
    arrived TIMESTAMP,
    people INTEGER,
    our_id VARCHAR(32),
    legacy TEXT
"""
MAPPING = TableMapping(
    name="register",
    table=TABLE,
    key="no",
    columns={
        "visitor_name": ColumnRule(columns=("full name",)),
        "entry_time": ColumnRule(columns=("arrived",), time=True),
        "party_size": ColumnRule(columns=("people",)),
        "remark": ColumnRule(columns=("select",), erased=""),
    },
    category_column="kind",
    category_words={"来访": "visitor"},
    collected_at="arrived",
    timezone=ZoneInfo("Asia/Shanghai"),
    holding="our_id",
    residue={"backup": "P30D"},
)
WINDOWS = ("window/main/2026-04-02", "window/main/2026-03-09")
ENTRY = "2026-03-01T02:00:05+00:00"


@dataclass(kw_only=True)
class Rig:
    store: Store
    work: SqlUnitOfWork
    at_rest: Callable[[], bytes]
    refs: dict[str, str] = field(default_factory=dict)

    def record(
        self, number: int, name: str = "张三", remark: str = "看房", **more: object
    ) -> list[StoredPart]:
        """Two parts: what dies later (0) and the remark, which dies first (1)."""
        later: dict[str, object] = {"visitor_name": name, "entry_time": ENTRY, "party_size": 2, **more}
        both: list[dict[str, object]] = [later, {"remark": remark}]
        return [
            StoredPart(
                self._ref(number, part_no, tuple(values)),
                f"{number}/{part_no}:{values}".encode(),
                values,
                WINDOWS[part_no],
            )
            for part_no, values in enumerate(both)
        ]

    def _ref(self, number: int, part_no: int, fields: tuple[str, ...]) -> PartRef:
        return PartRef(number, part_no, f"2603-{number:020d}", None, fields)

    def append(self, *parts: StoredPart) -> None:
        with self.work.writing() as books:
            self.refs |= self.store.append(books, "visitor", parts)

    def placed(self, *parts: StoredPart, last: bool = False) -> list[PartRef]:
        """The parts' references as the books know them after the append."""
        return [
            part.ref._replace(
                ref=self.refs.get(place_of(part.ref), self.refs.get(part.ref.holding_id)),
                last=last and part.ref.part_no == 0,
            )
            for part in parts
        ]

    def fetch(self, *parts: StoredPart) -> dict[int, bytes | Mapping[str, object]]:
        with self.work.reading() as books:
            return self.store.fetch(books, self.placed(*parts))

    def content(self, part: StoredPart) -> bytes | Mapping[str, object]:
        return part.envelope if self.store.capabilities.sealing else part.values

    def erase(self, refs: Sequence[PartRef]) -> None:
        with self.work.writing() as books:
            self.store.erase(books, "visitor", refs)
        self.work.settle()

    def left(self, refs: Sequence[PartRef]) -> int:
        with self.work.reading() as books:
            return self.store.left(books, "visitor", refs)


def _files(path: Path) -> bytes:
    return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))


def _all_rows(engine: Engine, table: str) -> bytes:
    quoted = engine.dialect.identifier_preparer.quote(table)
    with engine.connect() as connection:
        rows = connection.execute(text(f"SELECT * FROM {quoted}")).all()
    return b"\n".join(
        bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
        for row in rows
        for cell in row
    )


@contextmanager
def memory(folder: Path) -> Iterator[Rig]:
    with _books(f"sqlite:///{folder / 'books.db'}") as work:
        store = Memory()
        yield Rig(store=store, work=work, at_rest=lambda: b"".join(store._envelopes.values()))


@contextmanager
def sealed_file(folder: Path) -> Iterator[Rig]:
    archive = folder / "archive"
    with _books(f"sqlite:///{folder / 'books.db'}") as work:
        store = SealedFile(
            SealedFileMapping(name="archive", folder=str(archive), categories=frozenset({"visitor"})), "ours"
        )
        yield Rig(
            store=store,
            work=work,
            at_rest=lambda: b"".join(path.read_bytes() for path in sorted(archive.iterdir())),
        )


@contextmanager
def vault(url: str, file: Path | None = None) -> Iterator[Rig]:
    with _books(url) as work:
        yield Rig(
            store=Vault(),
            work=work,
            at_rest=lambda: _files(file) if file else _all_rows(work.engine, "vault"),
        )


@contextmanager
def sql_table(url: str, folder: Path, file: Path | None = None) -> Iterator[Rig]:
    owner = create_engine(url)
    make_their_table(owner)
    store = SqlTable(url, MAPPING)
    try:
        with _books(f"sqlite:///{folder / 'books.db'}") as work:
            yield Rig(
                store=store, work=work, at_rest=lambda: _files(file) if file else _all_rows(owner, TABLE)
            )
    finally:
        store.close()
        owner.dispose()


def make_their_table(owner: Engine) -> None:
    key = (
        "INTEGER PRIMARY KEY"
        if owner.dialect.name == "sqlite"
        else "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY"
    )
    quoted = owner.dialect.identifier_preparer.quote(TABLE)
    with owner.begin() as connection:
        if owner.dialect.name == "sqlite":
            connection.execute(text("PRAGMA journal_mode = WAL"))
        connection.execute(text(f"CREATE TABLE {quoted} (no {key}, {COLUMNS})"))


@contextmanager
def _books(url: str) -> Iterator[SqlUnitOfWork]:
    engine = open_engine(url)
    metadata.create_all(engine)
    try:
        yield SqlUnitOfWork(engine)
    finally:
        engine.dispose()


__all__ = [
    "ENTRY",
    "MAPPING",
    "TABLE",
    "WINDOWS",
    "Rig",
    "make_their_table",
    "memory",
    "sealed_file",
    "sql_table",
    "vault",
]

"""One transaction on our own books: it commits when its block ends, and rolls back when it raises."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from threading import RLock
from typing import Generic, TypeVar

from sqlalchemy import Connection, Engine, event, func, select, text

from compliance.db.consents import SqlConsents
from compliance.db.counts import SqlCounts
from compliance.db.disclosures import SqlDisclosures
from compliance.db.duties import SqlHolds, SqlPacks, SqlSwitches
from compliance.db.emergencies import SqlEmergencies
from compliance.db.engine import READ_ONLY, begin_writing
from compliance.db.holdings import SqlHoldings, SqlMarks
from compliance.db.ledger import SqlLedger
from compliance.db.people import SqlPeople
from compliance.db.policies import SqlPolicies
from compliance.db.reports import SqlReports
from compliance.db.requests import SqlOutbox, SqlRequests

# Any number will do, as long as the gate and the destruction of window keys take the same one.
_WINDOW_LOCK = 0x57494E44
_FORECAST_LOCK = 0x464F5245


_T = TypeVar("_T")


class _Section(Generic[_T]):
    """A part of the books, opened when it is first turned to. `functools.cached_property` takes a lock for that."""

    def __init__(self, opened: Callable[[Connection], _T]) -> None:
        self._opened = opened

    def __set_name__(self, _: type, name: str) -> None:
        self._name = name

    def __get__(self, books: SqlBooks, _: type) -> _T:
        section = books.__dict__[self._name] = self._opened(books.connection)
        return section


class SqlBooks:
    """The books of one transaction. `connection` is for the stores that are ours."""

    holdings = _Section(SqlHoldings)
    marks = _Section(SqlMarks)
    counts = _Section(SqlCounts)
    ledger = _Section(SqlLedger)
    holds = _Section(SqlHolds)
    consents = _Section(SqlConsents)
    packs = _Section(SqlPacks)
    switches = _Section(SqlSwitches)
    people = _Section(SqlPeople)
    requests = _Section(SqlRequests)
    outbox = _Section(SqlOutbox)
    reports = _Section(SqlReports)
    policies = _Section(SqlPolicies)
    disclosures = _Section(SqlDisclosures)
    emergencies = _Section(SqlEmergencies)

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    def database_time(self) -> datetime | None:
        """PostgreSQL's own clock; None on SQLite, which has this host's."""
        if self.connection.dialect.name == "sqlite":
            return None
        return self.connection.scalar(select(func.clock_timestamp()))

    def forecast_lock(self) -> None:
        """One sweep at a time measures itself against the forecast. On SQLite the transaction itself sees to that."""
        if self.connection.dialect.name != "sqlite":
            self.connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _FORECAST_LOCK})

    def window_lock(self, *, exclusive: bool) -> None:
        """Held to the end of the transaction. On SQLite the writing transaction itself excludes everybody."""
        if self.connection.dialect.name != "sqlite":
            verb = "pg_advisory_xact_lock" if exclusive else "pg_advisory_xact_lock_shared"
            self.connection.execute(text(f"SELECT {verb}(:key)"), {"key": _WINDOW_LOCK})


class SqlUnitOfWork:
    """Transactions are begun and committed in the driver: SQLAlchemy's account of one costs more than opening it."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._sqlite = engine.dialect.name == "sqlite"
        self._turn = RLock()
        self._writer: Connection | None = None
        event.listen(engine, "engine_disposed", self._put_down)

    def writing(self) -> AbstractContextManager[SqlBooks]:
        return self._writing_in_turn() if self._sqlite else self._writing()

    @contextmanager
    def _writing(self) -> Iterator[SqlBooks]:
        # What is not committed, the pool rolls back when it takes the connection back.
        with self.engine.connect() as connection:
            yield SqlBooks(connection)
            connection.connection.commit()

    @contextmanager
    def _writing_in_turn(self) -> Iterator[SqlBooks]:
        """SQLite has one writer at a time. So a process has one connection that writes, and its threads wait for their
        turn at a lock, which is fair and wakes them at once; the database would let them sleep and ask again.
        """
        with self._turn:
            connection = self._writer or self.engine.connect()
            self._writer = None
            try:
                begin_writing(connection)
                yield SqlBooks(connection)
                connection.connection.commit()
            except BaseException:
                connection.close()  # rolls back
                raise
            self._writer = connection

    def _put_down(self, _: Engine) -> None:
        with self._turn:
            if self._writer is not None:
                self._writer.detach()  # the pool that it came from is gone already
                self._writer.close()
                self._writer = None

    @contextmanager
    def reading(self) -> Iterator[SqlBooks]:
        with self.engine.connect().execution_options(**{READ_ONLY: True}) as connection:
            yield SqlBooks(connection)

    def settle(self) -> None:
        """Let no erased byte survive in a write-ahead log: SQLite's is copied back and truncated.

        PostgreSQL overwrites dead rows in its own time (vacuum); how long is part of the store's declared residue.
        """
        if self.engine.dialect.name == "sqlite":
            connection = self.engine.raw_connection()
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

"""One transaction on our own books: it commits when its block ends, and rolls back when it raises."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cached_property

from sqlalchemy import Connection, Engine, func, select, text

from compliance.db.consents import SqlConsents
from compliance.db.counts import SqlCounts
from compliance.db.disclosures import SqlDisclosures
from compliance.db.duties import SqlHolds, SqlPacks, SqlSwitches
from compliance.db.emergencies import SqlEmergencies
from compliance.db.engine import READ_ONLY
from compliance.db.holdings import SqlHoldings, SqlMarks
from compliance.db.ledger import SqlLedger
from compliance.db.people import SqlPeople
from compliance.db.policies import SqlPolicies
from compliance.db.reports import SqlReports
from compliance.db.requests import SqlOutbox, SqlRequests

# Any number will do, as long as the gate and the destruction of window keys take the same one.
_WINDOW_LOCK = 0x57494E44
_FORECAST_LOCK = 0x464F5245


class SqlBooks:
    """The books of one transaction. `connection` is for the stores that are ours."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @cached_property
    def holdings(self) -> SqlHoldings:
        return SqlHoldings(self.connection)

    @cached_property
    def marks(self) -> SqlMarks:
        return SqlMarks(self.connection)

    @cached_property
    def counts(self) -> SqlCounts:
        return SqlCounts(self.connection)

    @cached_property
    def ledger(self) -> SqlLedger:
        return SqlLedger(self.connection)

    @cached_property
    def holds(self) -> SqlHolds:
        return SqlHolds(self.connection)

    @cached_property
    def consents(self) -> SqlConsents:
        return SqlConsents(self.connection)

    @cached_property
    def packs(self) -> SqlPacks:
        return SqlPacks(self.connection)

    @cached_property
    def switches(self) -> SqlSwitches:
        return SqlSwitches(self.connection)

    @cached_property
    def people(self) -> SqlPeople:
        return SqlPeople(self.connection)

    @cached_property
    def requests(self) -> SqlRequests:
        return SqlRequests(self.connection)

    @cached_property
    def outbox(self) -> SqlOutbox:
        return SqlOutbox(self.connection)

    @cached_property
    def reports(self) -> SqlReports:
        return SqlReports(self.connection)

    @cached_property
    def policies(self) -> SqlPolicies:
        return SqlPolicies(self.connection)

    @cached_property
    def disclosures(self) -> SqlDisclosures:
        return SqlDisclosures(self.connection)

    @cached_property
    def emergencies(self) -> SqlEmergencies:
        return SqlEmergencies(self.connection)

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
    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def writing(self) -> Iterator[SqlBooks]:
        with self.engine.begin() as connection:
            yield SqlBooks(connection)

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

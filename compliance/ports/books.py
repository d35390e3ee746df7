"""One transaction on our own books."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

from compliance.ports.consents import Consents
from compliance.ports.disclosures import DisclosureBook
from compliance.ports.emergencies import Emergencies
from compliance.ports.people import People
from compliance.ports.policies import PolicyBook
from compliance.ports.reports import ReportBook
from compliance.ports.requests import OutboxBook, RequestBook
from compliance.ports.shelves import Counts, Holdings, Holds, LedgerBook, Marks, Packs, Switches


class Books(Protocol):
    """One transaction on our own database. Commits when its block ends, rolls back when it raises."""

    @property
    def holdings(self) -> Holdings: ...

    @property
    def marks(self) -> Marks: ...

    @property
    def counts(self) -> Counts: ...

    @property
    def ledger(self) -> LedgerBook: ...

    @property
    def holds(self) -> Holds: ...

    @property
    def consents(self) -> Consents: ...

    @property
    def packs(self) -> Packs: ...

    @property
    def switches(self) -> Switches: ...

    @property
    def people(self) -> People: ...

    @property
    def requests(self) -> RequestBook: ...

    @property
    def outbox(self) -> OutboxBook: ...

    @property
    def reports(self) -> ReportBook: ...

    @property
    def policies(self) -> PolicyBook: ...

    @property
    def disclosures(self) -> DisclosureBook: ...

    @property
    def emergencies(self) -> Emergencies: ...

    def database_time(self) -> datetime | None:
        """The database server's own clock; None where it is this host's."""
        ...

    def forecast_lock(self) -> None:
        """Held to the end of the transaction: two sweeps must not use the same room of one forecast."""
        ...

    def window_lock(self, *, exclusive: bool) -> None:
        """Held to the end of the transaction: shared by the gate, exclusive by the destruction of window keys."""
        ...


class UnitOfWork(Protocol):
    def writing(self) -> AbstractContextManager[Books]: ...

    def reading(self) -> AbstractContextManager[Books]: ...

    def settle(self) -> None:
        """Let no erased byte survive in the database's own write-ahead log, where we can."""
        ...

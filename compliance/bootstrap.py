"""The only place that chooses adapters. Everything below it receives what it needs, and asks for nothing."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from compliance.config import Settings
from compliance.db import migrate
from compliance.db.engine import open_engine
from compliance.db.journal import FileJournal
from compliance.db.redating import SqlRedatable
from compliance.db.refs import SqlRefs
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.domain.checkpoint import open_head
from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.mapping import SealedFileMapping, TableMapping
from compliance.domain.policy import Pack
from compliance.domain.workdays import after_workdays
from compliance.keys import credentials
from compliance.keys.file_keyring import FileKeyring
from compliance.keys.random_ids import RandomIds
from compliance.keys.signer import FileSigner
from compliance.notices import disclosure
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.law import law
from compliance.policies.mapping import load_store_mappings
from compliance.policies.published import PublishedPacks
from compliance.policies.workdays import workdays
from compliance.ports import Clock, Ids, Journal, Keyring, Signer, UnitOfWork
from compliance.services.access import Access, Hashes
from compliance.services.adoption import Adoption
from compliance.services.assessments import Assessments
from compliance.services.casework import Casework
from compliance.services.certificates import Certificates
from compliance.services.clock_guard import ClockGuard
from compliance.services.consents import ConsentBook
from compliance.services.disclosing import Disclosures
from compliance.services.disposal import Disposal
from compliance.services.drafting import Drafting
from compliance.services.emergencies import Emergencies
from compliance.services.fixed_clock import FixedClock
from compliance.services.gate import Gate
from compliance.services.holds import Holds
from compliance.services.home_kind import DEMO, REAL, SCRATCH, home_kind
from compliance.services.looking import Looking
from compliance.services.lookup import Lookup
from compliance.services.modes import Modes
from compliance.services.notice_ids import NoticeIds
from compliance.services.outbox import SealedOutbox
from compliance.services.planning import Planning
from compliance.services.publishing import Publishing
from compliance.services.reading import RecordReader
from compliance.services.reports import Reports
from compliance.services.requests import Requests
from compliance.services.restoration import Restoration
from compliance.services.retention import Retention
from compliance.services.roster import RosterCall
from compliance.services.sealing import Sealing
from compliance.services.slips import Slips
from compliance.services.standing import Standing
from compliance.stores.sealed_file import SealedFile
from compliance.stores.sql_table import SqlTable
from compliance.stores.vault import Vault

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """The only clock there is: `datetime.now` is banned everywhere else."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        # CLOCK_MONOTONIC stands still while a machine sleeps: every waking would look like a wall clock that stepped.
        return (
            time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
        )

    def boot(self) -> str:
        return _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """Everything wired: the use cases, and what the doors above them need to know."""

    settings: Settings
    kind: str
    clock: Clock
    ids: Ids
    books: UnitOfWork
    keyring: Keyring
    signer: Signer
    journal: Journal
    sealing: Sealing
    policies: PublishedPacks
    notice_ids: NoticeIds
    gate: Gate
    retention: Retention
    holds: Holds
    reader: RecordReader
    lookup: Lookup
    roster: RosterCall
    disclosures: Disclosures
    planning: Planning
    modes: Modes
    emergencies: Emergencies
    assessments: Assessments
    drafting: Drafting
    publishing: Publishing
    requests: Requests
    consents: ConsentBook
    outbox: SealedOutbox
    access: Access
    certificates: Certificates
    reports: Reports
    adoption: Adoption
    slips: Slips
    stores: Mapping[str, Any]

    def active_pack(self) -> Pack:
        """The pack in force now. Raises GateClosed where none is."""
        with self.books.reading() as books:
            return self.policies.active(books, self.clock.now())

    def close(self) -> None:
        """Seal what is written and let go of every connection."""
        self.sealing.seal()
        for store in self.stores.values():
            getattr(store, "close", lambda: None)()
        if isinstance(self.books, SqlUnitOfWork):
            self.books.engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def bootstrap(
    settings: Settings | None = None,
    *,
    at: datetime | None = None,
    kind: str = REAL,
    clock: Clock | None = None,
) -> Engine:
    """Open (and on first use make) a home: migrate, check the journal, wire everything.

    `kind` is what a new home becomes; a home that exists keeps its own. `at` stops the clock, in demo and scratch
    homes only.

    Raises:
        ConfigurationInvalid: a setting is wrong, or `at` was given for a real home.
        JournalMissing: the database has a history that no journal vouches for.
    """
    settings = settings or Settings()
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o700)
    migrate.upgrade(settings.database_url)
    books = SqlUnitOfWork(open_engine(settings.database_url))
    kind = home_kind(books, kind)
    if at is not None and kind == REAL:
        raise ConfigurationInvalid(
            "--at stops the clock only in a demo or scratch home. 只有演示或试验目录可以指定时间。"
        )
    clock = clock or (FixedClock(at) if at is not None else SystemClock())
    return _wired(settings, kind, _chosen(settings, books, clock))


def _foreign(one: TableMapping | SealedFileMapping, owner: str) -> SqlTable | SealedFile:
    """A store that was put under a policy beside our own."""
    return SealedFile(one, owner) if isinstance(one, SealedFileMapping) else SqlTable(one.url, one)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Adapters:
    """What was chosen, before any use case is built on it."""

    books: SqlUnitOfWork
    clock: Clock
    ids: Ids
    keyring: FileKeyring
    signer: FileSigner
    journal: FileJournal
    policies: PublishedPacks
    sealing: Sealing
    stores: dict[str, Any]
    foreign: dict[str, SqlTable]
    served: dict[str, str]  # category → the foreign store that takes it

    def store_for(self, category: str) -> str:
        return self.served.get(category, Vault.name)

    @property
    def books_and_ledger(self) -> dict[str, Any]:
        """What nearly every use case needs."""
        return self.by_name("books", "policies", "clock", "sealing")

    def by_name(self, *names: str) -> dict[str, Any]:
        return {name: getattr(self, name) for name in names}


#: What the engine shows of what was chosen.
_SHOWN = ("books", "clock", "ids", "keyring", "signer", "journal", "sealing", "policies", "stores")


def _chosen(settings: Settings, books: SqlUnitOfWork, clock: Clock) -> _Adapters:
    ids = RandomIds()
    with books.reading() as reading:
        head = reading.ledger.head()
    # A ledger with a history and no signing key is a keyring lost, not a keyring to be made anew.
    signer = FileSigner(settings.keys_folder, secrets.token_bytes, create=head is None)
    if head is not None:
        # Another key than the one that signed the history would fork it in silence.
        open_head(head.note, signer.verify, signer.public_key, origin=settings.origin)
    journal = FileJournal(settings.journal_path)
    if head is None and not journal.exists():
        journal.begin()
    mappings = load_store_mappings(settings.stores_folder)
    foreign = {one.name: _foreign(one, signer.public_key.hex()[:8]) for one in mappings}
    return _Adapters(
        books=books,
        clock=clock,
        ids=ids,
        keyring=FileKeyring(settings.keys_folder, suite=settings.suite, random=secrets.token_bytes),
        signer=signer,
        journal=journal,
        policies=PublishedPacks(),
        sealing=Sealing(
            books=books, clock=clock, ids=ids, signer=signer, journal=journal, origin=settings.origin
        ),
        stores={Vault.name: Vault(), **foreign},
        foreign={name: store for name, store in foreign.items() if isinstance(store, SqlTable)},
        served={category: one.name for one in mappings for category in one.categories},
    )


def _wired(settings: Settings, kind: str, on: _Adapters) -> Engine:
    disposal = Disposal(**on.by_name("policies", "keyring", "journal", "sealing"), erases=on.stores)
    Restoration(**on.books_and_ledger, disposal=disposal).replay()
    outbox = SealedOutbox(books=on.books, keyring=on.keyring, ids=on.ids, clock=on.clock)
    redatable = SqlRedatable()
    planning = Planning(books=on.books, clock=on.clock, policies=on.policies, redatable=redatable)
    assessments = Assessments(**on.by_name("books", "clock", "ids", "sealing"), binding=kind != SCRATCH)
    modes = Modes(
        **on.books_and_ledger,
        is_plain=lambda category: not on.stores[on.store_for(category)].capabilities.sealing,
    )
    emergencies = _emergencies(on)
    notice_ids = NoticeIds(on.keyring, on.clock, on.ids)
    standing = Standing(books=on.books, policies=on.policies, keyring=on.keyring)
    holds = Holds(**on.books_and_ledger, disposal=disposal, journal=on.journal, ids=on.ids)
    looks = Looking.over(
        **on.books_and_ledger, reads=on.stores, keyring=on.keyring, outbox=outbox, tools=INSTRUMENTS,
        ids=on.ids, holds=holds, journal=on.journal, law=law, packaging=disclosure.package,
    )  # fmt: skip
    return Engine(
        **on.by_name(*_SHOWN),
        settings=settings,
        kind=kind,
        notice_ids=notice_ids,
        gate=_gate(on, notice_ids, standing),
        retention=Retention(
            **on.books_and_ledger,
            disposal=disposal,
            keyring=on.keyring,
            guard=ClockGuard(on.clock, trusting=kind != REAL),
            settled=(modes.settle, emergencies.settle),
        ),
        holds=holds,
        reader=looks.reader,
        lookup=looks.lookup,
        roster=looks.roster,
        disclosures=looks.disclosures,
        planning=planning,
        modes=modes,
        emergencies=emergencies,
        assessments=assessments,
        drafting=Drafting(books=on.books, clock=on.clock, ids=on.ids),
        publishing=Publishing(
            **on.books_and_ledger, planning=planning, redatable=redatable, assessed=assessments, modes=modes
        ),
        requests=_requests(on, outbox, disposal),
        consents=ConsentBook(**on.by_name("books", "policies", "clock", "keyring"), standing=standing),
        outbox=outbox,
        adoption=_adoption(on, disposal),
        access=_access(on),
        certificates=Certificates(books=on.books, sealing=on.sealing),
        reports=Reports(**on.books_and_ledger, ids=on.ids),
        slips=Slips(**on.books_and_ledger, ids=on.ids),
    )


def _emergencies(on: _Adapters) -> Emergencies:
    return Emergencies(
        **on.books_and_ledger,
        journal=on.journal,
        ids=on.ids,
        tools=INSTRUMENTS,
        tell_by=lambda day, count: after_workdays(day, count, workdays()).day,
    )


def _gate(on: _Adapters, notice_ids: NoticeIds, standing: Standing) -> Gate:
    return Gate(
        **on.by_name("books", "policies", "clock", "sealing", "keyring", "ids", "store_for"),
        writes=on.stores,
        reads=on.stores,
        tools=INSTRUMENTS,
        notices=notice_ids,
        standing=standing,
    )


def _requests(on: _Adapters, outbox: SealedOutbox, disposal: Disposal) -> Requests:
    casework = Casework(**on.by_name("keyring", "ids", "clock", "policies", "sealing"), workdays=workdays())
    return Requests(
        **on.by_name("books", "journal"),
        casework=casework,
        tools=INSTRUMENTS,
        reads=on.stores,
        outbox=outbox,
        disposal=disposal,
    )


def _adoption(on: _Adapters, disposal: Disposal) -> Adoption:
    return Adoption(
        **on.by_name("books", "policies", "clock", "sealing", "keyring", "ids"),
        stores=on.foreign,
        refs=SqlRefs(),
        dispose=disposal,
        tools=INSTRUMENTS,
    )


def _access(on: _Adapters) -> Access:
    hashes = Hashes(phc=credentials.phc, matches=credentials.matches, fingerprint=credentials.fingerprint)
    return Access(books=on.books, clock=on.clock, ids=on.ids, hashes=hashes)


__all__ = ["DEMO", "REAL", "SCRATCH", "Engine", "FixedClock", "SystemClock", "bootstrap"]

"""The only place that chooses adapters. Everything below it receives what it needs, and asks for nothing."""

from __future__ import annotations

import base64
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
from compliance.db.refs import SqlRefs
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.domain.checkpoint import open_head
from compliance.domain.errors import ConfigurationInvalid
from compliance.keys import credentials
from compliance.keys.file_keyring import FileKeyring
from compliance.keys.signer import FileSigner
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.mapping import load_table_mapping
from compliance.policies.published import PublishedPacks
from compliance.policies.workdays import workdays
from compliance.ports import Clock, Ids, Journal, Keyring, Signer, UnitOfWork
from compliance.services.access import Access, Hashes
from compliance.services.adoption import Adoption
from compliance.services.casework import Casework
from compliance.services.certificates import Certificates
from compliance.services.clock_guard import ClockGuard
from compliance.services.disposal import Disposal
from compliance.services.gate import Gate
from compliance.services.holds import Holds
from compliance.services.notice_ids import NoticeIds
from compliance.services.outbox import SealedOutbox
from compliance.services.publishing import Publishing
from compliance.services.reading import RecordReader
from compliance.services.reports import Reports
from compliance.services.requests import Requests
from compliance.services.restoration import Restoration
from compliance.services.retention import Retention
from compliance.services.sealing import Sealing
from compliance.stores.sql_table import SqlTable
from compliance.stores.vault import Vault

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
HOME_KIND = "home.kind"
REAL, DEMO, SCRATCH = "real", "demo", "scratch"


_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class SystemClock:
    """The only clock there is: `datetime.now` is banned everywhere else."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def monotonic(self) -> float:
        # CLOCK_MONOTONIC stands still while a laptop or a virtual machine sleeps, and every waking would look like a
        # wall clock that stepped.
        return (
            time.clock_gettime(time.CLOCK_BOOTTIME) if hasattr(time, "CLOCK_BOOTTIME") else time.monotonic()
        )

    def boot(self) -> str:
        return _BOOT_ID.read_text(encoding="ascii").strip() if _BOOT_ID.exists() else ""


class FixedClock:
    """A clock that stands still at a moment, for demo and scratch homes."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return time.monotonic()

    def boot(self) -> str:
        return ""


class RandomIds:
    def holding_id(self, now: datetime) -> str:
        random = base64.b32encode(secrets.token_bytes(13)).decode().lower()[:20]
        return f"{now:%y%m}-{random}"

    def secret(self, characters: int) -> str:
        # Thirty-two divides two hundred and fifty-six, so five bits of each random byte favour no letter.
        return "".join(_CROCKFORD[octet & 31] for octet in secrets.token_bytes(characters))

    def digits(self, count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def octets(self, count: int) -> bytes:
        return secrets.token_bytes(count)


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
    publishing: Publishing
    requests: Requests
    outbox: SealedOutbox
    access: Access
    certificates: Certificates
    reports: Reports
    adoption: Adoption
    stores: Mapping[str, Any]

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
    kind = _home_kind(books, kind)
    if at is not None and kind == REAL:
        raise ConfigurationInvalid(
            "--at stops the clock only in a demo or scratch home. 只有演示或试验目录可以指定时间。"
        )
    clock = clock or (FixedClock(at) if at is not None else SystemClock())
    return _wired(settings, books, clock, kind)


def _home_kind(books: UnitOfWork, wanted: str) -> str:
    with books.reading() as reading:
        known = reading.switches.get(HOME_KIND)
    if known != wanted:
        with books.writing() as writing:
            known = writing.switches.get(HOME_KIND)
            # A home in which nothing has ever happened may still become anything.
            if known is None or (writing.ledger.head() is None and writing.ledger.pending_count() == 0):
                known = wanted
                writing.switches.set(HOME_KIND, known)
    kind = known or wanted
    if wanted == DEMO and kind == REAL:
        raise ConfigurationInvalid(
            "This home holds real data; demo data never joins it. 此目录已有真实数据，不能放入演示数据。"
        )
    return kind


def _foreign_stores(folder: Path) -> dict[str, tuple[SqlTable, frozenset[str]]]:
    """The tables of somebody else that were put under a policy, and which categories each of them serves."""
    stores: dict[str, tuple[SqlTable, frozenset[str]]] = {}
    for path in sorted(folder.glob("*.yaml")) if folder.is_dir() else ():
        mapping = load_table_mapping(path)
        categories = frozenset({mapping.category} if mapping.category else mapping.category_words.values())
        stores[mapping.name] = (SqlTable(mapping.url, mapping), categories)
    return stores


def _wired(settings: Settings, books: SqlUnitOfWork, clock: Clock, kind: str) -> Engine:
    ids = RandomIds()
    with books.reading() as reading:
        has_history = reading.ledger.head() is not None
    keyring = FileKeyring(settings.keys_folder, suite=settings.suite, random=secrets.token_bytes)
    # A ledger with a history and no signing key is a keyring lost, not a keyring to be made anew.
    signer = FileSigner(settings.keys_folder, secrets.token_bytes, create=not has_history)
    with books.reading() as reading:
        head = reading.ledger.head()
    if head is not None:
        # Another key than the one that signed the history would fork it in silence.
        open_head(head.note, signer.verify, signer.public_key, origin=settings.origin)
    journal = FileJournal(settings.journal_path)
    if not has_history and not journal.exists():
        journal.begin()
    policies = PublishedPacks()
    sealing = Sealing(
        books=books, clock=clock, ids=ids, signer=signer, journal=journal, origin=settings.origin
    )
    vault = Vault()
    foreign = _foreign_stores(settings.stores_folder)
    stores: dict[str, Any] = {vault.name: vault, **{name: store for name, (store, _) in foreign.items()}}
    served = {category: name for name, (_, categories) in foreign.items() for category in categories}
    notice_ids = NoticeIds(keyring, clock, ids)
    disposal = Disposal(policies=policies, erases=stores, keyring=keyring, journal=journal, sealing=sealing)
    outbox = SealedOutbox(books=books, keyring=keyring, ids=ids, clock=clock)
    casework = Casework(
        keyring=keyring, ids=ids, clock=clock, policies=policies, sealing=sealing, workdays=workdays()
    )
    guard = ClockGuard(clock, trusting=kind != REAL)
    Restoration(books=books, policies=policies, disposal=disposal, clock=clock, sealing=sealing).replay()
    return Engine(
        settings=settings,
        kind=kind,
        clock=clock,
        ids=ids,
        books=books,
        keyring=keyring,
        signer=signer,
        journal=journal,
        sealing=sealing,
        policies=policies,
        notice_ids=notice_ids,
        stores=stores,
        adoption=Adoption(
            books=books,
            policies=policies,
            stores={name: store for name, (store, _) in foreign.items()},
            refs=SqlRefs(),
            dispose=disposal,
            keyring=keyring,
            ids=ids,
            clock=clock,
            tools=INSTRUMENTS,
            sealing=sealing,
        ),
        gate=Gate(
            books=books,
            policies=policies,
            writes=stores,
            reads=stores,
            store_for=lambda category: served.get(category, vault.name),
            keyring=keyring,
            ids=ids,
            clock=clock,
            tools=INSTRUMENTS,
            sealing=sealing,
            notices=notice_ids,
        ),
        retention=Retention(
            books=books,
            policies=policies,
            disposal=disposal,
            keyring=keyring,
            clock=clock,
            guard=guard,
            sealing=sealing,
        ),
        holds=Holds(
            books=books,
            policies=policies,
            disposal=disposal,
            journal=journal,
            clock=clock,
            ids=ids,
            sealing=sealing,
        ),
        reader=RecordReader(
            books=books, policies=policies, reads=stores, keyring=keyring, clock=clock, sealing=sealing
        ),
        publishing=Publishing(books=books, clock=clock, sealing=sealing),
        requests=Requests(
            books=books,
            casework=casework,
            tools=INSTRUMENTS,
            reads=stores,
            outbox=outbox,
            disposal=disposal,
            journal=journal,
        ),
        outbox=outbox,
        access=Access(
            books=books,
            clock=clock,
            ids=ids,
            hashes=Hashes(
                phc=credentials.phc, matches=credentials.matches, fingerprint=credentials.fingerprint
            ),
        ),
        certificates=Certificates(books=books, sealing=sealing),
        reports=Reports(books=books, clock=clock, ids=ids, policies=policies, sealing=sealing),
    )


__all__ = ["DEMO", "REAL", "SCRATCH", "Engine", "FixedClock", "SystemClock", "bootstrap"]

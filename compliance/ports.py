"""What the use cases need from outside, as protocols only: adapters implement them, `bootstrap` chooses.

*Stores* hold content (other people's logs, and our vault); *books* hold the duty (our own database). A store port is
split by right: the gate is given `Writes`, the disposal `Erases`, reading `Reads`, and nobody else any of them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple, Protocol

from compliance.domain.disposition import StandingHold
from compliance.domain.ledger import Entry
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason
from compliance.domain.submission import Submission
from compliance.domain.vocabulary import Channel, Door

# -- surroundings ------------------------------------------------------------------------------------------------


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, as aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since the host booted: they never step, and go on while it sleeps."""
        ...

    def boot(self) -> str:
        """Which boot of the host those seconds count from; empty where nobody can say."""
        ...


class Ids(Protocol):
    def holding_id(self, now: datetime) -> str:
        """A month prefix and 96 random bits: ``2611-`` and 20 letters or digits."""
        ...

    def secret(self, characters: int) -> str:
        """That many random characters of Crockford's base 32 (five bits each): pass codes, request numbers."""
        ...

    def digits(self, count: int) -> str: ...

    def octets(self, count: int) -> bytes: ...


Seal = Callable[[bytes, bytes], bytes]  # (plaintext, associated data) → envelope
Mac = Callable[[bytes], bytes]  # message → 16 bytes


class Keyring(Protocol):
    """Keys by name; they never leave it. Raises `KeyLost` for a name that is gone and not to be made anew."""

    def sealer(self, name: str) -> Seal:
        """Make the key if absent (atomically) and return the function that seals under it."""
        ...

    def unseal(self, name: str, envelope: bytes, bound: bytes) -> bytes:
        """Open an envelope bound to `bound`; KeyLost where the key is gone, ComplianceError where it was altered."""
        ...

    def mac(self, name: str) -> Mac:
        """Make the key if absent and return its keyed digest."""
        ...

    def living_mac(self, name: str) -> Mac | None:
        """The same for an existing key only; None where it is gone: nothing made with it can match any more."""
        ...

    def names(self, prefix: str) -> list[str]: ...

    def destroy(self, name: str) -> None:
        """Overwrite and remove; idempotent."""
        ...


class Signer(Protocol):
    """The ledger's Ed25519 key."""

    @property
    def public_key(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...

    def verify(self, signature: bytes, message: bytes) -> bool: ...


class Journal(Protocol):
    """The acts journal: appended and fsynced outside the database before an act counts as done."""

    def append(self, lines: Iterable[Mapping[str, Any]]) -> None: ...

    def read(self) -> Iterator[Mapping[str, Any]]: ...


# -- stores ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What a store says that it can prove.

    `sealing`: takes sealed parts, not columns. `ours`: writes and erases in our own transaction.
    `residue`: how long erased bytes survive, ISO periods by place, e.g. ``{"backup": "P30D"}``.
    """

    sealing: bool
    ours: bool
    residue: Mapping[str, str] = field(default_factory=dict)


class PartRef(NamedTuple):
    """One part in a store. `ref` is the store's own row reference; `fields` the names that die with the part."""

    holding_no: int
    part_no: int
    holding_id: str
    ref: str | None = None
    fields: tuple[str, ...] = ()
    last: bool = False


class StoredPart(NamedTuple):
    """A part on its way into a store: the envelope for a sealing store, the values for a plain one."""

    ref: PartRef
    envelope: bytes
    values: Mapping[str, object]


class Reads(Protocol):
    name: str
    capabilities: Capabilities

    def fetch(self, books: Books, parts: Sequence[PartRef]) -> dict[int, bytes | Mapping[str, object]]:
        """Content by part number of one holding: envelopes from a sealing store, values from a plain one."""
        ...


class Writes(Protocol):
    name: str
    capabilities: Capabilities

    def append(self, books: Books, category: str, parts: Sequence[StoredPart]) -> dict[str, str]:
        """Write all or none; returns the store's row reference by holding id where it has one of its own."""
        ...

    def replace(self, books: Books, parts: Sequence[StoredPart]) -> None:
        """Put a re-sealed envelope, or amended values, in the place of what is there."""
        ...


class Erases(Protocol):
    name: str
    capabilities: Capabilities

    def erase(self, books: Books, category: str, parts: Sequence[PartRef]) -> None:
        """Erase; idempotent: what is already gone is no error."""
        ...

    def left(self, books: Books, category: str, parts: Sequence[PartRef]) -> int:
        """How many of these are still there: read again after each run for "zero left"."""
        ...

    def reseal(self, books: Books, ref: PartRef, envelope: bytes) -> None:
        """Put a part under another key (a held part gets its own); sealing stores only."""
        ...

    def sealed(self, books: Books, ref: PartRef) -> bytes | None:
        """The envelope, to be re-sealed; None where it is gone or the store is plain."""
        ...


# -- books: rows -------------------------------------------------------------------------------------------------


class HoldingRow(NamedTuple):
    """The duty of one record: no content and no submitted time. `content` is a keyed digest that dies with it."""

    no: int
    id: str
    site: str
    store: str
    category: str
    policy_version: int
    ref: str | None
    content: bytes | None


class PartRow(NamedTuple):
    """One part's duty. Moments are epoch seconds; `key` names the key that seals it; `tokens` die with it."""

    holding_no: int
    part_no: int
    retention_class: int
    readable_until: int
    erase_at: int
    key: str
    state: str
    tokens: bytes  # concatenated 2-byte epoch and 16-byte digest, see `services.tokens`


class TokenRow(NamedTuple):
    epoch: int  # year * 12 + month
    digest: bytes
    holding_no: int


class DuePart(NamedTuple):
    holding: HoldingRow
    part: PartRow


class HoldRow(NamedTuple):
    """A legal hold on one holding, or on a site's category. Placed and released, never edited."""

    id: str
    site: str
    category: str  # "" = every category
    holding_id: str  # "" = every holding of the scope
    ground: str  # R8 named authority | R8b own dispute
    document: str
    law_ref: str
    until: str  # ISO date, the day of its end
    placed_by: str
    second_by: str

    def standing(self) -> StandingHold:
        """The hold as decisions see it."""
        return StandingHold(
            id=self.id,
            site=self.site,
            category=self.category,
            holding_id=self.holding_id,
            ground=self.ground,
            law_ref=self.law_ref,
            until=self.until,
        )


class RefusalRow(NamedTuple):
    site: str
    category: str
    channel: str
    day: str
    code: str
    field: str  # a name the policy or the never-list knows, else "": hostile names are not kept
    n: int


class ConsentRow(NamedTuple):
    """Evidence of one act of consent. It outlives the record as a token, never as a name."""

    id: str
    holding_id: str
    site: str
    category: str
    policy_version: int
    kind: str
    covers: str  # space-separated field names; "" = the non-sensitive fields whose basis is consent
    by: str
    act: str
    notice: str  # mode and the staff id, or a keyed digest of the notice id
    channel: str
    day: str
    erase_on: str


class Expectation(NamedTuple):
    """How many parts more (or fewer) fall due on a day, by an act that the ledger knows."""

    site: str
    category: str
    due_day: str
    n: int


class TombstoneRow(NamedTuple):
    """What one batch disposed of; `members` are ``holding id/part numbers`` lines, opaque for ever."""

    act_id: str
    site: str
    category: str
    day: str
    act: str
    cause: str  # expired | request | withdrawal
    policy_version: int
    n: int
    members: str


class PendingEntry(NamedTuple):
    id: int
    act_id: str
    written_at: int
    canonical: bytes


class HeadRow(NamedTuple):
    size: int
    root: bytes
    time: int
    note: str


# -- books: our own database -------------------------------------------------------------------------------------


class Holdings(Protocol):
    def reserve(self, count: int) -> int:
        """The first of `count` consecutive holding numbers."""
        ...

    def add(
        self, holdings: Sequence[HoldingRow], parts: Sequence[PartRow], tokens: Sequence[TokenRow]
    ) -> None: ...

    def add_parts(self, parts: Sequence[PartRow], tokens: Sequence[TokenRow]) -> None: ...

    def find(self, holding_id: str) -> HoldingRow | None: ...

    def recent(self, site: str, limit: int) -> list[HoldingRow]:
        """The newest holdings of a site, newest first: who was registered lately, for whoever registered them."""
        ...

    def parts(self, holding_no: int) -> list[PartRow]: ...

    def by_tokens(self, digests: Sequence[tuple[int, bytes]]) -> list[HoldingRow]: ...

    def claim_due(self, now: int, limit: int) -> list[DuePart]:
        """Claim active parts that are due, oldest first; other sweeps skip them until this unit of work ends."""
        ...

    def claim(self, holding_nos: Sequence[int]) -> list[DuePart]:
        """Claim every part of these holdings, due or not (a request's plan)."""
        ...

    def part_counts(self, holding_nos: Sequence[int]) -> dict[int, int]: ...

    def drop(self, parts: Sequence[PartRow]) -> int:
        """Remove the parts' duty and tokens, and every holding that has no part left; returns how many of those."""
        ...

    def move(self, part: PartRow) -> None:
        """Replace a part's dates, key and state."""
        ...

    def set_state(self, holding_nos: Sequence[int], state: str, *, was: str) -> int: ...

    def count_in(self, state: str) -> int: ...

    def release_waiting(self) -> list[tuple[str, str, int]]:
        """Make waiting parts active again; returns (site, category, erase_at) of each."""
        ...

    def set_ref(self, refs: Sequence[tuple[int, str]]) -> None: ...

    def set_content(self, holding_no: int, content: bytes | None) -> None: ...

    def in_scope(self, site: str, category: str, holding_id: str) -> list[int]:
        """Holding numbers of a site, narrowed where category or holding id is not empty."""
        ...

    def key_in_use(self, name: str) -> bool: ...

    def epoch_in_use(self, epoch: int) -> bool: ...

    def due_summary(self, until: int) -> list[tuple[str, str, int, int, int]]:
        """(site, category, erase_at, policy version, parts) of what falls due up to `until`, for plans."""
        ...


class Marks(Protocol):
    """Idempotency keys, as keyed digests, until their epoch ends."""

    def known(self, digests: Sequence[tuple[int, bytes]]) -> dict[bytes, str]: ...

    def add(self, rows: Sequence[tuple[int, bytes, str]]) -> None: ...

    def forget(self, holding_ids: Sequence[str]) -> None:
        """Free the keys of submissions that came to nothing: their retry is a first try."""
        ...

    def drop_epochs(self, before: int) -> None: ...


class Counts(Protocol):
    """What is only counted: tallies, refusals, and the parts expected to fall due."""

    def tally(self, cells: Mapping[tuple[str, str, int, str, str], tuple[int, int]]) -> None:
        """(site, day, daypart, category, gate) → (n, the epoch second from which it may be shown)."""
        ...

    def refused(self, rows: Sequence[RefusalRow]) -> None: ...

    def expect(self, rows: Sequence[Expectation]) -> None: ...

    def expected(self, until_day: str) -> dict[tuple[str, str, str], int]:
        """Parts expected to fall due by (site, category, due day), up to a day: forecast and changes since."""
        ...

    def fold_forecast(self, made_on: str) -> list[Expectation]:
        """Make today's forecast of yesterday's and the changes since; returns it."""
        ...

    def forecast_day(self) -> str | None: ...


class LedgerBook(Protocol):
    def write(self, entry: Entry, act_id: str, now: int) -> None:
        """Insert an unnumbered entry: part of the act's own transaction."""
        ...

    def oldest_pending(self) -> int | None: ...

    def pending_count(self) -> int: ...

    def take_pending(self, limit: int) -> list[PendingEntry]: ...

    def number(self, first_seq: int, entries: Sequence[PendingEntry]) -> None: ...

    def tile(self, level: int, index: int) -> bytes: ...

    def put_tiles(self, tiles: Mapping[tuple[int, int], bytes]) -> None: ...

    def head(self) -> HeadRow | None: ...

    def head_at(self, size: int) -> HeadRow | None: ...

    def put_head(self, head: HeadRow) -> None: ...

    def sequence_lock(self) -> bool:
        """Whether this unit of work is the one sequencer now."""
        ...

    def entries(self, first: int = 0, limit: int = 1000) -> list[tuple[int, str, bytes]]:
        """(seq, act id, canonical bytes)."""
        ...

    def columns_of(self, first: int, limit: int) -> list[tuple[str, str, str, str, int]]:
        """(act, site, category, day, count) as the counting columns have them, for `ledger verify`."""
        ...

    def seq_of(self, act_id: str) -> int | None: ...

    def entomb(self, row: TombstoneRow) -> None: ...

    def tombstones_of(self, holding_id: str) -> list[TombstoneRow]: ...

    def tombstone(self, act_id: str) -> TombstoneRow | None: ...

    def sums(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, int]]:
        """(act, site, category, day, count) over the days in [first, end)."""
        ...


class Holds(Protocol):
    def place(self, row: HoldRow) -> None: ...

    def release(self, hold_id: str, by: str, day: str) -> None: ...

    def find(self, hold_id: str) -> HoldRow | None: ...

    def standing(self) -> list[HoldRow]: ...


class Consents(Protocol):
    def add(self, rows: Sequence[ConsentRow]) -> None: ...

    def of_holding(self, holding_id: str) -> list[ConsentRow]: ...

    def withdraw(self, consent_ids: Sequence[str], day: str) -> None: ...

    def drop_expired(self, today: str) -> int: ...


class Packs(Protocol):
    def active(self, now: int) -> tuple[int, str] | None:
        """(version, files as JSON) of the version in force at `now`."""
        ...

    def active_version(self, now: int) -> int | None: ...

    def version(self, number: int) -> str | None: ...

    def publish(self, name: str, digest: str, files: str, effective_from: int, by: str) -> int: ...

    def latest_digest(self) -> str | None: ...


class Switches(Protocol):
    """Small durable facts: disposal paused and why, what the clock last said."""

    def get(self, name: str) -> str | None: ...

    def set(self, name: str, value: str | None) -> None: ...


class StaffRow(NamedTuple):
    """A login: an opaque id, a role, and the password's PHC string."""

    id: str
    role: str
    password: str


class ApiKeyRow(NamedTuple):
    """An API key as its digest; empty scopes mean all."""

    id: str
    digest: bytes
    site: str
    categories: str  # space-separated
    channels: str


class People(Protocol):
    def staff(self, staff_id: str) -> StaffRow | None: ...

    def put_staff(self, row: StaffRow) -> None: ...

    def api_key(self, digest: bytes) -> ApiKeyRow | None: ...

    def api_keys(self) -> list[ApiKeyRow]: ...

    def put_api_key(self, row: ApiKeyRow) -> None: ...

    def revoke(self, key_id: str, day: str) -> None: ...


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

    def database_time(self) -> datetime | None:
        """The database server's own clock; None where it is this host's."""
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


# -- use cases as others see them --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who stands at a door: an API key's or staff member's opaque id, and what it may write."""

    id: str
    site: str | None = None  # None = the only site
    categories: tuple[str, ...] = ()  # empty = all
    channels: tuple[Channel, ...] = ()
    door: Door = Door.SINGLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What the gate answers. `erase_on` is the day by which the last part is gone."""

    record: str
    category: str
    site: str
    policy_version: int
    pass_code: str = field(repr=False)
    erase_on: str
    replayed: bool = False
    stripped: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One line of a batch: a receipt or the reasons."""

    receipt: Receipt | None = None
    reasons: tuple[Reason, ...] = ()
    erased: bool = False  # a replay of something that has been erased since


class Admit(Protocol):
    """The one door in, as other use cases receive it."""

    def write(self, submission: Submission, caller: Caller) -> Receipt: ...


class Dispose(Protocol):
    """The one door out, as other use cases receive it."""

    def carry_out(
        self, books: Books, holdings: Sequence[HoldingRow], *, cause: str, now: datetime
    ) -> Disposed: ...

    def release(self, books: Books, holding_nos: Sequence[int]) -> int:
        """Put restricted parts back among the living."""
        ...


class Sweep(Protocol):
    """The door out, as retention receives it."""

    def sweep_batch(self, books: Books, now: datetime, limit: int) -> tuple[Disposed, list[DuePart]]:
        """Dispose of one batch of what is due, in the caller's transaction; also returns what was erased."""
        ...

    def release(self, books: Books, holding_nos: Sequence[int]) -> int: ...

    def left(self, books: Books, erased: Sequence[DuePart]) -> int:
        """Read again what was erased: how many parts are still there."""
        ...


class Repeat(Protocol):
    """The door out, for a restored database: what was erased is erased again."""

    def repeat(self, books: Books, members: Mapping[str, set[int]], now: datetime) -> Disposed: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Disposed:
    """What one disposal did: parts and whole records erased, restricted by reason, and the acts that sealed it."""

    erased_parts: int = 0
    erased_records: int = 0
    restricted_parts: int = 0
    late_parts: int = 0
    waiting_parts: int = 0
    act_ids: tuple[str, ...] = ()

    def __add__(self, other: Disposed) -> Disposed:
        return Disposed(
            erased_parts=self.erased_parts + other.erased_parts,
            erased_records=self.erased_records + other.erased_records,
            restricted_parts=self.restricted_parts + other.restricted_parts,
            late_parts=self.late_parts + other.late_parts,
            waiting_parts=self.waiting_parts + other.waiting_parts,
            act_ids=self.act_ids + other.act_ids,
        )


class PolicySource(Protocol):
    """Packs by version. Versions are immutable, so a source may keep what it has read."""

    def active(self, books: Books, now: datetime) -> Pack: ...

    def version(self, books: Books, number: int) -> Pack: ...


# -- subjects' requests ------------------------------------------------------------------------------------------


class RequestRow(NamedTuple):
    """One request. `sealed` holds the identity it was made under and the records found, under ``request/<number>``;
    at the case's end it is None and the key is gone. `access` and `code` are keyed digests of what the requester holds.
    """

    number: str
    kind: str
    site: str
    way: str  # pass | mobile
    received_at: int
    received_on: str
    state: str
    moved_at: int
    house_due: str
    legal_due: str
    provisional: bool
    sealed: bytes | None
    access: bytes | None
    code: bytes | None
    code_until: int
    tries: int
    codes: int
    letter: str  # JSON: the outcome in slots, without what was deleted or shown; "" before there is one


class RequestStepRow(NamedTuple):
    """One move of one request, and the ledger's act that says so without saying whose."""

    number: str
    no: int
    state: str
    at: int
    by: str  # subject | engine | a staff id
    act_id: str


class PackageRow(NamedTuple):
    """The copy that an access request is answered with, sealed under ``package/<number>``; open until `ends_at`.

    While `ends_at` is 0 the case has not been decided and nobody may have it.
    """

    number: str
    envelope: bytes
    ends_at: int


class RequestBook(Protocol):
    def add(self, row: RequestRow) -> None: ...

    def find(self, number: str) -> RequestRow | None: ...

    def claim(self, number: str) -> RequestRow | None:
        """The same, kept from everybody else until this unit of work ends."""
        ...

    def save(self, row: RequestRow) -> None: ...

    def in_states(self, states: Sequence[str]) -> list[RequestRow]:
        """Oldest first."""
        ...

    def received(self, first_day: str, end_day: str) -> list[RequestRow]:
        """Received on a day in [first, end), for reports."""
        ...

    def forget(self, states: Sequence[str], before: int) -> int:
        """Drop requests, with their steps, that came to rest in one of these states by then; returns how many."""
        ...

    def add_step(self, row: RequestStepRow) -> None: ...

    def steps(self, number: str) -> list[RequestStepRow]: ...

    def note_code(self, token: bytes, at: int) -> None:
        """That a code was made for a number, as a keyed digest; kept for the hour that the limit looks back."""
        ...

    def codes_since(self, token: bytes, since: int) -> int: ...

    def forget_codes(self, before: int) -> int: ...

    def put_package(self, row: PackageRow) -> None: ...

    def package(self, number: str) -> PackageRow | None: ...

    def packages(self) -> list[tuple[str, int]]:
        """(number, ends_at) of every package there is."""
        ...

    def drop_package(self, number: str) -> None: ...


class OutboxRow(NamedTuple):
    """A message to somebody, sealed with its destination under ``outbox/<id>``. `key` makes a second one impossible."""

    id: str
    key: str
    kind: str
    envelope: bytes
    made_at: int
    until: int  # of no use afterwards, so destroyed unsent
    claimed_at: int  # 0 = nobody is sending it
    failures: int


class OutboxBook(Protocol):
    def add(self, row: OutboxRow) -> None: ...

    def has(self, key: str) -> bool: ...

    def claim(self, id: str) -> OutboxRow | None:
        """One message, kept from other deliverers until this unit of work ends."""
        ...

    def waiting(self, limit: int) -> list[str]:
        """Ids of messages that nobody is sending, oldest first."""
        ...

    def save(self, row: OutboxRow) -> None: ...

    def drop(self, ids: Sequence[str]) -> None: ...

    def over(self, now: int, claimed_before: int) -> list[str]:
        """Ids of messages past their use, and of those whose sending began long ago and was never reported."""
        ...

    def ids(self) -> list[str]: ...


class Outbox(Protocol):
    """Where an act leaves a message, in its own transaction."""

    def post(
        self, books: Books, *, key: str, kind: str, destination: str, body: str, useful_for: timedelta
    ) -> None: ...


class Transport(Protocol):
    """Carries one message out of the house. Raises whatever it likes where it could not; it is tried again later."""

    def send(self, *, key: str, kind: str, destination: str, body: str) -> None: ...


# -- adoption: rows that were there before us -------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedColumn:
    """One column of somebody's table. `role`: field | key | category | collected_at | holding | technical | unmapped.

    `identifiers` counts what the detectors are certain of, by kind. Counts only: a scan never shows a value.
    """

    name: str
    role: str
    of_field: str = ""
    filled: int = 0
    identifiers: Mapping[str, int] = field(default_factory=dict)
    can_be_emptied: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ScanReport:
    """What stands in a table; `unknown_category` counts rows whose category word the mapping does not translate."""

    store: str
    rows: int
    columns: tuple[ScannedColumn, ...]
    unknown_category: int = 0

    def in_words(self) -> str:
        """What an operator reads, Chinese first: counts by column, and what no field of the mapping stands for."""
        extra = [column for column in self.columns if column.role == "unmapped" and column.filled]
        lines = [
            (
                f"{self.store}：{self.rows} 行；{len(extra)} 列有内容但不对应任何字段（过度收集）"
                f" / {self.rows} rows; {len(extra)} filled columns stand for no field (over-collection)"
            )
        ]
        lines += [f"  {column.name}: {column.filled} 行 / rows" for column in extra]
        lines += [
            f"  {column.name}: 发现 {kind} {n} 处 / {n} of {kind} found in the text"
            for column in self.columns
            for kind, n in column.identifiers.items()
        ]
        if self.unknown_category:
            n = self.unknown_category
            lines.append(f"  {n} 行类别不明，不会纳管 / {n} rows of an unknown category will not be adopted")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True, kw_only=True)
class ExistingRow:
    """One row of somebody's table, read for its due dates. `values` holds content, so it has no repr.

    Moments are datetimes in UTC. `unreadable` names fields whose moment could not be read; `extra` names columns that
    hold something and that the mapping does not know.
    """

    ref: str
    category: str | None
    values: Mapping[str, object] = field(repr=False)
    collected_at: datetime | None
    holding: str | None = None
    unreadable: frozenset[str] = frozenset()
    extra: frozenset[str] = frozenset()


class Adoptable(Protocol):
    """A plain store whose existing rows can be put under a policy. `fixed` are columns that cannot be emptied."""

    name: str
    capabilities: Capabilities
    fixed: frozenset[str]

    def scan(self) -> ScanReport: ...

    def rows(self, after: str | None, limit: int) -> list[ExistingRow]:
        """The next rows by key; `after` is the last ref seen."""
        ...

    def strip(self, refs: Sequence[str], fields: Iterable[str], columns: Iterable[str]) -> None:
        """Empty these fields and columns of these rows; idempotent. Columns that cannot be emptied stay."""
        ...

    def mark(self, holdings: Mapping[str, str]) -> None:
        """Write our ids beside their rows (ref → holding id) where the mapping names a column for it."""
        ...

    def bearing(self, holding_ids: Sequence[str]) -> dict[str, str]:
        """The refs of the rows that bear these ids (holding id → ref); none where no column holds them."""
        ...

    def present(self, refs: Sequence[str]) -> set[str]: ...


class Refs(Protocol):
    """Which of their rows are ours to answer for already: holdings by the store's own row reference."""

    def known(self, books: Books, store: str, refs: Sequence[str]) -> dict[str, HoldingRow]: ...

    def page(self, books: Books, store: str, after_no: int, limit: int) -> list[HoldingRow]:
        """Holdings of one store that have a ref, by number, from above `after_no`."""
        ...

    def unfinished(self, books: Books, store: str) -> list[HoldingRow]:
        """Holdings whose write into the store has no outcome: they have no ref."""
        ...


# -- the officer's reports ---------------------------------------------------------------------------------------


class BoundRow(NamedTuple):
    """How many parts of one rule are only stored: by a standing hold, or by nothing but their own dates."""

    site: str
    category: str
    policy_version: int
    retention_class: int
    state: str
    hold_id: str  # "" = no standing hold covers them
    n: int


class TallyCell(NamedTuple):
    site: str
    day: str
    daypart: int
    category: str
    gate: str
    n: int
    show_after: int


class RequestCount(NamedTuple):
    """What a report may know of one request: no number, nobody."""

    kind: str
    state: str
    received_on: str
    moved_at: int
    house_due: str
    legal_due: str


class ReviewRow(NamedTuple):
    id: str
    month: str
    reviewed_by: str
    reviewed_on: str
    complete: bool
    digest: str
    figures: str
    act_id: str


class FindingRow(NamedTuple):
    id: str
    review_id: str
    text: str
    owner: str
    due_on: str
    closed_by: str | None
    closed_on: str | None


class ReportBook(Protocol):
    """Counts over the live tables and the sealed ledger. Days are ISO, ranges half-open, moments epoch seconds."""

    def held(self) -> list[tuple[str, str, int, int]]:
        """(site, category, records, parts) held now."""
        ...

    def in_state(self) -> list[tuple[str, str, str, int]]:
        """(site, category, part state, parts)."""
        ...

    def overdue(self, before: int) -> list[tuple[str, str, int, int]]:
        """(site, category, parts, oldest due moment) of active parts that were due before a moment."""
        ...

    def bound(self, now: int) -> list[BoundRow]: ...

    def refused(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, int]]:
        """(site, category, day, reason code, count)."""
        ...

    def disposals(self, first_day: str, end_day: str) -> Iterator[bytes]:
        """The canonical entries of erasures and anonymisations."""
        ...

    def tallies(self, first_day: str, end_day: str) -> list[TallyCell]: ...

    def requests(self, first_day: str, since: int, final: Sequence[str]) -> list[RequestCount]:
        """Requests not in a `final` state, received on or after a day, or moved since a moment."""
        ...

    def pending(self) -> int:
        """Entries that are written and not yet numbered."""
        ...

    def add_review(self, row: ReviewRow, findings: Sequence[FindingRow]) -> None: ...

    def reviews(self, month: str) -> list[ReviewRow]:
        """Oldest first."""
        ...

    def findings(self, review_id: str) -> list[FindingRow]: ...

    def close_finding(self, finding_id: str, by: str, day: str) -> bool:
        """Whether there was such a finding, still open."""
        ...

"""The ledger's one sequencer: it numbers what is written, signs a head, and can be asked whether all of it holds.

An act inserts its entry unnumbered, in its own transaction: that is *written*. Here it is numbered and comes under a
signed head: *sealed*. Whatever happens in between, an entry is never lost and never numbered twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from compliance.domain.checkpoint import Head, open_head, sign_head, verifier_key
from compliance.domain.errors import GateClosed, JournalMissing, LedgerError, ProofRejected
from compliance.domain.ledger import Act, Entry, parse
from compliance.domain.merkle import EMPTY_ROOT, append, leaf_hash, root_at
from compliance.ports import Books, Clock, HeadRow, Ids, Journal, Signer, UnitOfWork

BATCH = 5000
ALARM_AFTER = 60
LOOK_AFTER = 1.0  # seconds between two looks of one process
CLOSE_AFTER = 15 * 60
_BEGUN = "begun"
_NO_ACTS = frozenset({_BEGUN, "head", "restored"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What `ledger verify` found. `outside_head` says whether a head that was kept elsewhere was compared."""

    size: int
    root: bytes
    pending: int
    heads: int
    outside_head: bool
    restored: int = 0

    @property
    def verdict(self) -> str:
        return "consistent with the head held outside" if self.outside_head else "self-consistent only"


class Sealing:
    def __init__(
        self, *, books: UnitOfWork, clock: Clock, ids: Ids, signer: Signer, journal: Journal, origin: str
    ) -> None:
        self._books, self._clock, self._ids = books, clock, ids
        self._signer, self._journal, self._origin = signer, journal, origin
        self._sealed_at = self._looked_at = float("-inf")

    @property
    def verifier(self) -> str:
        """The verifier key, as certificates and witnesses name it."""
        return verifier_key(self._origin, self._signer.public_key)

    def write(self, books: Books, entry: Entry) -> str:
        """Insert an entry into the caller's transaction; returns the act's id."""
        act_id = self._ids.secret(20)
        books.ledger.write(entry, act_id, int(self._clock.now().timestamp()))
        return act_id

    def require_open(self, books: Books) -> None:
        """Raise `GateClosed` where written entries have waited for a head for too long."""
        oldest = books.ledger.oldest_pending()
        if oldest is not None and self._clock.now().timestamp() - oldest > CLOSE_AFTER:
            raise GateClosed("The ledger has not been sealed for 15 minutes: the gate is closed until it is.")

    def keep_up(self) -> None:
        """Seal where written entries have waited for a while: a library caller has no worker that would have done it,
        and whoever writes next should not find the gate closed.
        """
        if self._clock.monotonic() - self._looked_at < LOOK_AFTER:
            return
        if self.lag_seconds() <= ALARM_AFTER:
            self._looked_at = self._clock.monotonic()
        else:
            self.try_to_seal()

    def nudge(self) -> None:
        """Seal if this process has not done so within the last second: a library caller needs no worker for it."""
        if self._clock.monotonic() - self._sealed_at >= 1.0:
            self.try_to_seal()

    def try_to_seal(self) -> None:
        """Seal, for whoever has just done something else: what that was is committed, and must not seem to have failed
        because the head did. A sequencer that stands still shows as lag, and the lag closes the gate.
        """
        with suppress(Exception):
            self.seal()

    def seal(self) -> int:
        """Number what is pending and sign one head over it; returns how many entries came under a head."""
        total = 0
        while True:
            sealed = self._seal_batch()
            total += sealed
            if sealed < BATCH:
                self._sealed_at = self._clock.monotonic()
                return total

    def _seal_batch(self) -> int:
        with self._books.writing() as books:
            if not books.ledger.sequence_lock():
                return 0
            pending = books.ledger.take_pending(BATCH)
            if not pending:
                return 0
            last = books.ledger.head()
            if last is None:
                # So that a crash between this commit and its line in the journal does not look like a journal lost.
                self._journal.append([{"act": _BEGUN}])
            first = last.size if last else 0
            books.ledger.number(first, pending)
            tiles = append([leaf_hash(entry.canonical) for entry in pending], first, books.ledger.tile)
            books.ledger.put_tiles(tiles)
            head = self._sign(books, first + len(pending), last)
        # After the commit: a head that was rolled back must never be found in the journal. One that a crash keeps out
        # of it is followed by the next.
        self._journal.append([{"act": "head", "size": head.size, "root": head.root.hex(), "time": head.time}])
        return len(pending)

    def _sign(self, books: Books, size: int, last: HeadRow | None) -> HeadRow:
        # A head's time never runs backwards, whatever the wall clock does: verifiers order heads by it.
        moment = max(int(self._clock.now().timestamp()), last.time if last else 0)
        root = root_at(size, books.ledger.tile)
        head = Head(origin=self._origin, size=size, root=root, time=datetime.fromtimestamp(moment, UTC))
        note = sign_head(head, self._signer.sign, self._signer.public_key)
        row = HeadRow(size=size, root=root, time=moment, note=note)
        books.ledger.put_head(row)
        return row

    # -- checking ------------------------------------------------------------------------------------------------

    def verify(self, outside: str | None = None) -> Verified:
        """Re-hash every entry, and check columns, head, journal and (where given) a head that was kept outside.

        Raises:
            LedgerError: an entry, a count column, the head or the journal does not agree with the rest.
        """
        roots: dict[int, bytes] = {0: EMPTY_ROOT}
        journal_heads, restored = self._journal_heads()
        kept = (
            open_head(outside, self._signer.verify, self._signer.public_key, origin=self._origin)
            if outside
            else None
        )
        wanted = set(journal_heads) | ({kept.size} if kept else set())
        with self._books.reading() as books:
            head = books.ledger.head()
            size = head.size if head else 0
            _Rehash(books, wanted | {size}).run(size, roots)
            pending = books.ledger.pending_count()
        if head is not None:
            signed = open_head(head.note, self._signer.verify, self._signer.public_key, origin=self._origin)
            _agree(signed.root, roots.get(signed.size), "the signed head")
            if signed.size != head.size or head.root != signed.root:
                raise ProofRejected("The head's row does not agree with what was signed.")
        for at, root in journal_heads.items():
            _agree(root, roots.get(at), "a head in the acts journal")
        if kept is not None:
            _agree(kept.root, roots.get(kept.size), "the head held outside")
        return Verified(
            size=size,
            root=roots[size],
            pending=pending,
            heads=len(journal_heads),
            outside_head=kept is not None,
            restored=restored,
        )

    def _journal_heads(self) -> tuple[dict[int, bytes], int]:
        """The journal's heads that this history must contain: those lost to a declared restore are not among them."""
        heads: dict[int, bytes] = {}
        restored = 0
        for line in self._journal.read():
            if line["act"] == "head":
                size, root = int(line["size"]), bytes.fromhex(line["root"])
                # Two heads over as many entries and nothing restored between them: the history was written anew.
                _agree(heads.setdefault(size, root), root, "an earlier head in the acts journal")
            elif line["act"] == "restored":
                restored += 1
                heads = {size: root for size, root in heads.items() if size <= int(line["to"])}
        return heads, restored

    def current_head(self) -> HeadRow | None:
        with self._books.reading() as books:
            return books.ledger.head()

    def lag_seconds(self) -> int:
        with self._books.reading() as books:
            oldest = books.ledger.oldest_pending()
        return max(0, int(self._clock.now().timestamp()) - oldest) if oldest is not None else 0

    # -- the journal against a restored database -----------------------------------------------------------------

    def behind_journal(self) -> bool:
        """Whether the journal has seen a longer history than this database has: it was put back to an older state.

        Raises:
            JournalMissing: the database has a signed history and the journal has none.
        """
        # The journal's end is taken first. A head is committed before it is journaled, so what is read of the database
        # after that is never older, whoever else is sealing meanwhile.
        lines = self._journal.read()
        head = self.current_head()
        newest, empty = 0, True
        for line in lines:
            empty = False
            if line["act"] == "head":
                newest = max(newest, int(line["size"]))
            elif line["act"] == "restored":
                newest = int(line["to"])
        if head is not None and empty:
            raise JournalMissing
        return newest > (head.size if head else 0)

    def journaled_acts(self) -> Iterator[Mapping[str, Any]]:
        """Every act in the journal, oldest first, without the heads."""
        return (line for line in self._journal.read() if line["act"] not in _NO_ACTS)

    def declare_restored(self, books: Books, day: str, lost: int) -> None:
        """Seal that the database was put back, and how many acts were done again."""
        head = books.ledger.head()
        size = head.size if head else 0
        newest = max((int(line["size"]) for line in self._journal.read() if line["act"] == "head"), default=0)
        facts = (("from", newest), ("to", size), ("head", head.root.hex() if head else ""))
        self.write(books, Entry(act=Act.RESTORED, site="", category="", day=day, count=lost, facts=facts))
        self._journal.append([{"act": "restored", "from": newest, "to": size, "day": day}])


def _agree(expected: bytes, found: bytes | None, what: str) -> None:
    if expected != found:
        raise ProofRejected(f"The entries do not lead to the root of {what}.")


class _Rehash:
    """Walk the entries once, build their tree anew, and note the root at every size asked for."""

    def __init__(self, books: Books, sizes: set[int]) -> None:
        self._books, self._sizes = books, sizes
        self._tiles: dict[tuple[int, int], bytes] = {}

    def run(self, size: int, roots: dict[int, bytes]) -> None:
        done = 0
        while done < size:
            rows = self._books.ledger.entries(done, BATCH)
            columns = self._books.ledger.columns_of(done, BATCH)
            if not rows or len(rows) != len(columns):
                raise LedgerError("Entries are missing from the ledger.")
            for (seq, _, sealed), counted in zip(rows, columns, strict=True):
                if seq != done:
                    raise LedgerError("The ledger's numbers have a gap.")
                entry = parse(sealed)
                if counted != (entry.act.value, entry.site, entry.category, entry.day, entry.count):
                    raise LedgerError("A counting column does not agree with its sealed entry.")
                self._tiles |= append([leaf_hash(sealed)], done, self._tile)
                done += 1
                if done in self._sizes:
                    roots[done] = root_at(done, self._tile)
        if self._books.ledger.entries(size, 1):
            raise LedgerError("There are numbered entries beyond the signed head.")
        for (level, index), hashes in self._tiles.items():
            # The next head and every proof are made from the stored tiles, not from the entries.
            if self._books.ledger.tile(level, index) != hashes:
                raise LedgerError("A stored hash tile does not agree with the entries.")

    def _tile(self, level: int, index: int) -> bytes:
        return self._tiles.get((level, index), b"")

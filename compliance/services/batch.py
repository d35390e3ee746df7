"""One transaction's worth of admitted submissions, from verdicts to rows: sealed, tokenised, counted, entered."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from operator import itemgetter
from typing import Any

from compliance.domain.collection import Admitted, Refused
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import Pack
from compliance.domain.reasons import reason
from compliance.domain.submission import Submission
from compliance.domain.vocabulary import PartState, ReasonCode
from compliance.ports import (
    Books,
    Caller,
    Capabilities,
    ConsentRow,
    CoolDownRow,
    Expectation,
    HoldingRow,
    Ids,
    Keyring,
    Outcome,
    PartRef,
    Receipt,
    RelianceRow,
    Seal,
    StoredPart,
    Writes,
)
from compliance.services.contents import bound, encode
from compliance.services.door_counts import DoorCounts
from compliance.services.evidence import SHOWN_TO_ANOTHER, Evidence, Showings
from compliance.services.forecast import due_day
from compliance.services.judging import Decision
from compliance.services.keys_in_hand import KeysInHand
from compliance.services.own_keys import OwnKeys
from compliance.services.replays import Replays
from compliance.services.sealing import Sealing
from compliance.services.tokens import (
    FRESH_PASS,
    PASS_CODE_LENGTH,
    SUBJECT,
    epoch_key,
    epoch_of,
    pass_subject,
)

# As the index has them: their epoch is one and the same.
_BY_DIGEST = itemgetter(1)

# A NamedTuple made as its own constructor makes it, without the call in between, which costs more than the tuple.
_made = tuple.__new__


def window_key(site: str, window: str) -> str:
    return f"window/{site}/{window}"


class Batch:
    """Collects rows; `write` puts them down. Lives within one writing transaction.

    What is done for each record is done many thousand times a second: whatever is the same for all of them is worked out
    in `__init__` or once a category, and rows are tuples from the start.
    """

    def __init__(
        self,
        *,
        books: Books,
        pack: Pack,
        caller: Caller,
        now: datetime,
        keyring: Keyring,
        ids: Ids,
        store_for: Callable[[str], str],
        writes: Mapping[str, Writes],
    ) -> None:
        self._books, self._pack, self._caller, self._now = books, pack, caller, now
        self._keyring, self._ids = KeysInHand(keyring), ids
        self._store_for, self._writes = store_for, writes
        self._site, self._version = pack.site.name, pack.version
        self._epoch = epoch_of(now)
        self._prefix = self._epoch.to_bytes(2, "big")
        self._today = now.astimezone(pack.site.timezone).date().isoformat()
        self._shelves: dict[tuple[str, str], _Shelf] = {}
        self._windows: dict[str, tuple[str, Seal]] = {}
        self._own_keys = OwnKeys(partial(window_key, pack.site.name), self._keyring.part_sealer)
        # Rows of HoldingRow, PartRow and TokenRow, as bare tuples: drivers take no others as fast.
        self._holdings: list[Any] = []
        self._parts: list[Any] = []
        self._tokens: list[Any] = []
        self._consents: list[ConsentRow] = []
        self._relying: list[RelianceRow] = []
        self._quiet: list[CoolDownRow] = []
        self._stored: dict[tuple[str, str], list[StoredPart]] = defaultdict(list)
        self._members: dict[str, list[tuple[str, str]]] = defaultdict(list)
        self._counts = DoorCounts(pack, self._today)
        self.foreign: dict[tuple[str, str], list[StoredPart]] = {}

    def enter(self, decisions: Sequence[Decision]) -> list[Outcome]:
        """Turn decisions into outcomes, remembering what is to be written."""
        count = len(decisions)
        self._number = self._books.holdings.reserve(max(1, count))
        # In order, as their numbers are: an index takes a thousand neighbours faster than a thousand strangers.
        self._fresh_ids = iter(sorted(self._ids.holding_ids(self._now, count)))
        self._pass_codes = iter(self._ids.secrets(count, PASS_CODE_LENGTH))
        self._token = self._keyring.mac(epoch_key(self._epoch))
        said = [one.submission for one in decisions if one.submission is not None]
        keyed = [submission for submission in said if submission.key is not None]
        self._replays = Replays(self._books, self._keyring, self._pack, self._caller, self._epoch, keyed)
        self._showings = Showings(self._books, self._keyring, self._epoch, said)
        return [self._enter(decision) for decision in decisions]

    def _enter(self, decision: Decision) -> Outcome:
        category, channel, verdict, submission = decision
        if not isinstance(verdict, Admitted):
            return self._refuse(submission, verdict)
        shelf = self._shelves.get((category, channel)) or self._shelf(category, channel)
        if not shelf.in_scope:
            return self._refuse(submission, Refused(reasons=(reason(ReasonCode.WRONG_CHANNEL, "channel"),)))
        if submission is None:
            return self._admit(shelf, verdict, next(self._pass_codes), None)
        # Whoever's consent this rests on finds it by the pass that they have, to see it and to take it back.
        holder = submission.pass_code if verdict.by_pass else None
        if submission.key is None:
            if self._showings.used(submission):
                return self._refuse(
                    submission, Refused(reasons=(reason(ReasonCode.NO_NOTICE, say=SHOWN_TO_ANOTHER),))
                )
            pass_code = next(self._pass_codes)
            outcome = self._admit(shelf, verdict, pass_code, None, holder)
        else:
            replay = self._replays.answer(submission, self._parts)
            if replay is not None:
                return replay
            if self._showings.used(submission):
                return self._refuse(
                    submission, Refused(reasons=(reason(ReasonCode.NO_NOTICE, say=SHOWN_TO_ANOTHER),))
                )
            pass_code, content = self._replays.pass_code(submission), self._replays.content(submission)
            outcome = self._admit(shelf, verdict, pass_code, content, holder)
            self._replays.remember(submission, HoldingRow(*self._holdings[-1]))
        self._counts.admitted(submission, verdict)
        self._add_evidence(HoldingRow(*self._holdings[-1]), submission, verdict, pass_code)
        return outcome

    def _shelf(self, category: str, channel: str) -> _Shelf:
        name, caller = self._store_for(category), self._caller
        shelf = self._shelves[category, channel] = _Shelf(
            category,
            name,
            self._writes[name].capabilities,
            self._stored[name, category],
            self._members[category],
            in_scope=caller.site in (None, self._site)
            and (not caller.categories or category in caller.categories)
            and (not caller.channels or channel in caller.channels),
        )
        return shelf

    # -- admission -----------------------------------------------------------------------------------------------

    def _admit(
        self,
        shelf: _Shelf,
        admitted: Admitted,
        pass_code: str,
        content: bytes | None,
        holder: str | None = None,
    ) -> Outcome:
        _, parts, subjects, cell, _, stripped, observed, _, _, flagged, _ = admitted
        number, holding_id, category = self._number, next(self._fresh_ids), shelf.category
        self._number, expected = number + 1, self._counts.expected
        site, version, epoch, token, prefix = (
            self._site,
            self._version,
            self._epoch,
            self._token,
            self._prefix,
        )
        self._holdings.append((number, holding_id, site, shelf.store, category, version, None, content))
        seal_own = self._own_keys.seal
        # The pass code is asked by for as long as anything is left: its token goes with the part that goes last.
        last = 0 if len(parts) == 1 else max(range(len(parts)), key=lambda at: parts[at].term.erase_at)
        for part_no, (of, term, values) in enumerate(parts):
            packed = b""
            for class_, value in subjects:
                if class_ == of:
                    digest = token(SUBJECT + value.encode())
                    self._tokens.append((epoch, digest, number))
                    packed += prefix + digest
            if part_no == last:
                digest = token(FRESH_PASS + pass_code.encode())
                self._tokens.append((epoch, digest, number))
                packed += prefix + digest
                if holder is not None:
                    digest = token(SUBJECT + pass_subject(holder).encode())
                    self._tokens.append((epoch, digest, number))
                    packed += prefix + digest
            _, window, last_day, readable_until, erase_at = term
            key, envelope = "", b""
            if shelf.own_keys:
                tied = bound(holding_id, part_no, version)
                key, envelope = seal_own(window, (number, part_no), encode(values), tied)
            elif shelf.sealing:
                key, seal = self._windows.get(window) or self._window(window)
                envelope = seal(encode(values), bound(holding_id, part_no, version))
            state, names = shelf.state, () if shelf.sealing else tuple(values)
            self._parts.append((number, part_no, of, readable_until, erase_at, key, state, packed))
            expected.append((category, last_day))
            ref = _made(PartRef, (number, part_no, holding_id, None, names, False))
            shelf.stored.append(_made(StoredPart, (ref, envelope, values, key)))
        shelf.members.append((holding_id, _NAMED[len(parts)]))
        if cell is not None:
            self._counts.cells.append(cell)
        erase_on = parts[last].term.last_day
        told = (stripped, observed, flagged)
        receipt = _made(Receipt, (holding_id, category, site, version, pass_code, erase_on, False, *told))
        return _made(Outcome, (receipt, (), False))

    def _window(self, window: str) -> tuple[str, Seal]:
        name = window_key(self._site, window)
        found = self._windows[window] = name, self._keyring.sealer(name)
        return found

    def _add_evidence(
        self, holding: HoldingRow, submission: Submission, admitted: Admitted, pass_code: str
    ) -> None:
        if admitted.consent_given or admitted.by_pass:
            rows, relying = self._evidence().consents(holding, submission, admitted)
            self._consents += rows
            self._relying += relying
            self._showings.remember(submission, holding.id)
        if submission.declined:
            self._quiet += self._evidence().refused(submission, admitted, pass_code)

    def _evidence(self) -> Evidence:
        return Evidence(keyring=self._keyring, ids=self._ids, pack=self._pack, now=self._now)

    # -- refusal -------------------------------------------------------------------------------------------------

    def _refuse(self, submission: Submission | None, refused: Refused) -> Outcome:
        self._counts.refused(submission, refused)
        return Outcome(reasons=refused.reasons)

    # -- writing -------------------------------------------------------------------------------------------------

    def write(self, sealing: Sealing) -> None:
        books, site = self._books, self._pack.site.name
        parts_laid = self._own_keys.laid(self._stored.items(), self._writes, self._parts)
        books.holdings.add(self._holdings, parts_laid, sorted(self._tokens, key=_BY_DIGEST))
        if marks := self._replays.rows() + self._showings.rows():
            books.marks.add(marks)
        self._counts.write(books)
        if self._consents or self._quiet:
            books.consents.add(self._consents, self._relying)
            books.consents.cool(self._quiet)
        for category, members in self._members.items():
            if not members:
                continue
            facts = (("policy", self._pack.version), ("door", self._caller.door.value))
            root = members_root(Act.ADMITTED, members)
            entry = Entry(
                act=Act.ADMITTED,
                site=site,
                category=category,
                day=self._today,
                count=len(members),
                facts=facts,
                members=root,
            )
            sealing.write(books, entry)
        for (name, category), parts in self._stored.items():
            if not parts:
                continue
            if self._writes[name].capabilities.ours:
                self._writes[name].append(books, category, parts)
            elif self._writes[name].capabilities.erases:
                self.foreign[name, category] = parts

    def take_back(self, books: Books, sealing: Sealing, category: str, numbers: Sequence[int]) -> None:
        """Undo, in a transaction of its own, what a store of somebody else's did not take: the ledger says so."""
        claimed = books.holdings.claim(numbers)
        books.holdings.drop([due.part for due in claimed])
        members = sorted({(due.holding.id, "") for due in claimed})
        books.marks.forget([holding_id for holding_id, _ in members])
        site = self._pack.site.name
        gone = Counter(due_day(due.part.erase_at, self._pack) for due in claimed)
        books.counts.expect([Expectation(site, category, day, -n) for day, n in gone.items()])
        root = members_root(Act.NOT_TAKEN, members)
        entry = Entry(
            act=Act.NOT_TAKEN, site=site, category=category, day=self._today, count=len(members), members=root
        )
        sealing.write(books, entry)


# The parts of a record by their numbers, as a ledger's member names them.
_NAMED = [",".join(map(str, range(count))) for count in range(64)]


class _Shelf:
    """Where one category's records of one channel go, and whether this caller may bring them: looked up once a batch."""

    __slots__ = ("category", "in_scope", "members", "own_keys", "sealing", "state", "store", "stored")

    def __init__(
        self,
        category: str,
        store: str,
        capabilities: Capabilities,
        stored: list[StoredPart],
        members: list[tuple[str, str]],
        *,
        in_scope: bool,
    ) -> None:
        self.category, self.store, self.in_scope = category, store, in_scope
        self.sealing, self.own_keys = capabilities.sealing, not capabilities.erases
        at_once = capabilities.ours or self.own_keys
        self.state = (PartState.ACTIVE if at_once else PartState.INTENDED).value
        self.stored, self.members = stored, members

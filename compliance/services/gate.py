"""The only door in. Nothing reaches a store but what a policy admits, sealed, and entered in the ledger.

Whatever the channel, one path: decide (pure) → seal the parts → ledger entry → store and holding, in one transaction
where the store is ours. If the entry cannot be committed, nothing was written. No value leaves this module except
sealed: not in an exception, not in a log.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from itertools import islice

from compliance.domain.collection import Admitted, Circumstances, Refused, admit
from compliance.domain.errors import CollectionRefused, KeyRaced, RecordErased
from compliance.domain.formats import Instruments
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason
from compliance.domain.submission import Defaults, Submission, parse
from compliance.domain.vocabulary import Door, PartState
from compliance.ports import (
    Caller,
    Clock,
    Ids,
    Keyring,
    Outcome,
    PolicySource,
    Reads,
    Receipt,
    StoredPart,
    UnitOfWork,
    Writes,
)
from compliance.services.amendment import Amendment
from compliance.services.batch import Batch
from compliance.services.judging import Decision, Judging
from compliance.services.lanes import Lanes
from compliance.services.notice_ids import NoticeIds
from compliance.services.own_keys import not_taken
from compliance.services.resting import resting_collector
from compliance.services.sealing import Sealing
from compliance.services.standing import Standing

BATCH = 500
# A retry that races its own first try finds it committed the next time; more than a few races are no accident.
RACES = 3
LIBRARY = Caller(id="library")


class Gate:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        writes: Mapping[str, Writes],
        reads: Mapping[str, Reads],
        store_for: Callable[[str], str],
        keyring: Keyring,
        ids: Ids,
        clock: Clock,
        tools: Instruments,
        sealing: Sealing,
        notices: NoticeIds,
        standing: Standing,
    ) -> None:
        self._books, self._policies = books, policies
        self._writes, self._store_for = writes, store_for
        self._keyring, self._ids, self._clock = keyring, ids, clock
        self._tools, self._sealing, self._notices = tools, sealing, notices
        self._standing = standing
        self._lanes: Lanes | None = None
        self._amendment = Amendment(
            books=books,
            policies=policies,
            writes=writes,
            reads=reads,
            keyring=keyring,
            clock=clock,
            tools=tools,
            sealing=sealing,
        )

    def write(
        self,
        submission: Submission | Mapping[str, object],
        caller: Caller = LIBRARY,
        defaults: Defaults | None = None,
    ) -> Receipt:
        """Write one submission.

        Raises:
            CollectionRefused: with every reason; nothing was stored.
            RecordErased: a replay of a submission whose record has been erased since.
            GateClosed: no policy is in force, the ledger lags, or a store or key cannot be had.
        """
        (outcome,) = self.write_many([submission], caller, defaults or Defaults())
        if outcome.erased:
            raise RecordErased
        if outcome.receipt is None:
            raise CollectionRefused(outcome.reasons)
        return outcome.receipt

    def write_many(
        self,
        submissions: Iterable[Submission | Mapping[str, object] | tuple[Reason, ...] | object],
        caller: Caller = LIBRARY,
        defaults: Defaults | None = None,
    ) -> Iterator[Outcome]:
        """Write a stream in batches of one transaction each; one outcome per submission, in order.

        A tuple of reasons in the stream is a line that could not even be read: it is counted and passed through.
        Without `defaults` the stream is a batch: it carries no consent and every line says when it was collected.
        """
        defaults = defaults or Defaults(door=Door.BATCH)
        stream = iter(submissions)
        while chunk := list(islice(stream, BATCH)):
            yield from self._write_chunk(chunk, caller, defaults)
        self._sealing.nudge()

    def check(
        self, raw: object, pack: Pack, defaults: Defaults, *, take_as_given: bool = True
    ) -> Admitted | Refused:
        """Judge form and content against a pack; nothing is stored or counted."""
        submission = parse(raw, defaults, self._clock.now())
        if isinstance(submission, tuple):
            return Refused(reasons=submission)
        return admit(submission, self._circumstances(pack, take_as_given=take_as_given))

    def amend(self, holding_id: str, fields: Mapping[str, object]) -> None:
        """Add trigger facts (an exit time) to a record; its due moments move accordingly.

        Raises:
            CollectionRefused: the policy does not let these fields come later, or they do not fit.
            RecordErased, RecordUnknown: there is nothing to amend.
        """
        self._sealing.keep_up()
        self._amendment.amend(holding_id, fields)
        self._sealing.nudge()

    def _circumstances(self, pack: Pack, *, take_as_given: bool = False) -> Circumstances:
        now, site = self._clock.now(), pack.site.name
        return Circumstances(
            pack=pack,
            now=now,
            tools=self._tools,
            notice_version=self._notices.version,
            changes_since=lambda version: self._standing.changes_since(version, pack),
            consents_of=lambda code: self._standing.consents_of(code, site, now),
            take_as_given=take_as_given,
            has_place=self._has_place,
        )

    def _has_place(self, category: str, field: str) -> bool:
        return self._writes[self._store_for(category)].capabilities.has_place(field)

    def _write_chunk(self, chunk: Sequence[object], caller: Caller, defaults: Defaults) -> list[Outcome]:
        with resting_collector():
            for _ in range(RACES):
                with suppress(KeyRaced):
                    return self._try_chunk(chunk, caller, defaults)
            return self._try_chunk(chunk, caller, defaults)

    def _try_chunk(self, chunk: Sequence[object], caller: Caller, defaults: Defaults) -> list[Outcome]:
        self._sealing.keep_up()
        pack = self._pack_in_mind()
        decisions = self._decide(chunk, pack, defaults)
        with self._books.writing() as books:
            self._sealing.require_open(books)
            # Who ends an emergency takes this lock exclusively: nothing is written under it after its end.
            books.window_lock(exclusive=False)
            # A version or an emergency may have come or gone since the decision: then it is decided again.
            current = self._policies.active(books, self._clock.now())
            if current is not pack:
                pack = current
                decisions = self._decide(chunk, pack, defaults)
            if not self._standing.still(books, _relied_on(decisions)):
                raise KeyRaced  # taken back since the decision: decided again from the beginning
            batch = Batch(
                books=books,
                pack=pack,
                caller=caller,
                now=self._clock.now(),
                keyring=self._keyring,
                ids=self._ids,
                store_for=self._store_for,
                writes=self._writes,
            )
            outcomes = batch.enter(decisions)
            batch.write(self._sealing)
        unfit = self._confirm(batch)
        return [_unless_unfit(outcome, unfit) for outcome in outcomes] if unfit else outcomes

    def _pack_in_mind(self) -> Pack:
        """The pack of the last batch, or the active one: whether it still is, the writing transaction looks itself."""
        lanes = self._lanes
        if lanes is not None:
            return lanes.pack
        with self._books.reading() as books:
            return self._policies.active(books, self._clock.now())

    def _decide(self, chunk: Sequence[object], pack: Pack, defaults: Defaults) -> list[Decision]:
        # Read once: another thread may put the lanes of another version here at any moment.
        lanes = self._lanes
        if lanes is None or lanes.pack is not pack:
            lanes = self._lanes = Lanes(pack, self._tools)
        decide = Judging(lanes, self._circumstances(pack), defaults).decide
        return [decide(raw) for raw in chunk]

    def _confirm(self, batch: Batch) -> dict[str, tuple[Reason, ...]]:
        """Finish what goes to stores that are not ours: the intent is committed, now the write, then its outcome.

        Returns the reasons, by record, of what a store cannot hold (a value too wide for its column).
        """
        unfit: dict[str, tuple[Reason, ...]] = {}
        for (name, category), parts in batch.foreign.items():
            try:
                self._hand_over(name, category, parts)
            except CollectionRefused:
                # One value that does not fit must not take the others of its batch with it.
                for record in _by_record(parts):
                    try:
                        self._hand_over(name, category, record)
                    except CollectionRefused as refused:
                        self._take_back(batch, category, record)
                        unfit[record[0].ref.holding_id] = refused.reasons
            except Exception as failure:
                self._take_back(batch, category, parts)
                raise not_taken(name) from failure
        return unfit

    def _hand_over(self, name: str, category: str, parts: Sequence[StoredPart]) -> None:
        with self._books.reading() as books:
            refs = self._writes[name].append(books, category, parts)
        numbers = {part.ref.holding_id: part.ref.holding_no for part in parts}
        with self._books.writing() as books:
            books.holdings.set_ref([(numbers[holding_id], ref) for holding_id, ref in refs.items()])
            books.holdings.set_state(
                sorted(set(numbers.values())), PartState.ACTIVE.value, was=PartState.INTENDED.value
            )

    def _take_back(self, batch: Batch, category: str, parts: Sequence[StoredPart]) -> None:
        with self._books.writing() as books:
            batch.take_back(books, self._sealing, category, sorted({part.ref.holding_no for part in parts}))


def _relied_on(decisions: Sequence[Decision]) -> set[str]:
    # A line without a submission carried no pass: what machines send by the thousand is not looked at again.
    admitted = (one.verdict for one in decisions if one.submission is not None)
    verdicts = (verdict for verdict in admitted if isinstance(verdict, Admitted) and verdict.by_pass)
    return {relied.consent.id for verdict in verdicts for relied in verdict.by_pass}


def _by_record(parts: Sequence[StoredPart]) -> list[list[StoredPart]]:
    records: dict[str, list[StoredPart]] = {}
    for part in parts:
        records.setdefault(part.ref.holding_id, []).append(part)
    return list(records.values())


def _unless_unfit(outcome: Outcome, unfit: Mapping[str, tuple[Reason, ...]]) -> Outcome:
    reasons = unfit.get(outcome.receipt.record) if outcome.receipt is not None else None
    return outcome if reasons is None else Outcome(reasons=reasons)

"""The only door out. Nothing else erases, anonymises or restricts.

The design principle: what is due is re-checked at the last moment, under the claim; what is held is restricted
instead; what no forecast knew waits for the officer; everything else goes, and each batch leaves a tombstone, a ledger
entry, and a line in the acts journal *before* it counts as done. Erasing never decrypts; putting a held part under a
key of its own does. Erasing twice is erasing once, so a sweep that was killed is simply run again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import PartState, RestrictionReason
from compliance.ports import (
    Books,
    Clock,
    Disposed,
    DuePart,
    Erases,
    Expectation,
    HoldingRow,
    HoldRow,
    Journal,
    Keyring,
    PartRef,
    PolicySource,
    TombstoneRow,
)
from compliance.services.batch import bound, due_day
from compliance.services.sealing import Sealing

# What is swept within this time after it fell due is on time: a beat is minutes, an outage is what the report shows.
ON_TIME = timedelta(hours=24)


def own_key(holding_id: str, part_no: int) -> str:
    return f"own/{holding_id}/{part_no}"


class Disposal:
    def __init__(
        self,
        *,
        policies: PolicySource,
        erases: Mapping[str, Erases],
        keyring: Keyring,
        journal: Journal,
        clock: Clock,
        sealing: Sealing,
    ) -> None:
        self._policies, self._erases = policies, erases
        self._keyring, self._journal = keyring, journal
        self._clock, self._sealing = clock, sealing

    def sweep_batch(self, books: Books, now: datetime, limit: int) -> tuple[Disposed, list[DuePart]]:
        """Claim what is due and dispose of it in the caller's transaction; returns also what was erased."""
        due = books.holdings.claim_due(int(now.timestamp()), limit)
        if not due:
            return Disposed(), []
        pack = self._policies.active(books, now)
        free, held = _by_hold(due, books.holds.standing())
        expected, excess = self._within_forecast(books, free, pack, now)
        disposed = self._restrict(books, held, pack, now)
        waiting = self._set_aside(books, excess, pack, now)
        erased = self._erase(books, expected, pack, cause="expired", now=now)
        return disposed + waiting + erased, expected

    def carry_out(
        self, books: Books, holdings: Sequence[HoldingRow], *, cause: str, now: datetime
    ) -> Disposed:
        """Dispose of whole records before their time: a request's or a withdrawal's plan, in the same transaction.

        A held part is restricted instead, and one under a statute's minimum stays until that ends, unreadable
        (PIPL 47(2)).
        """
        claimed = books.holdings.claim([row.no for row in holdings])
        if not claimed:
            return Disposed()
        pack = self._policies.active(books, now)
        free, held = _by_hold(claimed, books.holds.standing())
        bound_by_statute = [due for due in free if self._statute(books, due, now)]
        erasable = [due for due in free if due not in bound_by_statute]
        restricted = self._restrict(books, held, pack, now)
        stored = self._store_only(books, bound_by_statute, pack, now)
        return restricted + stored + self._erase(books, erasable, pack, cause=cause, now=now)

    def repeat(self, books: Books, members: Mapping[str, set[int]], now: datetime) -> Disposed:
        """Erase again, by holding id and part numbers, what a restored database brought back."""
        found = [books.holdings.find(holding_id) for holding_id in members]
        numbers = {row.no: row.id for row in found if row is not None}
        claimed = books.holdings.claim(list(numbers)) if numbers else []
        back = [due for due in claimed if due.part.part_no in members[due.holding.id]]
        return self._erase(books, back, self._policies.active(books, now), cause="replay", now=now)

    def release(self, books: Books, holding_nos: Sequence[int]) -> int:
        """Put restricted parts back among the living; those that are due go with the next sweep."""
        return books.holdings.set_state(holding_nos, PartState.ACTIVE.value, was=PartState.RESTRICTED.value)

    def left(self, books: Books, erased: Sequence[DuePart]) -> int:
        """Read again what was erased: how many parts are still there. The answer must be none."""
        total = 0
        for (store, category), group in _grouped(erased).items():
            total += self._erases[store].left(books, category, [_ref(due) for due in group])
        return total

    # -- the blast-radius bound ----------------------------------------------------------------------------------

    def _within_forecast(
        self, books: Books, due: Sequence[DuePart], pack: Pack, now: datetime
    ) -> tuple[list[DuePart], list[DuePart]]:
        """Split into what sealed acts scheduled for its day and what only the rows themselves claim to be due."""
        known = books.counts.expected(now.astimezone(pack.site.timezone).date().isoformat())
        expected, excess = [], []
        for one in due:
            bucket = (one.holding.site, one.holding.category, due_day(one.part.erase_at, pack))
            if known.get(bucket, 0) > 0:
                known[bucket] -= 1
                expected.append(one)
            else:
                excess.append(one)
        return expected, excess

    def _set_aside(self, books: Books, excess: Sequence[DuePart], pack: Pack, now: datetime) -> Disposed:
        for due in excess:
            books.holdings.move(due.part._replace(state=PartState.WAITING.value))
        act_ids = []
        for category, n in Counter(due.holding.category for due in excess).items():
            facts = (("why", "more is due than any forecast or published plan knew"),)
            act_ids.append(self._enter(books, Act.PAUSED, pack, category, now, n, facts))
        return Disposed(waiting_parts=len(excess), act_ids=tuple(act_ids))

    # -- restricting ---------------------------------------------------------------------------------------------

    def _restrict(
        self, books: Books, held: Sequence[tuple[DuePart, HoldRow]], pack: Pack, now: datetime
    ) -> Disposed:
        fresh = [(due, hold) for due, hold in held if due.part.state != PartState.RESTRICTED]
        act_ids = []
        for (category, hold_id), group in groupby(
            sorted(fresh, key=lambda one: (one[0].holding.category, one[1].id)),
            key=lambda one: (one[0].holding.category, one[1].id),
        ):
            parts = list(group)
            members = _members([due for due, _ in parts])
            hold = parts[0][1]
            self._journal.append(
                [{"act": "restricted", "hold": hold_id, "members": [f"{i}/{p}" for i, p in members]}]
            )
            for due, _ in parts:
                self._under_own_key(books, due)
            facts = (
                (
                    "reason",
                    RestrictionReason.LEGAL_HOLD.value
                    if hold.ground == "R8"
                    else RestrictionReason.DISPUTE.value,
                ),
                ("law", hold.law_ref),
                ("until", hold.until),
            )
            act_ids.append(
                self._enter(books, Act.RESTRICTED, pack, category, now, len(members), facts, members)
            )
        return Disposed(restricted_parts=len(fresh), act_ids=tuple(act_ids))

    def _under_own_key(self, books: Books, due: DuePart) -> None:
        """A held part must not keep its window's key alive for all the others of that day."""
        store, key = self._erases[due.holding.store], due.part.key
        if store.capabilities.sealing:
            ref = _ref(due)
            envelope = store.sealed(books, ref)
            if envelope is not None:
                binding = bound(due.holding.id, due.part.part_no, due.holding.policy_version)
                clear = self._keyring.unseal(due.part.key, envelope, binding)
                key = own_key(due.holding.id, due.part.part_no)
                store.reseal(books, ref, self._keyring.sealer(key)(clear, binding))
        books.holdings.move(due.part._replace(state=PartState.RESTRICTED.value, key=key))

    def _statute(self, books: Books, due: DuePart, now: datetime) -> bool:
        policy = self._policies.version(books, due.holding.policy_version).categories[due.holding.category]
        floor = policy.retentions[due.part.retention_class].floor
        return floor is not None and due.part.erase_at > now.timestamp()

    def _store_only(
        self, books: Books, bound_parts: Sequence[DuePart], pack: Pack, now: datetime
    ) -> Disposed:
        act_ids = []
        for due in bound_parts:
            books.holdings.move(
                due.part._replace(readable_until=min(due.part.readable_until, int(now.timestamp())))
            )
        for (_, category), group in _grouped(bound_parts).items():
            facts = (("reason", RestrictionReason.STATUTORY_MINIMUM.value),)
            members = _members(group)
            act_ids.append(
                self._enter(books, Act.RESTRICTED, pack, category, now, len(members), facts, members)
            )
        return Disposed(restricted_parts=len(bound_parts), act_ids=tuple(act_ids))

    # -- erasing -------------------------------------------------------------------------------------------------

    def _erase(
        self, books: Books, due: Sequence[DuePart], pack: Pack, *, cause: str, now: datetime
    ) -> Disposed:
        total = Disposed()
        for (store, category, version), group in _by_certificate(due).items():
            members = _members(group)
            self._journal.append(
                [
                    {
                        "act": Act.ERASED.value,
                        "site": pack.site.name,
                        "category": category,
                        "members": [f"{holding}/{parts}" for holding, parts in members],
                    }
                ]
            )
            self._erase_in_store(books, store, category, group)
            late = sum(1 for one in group if now.timestamp() - one.part.erase_at > ON_TIME.total_seconds())
            records = books.holdings.drop([one.part for one in group])
            facts = self._facts(
                pack, cause, version, parts=len(group), late=late if cause == "expired" else 0
            )
            act_id = self._enter(books, Act.ERASED, pack, category, now, len(members), facts, members)
            books.ledger.entomb(_tombstone(act_id, pack, category, now, cause, version, members))
            books.counts.expect(_no_longer_expected(group, pack))
            for one in group:
                if one.part.key.startswith("own/"):
                    self._keyring.destroy(one.part.key)
            total += Disposed(
                erased_parts=len(group), erased_records=records, late_parts=late, act_ids=(act_id,)
            )
        return total

    def _erase_in_store(self, books: Books, store: str, category: str, group: Sequence[DuePart]) -> None:
        erases = self._erases[store]
        if erases.capabilities.sealing:
            erases.erase(books, category, [_ref(due) for due in group])
            return
        # A plain store must be told which columns die, and with which part the row itself goes.
        standing = books.holdings.part_counts([due.holding.no for due in group])
        going = Counter(due.holding.no for due in group)
        refs = []
        for due in group:
            policy = self._policies.version(books, due.holding.policy_version).categories[
                due.holding.category
            ]
            fields = [r.name for r in policy.fields.values() if r.retention_class == due.part.retention_class]
            last = standing[due.holding.no] == going[due.holding.no]
            refs.append(_ref(due)._replace(fields=tuple(fields), last=last))
        erases.erase(books, category, refs)

    def _facts(
        self, pack: Pack, cause: str, version: int, *, parts: int, late: int
    ) -> tuple[tuple[str, str | int], ...]:
        backup_until = self._clock.now().astimezone(pack.site.timezone).date() + timedelta(
            days=pack.site.backup_days
        )
        article = {"expired": "PIPL 47(1)(2)", "withdrawal": "PIPL 47(1)(3)"}.get(cause, "PIPL 47")
        return (
            ("rule", f"{cause} under policy version {version}"),
            ("article", article),
            ("backup_until", backup_until.isoformat()),
            ("cause", cause),
            ("parts", parts),
            ("late", late),
        )

    def _enter(
        self,
        books: Books,
        act: Act,
        pack: Pack,
        category: str,
        now: datetime,
        count: int,
        facts: tuple[tuple[str, str | int], ...],
        members: Sequence[tuple[str, str]] | None = None,
    ) -> str:
        entry = Entry(
            act=act,
            site=pack.site.name,
            category=category,
            day=now.astimezone(pack.site.timezone).date().isoformat(),
            count=count,
            facts=facts,
            members=members_root(act, members) if members else None,
        )
        return self._sealing.write(books, entry)


def _by_hold(
    due: Sequence[DuePart], holds: Sequence[HoldRow]
) -> tuple[list[DuePart], list[tuple[DuePart, HoldRow]]]:
    free, held = [], []
    for one in due:
        covering = [hold for hold in holds if _covers(hold, one.holding)]
        if covering:
            held.append((one, max(covering, key=lambda hold: hold.until)))
        else:
            free.append(one)
    return free, held


def _covers(hold: HoldRow, holding: HoldingRow) -> bool:
    return (
        hold.site == holding.site
        and hold.category in ("", holding.category)
        and hold.holding_id in ("", holding.id)
    )


def _ref(due: DuePart) -> PartRef:
    return PartRef(due.holding.no, due.part.part_no, due.holding.id, due.holding.ref)


def _grouped(due: Sequence[DuePart]) -> dict[tuple[str, str], list[DuePart]]:
    groups: dict[tuple[str, str], list[DuePart]] = defaultdict(list)
    for one in due:
        groups[one.holding.store, one.holding.category].append(one)
    return groups


def _by_certificate(due: Sequence[DuePart]) -> dict[tuple[str, str, int], list[DuePart]]:
    """One entry certifies one rule: the parts of one store, category and policy version."""
    groups: dict[tuple[str, str, int], list[DuePart]] = defaultdict(list)
    for one in due:
        groups[one.holding.store, one.holding.category, one.holding.policy_version].append(one)
    return groups


def _members(due: Sequence[DuePart]) -> list[tuple[str, str]]:
    """Each record once, with the numbers of the parts that this act is about."""
    parts: dict[str, list[int]] = defaultdict(list)
    for one in due:
        parts[one.holding.id].append(one.part.part_no)
    return [
        (holding_id, ",".join(map(str, sorted(numbers)))) for holding_id, numbers in sorted(parts.items())
    ]


def _tombstone(
    act_id: str,
    pack: Pack,
    category: str,
    now: datetime,
    cause: str,
    version: int,
    members: list[tuple[str, str]],
) -> TombstoneRow:
    return TombstoneRow(
        act_id=act_id,
        site=pack.site.name,
        category=category,
        day=now.astimezone(pack.site.timezone).date().isoformat(),
        act=Act.ERASED.value,
        cause=cause,
        policy_version=version,
        n=len(members),
        members="\n".join(f"{holding_id}/{parts}" for holding_id, parts in members),
    )


def _no_longer_expected(group: Sequence[DuePart], pack: Pack) -> list[Expectation]:
    counted = Counter(
        (one.holding.site, one.holding.category, due_day(one.part.erase_at, pack)) for one in group
    )
    return [Expectation(*bucket, -n) for bucket, n in counted.items()]

"""The only door out. Nothing else erases, anonymises or restricts.

The design principle: what is due is re-checked at the last moment, under the claim; what is bound is restricted
instead; what no forecast knew waits for the officer; everything else goes, and each batch leaves a tombstone, a ledger
entry, and a line in the acts journal *before* it counts as done. Erasing never decrypts; putting a held part under a
key of its own does. Erasing twice is erasing once, so a sweep that was killed is simply run again.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from compliance.domain.disposition import Restriction, restriction
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import Pack
from compliance.domain.schedule import Retention, window_end
from compliance.domain.vocabulary import PartState
from compliance.ports import (
    Books,
    Clears,
    Disposed,
    DuePart,
    Erases,
    Expectation,
    HoldingRow,
    Journal,
    Keyring,
    PartRef,
    PolicySource,
)
from compliance.services.consented import classes_on_consent
from compliance.services.contents import ref_of
from compliance.services.forecast import due_day, no_longer_expected, within_forecast
from compliance.services.restricting import Bound, Restricting
from compliance.services.sealing import Sealing
from compliance.services.tombstones import erasure_facts, listed, members_of, tombstone

# What is swept within this time after it fell due is on time: a beat is minutes, an outage is what the report shows.
ON_TIME = timedelta(hours=24)
WITHDRAWAL = "withdrawal"


class Disposal:
    def __init__(
        self,
        *,
        policies: PolicySource,
        erases: Mapping[str, Erases],
        keyring: Keyring,
        journal: Journal,
        sealing: Sealing,
    ) -> None:
        self._policies, self._erases = policies, erases
        self._keyring, self._journal, self._sealing = keyring, journal, sealing
        self._restricting = Restricting(erases=erases, keyring=keyring, journal=journal, sealing=sealing)

    def sweep_batch(self, books: Books, now: datetime, limit: int) -> tuple[Disposed, list[DuePart]]:
        """Claim what is due and dispose of it in the caller's transaction; returns also what was erased."""
        books.forecast_lock()
        due = books.holdings.claim_due(int(now.timestamp()), limit)
        if not due:
            return Disposed(), []
        pack = self._policies.active(books, now)
        free, bound_parts = self._decide(books, due, now)
        today = pack.site.day_of(now).isoformat()
        known, excess = within_forecast(free, books.counts.expected(today), pack)
        restricted = self._restricting.restrict(books, bound_parts, pack, now)
        waiting = self._set_aside(books, excess, pack, today)
        erased = self._erase(books, known, pack, cause="expired", now=now)
        return restricted + waiting + erased, known

    def carry_out(
        self, books: Books, holdings: Sequence[HoldingRow], *, cause: str, now: datetime
    ) -> Disposed:
        """Dispose of records before their time: a request's plan, or a withdrawal's, in the same transaction.

        A withdrawal reaches what rests on consent, and what is sealed together with it (PIPL 47(1)(3)).
        """
        claimed = books.holdings.claim([row.no for row in holdings])
        if cause == WITHDRAWAL:
            claimed = self._on_consent(books, claimed)
        if not claimed:
            return Disposed()
        pack = self._policies.active(books, now)
        free, bound_parts = self._decide(books, claimed, now)
        ended = [(self._ended(books, due, bond, pack, now), bond) for due, bond in bound_parts]
        restricted = self._restricting.restrict(books, ended, pack, now)
        return restricted + self._erase(books, free, pack, cause=cause, now=now)

    def end_use(self, books: Books, holdings: Sequence[HoldingRow], now: datetime) -> int:
        """Stop all use of what rests on consent: nobody reads it from now on, and it falls due now, whoever erases it.

        It asks for no running disposal and no officer (PIPL 15): what a statute or a hold binds is only stored.
        """
        claimed = books.holdings.claim([row.no for row in holdings])
        moment, moved = int(now.timestamp()), 0
        for due in self._on_consent(books, claimed):
            if due.part.state == PartState.RESTRICTED:
                continue  # only stored already
            pack = self._policies.active(books, now)
            part = due.part._replace(readable_until=min(due.part.readable_until, moment))
            if self._retention(books, due).floor is None and part.erase_at > moment:
                at = (due.holding.site, due.holding.category)
                gone = Expectation(*at, due_day(part.erase_at, pack), -1)
                part = part._replace(erase_at=moment)
                books.counts.expect([gone, Expectation(*at, due_day(moment, pack), 1)])
            books.holdings.move(part)
            moved += part != due.part
        return moved

    def repeat(self, books: Books, members: Mapping[str, set[int]], now: datetime) -> Disposed:
        """Erase again, by holding id and part numbers, what a restored database brought back."""
        found = [books.holdings.find(holding_id) for holding_id in members]
        claimed = books.holdings.claim([row.no for row in found if row is not None])
        back = [due for due in claimed if due.part.part_no in members[due.holding.id]]
        if not back:
            return Disposed()
        return self._erase(books, back, self._policies.active(books, now), cause="replay", now=now)

    def release(self, books: Books, holding_nos: Sequence[int]) -> int:
        """Put restricted parts back among the living; those that are due go with the next sweep."""
        return books.holdings.set_state(holding_nos, PartState.ACTIVE.value, was=PartState.RESTRICTED.value)

    def left(self, books: Books, erased: Sequence[DuePart]) -> int:
        """Read again what was erased: how many parts are still there. The answer must be none."""
        groups: dict[tuple[str, str], list[DuePart]] = defaultdict(list)
        for one in erased:
            groups[one.holding.store, one.holding.category].append(one)
        total = 0
        for (store, category), group in groups.items():
            if not self._erases[store].capabilities.erases:
                # The bytes are there and stay there for a while: what must be gone are the keys to them.
                total += books.holdings.keys_left([(one.holding.no, one.part.part_no) for one in group])
                continue
            remaining = books.holdings.part_counts([one.holding.no for one in group])
            total += self._erases[store].left(books, category, self._refs(books, group, remaining))
        return total

    def clear_windows(self, books: Books, now: datetime) -> int:
        """Be rid of windows in stores that cannot erase, once they are over and nobody has a key to anything in them.

        Under the window lock, taken alone: a batch that lays bytes now has no row that would speak for them yet.
        """
        living, cleared = set(self._keyring.names("window/")), 0
        zone = self._policies.active(books, now).site.timezone
        for store in self._erases.values():
            if not isinstance(store, Clears):
                continue
            for window in store.windows():
                if window in living or not _is_over(window, zone, now):
                    continue
                if not books.holdings.refers_into(store.refs_of(window)):
                    store.clear(window)
                    cleared += 1
        return cleared

    # -- deciding, under the claim -------------------------------------------------------------------------------

    def _decide(
        self, books: Books, claimed: Sequence[DuePart], now: datetime
    ) -> tuple[list[DuePart], list[Bound]]:
        holds = [row.standing() for row in books.holds.standing()]
        free: list[DuePart] = []
        bound_parts: list[Bound] = []
        for due in claimed:
            pack = self._policies.version(books, due.holding.policy_version)
            retention = pack.categories[due.holding.category].retentions[due.part.retention_class]
            covering = [h for h in holds if h.covers(due.holding.site, due.holding.category, due.holding.id)]
            erase_at = datetime.fromtimestamp(due.part.erase_at, pack.site.timezone)
            bond = restriction(retention, erase_at, covering, now)
            if bond is None:
                free.append(due)
            else:
                bound_parts.append((due, bond))
        return free, bound_parts

    def _retention(self, books: Books, due: DuePart) -> Retention:
        version = self._policies.version(books, due.holding.policy_version)
        return version.categories[due.holding.category].retentions[due.part.retention_class]

    def _on_consent(self, books: Books, claimed: Sequence[DuePart]) -> list[DuePart]:
        holdings = {due.holding.id: due.holding for due in claimed}
        reached = {name: classes_on_consent(books, self._policies, one) for name, one in holdings.items()}
        return [due for due in claimed if due.part.retention_class in reached[due.holding.id]]

    def _ended(self, books: Books, due: DuePart, bond: Restriction, pack: Pack, now: datetime) -> DuePart:
        """The part as it stands once its purpose is over before its time: never readable again, and due as soon as
        no hold binds it. What a statute keeps stays until that ends.
        """
        moment = int(now.timestamp())
        part = due.part._replace(readable_until=min(due.part.readable_until, moment))
        floor = self._retention(books, due).floor
        if bond.hold and floor is None and part.erase_at > moment and part.state == PartState.ACTIVE:
            at = (due.holding.site, due.holding.category)
            gone = Expectation(*at, due_day(part.erase_at, pack), -1)
            part = part._replace(erase_at=moment)
            books.counts.expect([gone, Expectation(*at, due_day(moment, pack), 1)])
        return due._replace(part=part)

    def _set_aside(self, books: Books, excess: Sequence[DuePart], pack: Pack, today: str) -> Disposed:
        for due in excess:
            books.holdings.move(due.part._replace(state=PartState.WAITING.value))
        facts = (("why", "more is due than any forecast or published plan knew"),)
        counted = Counter(due.holding.category for due in excess)
        act_ids = tuple(
            self._sealing.write(
                books,
                Entry(
                    act=Act.PAUSED, site=pack.site.name, category=category, day=today, count=n, facts=facts
                ),
            )
            for category, n in counted.items()
        )
        return Disposed(waiting_parts=len(excess), act_ids=act_ids)

    # -- erasing -------------------------------------------------------------------------------------------------

    def _erase(
        self, books: Books, due: Sequence[DuePart], pack: Pack, *, cause: str, now: datetime
    ) -> Disposed:
        # One entry certifies one rule, so a batch is split by store, category and the version that promised.
        groups: dict[tuple[str, str, int], list[DuePart]] = defaultdict(list)
        for one in due:
            groups[one.holding.store, one.holding.category, one.holding.policy_version].append(one)
        total = Disposed()
        for (store, category, version), group in groups.items():
            members = members_of(group)
            line = {
                "act": Act.ERASED.value,
                "site": pack.site.name,
                "category": category,
                "members": listed(members),
            }
            self._journal.append([line])
            self._erase_in_store(books, store, category, group)
            late = sum(1 for one in group if now.timestamp() - one.part.erase_at > ON_TIME.total_seconds())
            late = late if cause == "expired" else 0
            records = books.holdings.drop([one.part for one in group])
            entry = Entry(
                act=Act.ERASED,
                site=pack.site.name,
                category=category,
                day=pack.site.day_of(now).isoformat(),
                count=len(members),
                facts=erasure_facts(
                    pack,
                    now,
                    self._erases[store].capabilities,
                    cause=cause,
                    version=version,
                    parts=len(group),
                    late=late,
                ),
                members=members_root(Act.ERASED, members),
            )
            act_id = self._sealing.write(books, entry)
            books.ledger.entomb(tombstone(act_id, pack, category, now, cause, version, members))
            books.counts.expect(no_longer_expected(group, pack))
            for key in {one.part.key for one in group if one.part.key.startswith("own/")}:
                self._keyring.destroy(key)
            total += Disposed(
                erased_parts=len(group), erased_records=records, late_parts=late, act_ids=(act_id,)
            )
        return total

    def _erase_in_store(self, books: Books, store: str, category: str, group: Sequence[DuePart]) -> None:
        if not self._erases[store].capabilities.erases:
            return  # what erases here is that the row goes, and the part's only key with it
        standing = Counter(books.holdings.part_counts([one.holding.no for one in group]))
        standing.subtract(Counter(one.holding.no for one in group))
        self._erases[store].erase(books, category, self._refs(books, group, standing))

    def _refs(self, books: Books, group: Sequence[DuePart], remaining: Mapping[int, int]) -> list[PartRef]:
        """A plain store is told which columns die, and with which part the row itself goes."""
        refs = []
        for one in group:
            pack = self._policies.version(books, one.holding.policy_version)
            ref = ref_of(one.holding, one.part, pack.categories[one.holding.category])
            refs.append(ref._replace(last=not remaining.get(one.holding.no)))
        return refs


def _is_over(window: str, zone: ZoneInfo, now: datetime) -> bool:
    try:
        return window_end(window.rsplit("/", 1)[-1], zone) <= now
    except ValueError:
        return False  # no window of ours: somebody's file lies in the folder, and no sweep may stop because of it

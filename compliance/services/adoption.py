"""Rows that were there before us, put under the policy: adopted, and afterwards kept in step with their table.

Their table is the truth about what exists; ours, about what is owed. A row gets a holding with the due dates that the
active policy gives it, by the same pure functions as at the gate. One that is past its period is due at once, as a
planned act, so that the next sweep erases it through the one door out. Everything is counted; no value is shown.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.formats import Instruments, Unfit, read_value
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.vocabulary import PartState
from compliance.ports import (
    Adoptable,
    Books,
    Clock,
    Dispose,
    ExistingRow,
    Expectation,
    HoldingRow,
    Ids,
    Keyring,
    PartRow,
    PolicySource,
    Refs,
    ScanReport,
    TokenRow,
    UnitOfWork,
)
from compliance.services.adoption_plan import (
    AdoptionReport,
    Forbidden,
    Page,
    ReconcileReport,
    Tally,
    class_of,
    due_of,
    facts_of,
    forbidden_on,
)
from compliance.services.forecast import due_day
from compliance.services.sealing import Sealing
from compliance.services.tokens import epoch_of, subject_token

BATCH = 1000
# More rows than this share vanishing at once looks like a wrong table or an old backup, not like a day's work.
_MOST_VANISHED_PERCENT, _FEW = 5, 20


class Adoption:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        stores: Mapping[str, Adoptable],
        refs: Refs,
        dispose: Dispose,
        keyring: Keyring,
        ids: Ids,
        clock: Clock,
        tools: Instruments,
        sealing: Sealing,
    ) -> None:
        self._books, self._policies, self._stores, self._refs = books, policies, stores, refs
        self._dispose, self._keyring, self._ids = dispose, keyring, ids
        self._clock, self._tools, self._sealing = clock, tools, sealing

    def scan(self, store: str) -> ScanReport:
        """Count what stands in a table; nothing is written."""
        return self._store(store).scan()

    def adopt(self, store: str, *, strip: bool = False) -> AdoptionReport:
        """Put every row that is not ours yet under the active policy; resumable, and repeating it changes nothing.

        With `strip`, fields and columns that the policy does not name are emptied in their table, and counted.
        """
        tally, after = Tally(), None
        theirs = self._store(store)
        while rows := theirs.rows(after, BATCH):
            self._adopt_page(theirs, rows, tally, strip=strip)
            after = rows[-1].ref
            self._sealing.nudge()
        self._sealing.seal()
        return tally.report(store)

    def reconcile(self, store: str, *, accept_vanished: bool = False) -> ReconcileReport:
        """Adopt rows without a holding, close holdings without a row, and finish writes that were cut off."""
        theirs = self._store(store)
        finished, withdrawn = self._settle_unfinished(theirs)
        checked, gone = self._vanished(theirs)
        bound = max(_FEW, checked * _MOST_VANISHED_PERCENT // 100)
        waiting = len(gone) if len(gone) > bound and not accept_vanished else 0
        closed = 0 if waiting else self._close(gone)
        return ReconcileReport(
            adoption=self.adopt(store),
            checked=checked,
            vanished=len(gone),
            closed=closed,
            held=0 if waiting else len(gone) - closed,
            waiting=waiting,
            finished=finished,
            withdrawn=withdrawn,
        )

    def _store(self, name: str) -> Adoptable:
        if name not in self._stores:
            raise ConfigurationInvalid(f"没有名为 {name} 的外部表 / there is no table named {name} to adopt")
        return self._stores[name]

    # -- adopting ------------------------------------------------------------------------------------------------

    def _adopt_page(
        self, theirs: Adoptable, rows: Sequence[ExistingRow], tally: Tally, *, strip: bool
    ) -> None:
        now = self._clock.now()
        with self._books.writing() as books:
            self._sealing.require_open(books)
            pack = self._policies.active(books, now)
            known = self._refs.known(books, theirs.name, [row.ref for row in rows])
            pending = {holding.id for holding in self._refs.unfinished(books, theirs.name)}
            page, fresh = Page(), []
            for row in rows:
                if row.ref in known:
                    tally.counts["already"] += 1
                    if row.holding != known[row.ref].id:
                        page.marks[row.ref] = known[row.ref].id
                elif row.category is None or row.category not in pack.categories:
                    tally.counts["unknown_category"] += 1
                elif row.holding is not None and row.holding in pending:
                    tally.counts["unfinished"] += 1  # the gate is writing this one: a reconcile settles it
                else:
                    fresh.append(row)
            self._enter(books, theirs, pack, fresh, page, tally, now)
            forbidden = forbidden_on(rows, pack, theirs, tally, self._tools, now, strip=strip)
            self._seal(books, pack, page, forbidden, now)
        tally.counts["rows"] += len(rows)
        # Their table is changed only after our books have said so; what a crash leaves undone, the next run does.
        theirs.mark(page.marks)
        for fields, refs in forbidden.refs.items():
            theirs.strip(refs, fields, forbidden.columns)

    def _enter(
        self,
        books: Books,
        theirs: Adoptable,
        pack: Pack,
        rows: Sequence[ExistingRow],
        page: Page,
        tally: Tally,
        now: datetime,
    ) -> None:
        if not rows:
            return
        first = books.holdings.reserve(len(rows))
        for number, row in enumerate(rows, first):
            policy = pack.categories[row.category or ""]
            holding = HoldingRow(
                no=number,
                id=self._ids.holding_id(now),
                site=pack.site.name,
                store=theirs.name,
                category=policy.category,
                policy_version=pack.version,
                ref=row.ref,
                content=None,
            )
            page.holdings.append(holding)
            page.marks[row.ref] = holding.id
            self._enter_parts(holding, row, policy, pack, page, tally, now)
        tally.counts["adopted"] += len(rows)
        books.holdings.add(page.holdings, page.parts, page.tokens)
        books.counts.expect(
            [
                Expectation(pack.site.name, category, day, n)
                for (category, day), n in sorted(page.expected.items())
            ]
        )

    def _enter_parts(
        self,
        holding: HoldingRow,
        row: ExistingRow,
        policy: CategoryPolicy,
        pack: Pack,
        page: Page,
        tally: Tally,
        now: datetime,
    ) -> None:
        facts = facts_of(row, policy, now, tally)
        subjects = self._subjects(row, policy, now, tally)
        epoch, past, undated, part_no = epoch_of(now), False, False, 0
        for number, retention in enumerate(policy.retentions):
            named = [name for name in row.values if class_of(policy, name) == number]
            # A row of which the policy names nothing is still a record: its first class's period ends it whole.
            if not named and (number or any(name in policy.fields for name in row.values)):
                continue
            due, dated = due_of(retention, facts, row, pack, now)
            undated |= not dated
            past |= due.erase_at <= now
            digests = [
                subject_token(self._keyring, epoch, value) for name, value in subjects if name in named
            ]
            part = PartRow(
                holding_no=holding.no,
                part_no=part_no,
                retention_class=number,
                readable_until=int(min(due.readable_until, max(due.erase_at, now)).timestamp()),
                # What is past its period is due now: the duty begins with the adoption, and so does its lateness.
                erase_at=int(max(due.erase_at, now).timestamp()),
                key="",
                state=PartState.ACTIVE.value,
                tokens=b"".join(epoch.to_bytes(2, "big") + digest for digest in digests),
            )
            part_no += 1
            page.parts.append(part)
            page.tokens += [TokenRow(epoch, digest, holding.no) for digest in dict.fromkeys(digests)]
            page.expected[holding.category, due_day(part.erase_at, pack)] += 1
        tally.counts["past_period"] += past
        tally.counts["undated"] += undated

    def _subjects(
        self, row: ExistingRow, policy: CategoryPolicy, now: datetime, tally: Tally
    ) -> list[tuple[str, str]]:
        """The identifiers a person may later ask by, in their normal form; one that has none cannot be asked by."""
        subjects = []
        for name in policy.subject:
            if name in row.values:
                rule = policy.fields[name]
                try:
                    value = read_value(rule, row.values[name], now, self._tools)
                except Unfit:
                    tally.unreadable[name] += 1
                    continue
                subjects.append((name, f"{rule.type}:{value}"))
        return subjects

    def _seal(self, books: Books, pack: Pack, page: Page, forbidden: Forbidden, now: datetime) -> None:
        today = pack.site.day_of(now).isoformat()
        by_category = {
            category: list(group)
            for category, group in groupby(
                sorted(page.holdings, key=lambda holding: (holding.category, holding.id)),
                key=lambda holding: holding.category,
            )
        }
        numbers: dict[int, list[int]] = defaultdict(list)
        for part in page.parts:
            numbers[part.holding_no].append(part.part_no)
        for category in sorted(by_category.keys() | forbidden.stripped.keys()):
            members = [
                (holding.id, ",".join(map(str, numbers[holding.no])))
                for holding in by_category.get(category, [])
            ]
            facts = (
                ("policy", pack.version),
                ("adopted", 1),
                ("stripped", forbidden.stripped.get(category, 0)),
            )
            entry = Entry(
                act=Act.ADMITTED,
                site=pack.site.name,
                category=category,
                day=today,
                count=len(members),
                facts=facts,
                members=members_root(Act.ADMITTED, members) if members else None,
            )
            self._sealing.write(books, entry)

    # -- reconciling ---------------------------------------------------------------------------------------------

    def _settle_unfinished(self, theirs: Adoptable) -> tuple[int, int]:
        """Finish or withdraw writes without an outcome. Only those that an earlier run saw too: others are under way."""
        switch = f"unfinished.{theirs.name}"
        with self._books.writing() as books:
            standing = self._refs.unfinished(books, theirs.name)
            seen = set(json.loads(books.switches.get(switch) or "[]"))
            old = [holding for holding in standing if holding.id in seen]
            there = theirs.bearing([holding.id for holding in old])
            arrived = [holding for holding in old if holding.id in there]
            lost = [holding.no for holding in old if holding.id not in there]
            books.holdings.set_ref([(holding.no, there[holding.id]) for holding in arrived])
            books.holdings.set_state(
                [holding.no for holding in arrived], PartState.ACTIVE.value, was=PartState.INTENDED.value
            )
            books.holdings.drop([due.part for due in books.holdings.claim(lost)])
            fresh = [holding.id for holding in standing if holding.id not in seen]
            books.switches.set(switch, json.dumps(fresh) if fresh else None)
        return len(arrived), len(lost)

    def _vanished(self, theirs: Adoptable) -> tuple[int, list[HoldingRow]]:
        checked, after, gone = 0, 0, list[HoldingRow]()
        while True:
            with self._books.reading() as books:
                page = self._refs.page(books, theirs.name, after, BATCH)
            if not page:
                return checked, gone
            present = theirs.present([holding.ref for holding in page if holding.ref is not None])
            gone += [holding for holding in page if holding.ref not in present]
            checked, after = checked + len(page), page[-1].no

    def _close(self, gone: Sequence[HoldingRow]) -> int:
        """Close the duty of rows that others deleted, with a tombstone that says so; what is held stays, and counts."""
        closed = 0
        for at in range(0, len(gone), BATCH):
            with self._books.writing() as books:
                some = gone[at : at + BATCH]
                done = self._dispose.carry_out(books, some, cause="vanished", now=self._clock.now())
                closed += done.erased_records
        return closed

"""How a verified request is carried out: search, decide, execute, tell. Each step is one transaction under a claim.

What erases is the disposal, in the transaction that says so; so a process that is killed between two steps repeats no
effect, and one that is killed within a step has done nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

from compliance.domain.errors import DisposalPaused, RequestRefused
from compliance.domain.plan import HeldRecord, Plan
from compliance.domain.request import Refusal, RequestKind, RequestState
from compliance.ports import Books, Capabilities, Dispose, HoldingRow, Outbox, RequestRow, UnitOfWork
from compliance.rights import right_for
from compliance.services.casework import ENGINE, Casework, request_key
from compliance.services.consented import classes_on_consent
from compliance.services.letters import (
    ErasedBefore,
    access_facts,
    deletion_facts,
    outcome_message,
    refusal_facts,
)
from compliance.services.packages import COPIES, Packages, package_key
from compliance.services.retention import require_running


class Fulfilment:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        casework: Casework,
        packages: Packages,
        outbox: Outbox,
        disposal: Dispose,
        stores: Mapping[str, Capabilities],
    ) -> None:
        self._books, self._case, self._packages = books, casework, packages
        self._outbox, self._disposal, self._stores = outbox, disposal, stores

    def fulfil(self, number: str) -> RequestState | None:
        """Take a verified request as far as it goes without anybody; returns its state, None where there is none."""
        first, state = self._step(number)
        before = first
        while before != state:
            before, state = self._step(number)
        if state != first:
            self._books.settle()  # nothing that was erased on the way survives in a write-ahead log
        return state

    def _step(self, number: str) -> tuple[RequestState | None, RequestState | None]:
        with self._books.writing() as books:
            row = books.requests.claim(number)
            if row is None:
                return None, None
            moved = self._advance(books, row)
        if RequestState(moved.state).final:
            self.destroy_keys(moved)
        if moved.state != row.state:
            self._case.sealing.nudge()
        return RequestState(row.state), RequestState(moved.state)

    def _advance(self, books: Books, row: RequestRow) -> RequestRow:
        if row.state == RequestState.SEARCHING:
            decided = self.plan(books, row)
            if isinstance(decided, Refusal):
                return self.refuse(books, row, decided)
            return self._case.move(books, row, RequestState.DECIDING)
        if row.state == RequestState.DECIDING and not self.waits(books, row):
            return self._case.move(books, row, RequestState.EXECUTING)
        if row.state == RequestState.EXECUTING:
            return self._execute(books, row)
        if row.state == RequestState.NOTIFIED:
            return self._case.move(books, row, RequestState.CLOSED)
        return row

    def _found(self, books: Books, row: RequestRow) -> list[HoldingRow]:
        noted = self._case.noted(row) if row.kind == RequestKind.WITHDRAWAL else []
        if not noted:
            return self._case.holdings(books, self._case.value_of(row), row.site)
        # A withdrawal reaches further than the person's own tokens do: what it reached was noted when it took effect.
        found = [books.holdings.find(record) for record in noted]
        return [holding for holding in found if holding is not None]

    def _erased_before(self, books: Books, row: RequestRow) -> list[ErasedBefore]:
        """What a withdrawal let fall due and a sweep has erased since: it is told of all the same."""
        if row.kind != RequestKind.WITHDRAWAL:
            return []
        return [
            ErasedBefore(record, tombstone.category, tombstone.act_id)
            for record in self._case.noted(row)
            if books.holdings.find(record) is None
            for tombstone in books.ledger.tombstones_of(record)[-1:]
        ]

    def plan(self, books: Books, row: RequestRow) -> Plan | Refusal:
        """What would be done now: the dry run of this request."""
        records = self._records(books, row, self._found(books, row))
        if row.kind == RequestKind.WITHDRAWAL and not records and self._erased_before(books, row):
            return Plan(explanation=(), counts={})
        if row.kind in COPIES and not records and books.requests.package(row.number) is not None:
            # What was there at verification has fallen due since; the copy made then is still owed.
            return Plan(explanation=(), counts={})
        return self._planned(books, row, records)

    def _records(self, books: Books, row: RequestRow, holdings: list[HoldingRow]) -> tuple[HeldRecord, ...]:
        """What the request is about: a withdrawal, of what rests on consent and is sealed together with it."""
        records = self._case.records(books, holdings)
        if row.kind != RequestKind.WITHDRAWAL:
            return records
        reached = []
        for holding, record in zip(holdings, records, strict=True):
            classes = classes_on_consent(books, self._case.policies, holding)
            parts = tuple(part for part in record.parts if part.retention_class in classes)
            reached += [replace(record, parts=parts)] if parts else []
        return tuple(reached)

    def _planned(self, books: Books, row: RequestRow, records: tuple[HeldRecord, ...]) -> Plan | Refusal:
        right = right_for(RequestKind(row.kind))
        if right is None:
            raise RequestRefused
        return right.plan(
            records,
            self._case.holds(books),
            lambda category, version: self._case.policy_of(books, category, version),
            self._case.clock.now(),
        )

    def waits(self, books: Books, row: RequestRow) -> bool:
        """Whether the officer has to decide: where a hold binds anything. A statute's minimum decides itself (47(2)),
        and a withdrawal waits for nobody.
        """
        if row.kind == RequestKind.WITHDRAWAL:
            return False
        records = self._case.records(books, self._found(books, row))
        return any(record.is_under(hold) for hold in self._case.holds(books) for record in records)

    def _execute(self, books: Books, row: RequestRow) -> RequestRow:
        """The effect and the state that says so, in one transaction."""
        now, day, pack = self._case.clock.now(), self._case.today(books), self._case.pack(books)
        if row.kind in COPIES:
            facts = access_facts(day, self._packages.release(books, row.number))
            return self._finish(books, row, RequestState.NOTIFIED, facts)
        try:
            require_running(books)
        except DisposalPaused:
            return row  # granted, and owed: `resume` carries it out as soon as disposal runs again
        holdings, before = self._found(books, row), self._erased_before(books, row)
        records = self._records(books, row, holdings)
        plan = self._planned(books, row, records) if records else None
        cause = "withdrawal" if row.kind == RequestKind.WITHDRAWAL else "request"
        done = self._disposal.carry_out(books, holdings, cause=cause, now=now)
        asked = {record.holding_id for record in records}
        left = {record.holding_id for record in self._records(books, row, self._living(books, holdings))}
        erased = [holding for holding in holdings if holding.id in asked - left]
        plan = plan if isinstance(plan, Plan) else None
        acts = [*dict.fromkeys((*(one.act_id for one in before), *done.act_ids))]
        facts = deletion_facts(pack, day, [*before, *erased], plan, acts, self._stores)
        partly = bool(left)
        return self._finish(books, row, RequestState.PARTIAL if partly else RequestState.NOTIFIED, facts)

    def _living(self, books: Books, holdings: list[HoldingRow]) -> list[HoldingRow]:
        return [holding for holding in holdings if books.holdings.find(holding.id) is not None]

    def _finish(
        self, books: Books, row: RequestRow, state: RequestState, facts: str, by: str = ENGINE
    ) -> RequestRow:
        """Move with the letter, and leave the message that there is one."""
        if row.way == "mobile" and row.access is not None:
            self._outbox.post(
                books,
                key=f"outcome/{row.number}",
                kind="outcome",
                destination=self._case.value_of(row).partition(":")[2],
                body=outcome_message(row, self._case.pack(books)),
                useful_for=timedelta(days=3),
            )
        return self._case.move(books, row, state, by, letter=facts)

    def refuse(self, books: Books, row: RequestRow, refusal: Refusal, by: str = ENGINE) -> RequestRow:
        """End a request with its reasons; the keys go after the commit, by `destroy_keys`."""
        books.requests.drop_package(row.number)
        facts = refusal_facts(self._case.today(books), refusal)
        return self._finish(books, row, RequestState.REFUSED, facts, by)

    def destroy_keys(self, row: RequestRow) -> None:
        """After the commit that made the case final: what is sealed under these keys is gone already."""
        self._case.keyring.destroy(request_key(row.number))
        with self._books.reading() as books:
            kept = books.requests.package(row.number) is not None
        if not kept:
            self._case.keyring.destroy(package_key(row.number))

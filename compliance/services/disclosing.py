"""Giving records to an authority: asked for in a scope, signed by a second person, given out once, kept in a register.

Nothing is composed before both have signed, and nothing of it stays with us: the package is made in the transaction
that enters its digest, handed over, and cannot be had a second time. Where a life is in danger one guard gives it at
once, and the second signature follows within a day or the officer is alarmed (requirements 0.3a.12). A refusal is an
act like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

from compliance.domain.disclosure import (
    COUNTERSIGN_WITHIN,
    LAPSES_AFTER,
    SIGNERS,
    Authority,
    RefusalGround,
    Scope,
    State,
    Wanted,
    faults_of,
)
from compliance.domain.disclosure_steps import (
    ANOTHER,
    NO_SUCH,
    NOT_NOW,
    NOTHING,
    ONCE,
    ONE_OF_TWO,
)
from compliance.domain.errors import DisclosureRefused
from compliance.domain.ledger import Act, members_root
from compliance.domain.policy import Pack
from compliance.ports import Books, Clock, DisclosureRow, Ids, Journal, Outbox, PolicySource, UnitOfWork
from compliance.services.disclosure_rows import document_of, given_line, kept_until, row_of, scope_of
from compliance.services.holds import Holds
from compliance.services.scrutiny import Scrutiny
from compliance.services.traces import Actor, Facts, Traces

Packaging = Callable[[dict[str, Any]], bytes]
WATCHED: Final = (State.ASKED.value, State.SIGNED.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Package:
    """What is handed over, once. `digest` is the SHA-256 of its bytes, as the ledger has it."""

    id: str
    count: int
    digest: str
    content: bytes = field(repr=False)


class Disclosures:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        clock: Clock,
        ids: Ids,
        scrutiny: Scrutiny,
        traces: Traces,
        holds: Holds,
        outbox: Outbox,
        journal: Journal,
        packaging: Packaging,
    ) -> None:
        self._books, self._policies, self._clock, self._ids = books, policies, clock, ids
        self._scrutiny, self._traces, self._holds, self._outbox = scrutiny, traces, holds, outbox
        self._journal, self._packaging = journal, packaging

    # -- asking --------------------------------------------------------------------------------------------------

    def preview(self, wanted: Wanted, actor: Actor) -> int:
        """How many records the scope means; nothing of them is shown. Raises DisclosureRefused, with every reason."""
        count = len(self._meant(wanted, actor))
        with self._books.writing() as books:
            facts = (*_by(actor), ("by", "scope"), ("document", wanted.document))
            self._traces.act(books, Act.LOOKED_UP, count, facts, category=wanted.scope.category)
        return count

    def ask(self, wanted: Wanted, actor: Actor) -> DisclosureRow:
        """Put a request before the second person; `n` is how many records it means now.

        Raises DisclosureRefused; the refusal is entered, without what was written.
        """
        meant = self._meant(wanted, actor)
        with self._books.writing() as books:
            return self._received(books, wanted, actor, len(meant))

    def _meant(self, wanted: Wanted, actor: Actor) -> tuple[str, ...]:
        """The records that a request means. Looked for without holding up whoever writes; what is then done opens them
        again. Raises DisclosureRefused, with everything that stands against it.
        """
        with self._books.reading() as books:
            meant, faults = self._scrutiny.look(books, wanted, actor.role, self._traces.today(books))
        if faults:
            why = " ".join(sorted({fault.code for fault in faults}))
            facts = (*_by(actor), ("authority", wanted.authority.value), ("why", why))
            with self._books.writing() as books:
                self._traces.act(books, Act.DISCLOSURE_REFUSED, 1, facts)
            raise DisclosureRefused(faults)
        return meant

    def _received(self, books: Books, wanted: Wanted, actor: Actor, count: int) -> DisclosureRow:
        row = self._row(books, wanted, actor)._replace(n=count)
        books.disclosures.add(row)
        self._enter(books, Act.DISCLOSURE_ASKED, row, _by(actor), count)
        return row

    # -- the second person ---------------------------------------------------------------------------------------

    def sign(self, disclosure_id: str, actor: Actor) -> DisclosureRow:
        """The second signature, by another person than who asked; also afterwards, where a life was in danger."""
        with self._books.writing() as books:
            row = self._claimed(books, disclosure_id)
            waits = row.state == State.ASKED or (
                row.state == State.GIVEN and row.urgent and not row.signed_by
            )
            if not waits:
                raise DisclosureRefused((NOT_NOW,))
            if actor.role not in SIGNERS or actor.id in (row.asked_by, row.given_by):
                raise DisclosureRefused((ANOTHER,))
            state = row.state if row.state == State.GIVEN else State.SIGNED.value
            row = row._replace(
                state=state, signed_by=actor.id, signed_on=self._traces.today(books).isoformat()
            )
            books.disclosures.save(row)
            self._enter(books, Act.DISCLOSURE_SIGNED, row, _by(actor), row.n)
        return row

    def refuse(self, disclosure_id: str, ground: RefusalGround, actor: Actor) -> DisclosureRow:
        """Say no to what was asked for, or take back what was signed and not yet given."""
        with self._books.writing() as books:
            row = self._claimed(books, disclosure_id)
            if row.state not in WATCHED or actor.role not in SIGNERS:
                raise DisclosureRefused((NOT_NOW,))
            row = row._replace(state=State.REFUSED.value, refused_by=actor.id, refusal=ground.value)
            books.disclosures.save(row)
            facts = (*_by(actor), ("why", ground.value))
            self._enter(books, Act.DISCLOSURE_REFUSED, row, facts, 1)
        return row

    def decline(
        self, authority: Authority, unit: str, document: str, ground: RefusalGround, actor: Actor
    ) -> DisclosureRow:
        """Enter a refusal at the door, where there was nothing that could have been taken as a request."""
        nothing = Scope(category="", fields=())
        wanted = Wanted(
            authority=authority, unit=unit, document=document, ground="", officers=(), scope=nothing
        )
        written = [
            fault
            for fault in faults_of(wanted, None, date.min, self._scrutiny.tools.scan)
            if fault.code == "unwritten"
        ]
        if any(fault.field == "unit" or document for fault in written):
            raise DisclosureRefused(tuple(written))
        with self._books.writing() as books:
            row = self._row(books, wanted, actor)
            row = row._replace(state=State.REFUSED.value, refused_by=actor.id, refusal=ground.value)
            books.disclosures.add(row)
            facts = (*_by(actor), ("why", ground.value))
            self._enter(books, Act.DISCLOSURE_REFUSED, row, facts, 1)
        return row

    # -- giving --------------------------------------------------------------------------------------------------

    def give(self, disclosure_id: str, actor: Actor) -> Package:
        """Compose and hand over, once; only one of the two who signed may. Raises DisclosureRefused."""
        meant = self._still_meant(disclosure_id)
        with self._books.writing() as books:
            row = self._claimed(books, disclosure_id)
            if row.state != State.SIGNED:
                raise DisclosureRefused((ONCE if row.state == State.GIVEN else NOT_NOW,))
            if actor.id not in (row.asked_by, row.signed_by):
                raise DisclosureRefused((ONE_OF_TWO,))
            return self._given(books, row, actor, meant)

    def give_urgently(self, wanted: Wanted, actor: Actor) -> Package:
        """Where a life is in danger: one person, at once. The second signature is due within a day, and the officer is
        told now. Raises DisclosureRefused.
        """
        if not wanted.urgent:
            raise DisclosureRefused((NOT_NOW,))
        meant = self._meant(wanted, actor)
        with self._books.writing() as books:
            row = self._received(books, wanted, actor, len(meant))
            due = self._clock.now() + COUNTERSIGN_WITHIN
            package = self._given(books, row._replace(sign_due=int(due.timestamp())), actor, meant)
            zh = f"紧急提供{package.count}条，须在24小时内补签"
            self._tell(
                books, row, "given", zh, f"{package.count} records given at once: countersign within 24 hours"
            )
        return package

    def _still_meant(self, disclosure_id: str) -> tuple[str, ...]:
        with self._books.reading() as books:
            row = books.disclosures.find(disclosure_id[:32])
            if row is None or row.state != State.SIGNED:
                return ()  # whoever claims it says why
            matched, _ = self._scrutiny.matched(books, scope_of(row), urgent=row.urgent)
        return tuple(one.holding.id for one in matched)

    def _given(self, books: Books, row: DisclosureRow, actor: Actor, meant: tuple[str, ...]) -> Package:
        pack, today = self._pack(books), self._traces.today(books)
        if not meant:
            raise DisclosureRefused((NOTHING,))
        scope = replace(scope_of(row), records=meant)
        matched, faults = self._scrutiny.matched(books, scope, urgent=row.urgent)
        if faults:
            raise DisclosureRefused(faults)
        members = [(one.holding.id, one.parts) for one in matched]
        row = row._replace(
            state=State.GIVEN.value, given_by=actor.id, given_on=today.isoformat(), n=len(matched)
        )
        ground = self._scrutiny.law(row.ground, today)
        content = self._packaging(document_of(row, pack, ground, matched, self._clock.now()))
        digest = sha256(content).hexdigest()
        listed = "\n".join(f"{holding_id}/{parts}" for holding_id, parts in members)
        row = row._replace(digest=digest, members=listed, keep_until=kept_until(today).isoformat())
        # Given is given: a database that is put back must not hand it out again, and must still know of it.
        self._journal.append([given_line(row)])
        books.disclosures.save(row)
        # Who came for it and from where is in the register, which is forgotten; the ledger is not.
        facts = (
            *_by(actor),
            *(("second", row.signed_by), ("digest", digest), ("fields", row.fields), ("ground", row.ground)),
        )
        self._enter(books, Act.DISCLOSED, row, facts, len(members), members_root(Act.DISCLOSED, members))
        if row.hold_until:
            self._holds.place_each(
                books,
                [holding_id for holding_id, _ in members],
                document=row.document,
                law_ref=row.ground,
                until=date.fromisoformat(row.hold_until),
                by=actor.id,
                second=row.signed_by,
            )
        return Package(id=row.id, count=len(members), digest=digest, content=content)

    # -- the register --------------------------------------------------------------------------------------------

    def register(self) -> list[DisclosureRow]:
        """Everything that was asked for, newest first, as long as it is kept."""
        with self._books.reading() as books:
            return books.disclosures.listed()

    def find(self, disclosure_id: str) -> DisclosureRow | None:
        with self._books.reading() as books:
            return books.disclosures.find(disclosure_id)

    def watch(self) -> dict[str, int]:
        """Alarm where a second signature is late, let lapse what nobody signed or fetched, forget what is three years
        old. Safe to repeat.
        """
        now = self._clock.now()
        with self._books.writing() as books:
            late = books.disclosures.unsigned(int(now.timestamp()))
            for row in late:
                books.disclosures.save(row._replace(alarmed_at=int(now.timestamp())))
                self._enter(books, Act.DISCLOSURE_LATE, row, (), 1)
                self._tell(
                    books, row, "late", "紧急提供已逾24小时未补签", "not countersigned within 24 hours"
                )
            old = int((now - LAPSES_AFTER).timestamp())
            lapsed = [row for row in books.disclosures.listed(WATCHED) if row.asked_at <= old]
            for row in lapsed:
                books.disclosures.save(row._replace(state=State.LAPSED.value))
                self._enter(books, Act.DISCLOSURE_REFUSED, row, (("why", "lapsed"),), 1)
            forgotten = books.disclosures.forget(self._traces.today(books).isoformat())
            if forgotten:
                self._traces.act(books, Act.DISCLOSURE_FORGOTTEN, forgotten, ())
        return {"late": len(late), "lapsed": len(lapsed), "forgotten": forgotten}

    # -- what every act needs ------------------------------------------------------------------------------------

    def _pack(self, books: Books) -> Pack:
        return self._policies.active(books, self._clock.now())

    def _row(self, books: Books, wanted: Wanted, actor: Actor) -> DisclosureRow:
        return row_of(
            wanted,
            id=self._ids.secret(10),
            site=self._pack(books).site.name,
            by=actor.id,
            now=self._clock.now(),
            today=self._traces.today(books),
        )

    def _claimed(self, books: Books, disclosure_id: str) -> DisclosureRow:
        row = books.disclosures.claim(disclosure_id[:32])
        if row is None:
            raise DisclosureRefused((NO_SUCH,))
        return row

    def _enter(
        self,
        books: Books,
        act: Act,
        row: DisclosureRow,
        facts: Facts,
        count: int,
        members: bytes | None = None,
    ) -> None:
        about: Facts = (("disclosure", row.id), ("document", row.document), ("authority", row.authority), ("urgent", int(row.urgent)))  # fmt: skip
        self._traces.act(books, act, count, (*about, *facts), category=row.category, members=members)

    def _tell(self, books: Books, row: DisclosureRow, what: str, zh: str, en: str) -> None:
        self._outbox.post(
            books,
            key=f"disclosure/{row.id}/{what}",
            kind="alarm",
            destination=self._pack(books).site.officer.contact,
            body=f"【对外提供】编号{row.id}：{zh}。 / Disclosure {row.id}: {en}.",
            useful_for=timedelta(days=1),
        )


def _by(actor: Actor) -> Facts:
    return (("actor", actor.id), ("role", actor.role.value))

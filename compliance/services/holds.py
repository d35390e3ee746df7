"""Legal holds: placed and released, never edited. A hold outlives the period; it does not outlive its own end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

from compliance.domain.disposition import OWN_DISPUTE
from compliance.domain.emergency import AFTER_ASSESSMENT
from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import Pack
from compliance.ports import Books, Clock, Dispose, HoldRow, Ids, Journal, PolicySource, UnitOfWork
from compliance.services.sealing import Sealing

# Own disputes are held for ninety days at most and renewed by a new act (requirements 0.3a.6).
LONGEST_DISPUTE = timedelta(days=90)
# Emergency data go on as evidence or for an inquiry, for thirty days and after an assessment (requirements 4.3, E84).
LONGEST_AFTER_EMERGENCY = timedelta(days=30)
GROUNDS = ("R8", OWN_DISPUTE, AFTER_ASSESSMENT)
#: Grounds that need two persons, and for how long they hold at most.
BY_TWO = {OWN_DISPUTE: LONGEST_DISPUTE, AFTER_ASSESSMENT: LONGEST_AFTER_EMERGENCY}


class HoldInvalid(ConfigurationInvalid):
    """A hold names its ground (R8, R8b or E85), document, law, end and what it keeps; a dispute of our own needs two
    persons and 90 days, emergency data an assessment's number, two persons and 30 days.
    """


class Holds:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        disposal: Dispose,
        journal: Journal,
        clock: Clock,
        ids: Ids,
        sealing: Sealing,
    ) -> None:
        self._books, self._policies, self._disposal = books, policies, disposal
        self._journal, self._clock, self._ids, self._sealing = journal, clock, ids, sealing

    def place(
        self,
        *,
        ground: str,
        document: str,
        law_ref: str,
        until: date,
        by: str,
        second: str = "",
        category: str = "",
        holding_id: str = "",
    ) -> str:
        """Place a hold on one record, a category, or the whole site; returns its id. Raises `HoldInvalid`."""
        today = self._today()
        grounded = ground in GROUNDS and bool(document and by) and bool(law_ref or ground == OWN_DISPUTE)
        if not grounded or until <= today:
            raise HoldInvalid
        if ground in BY_TWO and (second in ("", by) or until > today + BY_TWO[ground]):
            raise HoldInvalid
        with self._books.writing() as books:
            pack = self._policies.active(books, self._clock.now())
            _require_scope(books, pack, category, holding_id)
            row = HoldRow(
                id=self._ids.secret(12),
                site=pack.site.name,
                category=category,
                holding_id=holding_id,
                ground=ground,
                document=document,
                law_ref=law_ref,
                until=until.isoformat(),
                placed_by=by,
                second_by=second,
            )
            self._journal.append([_line(row)])
            books.holds.place(row)
            facts = (("hold", row.id), ("ground", ground), ("until", row.until), ("by", by), ("law", law_ref))
            self._enter(books, Act.HOLD_PLACED, row, today, facts)
        self._sealing.nudge()
        return row.id

    def place_each(
        self,
        books: Books,
        holding_ids: Sequence[str],
        *,
        document: str,
        law_ref: str,
        until: date,
        by: str,
        second: str,
    ) -> None:
        """Hold each of these records for a named authority (R8), in the caller's transaction and under one entry."""
        site = self._policies.active(books, self._clock.now()).site
        rows = [
            HoldRow(
                id=self._ids.secret(12),
                site=site.name,
                category="",
                holding_id=holding_id,
                ground="R8",
                document=document,
                law_ref=law_ref,
                until=until.isoformat(),
                placed_by=by,
                second_by=second,
            )
            for holding_id in holding_ids
        ]
        self._journal.append([_line(row) for row in rows])
        for row in rows:
            books.holds.place(row)
        members = [(row.holding_id, row.id) for row in rows]
        facts = (("ground", "R8"), ("until", until.isoformat()), ("by", by), ("law", law_ref))
        entry = Entry(
            act=Act.HOLD_PLACED,
            site=site.name,
            category="",
            day=site.day_of(self._clock.now()).isoformat(),
            count=len(rows),
            facts=facts,
            members=members_root(Act.HOLD_PLACED, members),
        )
        self._sealing.write(books, entry)

    def release(self, hold_id: str, by: str) -> None:
        """Release a hold; what it kept and is due goes with the next sweep. Raises `HoldInvalid` where unknown."""
        today = self._today()
        with self._books.writing() as books:
            hold = next((row for row in books.holds.standing() if row.id == hold_id), None)
            if hold is None:
                raise HoldInvalid("没有这项保全，或已解除。 / There is no such hold, or it was released.")
            self._journal.append([{"act": Act.HOLD_RELEASED.value, "hold": hold_id, "ids": [by]}])
            books.holds.release(hold_id, by, today.isoformat())
            self._disposal.release(books, books.holdings.in_scope(hold.site, hold.category, hold.holding_id))
            self._enter(books, Act.HOLD_RELEASED, hold, today, (("hold", hold_id), ("by", by)))
        self._sealing.nudge()

    def standing(self) -> list[HoldRow]:
        with self._books.reading() as books:
            return books.holds.standing()

    def _today(self) -> date:
        now = self._clock.now()
        with self._books.reading() as books:
            return self._policies.active(books, now).site.day_of(now)

    def _enter(
        self, books: Books, act: Act, hold: HoldRow, today: date, facts: tuple[tuple[str, str | int], ...]
    ) -> None:
        entry = Entry(
            act=act, site=hold.site, category=hold.category, day=today.isoformat(), count=1, facts=facts
        )
        self._sealing.write(books, entry)


def _line(row: HoldRow) -> dict[str, object]:
    """The hold as the acts journal keeps it: enough to place it again after a restore."""
    return {
        "act": Act.HOLD_PLACED.value,
        "hold": row.id,
        "site": row.site,
        "category": row.category,
        "ids": [row.holding_id, row.document, row.law_ref, row.placed_by, row.second_by],
        "ground": row.ground,
        "until": row.until,
    }


def _require_scope(books: Books, pack: Pack, category: str, holding_id: str) -> None:
    """A hold on what does not exist keeps nothing, and whoever placed it would believe that it does."""
    if holding_id:
        holding = books.holdings.find(holding_id)
        there = holding is not None and category in ("", holding.category)
    else:
        # A category may have left the policy while records of it are still there.
        there = category in ("", *pack.categories) or bool(
            books.holdings.in_scope(pack.site.name, category, "")
        )
    if not there:
        raise HoldInvalid

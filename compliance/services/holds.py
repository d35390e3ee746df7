"""Legal holds: placed and released, never edited. A hold outlives the period; it does not outlive its own end."""

from __future__ import annotations

from datetime import date, timedelta

from compliance.domain.errors import ConfigurationInvalid
from compliance.domain.ledger import Act, Entry
from compliance.ports import Clock, Dispose, HoldRow, Ids, Journal, PolicySource, UnitOfWork
from compliance.services.sealing import Sealing

# Own disputes are held for ninety days at most and renewed by a new act (requirements 0.3a.6).
LONGEST_DISPUTE = timedelta(days=90)
GROUNDS = ("R8", "R8b")


class HoldInvalid(ConfigurationInvalid):
    """A hold names its ground (R8 or R8b), document, law and end; a dispute of our own needs two persons and 90 days."""


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
        if (
            ground not in GROUNDS
            or not document
            or not by
            or until <= today
            or not (law_ref or ground == "R8b")
        ):
            raise HoldInvalid
        if ground == "R8b" and (not second or second == by or until > today + LONGEST_DISPUTE):
            raise HoldInvalid
        with self._books.writing() as books:
            pack = self._policies.active(books, self._clock.now())
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
            self._journal.append(
                [
                    {
                        "act": Act.HOLD_PLACED.value,
                        "hold": row.id,
                        "site": row.site,
                        "category": category,
                        "ids": [holding_id, document, law_ref, by, second],
                        "ground": ground,
                        "until": row.until,
                    }
                ]
            )
            books.holds.place(row)
            facts = (("hold", row.id), ("ground", ground), ("until", row.until), ("by", by), ("law", law_ref))
            entry = Entry(
                act=Act.HOLD_PLACED,
                site=row.site,
                category=category,
                day=today.isoformat(),
                count=1,
                facts=facts,
            )
            self._sealing.write(books, entry)
        self._sealing.nudge()
        return row.id

    def release(self, hold_id: str, by: str) -> None:
        """Release a hold; what it kept and is due goes with the next sweep. Raises `HoldInvalid` where unknown."""
        with self._books.writing() as books:
            hold = next((row for row in books.holds.standing() if row.id == hold_id), None)
            if hold is None:
                raise HoldInvalid
            self._journal.append([{"act": Act.HOLD_RELEASED.value, "hold": hold_id, "ids": [by]}])
            today = self._today().isoformat()
            books.holds.release(hold_id, by, today)
            self._disposal.release(books, books.holdings.in_scope(hold.site, hold.category, hold.holding_id))
            facts = (("hold", hold_id), ("by", by))
            entry = Entry(
                act=Act.HOLD_RELEASED, site=hold.site, category=hold.category, day=today, count=1, facts=facts
            )
            self._sealing.write(books, entry)
        self._sealing.nudge()

    def standing(self) -> list[HoldRow]:
        with self._books.reading() as books:
            return books.holds.standing()

    def _today(self) -> date:
        with self._books.reading() as books:
            zone = self._policies.active(books, self._clock.now()).site.timezone
        return self._clock.now().astimezone(zone).date()

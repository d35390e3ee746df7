"""A database put back from a backup holds what has been erased since. Before anything opens, it goes again.

The acts journal lies outside the database and its backups: what it knows and the database does not is done once more,
and the restore itself is sealed (the idea is gdpr-assist's replay, with a journal that says where it stopped).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.domain.errors import GateClosed
from compliance.domain.ledger import Act
from compliance.ports import Books, Clock, HoldRow, PolicySource, Repeat, UnitOfWork
from compliance.services.disclosure_rows import given_again
from compliance.services.sealing import Sealing


class Restoration:
    def __init__(
        self, *, books: UnitOfWork, policies: PolicySource, disposal: Repeat, clock: Clock, sealing: Sealing
    ) -> None:
        self._books, self._policies, self._disposal = books, policies, disposal
        self._clock, self._sealing = clock, sealing

    def replay(self) -> int | None:
        """Do again what this database has lost; returns how many acts, None where it has lost nothing.

        Raises:
            JournalMissing: the database has a history that no journal vouches for: nothing may open.
        """
        if not self._sealing.behind_journal():
            return None
        with self._books.writing() as books:
            day = self._today(books)
            # All of it and not only its end: where exactly a backup stands among acts that were under way when it was
            # taken nobody can say, a database may be put back twice, and doing again what is done does nothing.
            lost = sum(self._again(books, line, day) for line in self._sealing.journaled_acts())
            self._sealing.declare_restored(books, day, lost)
        self._sealing.seal()
        return lost

    def _today(self, books: Books) -> str:
        now = self._clock.now()
        try:
            return self._policies.active(books, now).site.day_of(now).isoformat()
        except GateClosed:
            # A database that was lost altogether has no policy yet, and still has to open for one to be published.
            return now.date().isoformat()

    def _again(self, books: Books, line: Mapping[str, Any], day: str) -> bool:
        """Do one act again; whether there was anything to do."""
        act = line["act"]
        if act == Act.ERASED.value:
            members = _members(line["members"])
            return self._disposal.repeat(books, members, self._clock.now()).erased_parts > 0
        if act == Act.HOLD_PLACED.value and books.holds.find(line["hold"]) is None:
            books.holds.place(_hold(line))
            return True
        if act == Act.HOLD_RELEASED.value:
            return self._release(books, line, day)
        if act == Act.DISCLOSED.value:
            return self._give(books, line, day)
        if act == Act.EMERGENCY_CLOSED.value:
            return _close(books, line)
        if act == Act.WITHDRAWN.value:
            found = [books.holdings.find(holding_id) for holding_id in line["members"]]
            living = [holding for holding in found if holding is not None]
            ended = self._disposal.end_use(books, living, self._clock.now())
            return books.consents.withdraw(line["ids"], day) > 0 or ended > 0
        return False

    def _give(self, books: Books, line: Mapping[str, Any], day: str) -> bool:
        """What was handed over stays handed over; what the register forgot in the meantime stays forgotten."""
        standing = books.disclosures.find(line["ids"][0])
        row = given_again(line, standing)
        if row.keep_until < day or (standing is not None and standing.state == row.state):
            return False
        if standing is None:
            books.disclosures.add(row)
        else:
            books.disclosures.save(row)
        return True

    def _release(self, books: Books, line: Mapping[str, Any], day: str) -> bool:
        hold = next((row for row in books.holds.standing() if row.id == line["hold"]), None)
        if hold is None:
            return False
        books.holds.release(hold.id, line["ids"][0], day)
        self._disposal.release(books, books.holdings.in_scope(hold.site, hold.category, hold.holding_id))
        return True


def _close(books: Books, line: Mapping[str, Any]) -> bool:
    """An emergency that was closed is not open again; the next sweep ends it once more, with all that it brought."""
    row = books.emergencies.find(line["ids"][0])
    if row is None or row.ends_at <= line["to"]:
        return False
    books.emergencies.put(row._replace(ends_at=line["to"]))
    return True


def _members(lines: Sequence[str]) -> dict[str, set[int]]:
    pairs = (line.split("/", 1) for line in lines)
    return {holding_id: {int(number) for number in parts.split(",")} for holding_id, parts in pairs}


def _hold(line: Mapping[str, Any]) -> HoldRow:
    holding_id, document, law_ref, by, second = line["ids"]
    return HoldRow(
        id=line["hold"],
        site=line["site"],
        category=line["category"],
        holding_id=holding_id,
        ground=line["ground"],
        document=document,
        law_ref=law_ref,
        until=line["until"],
        placed_by=by,
        second_by=second,
    )

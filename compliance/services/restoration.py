"""A database put back from a backup holds what has been erased since. Before anything opens, it goes again.

The acts journal lies outside the database and its backups: what it knows and the database does not is done once more,
and the restore itself is sealed (the idea is gdpr-assist's replay, with a journal that says where it stopped).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from compliance.domain.ledger import Act
from compliance.ports import Books, Clock, HoldRow, PolicySource, Repeat, UnitOfWork
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
        lost = self._sealing.lost_acts()
        if not lost and not self._sealing.behind_journal():
            return None
        with self._books.writing() as books:
            now = self._clock.now()
            day = now.astimezone(self._policies.active(books, now).site.timezone).date().isoformat()
            for line in lost:
                self._again(books, line, day)
            self._sealing.declare_restored(books, day, len(lost))
        self._sealing.seal()
        return len(lost)

    def _again(self, books: Books, line: Mapping[str, Any], day: str) -> None:
        act = line["act"]
        if act == Act.ERASED.value:
            self._disposal.repeat(books, _members(line["members"]), self._clock.now())
        elif act == Act.HOLD_PLACED.value:
            if books.holds.find(line["hold"]) is None:
                books.holds.place(_hold(line))
        elif act == Act.HOLD_RELEASED.value:
            books.holds.release(line["hold"], line["ids"][0], day)
        elif act == Act.WITHDRAWN.value:
            books.consents.withdraw(line["ids"], day)


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

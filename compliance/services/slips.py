"""Blank paper for a power cut, counted: how many were printed, and what became of each of them.

A slip that somebody has written on is personal information on paper. So every batch has a number and a count in the
ledger, and is counted again when the power is back: entered and destroyed, spoiled, left blank. What is missing then
is said, for it is a loss that the officer has to look at (PIPL 57).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from compliance.domain.errors import SlipsRefused
from compliance.domain.ledger import Act, Entry
from compliance.domain.vocabulary import Channel
from compliance.ports import Books, Clock, Ids, PolicySource, UnitOfWork
from compliance.services.sealing import Sealing

MOST: Final = 100
# Blank paper is of use for weeks; whatever is older was counted, or is asked about until it is.
LISTED_FOR: Final = timedelta(days=400)
_NUMBER = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipBatch:
    """Slips that were printed together; the counts are None until they were counted."""

    number: str
    category: str
    count: int
    version: int
    printed_on: str
    printed_by: str
    entered: int | None = None
    spoiled: int | None = None
    blank: int | None = None

    @property
    def is_open(self) -> bool:
        return self.entered is None

    @property
    def missing(self) -> int:
        """How many nobody can account for; 0 while the batch is open."""
        return (
            0 if self.is_open else self.count - sum(n or 0 for n in (self.entered, self.spoiled, self.blank))
        )


class Slips:
    def __init__(
        self, *, books: UnitOfWork, policies: PolicySource, clock: Clock, ids: Ids, sealing: Sealing
    ) -> None:
        self._books, self._policies, self._clock = books, policies, clock
        self._ids, self._sealing = ids, sealing

    def issue(self, category: str, count: int, by: str) -> SlipBatch:
        """Number a batch of blank slips under the policy in force.

        Raises:
            SlipsRefused: no desk registers this category, or the count is not between 1 and 100.
        """
        now = self._clock.now()
        with self._books.writing() as books:
            pack = self._policies.active(books, now)
            policy = pack.categories.get(category)
            if policy is None or Channel.DESK not in policy.channels or not 1 <= count <= MOST:
                raise SlipsRefused
            batch = SlipBatch(
                number=self._ids.secret(_NUMBER),
                category=category,
                count=count,
                version=pack.version,
                printed_on=pack.site.day_of(now).isoformat(),
                printed_by=by,
            )
            facts = (("batch", batch.number), ("by", by), ("version", pack.version))
            self._sealing.write(books, self._entry(Act.SLIPS_PRINTED, pack.site.name, batch, facts))
        self._sealing.nudge()
        return batch

    def count(self, number: str, *, entered: int, spoiled: int, blank: int, by: str) -> SlipBatch:
        """Say what became of a batch, once. What is missing is part of what is sealed.

        Raises:
            SlipsRefused: there is no such open batch, or more came back than were printed.
        """
        with self._books.writing() as books:
            batch = self._known(books).get(number)
            if batch is None or not batch.is_open or min(entered, spoiled, blank) < 0:
                raise SlipsRefused
            counted = replace(batch, entered=entered, spoiled=spoiled, blank=blank)
            if counted.missing < 0:
                raise SlipsRefused
            pack = self._policies.active(books, self._clock.now())
            today = pack.site.day_of(self._clock.now()).isoformat()
            facts = (
                ("batch", number),
                ("by", by),
                ("entered", entered),
                ("spoiled", spoiled),
                ("blank", blank),
                ("missing", counted.missing),
            )
            entry = self._entry(Act.SLIPS_COUNTED, pack.site.name, batch, facts)
            self._sealing.write(books, replace(entry, day=today))
        self._sealing.nudge()
        return counted

    def batches(self) -> list[SlipBatch]:
        """Every batch of late, the newest first."""
        with self._books.reading() as books:
            return list(reversed(self._known(books).values()))

    def _known(self, books: Books) -> dict[str, SlipBatch]:
        since = (self._clock.now() - LISTED_FOR).date().isoformat()
        known: dict[str, SlipBatch] = {}
        for entry in books.ledger.written_of((Act.SLIPS_PRINTED, Act.SLIPS_COUNTED), since):
            number = str(entry.fact("batch"))
            if entry.act is Act.SLIPS_PRINTED:
                known[number] = SlipBatch(
                    number=number,
                    category=entry.category,
                    count=entry.count,
                    version=int(entry.fact("version") or 0),
                    printed_on=entry.day,
                    printed_by=str(entry.fact("by")),
                )
            elif number in known:
                known[number] = replace(
                    known[number],
                    entered=int(entry.fact("entered") or 0),
                    spoiled=int(entry.fact("spoiled") or 0),
                    blank=int(entry.fact("blank") or 0),
                )
        return known

    def _entry(
        self, act: Act, site: str, batch: SlipBatch, facts: tuple[tuple[str, str | int], ...]
    ) -> Entry:
        return Entry(
            act=act, site=site, category=batch.category, day=batch.printed_on, count=batch.count, facts=facts
        )

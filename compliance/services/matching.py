"""Which records a disclosure's scope means, and what of each is given: looked at, counted, and shown to nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Final

from compliance.domain.disclosure import Scope
from compliance.domain.errors import ComplianceError
from compliance.domain.policy import FieldRule
from compliance.domain.presence import entry_of
from compliance.ports import Books, HoldingRow
from compliance.services.opening import Around, Opened, Opening

_AT_ONCE: Final = 500
#: A record's id carries the month in which it came to us, as London counts it: a batch may bring it weeks after the
#: visit, and the first morning of a month in Shanghai still belongs to the month before.
_MONTHS_LATE: Final = 2
_MONTHS_EARLY: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Matching:
    opening: Opening

    def matched(self, books: Books, site: str, scope: Scope, most: int) -> list[Opened]:
        """The records of this scope that there is something to give of, at most one more than `most`."""
        found: list[Opened] = []
        for rows in self._candidates(books, site, scope):
            around = self.opening.around(books, rows)
            for holding in rows:
                opened = self._opened(books, holding, around)
                if opened is not None and self._within(opened, scope) and given(opened, scope):
                    found.append(opened)
                if len(found) > most:
                    return found
        return found

    def _candidates(self, books: Books, site: str, scope: Scope) -> Iterator[list[HoldingRow]]:
        if scope.records:
            rows = (books.holdings.find(record) for record in dict.fromkeys(scope.records))
            yield [row for row in rows if row and (row.site, row.category) == (site, scope.category)]
            return
        assert scope.first is not None  # noqa: S101  a scope without ends was refused
        assert scope.last is not None  # noqa: S101
        months, after = _months(scope.first, scope.last), 0
        while page := books.holdings.registered(site, scope.category, months, after, _AT_ONCE):
            yield page
            after = page[-1].no

    def _opened(self, books: Books, holding: HoldingRow, around: Around) -> Opened | None:
        try:
            # What is only stored is stored for such a case, too: the ground of this act is the authority's, not ours.
            return self.opening.open(books, holding, around, bound_too=True)
        except ComplianceError:
            return None

    def _within(self, opened: Opened, scope: Scope) -> bool:
        if scope.first is None or scope.last is None:
            return True
        entry = entry_of(opened.policy)
        came = opened.facts.get(entry.name) if entry else None
        return came is not None and scope.first <= came.astimezone(opened.zone).date() <= scope.last


def given(opened: Opened, scope: Scope) -> list[FieldRule]:
    """The fields that are asked for, held, and not taken back; what a hold keeps is kept for the authority."""
    kept = frozenset() if opened.standing.held or opened.standing.held_around else opened.withdrawn
    return [
        rule
        for name, rule in opened.policy.fields.items()
        if name in scope.fields and name in opened.values and name not in kept
    ]


def _months(first: date, last: date) -> list[str]:
    begin = first.year * 12 + first.month - 1 - _MONTHS_EARLY
    end = last.year * 12 + last.month - 1 + _MONTHS_LATE
    months = range(begin, end + 1)
    return [f"{month // 12 % 100:02d}{month % 12 + 1:02d}" for month in months]

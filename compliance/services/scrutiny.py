"""An authority's request looked at as a whole: what stands against it, and how many records it means."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.domain.disclosure import MOST_RECORDS, Fault, Scope, Wanted, faults_of, too_many
from compliance.domain.disclosure_steps import NOT_IN_FORCE, NOT_YOURS, NOTHING, may_ask
from compliance.domain.errors import PolicyInvalid
from compliance.domain.formats import Instruments
from compliance.domain.vocabulary import Role
from compliance.ports import Books
from compliance.services.disclosure_rows import Article
from compliance.services.matching import Matching
from compliance.services.opening import Opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Scrutiny:
    matching: Matching
    tools: Instruments
    law: Callable[[str, date], Article]

    def look(
        self, books: Books, wanted: Wanted, role: Role, today: date
    ) -> tuple[tuple[str, ...], tuple[Fault, ...]]:
        """The ids of the records that it means now, and everything that stands against it; records are looked for only
        where nothing does.
        """
        policy = self.matching.opening.active(books).categories.get(wanted.scope.category)
        faults = faults_of(wanted, policy, today, self.tools.scan)
        if not may_ask(role, urgent=wanted.urgent):
            faults = (*faults, NOT_YOURS)
        faults = faults or self._not_in_force(wanted.ground, today)
        if faults:
            return (), faults
        matched, faults = self.matched(books, wanted.scope, urgent=wanted.urgent)
        return tuple(one.holding.id for one in matched), faults

    def matched(
        self, books: Books, scope: Scope, *, urgent: bool
    ) -> tuple[Sequence[Opened], tuple[Fault, ...]]:
        """The records of a scope; none, or more than go at once, is a fault."""
        site = self.matching.opening.active(books).site.name
        matched = self.matching.matched(books, site, scope, MOST_RECORDS)
        excess = too_many(len(matched), urgent=urgent)
        if excess is not None:
            return matched, (excess,)
        return matched, () if matched else (NOTHING,)

    def _not_in_force(self, ground: str, today: date) -> tuple[Fault, ...]:
        try:
            self.law(ground, today)
        except PolicyInvalid:
            return (NOT_IN_FORCE,)
        return ()

"""Every look into the register leaves a trace in the ledger, also the one that was refused.

A trace names opaque ids, a purpose that the policy knows, a role and a count. What somebody typed (an id that is none, a
purpose that is none, the number that was looked for) is never in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.reading import WhyNot
from compliance.domain.vocabulary import Channel, Role
from compliance.ports import Books, Clock, HoldingRow, PolicySource
from compliance.services.sealing import Sealing

Facts = tuple[tuple[str, str | int], ...]
Members = list[tuple[str, str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who looks: an opaque staff or key id, the role it acts in, and what it may know of ("" and () = everything)."""

    id: str
    role: Role
    site: str = ""
    categories: tuple[str, ...] = ()
    channels: tuple[Channel, ...] = ()

    def may_know_of(self, site: str, category: str, channels: Sequence[Channel] = ()) -> bool:
        """Whether records of this site and category, which come by these channels, are any of its business."""
        return (
            self.site in ("", site)
            and (not self.categories or category in self.categories)
            and (not self.channels or not channels or not set(channels).isdisjoint(self.channels))
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Traces:
    policies: PolicySource
    clock: Clock
    sealing: Sealing

    def read(self, books: Books, actor: Actor, purpose: str, holding: HoldingRow) -> str:
        """One record was read."""
        facts = (("holding", holding.id),)
        return self._look(books, Act.READ, actor, purpose, facts, (holding.category,))

    def listed(
        self,
        books: Books,
        act: Act,
        actor: Actor,
        purpose: str,
        categories: Iterable[str],
        members: Members,
        facts: Facts = (),
    ) -> str:
        """Many were, in one act: one entry over its members."""
        return self._look(books, act, actor, purpose, facts, categories, members)

    def refused(
        self, books: Books, actor: Actor, purpose: str, why: WhyNot, holding: HoldingRow | None = None
    ) -> str:
        """Somebody tried. Only a record that exists is named."""
        facts: Facts = (("why", why.value), *((("holding", holding.id),) if holding else ()))
        categories = (holding.category,) if holding else ()
        return self._look(books, Act.READ_REFUSED, actor, purpose, facts, categories)

    def act(
        self,
        books: Books,
        act: Act,
        count: int,
        facts: Facts,
        *,
        category: str = "",
        members: bytes | None = None,
    ) -> str:
        """An act beside the readings: a disclosure and its steps."""
        return self._write(books, act, category, count, facts, members)

    def today(self, books: Books) -> date:
        now = self.clock.now()
        return self.policies.active(books, now).site.day_of(now)

    def _look(
        self,
        books: Books,
        act: Act,
        actor: Actor,
        purpose: str,
        facts: Facts,
        categories: Iterable[str],
        members: Members | None = None,
    ) -> str:
        named = set(categories)
        known = self.policies.active(books, self.clock.now()).site.purposes
        # A purpose that no policy names may be anything that somebody typed.
        who: Facts = (
            ("actor", actor.id),
            ("purpose", purpose if purpose in known else "unknown"),
            ("role", actor.role.value),
        )
        category = named.pop() if len(named) == 1 else ""
        count = 1 if members is None else len(members)
        root = members_root(act, members) if members else None
        return self._write(books, act, category, count, (*who, *facts), root)

    def _write(
        self, books: Books, act: Act, category: str, count: int, facts: Facts, members: bytes | None
    ) -> str:
        site = self.policies.active(books, self.clock.now()).site.name
        day = self.today(books).isoformat()
        entry = Entry(
            act=act, site=site, category=category, day=day, count=count, facts=facts, members=members
        )
        return self.sealing.write(books, entry)

"""Restriction: stored and protected, and nothing else (PIPL 47(2)). The disposal's other half.

What a hold binds is put under a key of its own, so that it does not keep its window's key alive for all the others of
that day; what a statute's minimum binds stays where it is, and is no longer readable.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from compliance.domain.disposition import Restriction
from compliance.domain.ledger import Act, Entry, members_root
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import PartState
from compliance.ports import Books, Disposed, DuePart, Erases, Journal, Keyring, PartRef
from compliance.services.contents import bound
from compliance.services.sealing import Sealing
from compliance.services.tombstones import listed, members_of

Bound = tuple[DuePart, Restriction]


def own_key(holding_id: str, part_no: int) -> str:
    return f"own/{holding_id}/{part_no}"


class Restricting:
    def __init__(
        self, *, erases: Mapping[str, Erases], keyring: Keyring, journal: Journal, sealing: Sealing
    ) -> None:
        self._erases, self._keyring = erases, keyring
        self._journal, self._sealing = journal, sealing

    def restrict(self, books: Books, bound_parts: Sequence[Bound], pack: Pack, now: datetime) -> Disposed:
        """Restrict what is bound; what is restricted already stays as it is."""
        fresh = [(due, bond) for due, bond in bound_parts if due.part.state != PartState.RESTRICTED]
        groups: dict[tuple[str, Restriction], list[DuePart]] = defaultdict(list)
        for due, bond in fresh:
            groups[due.holding.category, bond].append(due)
        day = pack.site.day_of(now)
        act_ids = tuple(
            self._restrict(books, parts, category, bond, day, now)
            for (category, bond), parts in groups.items()
        )
        return Disposed(restricted_parts=len(fresh), act_ids=act_ids)

    def _restrict(
        self,
        books: Books,
        parts: Sequence[DuePart],
        category: str,
        bond: Restriction,
        day: date,
        now: datetime,
    ) -> str:
        members = members_of(parts)
        if bond.hold:
            # Whoever looks for own keys that nothing refers to must not see one before its part does.
            books.window_lock(exclusive=False)
            self._journal.append(
                [{"act": Act.RESTRICTED.value, "hold": bond.hold, "members": listed(members)}]
            )
        for due in parts:
            if bond.hold:
                self._under_own_key(books, due)
            else:
                unreadable = min(due.part.readable_until, int(now.timestamp()))
                books.holdings.move(due.part._replace(readable_until=unreadable))
        entry = Entry(
            act=Act.RESTRICTED,
            site=parts[0].holding.site,
            category=category,
            day=day.isoformat(),
            count=len(members),
            facts=(("reason", bond.reason.value), ("law", bond.law_ref), ("until", bond.until)),
            members=members_root(Act.RESTRICTED, members),
        )
        return self._sealing.write(books, entry)

    def _under_own_key(self, books: Books, due: DuePart) -> None:
        store, key, wrapped = self._erases[due.holding.store], due.part.key, due.part.wrapped
        if wrapped is not None:
            # Its content has a key of its own already, and cannot be written again: that key goes under another.
            binding = bound(due.holding.id, due.part.part_no, due.holding.policy_version)
            key = own_key(due.holding.id, due.part.part_no)
            wrapped = self._keyring.rewrap(due.part.key, key, wrapped, binding)
        elif store.capabilities.sealing:
            ref = PartRef(due.holding.no, due.part.part_no, due.holding.id, due.holding.ref)
            envelope = store.sealed(books, ref)
            if envelope is not None:
                binding = bound(due.holding.id, due.part.part_no, due.holding.policy_version)
                clear = self._keyring.unseal(due.part.key, envelope, binding)
                key = own_key(due.holding.id, due.part.part_no)
                store.reseal(books, ref, self._keyring.sealer(key)(clear, binding))
        books.holdings.move(due.part._replace(state=PartState.RESTRICTED.value, key=key, wrapped=wrapped))

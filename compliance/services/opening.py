"""One record opened for whoever may look: its policy, how it stands, and the values of the parts that still live.

Nothing here decides who may see what, and nothing is entered: `reading`, `lookup`, `roster` and `disclosing` do that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from compliance.domain.disposition import StandingHold
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.presence import facts_of, is_current
from compliance.domain.reading import Standing, withdrawn_fields
from compliance.domain.vocabulary import PartState
from compliance.ports import Books, Clock, HoldingRow, Keyring, PartRow, PolicySource, Reads
from compliance.services.contents import opened


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A record as it is now. `withdrawn` are the fields whose consent was taken back."""

    holding: HoldingRow
    pack: Pack
    policy: CategoryPolicy
    standing: Standing
    withdrawn: frozenset[str] = frozenset()
    parts: str = ""  # the numbers of the parts that were opened, as a ledger's member names them
    values: Mapping[str, object] = field(default_factory=dict, repr=False)

    @property
    def zone(self) -> ZoneInfo:
        return self.pack.site.timezone

    @property
    def facts(self) -> dict[str, datetime]:
        return facts_of(self.policy, self.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """What is asked once for many records: the holds that stand, and the consents that were taken back."""

    holds: tuple[StandingHold, ...]
    taken_back: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    policies: PolicySource
    reads: Mapping[str, Reads]
    keyring: Keyring
    clock: Clock

    def active(self, books: Books) -> Pack:
        return self.policies.active(books, self.clock.now())

    def policy_of(self, books: Books, holding: HoldingRow) -> tuple[Pack, CategoryPolicy]:
        pack = self.policies.version(books, holding.policy_version)
        return pack, pack.categories[holding.category]

    def around(self, books: Books, holdings: Sequence[HoldingRow]) -> Around:
        return Around(
            holds=tuple(row.standing() for row in books.holds.standing()),
            taken_back=books.consents.taken_back([row.id for row in holdings]),
        )

    def open(self, books: Books, holding: HoldingRow, around: Around, *, bound_too: bool = False) -> Opened:
        """`bound_too` also opens what is only stored, for an act that has a legal ground of its own.

        Raises KeyLost, and ComplianceError where an envelope was altered.
        """
        now = self.clock.now()
        pack, policy = self.policy_of(books, holding)
        parts = books.holdings.parts(holding.no)
        living = [row for row in parts if _lives(row, now)]
        chosen = [row for row in parts if row in living or (bound_too and _only_stored(row, now))]
        content = opened(books, holding, chosen, policy, self.reads[holding.store], self.keyring)
        values = {name: value for part in content.values() for name, value in part.items()}
        values = {name: value for name, value in values.items() if name in policy.fields}
        return Opened(
            holding=holding,
            pack=pack,
            policy=policy,
            standing=self._standing(holding, parts, living, around, policy, values, pack.site.timezone),
            withdrawn=self._withdrawn(books, holding, policy, around),
            parts=",".join(str(row.part_no) for row in chosen),
            values=values,
        )

    def _standing(
        self,
        holding: HoldingRow,
        parts: Sequence[PartRow],
        living: Sequence[PartRow],
        around: Around,
        policy: CategoryPolicy,
        values: Mapping[str, object],
        zone: ZoneInfo,
    ) -> Standing:
        now = self.clock.now()
        covering = [hold for hold in around.holds if hold.covers(holding.site, holding.category, holding.id)]
        return Standing(
            readable=bool(living),
            over=all(row.state == PartState.ACTIVE and row.erase_at <= now.timestamp() for row in parts),
            held=any(hold.holding_id for hold in covering),
            held_around=bool(covering),
            current=bool(living) and is_current(policy, facts_of(policy, values), zone, now),
        )

    def _withdrawn(
        self, books: Books, holding: HoldingRow, policy: CategoryPolicy, around: Around
    ) -> frozenset[str]:
        taken_back = around.taken_back.get(holding.id, ())
        if not taken_back:
            return frozenset()
        given = [consent.covers for consent in books.consents.of_holding(holding.id)]
        return withdrawn_fields(policy, given, taken_back)


def shown_rules(rules: Sequence[FieldRule], opened_record: Opened) -> list[FieldRule]:
    """Those of the rules that there is something to show of."""
    return [
        rule
        for rule in rules
        if rule.name in opened_record.values and rule.name not in opened_record.withdrawn
    ]


def _lives(row: PartRow, now: datetime) -> bool:
    # The reader hides what is over by itself: a sweep may be minutes away, the period is not.
    return row.readable_until > now.timestamp() and row.state == PartState.ACTIVE


def _only_stored(row: PartRow, now: datetime) -> bool:
    return row.state == PartState.RESTRICTED or (
        row.state == PartState.ACTIVE and row.readable_until <= now.timestamp() < row.erase_at
    )

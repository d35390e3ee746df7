"""Reading by purpose: a purpose and a role get the fields that the policy gives them, and every reading leaves a trace.

There is no reading by plate or telephone, and none of what is expired, restricted or held: those are only stored.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from compliance.anonymisers.mask import mask
from compliance.anonymisers.surname import surname
from compliance.domain.errors import ReadRefused, RecordErased, RecordUnknown
from compliance.domain.ledger import Act, Entry
from compliance.domain.policy import FieldRule
from compliance.domain.submission import parse_time
from compliance.domain.vocabulary import FieldType, PartState, Role, ShowAs
from compliance.ports import Clock, Keyring, PolicySource, Reads, UnitOfWork
from compliance.services.contents import opened
from compliance.services.sealing import Sealing


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who reads: an opaque staff id and the role it reads in."""

    id: str
    role: Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader is given: label and shown value by field name."""

    record: str
    category: str
    purpose: str
    fields: Mapping[str, object]
    labels: Mapping[str, str]


class RecordReader:
    def __init__(
        self,
        *,
        books: UnitOfWork,
        policies: PolicySource,
        reads: Mapping[str, Reads],
        keyring: Keyring,
        clock: Clock,
        sealing: Sealing,
    ) -> None:
        self._books, self._policies, self._reads = books, policies, reads
        self._keyring, self._clock, self._sealing = keyring, clock, sealing

    def read(self, holding_id: str, purpose: str, actor: Actor) -> Reading:
        """The fields that this purpose and role may see now, as the policy shows them.

        Raises:
            ReadRefused: the policy gives this purpose and role nothing, or what there is is restricted.
            RecordErased, RecordUnknown: there is nothing to read.
        """
        with self._books.writing() as books:
            holding = books.holdings.find(holding_id)
            if holding is None:
                raise RecordErased if books.ledger.tombstones_of(holding_id) else RecordUnknown
            pack = self._policies.version(books, holding.policy_version)
            policy = pack.categories[holding.category]
            rules = [rule for rule in policy.fields.values() if actor.role in rule.read_by.get(purpose, ())]
            now = self._clock.now().timestamp()
            # The reader hides what is over by itself: a sweep may be minutes away, the period is not.
            living = [
                row
                for row in books.holdings.parts(holding.no)
                if row.readable_until > now and row.state == PartState.ACTIVE
            ]
            if not rules or not living:
                raise ReadRefused
            content = opened(books, holding, living, policy, self._reads[holding.store], self._keyring)
            held = {name: value for part in content.values() for name, value in part.items()}
            shown = {
                rule.name: show(rule, held[rule.name], actor.role, pack.site.timezone)
                for rule in rules
                if rule.name in held
            }
            day = self._clock.now().astimezone(pack.site.timezone).date().isoformat()
            facts = (
                ("actor", actor.id),
                ("purpose", purpose),
                ("role", actor.role.value),
                ("holding", holding_id),
            )
            entry = Entry(
                act=Act.READ, site=holding.site, category=holding.category, day=day, count=1, facts=facts
            )
            self._sealing.write(books, entry)
        labels = {rule.name: rule.label.zh for rule in rules}
        return Reading(
            record=holding_id, category=holding.category, purpose=purpose, fields=shown, labels=labels
        )


# How much of `2026-03-01 18:00:05+08:00` a guard is shown.
_TIME_SHOWN = defaultdict(lambda: 16, {ShowAs.FULL: 19, ShowAs.MINUTE: 16, ShowAs.HOUR: 13})


def show(rule: FieldRule, value: object, role: Role, zone: ZoneInfo) -> object:
    """The value as this role sees it: a guard sees what `show_as` leaves, an officer under a purpose the whole."""
    moment = (
        (value if isinstance(value, datetime) else parse_time(value)) if rule.type is FieldType.TIME else None
    )
    if moment is not None:
        local = moment.astimezone(zone).isoformat(sep=" ", timespec="seconds")
        return local[: _TIME_SHOWN[rule.show_as]] if role is Role.GUARD else local
    if role is not Role.GUARD or rule.show_as is ShowAs.FULL:
        return value
    text = str(value)
    if rule.show_as is ShowAs.SURNAME:
        return surname(text)
    return mask(rule.type.value, text)

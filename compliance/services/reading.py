"""Reading by purpose: a purpose and a role get the fields that the policy gives them, and every reading leaves a trace.

So does every reading that is refused. There is no reading by plate or telephone here (`lookup` has its rules), and none
of what is expired, restricted, held or withdrawn: those are only stored. A guard reads of those who are here.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NoReturn
from zoneinfo import ZoneInfo

from compliance.anonymisers.mask import mask
from compliance.anonymisers.surname import surname
from compliance.domain.errors import ComplianceError, KeyLost, ReadRefused, RecordErased, RecordUnknown
from compliance.domain.ledger import Act
from compliance.domain.policy import FieldRule
from compliance.domain.reading import MOST_LISTED, WhyNot, granted, refused
from compliance.domain.submission import parse_time
from compliance.domain.vocabulary import FieldType, Role, ShowAs
from compliance.ports import Books, HoldingRow, UnitOfWork
from compliance.services.opening import Around, Opened, Opening, shown_rules
from compliance.services.traces import Actor, Traces


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a reader is given: label and shown value by field name."""

    record: str
    category: str
    purpose: str
    fields: Mapping[str, object] = field(repr=False)
    labels: Mapping[str, str]


class RecordReader:
    def __init__(self, *, books: UnitOfWork, opening: Opening, traces: Traces) -> None:
        self._books, self._opening, self._traces = books, opening, traces

    def read(self, holding_id: str, purpose: str, actor: Actor) -> Reading:
        """The fields that this purpose and role may see now, as the policy shows them.

        Raises:
            ReadRefused: the policy gives this purpose and role nothing, or what there is is not to be read.
            RecordErased, RecordUnknown: there is nothing to read, or nothing that this reader may know of.
            KeyLost: the key of it is gone.
        """
        with self._books.writing() as books:
            holding = books.holdings.find(holding_id)
            why, reading, cause = self._attempt(books, holding, holding_id, purpose, actor)
            if reading is None:
                self._traces.refused(books, actor, purpose, why or WhyNot.UNREADABLE, holding)
        # Raised outside the transaction: the attempt is entered, and a rollback would forget it.
        if reading is None:
            _raise(why or WhyNot.UNREADABLE, cause)
        return reading

    def page(self, holdings: Sequence[HoldingRow], purpose: str, actor: Actor) -> list[Reading]:
        """Those of these records that may be read, in one transaction and under one entry over its members.

        Raises ReadRefused where there are more than one page shows.
        """
        if len(holdings) > MOST_LISTED:
            raise ReadRefused(WhyNot.TOO_MANY)
        readings: list[Reading] = []
        members: list[tuple[str, str]] = []
        with self._books.writing() as books:
            around = self._opening.around(books, holdings)
            for holding in holdings:
                if not self._may_know_of(books, actor, holding):
                    continue
                try:
                    found = self._opened(books, holding, around, purpose, actor)
                except ComplianceError:
                    continue  # one record whose key is gone must not hide the others
                if isinstance(found, tuple):
                    reading, opened_record = found
                    readings.append(reading)
                    members.append((holding.id, opened_record.parts))
            if members:
                categories = {reading.category for reading in readings}
                self._traces.listed(books, Act.READ, actor, purpose, categories, members)
        return readings

    # -- looking -------------------------------------------------------------------------------------------------

    def _attempt(
        self, books: Books, holding: HoldingRow | None, holding_id: str, purpose: str, actor: Actor
    ) -> tuple[WhyNot | None, Reading | None, ComplianceError | None]:
        if holding is None:
            gone = books.ledger.tombstones_of(holding_id)
            known = any(actor.may_know_of(row.site, row.category) for row in gone)
            return (WhyNot.ERASED if known else WhyNot.UNKNOWN), None, None
        if not self._may_know_of(books, actor, holding):
            return WhyNot.UNKNOWN, None, None
        try:
            found = self._opened(books, holding, self._opening.around(books, [holding]), purpose, actor)
        except KeyLost as lost:
            return WhyNot.KEY_LOST, None, lost
        except ComplianceError as broken:
            return WhyNot.UNREADABLE, None, broken
        if isinstance(found, WhyNot):
            return found, None, None
        reading, _ = found
        self._traces.read(books, actor, purpose, holding)
        return None, reading, None

    def _may_know_of(self, books: Books, actor: Actor, holding: HoldingRow) -> bool:
        _, policy = self._opening.policy_of(books, holding)
        return actor.may_know_of(holding.site, holding.category, policy.channels)

    def _opened(
        self, books: Books, holding: HoldingRow, around: Around, purpose: str, actor: Actor
    ) -> WhyNot | tuple[Reading, Opened]:
        _, policy = self._opening.policy_of(books, holding)
        rules = granted(policy, purpose, actor.role)
        if not rules:
            return WhyNot.NOT_GRANTED
        record = self._opening.open(books, holding, around)
        why = refused(rules, actor.role, record.standing)
        if why is not None:
            return why
        rules_shown = shown_rules(rules, record)
        if not rules_shown and record.withdrawn:
            return WhyNot.WITHDRAWN
        shown = {
            rule.name: show(rule, record.values[rule.name], actor.role, record.zone) for rule in rules_shown
        }
        labels = {rule.name: rule.label.zh for rule in rules}
        reading = Reading(
            record=holding.id, category=holding.category, purpose=purpose, fields=shown, labels=labels
        )
        return reading, record


def _raise(why: WhyNot, cause: ComplianceError | None) -> NoReturn:
    if cause is not None:
        raise cause
    if why is WhyNot.ERASED:
        raise RecordErased
    if why is WhyNot.UNKNOWN:
        raise RecordUnknown
    raise ReadRefused(why)


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


__all__ = ["Actor", "Reading", "RecordReader", "show"]

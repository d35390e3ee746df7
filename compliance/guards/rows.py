"""Rows of somebody else's table as submissions, and back in the form in which the policy keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import Enum

from compliance.bootstrap import Engine
from compliance.domain.collection import Admitted, disorder, fault_of, kept_form, over_collection
from compliance.domain.errors import CollectionRefused
from compliance.domain.formats import Unfit, read_value
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.reasons import Reason, reason
from compliance.domain.submission import Defaults, parse_time
from compliance.domain.vocabulary import Channel, FieldType, ReasonCode, StoreForm
from compliance.policies.instruments import INSTRUMENTS


@dataclass(frozen=True, slots=True)
class Rows:
    """Judges rows of one table. `filled` are the columns that the table or the model fills in by itself."""

    engine: Engine
    category: str
    channel: Channel
    columns: Mapping[str, str]
    technical: frozenset[str]
    filled: frozenset[str]

    def keep(
        self, row: Mapping[str, object], *, whole: bool, beside: Mapping[str, object] | None = None
    ) -> dict[str, object]:
        """The row as it may be kept. A `whole` row needs what the policy requires; a change is judged by itself, but for
        times, which may contradict those that stand `beside` it.

        Raises:
            CollectionRefused: with every reason, each under the name of its column.
            GateClosed: no policy is in force.
        """
        with self.engine.books.reading() as books:
            pack = self.engine.policies.active(books, self.engine.clock.now())
        faults = self._beside(row)
        policy = pack.categories.get(self.category)
        if policy is None:
            raise CollectionRefused((reason(ReasonCode.UNKNOWN_CATEGORY, "category"),))
        said = {
            self.columns[column]: _submitted(value, pack)
            for column, value in row.items()
            if column in self.columns
        }
        dropped: set[str | None] = set()
        if whole:
            found, dropped = self._whole(said, pack)
        else:
            found = self._change(said, pack, self._moments(beside or {}, policy, pack))
        if faults or found:
            raise CollectionRefused((*faults, *map(self._named, found)))
        return {
            column: self._kept(policy, column, value, said, dropped=self.columns.get(column) in dropped)
            for column, value in row.items()
        }

    def _beside(self, row: Mapping[str, object]) -> list[Reason]:
        """What is in columns that are no field: unknown ones are refused, technical ones hold no identifier."""
        faults = []
        for column, value in row.items():
            if column in self.technical:
                found = isinstance(value, str) and INSTRUMENTS.scan(value)
                if found and any(one.certainty == "certain" for one in found):
                    faults.append(reason(ReasonCode.IDENTIFIER_IN_TEXT, column))
            elif column not in self.columns:
                faults.append(reason(ReasonCode.OVER_COLLECTION, column))
        return faults

    def _whole(self, said: Mapping[str, object], pack: Pack) -> tuple[list[Reason], set[str | None]]:
        """The reasons against a new row; where there are none, the fields that the site's mode drops."""
        defaults = Defaults(category=self.category, channel=self.channel.value, site=pack.site.name)
        verdict = self.engine.gate.check({"fields": said}, pack, defaults, take_as_given=True)
        if isinstance(verdict, Admitted):
            return [], {one.field for one in verdict.stripped}
        filled = {
            field for column, field in self.columns.items() if column in self.filled and field not in said
        }
        return [
            one
            for one in verdict.reasons
            if not (one.code is ReasonCode.MISSING_FIELD and one.field in filled)
        ], set()

    def _moments(
        self, beside: Mapping[str, object], policy: CategoryPolicy, pack: Pack
    ) -> dict[str, datetime]:
        named = {self.columns[column]: value for column, value in beside.items() if column in self.columns}
        moments = {
            name: parse_time(_submitted(value, pack))
            for name, value in named.items()
            if name in policy.fields and policy.fields[name].type is FieldType.TIME
        }
        return {name: moment for name, moment in moments.items() if moment is not None}

    def _change(self, said: Mapping[str, object], pack: Pack, beside: Mapping[str, datetime]) -> list[Reason]:
        policy = pack.categories[self.category]
        faults: list[Reason] = []
        values: dict[str, object] = {}
        for name, value in said.items():
            rule = policy.fields.get(name)
            if value is None or value == "":
                if rule is not None and rule.required and not rule.alternative:
                    faults.append(fault_of(rule, ReasonCode.MISSING_FIELD))
            elif rule is None:
                faults.append(over_collection(name, policy, pack.never))
            elif rule.channels and self.channel not in rule.channels:
                faults.append(fault_of(rule, ReasonCode.WRONG_CHANNEL))
            else:
                try:
                    values[name] = read_value(rule, value, self.engine.clock.now(), INSTRUMENTS)
                except Unfit as unfit:
                    faults.append(fault_of(rule, unfit.code))
        return faults + disorder(policy, {**beside, **values})

    def _kept(
        self,
        policy: CategoryPolicy,
        column: str,
        value: object,
        said: Mapping[str, object],
        *,
        dropped: bool,
    ) -> object:
        rule: FieldRule | None = policy.fields.get(self.columns.get(column, ""))
        if dropped or (rule is not None and rule.store is StoreForm.MATCH):
            return None
        # A moment stays what the column's type takes; only text changes its form.
        if rule is None or not isinstance(value, str) or value == "" or rule.type is FieldType.TIME:
            return value
        return kept_form(
            rule, read_value(rule, said[rule.name], self.engine.clock.now(), INSTRUMENTS), INSTRUMENTS
        )

    def _named(self, one: Reason) -> Reason:
        own = {field: column for column, field in self.columns.items()}
        return replace(one, field=own.get(one.field or "", one.field))


def _submitted(value: object, pack: Pack) -> object:
    """A value of a column as a submission would have it: moments with their offset, words of an enumeration as words."""
    if isinstance(value, Enum):
        value = value.value
    if isinstance(value, datetime):
        return (value if value.tzinfo else value.replace(tzinfo=pack.site.timezone)).isoformat()
    return value

"""What may be collected: the decision at the door in, as one pure function.

`admit` answers `Admitted` with everything the gate then seals, or `Refused` with every reason at once. Fail closed:
a field, channel or alternative that the policy does not name is refused, never skipped (PIPL 6(2)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from compliance.domain.consent import consent_faults, notice_faults
from compliance.domain.formats import Instruments, Unfit, read_value
from compliance.domain.policy import CategoryPolicy, FieldRule, Never, Pack
from compliance.domain.reasons import Reason, reason
from compliance.domain.schedule import Due
from compliance.domain.submission import Submission
from compliance.domain.terms import Term, term
from compliance.domain.vocabulary import FieldType, Mode, OnIdentifier, ReasonCode, StoreForm

MOST_FIELDS = 60


# These are made by the thousand a second, so they are tuples; what they hold in clear stays out of their repr.


class PartDraft(NamedTuple):
    """The fields of one record that die together, in clear; the gate seals `content` under the window's key."""

    retention_class: int
    term: Term
    content: Mapping[str, object]

    @property
    def due(self) -> Due:
        return self.term.due

    @property
    def window(self) -> str:
        return self.term.window

    def __repr__(self) -> str:
        return f"PartDraft(retention_class={self.retention_class}, due={self.due})"


class SubjectKey(NamedTuple):
    """An identifier a person may later ask by. The token dies with the part that holds its field."""

    retention_class: int
    value: str

    def __repr__(self) -> str:
        return f"SubjectKey(retention_class={self.retention_class})"


class Cell(NamedTuple):
    """One count that leaves the gate unlinked to any record; shown from `show_after` (epoch seconds) on."""

    site: str
    day: str
    daypart: int
    category: str
    gate: str
    show_after: int


class Admitted(NamedTuple):
    policy: CategoryPolicy
    parts: tuple[PartDraft, ...]
    subjects: tuple[SubjectKey, ...]
    cell: Cell | None
    consent_given: bool
    stripped: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the decision rests on beside the submission itself.

    `notice_version` gives the pack version a notice id was issued for, or None where no such notice was issued.
    `take_as_given` judges form and content only: a submission without notice and consent is read as if it had both.
    """

    pack: Pack
    now: datetime
    tools: Instruments
    notice_version: Callable[[str, str], int | None]
    take_as_given: bool = False


def admit(submission: Submission, around: Circumstances) -> Admitted | Refused:
    """Decide one submission under the active pack. Every reason is found, not only the first."""
    policy = around.pack.categories.get(submission.category)
    if policy is None:
        return Refused(reasons=(reason(ReasonCode.UNKNOWN_CATEGORY, "category"),))
    if submission.site != around.pack.site.name:
        return Refused(reasons=(reason(ReasonCode.MALFORMED, "site"),))
    if submission.channel not in policy.channels:
        return Refused(reasons=(reason(ReasonCode.WRONG_CHANNEL, "channel"),))
    verdict = _examine(submission, policy, around)
    if isinstance(verdict, Admitted):
        return verdict
    droppable = _droppable(verdict.reasons, policy, around.pack.site.mode)
    if droppable is None:
        return verdict
    kept = {name: value for name, value in submission.fields.items() if name not in droppable}
    again = _examine(replace(submission, fields=kept), policy, around)
    return again._replace(stripped=verdict.reasons) if isinstance(again, Admitted) else again


def _droppable(reasons: tuple[Reason, ...], policy: CategoryPolicy, mode: Mode) -> set[str] | None:
    """The fields to drop so that the rest may be admitted; None where a fault is not of an optional field."""
    fields: set[str] = set()
    for fault in reasons:
        rule = policy.fields.get(fault.field or "")
        optional = fault.code in _OF_A_FIELD and fault.field is not None and not (rule and rule.required)
        by_field = rule is not None and rule.on_identifier is OnIdentifier.STRIP
        by_field = by_field and fault.code is ReasonCode.IDENTIFIER_IN_TEXT
        if fault.field is None or not optional or not (mode is Mode.STRIP or by_field):
            return None
        fields.add(fault.field)
    return fields


_OF_A_FIELD = frozenset(
    {
        ReasonCode.OVER_COLLECTION,
        ReasonCode.BAD_FORMAT,
        ReasonCode.IDENTIFIER_IN_TEXT,
        ReasonCode.WRONG_CHANNEL,
        ReasonCode.TOO_LARGE,
        ReasonCode.NO_CONSENT,
        ReasonCode.ALREADY_EXPIRED,
    }
)


def _examine(submission: Submission, policy: CategoryPolicy, around: Circumstances) -> Admitted | Refused:
    if len(submission.fields) > MOST_FIELDS:
        return Refused(reasons=(reason(ReasonCode.TOO_LARGE, "fields"),))
    values, faults = _read_fields(submission, policy, around)
    faults += _missing(submission, policy, values, faults)
    faults += disorder(policy, values)
    if not policy.exempt:
        given = [policy.fields[name] for name in values]
        faults += notice_faults(submission, policy, around.notice_version, take_as_given=around.take_as_given)
        faults += consent_faults(
            submission, given, around.pack.site.basis_profile, take_as_given=around.take_as_given
        )
    if faults:
        return Refused(reasons=tuple(faults))
    return _admitted(submission, policy, values, around)


def _read_fields(
    submission: Submission, policy: CategoryPolicy, around: Circumstances
) -> tuple[dict[str, object], list[Reason]]:
    values: dict[str, object] = {}
    faults: list[Reason] = []
    for name, value in submission.fields.items():
        rule = policy.fields.get(name)
        if rule is None:
            faults.append(over_collection(name, policy, around.pack.never))
        elif rule.channels and submission.channel not in rule.channels:
            faults.append(fault_of(rule, ReasonCode.WRONG_CHANNEL))
        elif value is not None and value != "":
            try:
                values[name] = read_value(rule, value, around.now, around.tools)
            except Unfit as unfit:
                faults.append(fault_of(rule, unfit.code))
    for name, rule in policy.fields.items():
        here = not rule.channels or submission.channel in rule.channels
        if rule.auto and here and name not in values and not any(fault.field == name for fault in faults):
            values[name] = submission.collected_at
    return values, faults


def over_collection(name: str, policy: CategoryPolicy, never: Mapping[str, Never]) -> Reason:
    """The refusal of a field that the policy does not name: the never-list's sentence, else the category's."""
    known = never.get(name)
    if known is not None:
        return reason(
            ReasonCode.OVER_COLLECTION, name, article=known.article, say=(known.say.zh, known.say.en)
        )
    say = (policy.refusal.zh, policy.refusal.en) if policy.refusal else None
    return reason(ReasonCode.OVER_COLLECTION, name, say=say)


def fault_of(rule: FieldRule, code: ReasonCode) -> Reason:
    """A fault of a field that the policy names, in the field's own words where it has them."""
    own = rule.say.get(code.value)
    return reason(
        code,
        rule.name,
        label=(rule.label.zh, rule.label.en or rule.name),
        say=(own.zh, own.en) if own else None,
    )


def _missing(
    submission: Submission, policy: CategoryPolicy, values: Mapping[str, object], faults: Iterable[Reason]
) -> list[Reason]:
    at_fault = {fault.field for fault in faults}
    missing: list[Reason] = []
    for name, offered in submission.declined.items():
        rule = policy.fields.get(name)
        # Declining is itself a statement that must make sense: a known field, left out, by a way the policy offers.
        if rule is None or name in values or (rule.required and offered not in rule.alternative):
            missing.append(reason(ReasonCode.MALFORMED, name))
    for name, rule in policy.fields.items():
        if not rule.required or name in values or name in at_fault or policy.exempt:
            continue
        if rule.channels and submission.channel not in rule.channels:
            continue  # what this channel may not bring, it cannot lack
        way = submission.declined.get(name)
        if way is None or way not in rule.alternative:
            missing.append(fault_of(rule, ReasonCode.MISSING_FIELD))
        elif way in policy.fields and way not in values:
            missing.append(fault_of(policy.fields[way], ReasonCode.MISSING_FIELD))
    return missing


def disorder(policy: CategoryPolicy, values: Mapping[str, object]) -> list[Reason]:
    """Times that contradict each other: an exit before the entry (PIPL 8)."""
    faults = []
    for earlier, later in policy.order:
        first, second = values.get(earlier), values.get(later)
        if isinstance(first, datetime) and isinstance(second, datetime) and second < first:
            faults.append(fault_of(policy.fields[later], ReasonCode.BAD_ORDER))
    return faults


def trigger_facts(values: Mapping[str, object], collected_at: datetime) -> dict[str, datetime]:
    """The moments a retention may start from: every time field, and when the record was collected."""
    facts = {name: value for name, value in values.items() if isinstance(value, datetime)}
    return {**facts, "collected_at": collected_at}


def _admitted(
    submission: Submission, policy: CategoryPolicy, values: Mapping[str, object], around: Circumstances
) -> Admitted | Refused:
    zone = around.pack.site.timezone
    facts = trigger_facts(values, submission.collected_at)
    parts: list[PartDraft] = []
    faults: list[Reason] = []
    for number, retention in enumerate(policy.retentions):
        rules = [policy.fields[name] for name in values if policy.fields[name].retention_class == number]
        if not rules:
            continue
        due = retention.due(facts, zone)
        if due is None:
            starts = policy.fields.get(retention.or_else.field) or rules[0]
            return Refused(reasons=(fault_of(starts, ReasonCode.MISSING_FIELD),))
        if due.erase_at <= around.now:
            faults += [fault_of(rule, ReasonCode.ALREADY_EXPIRED) for rule in rules]
            continue
        content = {rule.name: kept_form(rule, values[rule.name], around.tools) for rule in rules}
        parts.append(
            PartDraft(
                retention_class=number,
                term=term(retention, due, zone),
                content={name: value for name, value in content.items() if value is not None},
            )
        )
    if faults:
        return Refused(reasons=tuple(faults) if parts else (reason(ReasonCode.ALREADY_EXPIRED),))
    return Admitted(
        policy=policy,
        parts=tuple(parts),
        subjects=_subjects(policy, values),
        cell=_cell(submission, policy, values, parts, around),
        # Nobody is asked where nothing may delay: what a machine states all the same was not looked at.
        consent_given=bool(submission.consent) and not policy.exempt,
    )


def kept_form(rule: FieldRule, value: object, tools: Instruments) -> object:
    """What is sealed of an admitted value: itself, its mask, or nothing where only a token is kept."""
    if rule.store is StoreForm.MATCH:
        return None
    if rule.store is StoreForm.MASKED:
        return tools.mask(rule.type.value, str(value))
    return value.isoformat() if isinstance(value, datetime) else value


def _subjects(policy: CategoryPolicy, values: Mapping[str, object]) -> tuple[SubjectKey, ...]:
    named = (policy.fields[name] for name in policy.subject if name in values)
    return tuple(
        SubjectKey(retention_class=rule.retention_class, value=f"{rule.type}:{values[rule.name]}")
        for rule in named
    )


def _cell(
    submission: Submission,
    policy: CategoryPolicy,
    values: Mapping[str, object],
    parts: list[PartDraft],
    around: Circumstances,
) -> Cell | None:
    if not policy.tallies or not parts:
        return None
    # The first auto time is when the person came; where the category has none, when the record was made.
    arrivals = (
        values.get(name) for name, rule in policy.fields.items() if rule.auto and rule.type is FieldType.TIME
    )
    arrival = next((moment for moment in arrivals if isinstance(moment, datetime)), submission.collected_at)
    local = arrival.astimezone(around.pack.site.timezone)
    # A count lies in the open, so it takes a word of the policy's own list, and nothing that somebody wrote.
    rule = policy.fields.get("gate")
    gate = values.get("gate", "") if rule is not None and rule.type is FieldType.CODE else ""
    return Cell(
        site=submission.site,
        day=local.date().isoformat(),
        daypart=around.tools.daypart(local),
        category=policy.category,
        gate=gate if isinstance(gate, str) else "",
        show_after=max(part.term.erase_at for part in parts),
    )

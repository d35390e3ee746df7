"""What may be collected: the decision at the door in, as one pure function.

`admit` answers `Admitted` with everything the gate then seals, or `Refused` with every reason at once. Fail closed:
a field, channel or alternative that the policy does not name is refused, never skipped (PIPL 6(2)).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from compliance.domain.agreement import LivingConsent, Reliance
from compliance.domain.change import Difference
from compliance.domain.consent import consent_faults, earlier_consents, notice_faults, shown_version
from compliance.domain.formats import Instruments, Unfit, read_value
from compliance.domain.modes import ROUNDS, Fault, Lenience, Leniency, mode_at, nowhere, verdict_word
from compliance.domain.policy import CategoryPolicy, FieldRule, Never, Pack, Text
from compliance.domain.reasons import Reason, reason
from compliance.domain.schedule import Due
from compliance.domain.submission import Submission
from compliance.domain.terms import Term, term
from compliance.domain.vocabulary import FieldType, ReasonCode, StoreForm

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
    observed: tuple[Reason, ...] = ()  # would have been refused, and went to a plain store all the same
    shown_version: int | None = None  # of the notice on a screen: what the evidence of consent is evidence of
    by_pass: tuple[Reliance, ...] = ()  # earlier consents of a pass holder that this record rests on

    @property
    def word(self) -> str:
        return verdict_word(self.stripped, self.observed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the decision rests on beside the submission itself.

    `notice_version` gives the pack version a notice id was issued for, or None where no such notice was issued.
    `has_place` says whether a plain store would take a field of a category ("" asks for the store alone): only there is
    anything observed.
    `changes_since` compares the pack with an earlier version, None where nothing is known of it. `consents_of` gives
    what the holder of a pass code has consented to and not withdrawn.
    `take_as_given` judges form and content only: a submission without notice and consent is read as if it had both.
    """

    pack: Pack
    now: datetime
    tools: Instruments
    notice_version: Callable[[str, str], int | None]
    changes_since: Callable[[int], Difference | None] = lambda _: None
    consents_of: Callable[[str], tuple[LivingConsent, ...]] = lambda _: ()
    take_as_given: bool = False
    has_place: Callable[[str, str], bool] = nowhere


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
    return _leniently(verdict, submission, policy, around)


def _leniently(
    refused: Refused, submission: Submission, policy: CategoryPolicy, around: Circumstances
) -> Admitted | Refused:
    """What the site's mode makes of a refusal; where the refusal stands, every reason that was found on the way."""
    site, never = around.pack.site, around.pack.never
    mode = mode_at(site, around.now)
    lenience = Lenience(policy=policy, mode=mode, never=never, tools=around.tools, has_place=around.has_place)
    so_far, found = Leniency(submission=submission), dict.fromkeys(refused.reasons)
    verdict = refused
    for _ in range(ROUNDS):
        step = lenience.after(verdict.reasons, so_far)
        if step is None:
            break
        so_far = step
        again = _examine(so_far.submission, policy, around, so_far.waived)
        if isinstance(again, Admitted):
            parts = _with_raw(again.parts, policy, so_far.raw)
            return again._replace(parts=parts, stripped=so_far.stripped, observed=so_far.observed)
        verdict, found = again, found | dict.fromkeys(again.reasons)
    return Refused(reasons=tuple(found))


def _with_raw(
    parts: tuple[PartDraft, ...], policy: CategoryPolicy, raw: Mapping[str, object]
) -> tuple[PartDraft, ...]:
    """What is only observed goes with the part of its class, or with the one that takes the row along when it dies."""
    by_class = {part.retention_class: at for at, part in enumerate(parts)}
    last = max(range(len(parts)), key=lambda at: parts[at].due.erase_at)
    more: dict[int, dict[str, object]] = {}
    for name, value in raw.items():
        rule = policy.fields.get(name)
        at = by_class.get(rule.retention_class, last) if rule is not None else last
        more.setdefault(at, {})[name] = value
    return tuple(
        part._replace(content={**part.content, **more[at]}) if at in more else part
        for at, part in enumerate(parts)
    )


def _examine(
    submission: Submission,
    policy: CategoryPolicy,
    around: Circumstances,
    waived: frozenset[Fault] = frozenset(),
) -> Admitted | Refused:
    if len(submission.fields) > MOST_FIELDS:
        return Refused(reasons=(reason(ReasonCode.TOO_LARGE, "fields"),))
    values, faults = _read_fields(submission, policy, around)
    faults += _missing(submission, policy, values, faults)
    faults += disorder(policy, values)
    by_pass = earlier_consents(
        submission, policy, values, around.pack.site.basis_profile, around.consents_of, around.changes_since
    )
    if not policy.exempt:
        given = [policy.fields[name] for name in values]
        faults += notice_faults(
            submission,
            policy,
            around.notice_version,
            around.changes_since,
            values,
            take_as_given=around.take_as_given,
        )
        faults += consent_faults(
            submission,
            given,
            policy,
            around.pack.site.basis_profile,
            by_pass=by_pass,
            take_as_given=around.take_as_given,
        )
    if waived:
        faults = [fault for fault in faults if (fault.code, fault.field) not in waived]
    if faults:
        return Refused(reasons=tuple(faults))
    found = _admitted(submission, policy, values, around)
    return found._replace(by_pass=by_pass) if by_pass and isinstance(found, Admitted) else found


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
    brought = next((one for rules in policy.emergency.values() for one in rules if one.name == name), None)
    if brought is not None:
        own = brought.say.get(ReasonCode.OVER_COLLECTION.value, _NO_EMERGENCY)
        return reason(ReasonCode.OVER_COLLECTION, name, article="突发事件应对法 85", say=(own.zh, own.en))
    if known is not None:
        return reason(
            ReasonCode.OVER_COLLECTION, name, article=known.article, say=(known.say.zh, known.say.en)
        )
    say = (policy.refusal.zh, policy.refusal.en) if policy.refusal else None
    return reason(ReasonCode.OVER_COLLECTION, name, say=say)


_NO_EMERGENCY = Text(
    zh="这一项只在应急期间登记，现在请删去，其他照常登记。",
    en="This item is registered in an emergency only. Leave it out now and go on.",
)


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
        shown_version=shown_version(submission, around.notice_version),
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
    gate = values.get("gate", "")
    return Cell(
        site=submission.site,
        day=local.date().isoformat(),
        daypart=around.tools.daypart(local),
        category=policy.category,
        gate=gate if isinstance(gate, str) else "",
        show_after=max(part.term.erase_at for part in parts),
    )

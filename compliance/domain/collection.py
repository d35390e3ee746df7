"""What may be collected: the decision at the door in, as one pure function.

`admit` answers `Admitted` with everything the gate then seals, or `Refused` with every reason at once. Fail closed:
a field, channel or alternative that the policy does not name is refused, never skipped (PIPL 6(2)).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from compliance.domain.consent import consent_faults, earlier_consents, notice_faults, shown_version
from compliance.domain.formats import Heard, Instruments, Unfit, listening, read_value
from compliance.domain.modes import ROUNDS, Fault, Lenience, Leniency, mode_at
from compliance.domain.policy import CategoryPolicy, FieldRule, Never, Text
from compliance.domain.reasons import Reason, flag, reason
from compliance.domain.submission import Submission
from compliance.domain.terms import term
from compliance.domain.verdict import Admitted, Cell, Circumstances, PartDraft, Refused, SubjectKey
from compliance.domain.vocabulary import FieldType, ReasonCode, StoreForm

MOST_FIELDS = 60

__all__ = [
    "MOST_FIELDS",
    "Admitted",
    "Cell",
    "Circumstances",
    "PartDraft",
    "Refused",
    "SubjectKey",
    "admit",
    "disorder",
    "fault_of",
    "kept_form",
    "over_collection",
    "trigger_facts",
]


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
        step = lenience.after(verdict.reasons, so_far, verdict.heard)
        if step is None:
            break
        so_far = step
        again = _examine(so_far.submission, policy, around, so_far.waived)
        if isinstance(again, Admitted):
            parts = _with_raw(again.parts, policy, so_far.raw)
            return again._replace(
                parts=parts, stripped=so_far.stripped, observed=so_far.observed, heard=refused.heard
            )
        verdict, found = again, found | dict.fromkeys(again.reasons)
    return Refused(reasons=tuple(found), heard=refused.heard)


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
    values, faults, heard = _read_fields(submission, policy, around)
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
        return Refused(reasons=tuple(faults), heard=heard)
    found = _admitted(submission, policy, values, around)
    if isinstance(found, Refused):
        return replace(found, heard=heard)
    found = found._replace(by_pass=by_pass) if by_pass else found
    return found._replace(heard=heard, flagged=_flags(policy, heard)) if heard else found


def _flags(policy: CategoryPolicy, heard: Iterable[Heard]) -> tuple[Reason, ...]:
    rules = (policy.fields[name] for name in dict.fromkeys(one.field for one in heard))
    return tuple(flag(rule.name, (rule.label.zh, rule.label.en or rule.name)) for rule in rules)


def _read_fields(
    submission: Submission, policy: CategoryPolicy, around: Circumstances
) -> tuple[dict[str, object], list[Reason], tuple[Heard, ...]]:
    values: dict[str, object] = {}
    faults: list[Reason] = []
    heard: list[Heard] = []
    for name, value in submission.fields.items():
        rule = policy.fields.get(name)
        if rule is None:
            faults.append(over_collection(name, policy, around.pack.never))
        elif rule.channels and submission.channel not in rule.channels:
            faults.append(fault_of(rule, ReasonCode.WRONG_CHANNEL))
        elif value is not None and value != "":
            try:
                values[name] = read_value(rule, value, around.now, listening(around.tools, rule, heard))
            except Unfit as unfit:
                faults.append(fault_of(rule, unfit.code))
    for name, rule in policy.fields.items():
        here = not rule.channels or submission.channel in rule.channels
        if rule.auto and here and name not in values and not any(fault.field == name for fault in faults):
            values[name] = submission.collected_at
    return values, faults, tuple(heard)


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
    if not parts:  # nobody is registered by nothing, also where every field may be left out
        return Refused(reasons=(reason(ReasonCode.MALFORMED, "fields"),))
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

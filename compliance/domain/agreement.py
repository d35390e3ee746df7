"""What a person agreed to, and whether a newer policy goes beyond it (PIPL 14(2); 网数条例 22).

A consent holds for the purposes, methods, kinds and periods of the notice that stood before the person. A newer version
that asks for no more, keeps nothing longer and tells nobody else takes nothing from it; one that widens any of these is
asked anew, and only about what it widens.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from compliance.domain.change import Change, Difference, Direction
from compliance.domain.policy import CategoryPolicy, FieldRule
from compliance.domain.reasons import Reason, reason
from compliance.domain.vocabulary import BasisProfile, Channel, ConsentKind, ReasonCode

# How long somebody who said no is left in peace (网数条例 22 forbids asking often; the number is an engine choice, N22).
ASK_AGAIN_AFTER = 30  # days
# Changes that stand at one field and reach beyond it: the periods of other fields start from it.
_BEYOND_ITS_FIELD = frozenset({"clock"})
_SINGLY = (ConsentKind.SEPARATE, ConsentKind.WRITTEN, ConsentKind.GUARDIAN)


@dataclass(frozen=True, slots=True, kw_only=True)
class LivingConsent:
    """A consent given earlier that still stands: not withdrawn, and its record still there. `id` is opaque."""

    id: str
    category: str
    policy_version: int
    kind: ConsentKind
    by: str
    covers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reliance:
    """What a record takes from one earlier consent: the evidence of its own names that consent and these fields."""

    consent: LivingConsent
    covers: tuple[str, ...]


def widening(
    since: Difference | None, policy: CategoryPolicy, given: Collection[str], channel: Channel
) -> tuple[Change, ...]:
    """What a newer version widens for somebody who gives these fields through this channel."""
    if since is None:
        return ()
    later = {name for name, rule in policy.fields.items() if rule.amendable}
    return tuple(
        change
        for change in since.of(policy.category)
        if change.direction is Direction.WIDENS
        and change.channel in ("", channel.value)
        and (
            not change.field
            or change.aspect in _BEYOND_ITS_FIELD
            or change.field in given
            or change.field in later
        )
    )


def stale(
    since: Difference | None, policy: CategoryPolicy, given: Collection[str], channel: Channel
) -> list[Reason]:
    """Why a notice of an earlier version does not do: nothing is known of that version, or something is wider now.

    Where only optional fields are wider they are named: leaving them out is a way on.
    """
    if since is None:
        return [reason(ReasonCode.RECONSENT_REQUIRED)]
    wider = widening(since, policy, given, channel)
    fields = {change.field for change in wider if change.aspect not in _BEYOND_ITS_FIELD}
    rules = [policy.fields[name] for name in policy.fields if name in fields]
    if not wider:
        return []
    if len(rules) < len(fields) or any(c.aspect in _BEYOND_ITS_FIELD for c in wider):
        return [reason(ReasonCode.RECONSENT_REQUIRED)]
    if any(rule.required or rule.auto or rule.amendable for rule in rules):
        return [reason(ReasonCode.RECONSENT_REQUIRED)]
    return [
        reason(
            ReasonCode.RECONSENT_REQUIRED,
            rule.name,
            say=(
                f"“{rule.label.zh}”的规则已变更，请重新出示告知并征得同意，或者不填这一项。",
                f"The rules for {rule.label.en or rule.name} have changed: ask again, or leave it out.",
            ),
        )
        for rule in rules
    ]


def covered_by(
    kind: ConsentKind, covers: Collection[str], policy: CategoryPolicy, profile: BasisProfile
) -> frozenset[str]:
    """The fields that one act of consent covers. A plain act that names none covers every ordinary field on consent."""
    if kind is ConsentKind.PLAIN:
        rules = (rule for rule in policy.fields.values() if not covers or rule.name in covers)
        return frozenset(
            rule.name for rule in rules if rule.needs_consent(profile) and not rule.needs_separate_consent
        )
    return frozenset(name for name in covers if name in policy.fields) if len(covers) == 1 else frozenset()


def relied_on(
    rules: Iterable[FieldRule],
    policy: CategoryPolicy,
    channel: Channel,
    living: Collection[LivingConsent],
    since: dict[int, Difference | None],
) -> tuple[Reliance, ...]:
    """Which of the earlier consents cover these fields now; of several that do, the first."""
    taken: dict[str, list[str]] = {}
    found = {one.id: one for one in living}
    for rule in rules:
        name = next((one.id for one in living if _reaches(one, rule, policy, channel, since)), None)
        if name is not None:
            taken.setdefault(name, []).append(rule.name)
    return tuple(Reliance(consent=found[name], covers=tuple(fields)) for name, fields in taken.items())


def _reaches(
    one: LivingConsent,
    rule: FieldRule,
    policy: CategoryPolicy,
    channel: Channel,
    since: dict[int, Difference | None],
) -> bool:
    if one.category != policy.category or rule.name not in one.covers:
        return False
    if rule.needs_separate_consent and one.kind not in _SINGLY:
        return False
    if policy.children and one.by != "guardian":
        return False
    if one.policy_version == policy.version:
        return True
    known = since.get(one.policy_version)
    return known is not None and not widening(known, policy, (rule.name,), channel)


def consent_classes(policy: CategoryPolicy, profile: BasisProfile) -> frozenset[int]:
    """The classes of fields that hold anything that rests on consent: what a withdrawal reaches (PIPL 47(1)(3)).

    Fields of one class are sealed together and die together, so one field on consent takes its class with it.
    """
    return frozenset(
        rule.retention_class
        for rule in policy.fields.values()
        if rule.needs_consent(profile) or rule.needs_separate_consent
    )


def askable(rule: FieldRule, profile: BasisProfile) -> bool:
    return rule.needs_consent(profile) or rule.needs_separate_consent


def refusals(declined: Collection[str], policy: CategoryPolicy, profile: BasisProfile) -> Iterator[FieldRule]:
    """The fields on consent that somebody has said no to: they are not asked again for a while (网数条例 22)."""
    return (
        policy.fields[name]
        for name in declined
        if name in policy.fields and askable(policy.fields[name], profile)
    )

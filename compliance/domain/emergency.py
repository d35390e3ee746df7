"""Emergencies (PIPL 13(1)(4), 18(2); 突发事件应对法 84, 85): more may be collected while one is open, and it dies with it.

A pack declares, per profile and category, which fields an emergency brings. They are folded into the pack as ordinary
fields, in classes of their own: while a profile is open (`widened`), or altogether for reading, erasing, comparing and
assessing (`whole`). Nothing else knows of emergencies: the gate decides under the pack that it is handed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.schedule import Retention

_APART = "emergency/"
#: The ground of a hold that keeps emergency data on: as evidence or for 调查评估, after an assessment (requirements E84).
AFTER_ASSESSMENT = "E85"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """One emergency as decisions see it. `ends_at` is exclusive: from then on nothing is admitted and nothing is kept."""

    id: str
    profile: str
    opened_at: datetime
    ends_at: datetime

    def is_open(self, now: datetime) -> bool:
        return self.opened_at <= now < self.ends_at


def class_of(profile: str) -> str:
    """What sets the parts of a profile apart from every other part of a record."""
    return f"{_APART}{profile}"


def is_of_emergency(retention: Retention) -> bool:
    return retention.apart.startswith(_APART)


def classes(policy: CategoryPolicy, profile: str) -> tuple[int, ...]:
    """The retention classes that a profile brings to a category."""
    named = enumerate(policy.retentions)
    return tuple(number for number, retention in named if retention.apart == class_of(profile))


def whole(pack: Pack) -> Pack:
    """The pack with every field that any emergency may bring: to read, erase, compare and assess by, never to admit."""
    if not any(policy.emergency for policy in pack.categories.values()):
        return pack
    return replace(pack, categories={name: _folded(one) for name, one in pack.categories.items()})


def widened(pack: Pack, openings: Iterable[Opening], now: datetime) -> Pack:
    """The pack to admit under at `now`: its own fields, and those of each profile that is open, until that ends at most.

    The digest names the openings too: what is compiled from a pack is compiled anew when one opens or ends.
    """
    open_now = {one.profile: one for one in openings if one.is_open(now) and one.profile in pack.emergencies}
    if not open_now:
        return pack
    ends = {profile: one.ends_at.astimezone(pack.site.timezone) for profile, one in open_now.items()}
    said = ",".join(f"{one.id}@{int(one.ends_at.timestamp())}" for one in open_now.values())
    categories = {name: _folded(one, ends) for name, one in pack.categories.items()}
    return replace(pack, digest=f"{pack.digest}+{said}", categories=categories)


def _folded(policy: CategoryPolicy, ends: Mapping[str, datetime] | None = None) -> CategoryPolicy:
    """`ends` names the profiles to fold in, and until when; None: all of them, without an end."""
    retentions, brought = list(policy.retentions), dict[str, FieldRule]()
    for profile, rules in policy.emergency.items():
        if ends is not None and profile not in ends:
            continue
        # A loaded pack has the class already, under a number that never changes.
        apart = [one.apart for one in retentions]
        number = apart.index(class_of(profile)) if class_of(profile) in apart else len(retentions)
        for rule in rules:
            until = replace(rule.retention, until=ends[profile] if ends is not None else None)
            brought[rule.name] = replace(rule, retention=until, retention_class=number)
            retentions[number:] = [until, *retentions[number + 1 :]]
    if not brought:
        return policy
    return replace(policy, fields={**policy.fields, **brought}, retentions=tuple(retentions))

"""Who is here now: came, has not left, and is not presumed to have left.

A guard's work is about those who are here; a fire brigade asks for nobody else. Where nobody recorded the exit, the
policy's own presumption (`or_else`, a day after the entry) says when somebody is taken to have gone.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from compliance.domain.policy import CategoryPolicy, FieldRule
from compliance.domain.submission import parse_time
from compliance.domain.vocabulary import FieldType

#: Where a policy presumes nothing itself (an engine choice, requirements 4: "fallback start = entry + 24 h").
PRESUMED_GONE: Final = timedelta(hours=24)
#: Later than anything falls due.
FAR_OFF: Final = datetime(9000, 1, 1, tzinfo=UTC)


def entry_of(policy: CategoryPolicy) -> FieldRule | None:
    """The time that the gate fills in by itself: when somebody came."""
    return next((one for one in _times(policy) if one.auto), None)


def exit_of(policy: CategoryPolicy) -> FieldRule | None:
    """The time that is now when somebody leaves: it comes later, and never lies ahead (the end of a pass does)."""
    return next((one for one in _times(policy) if one.amendable and one.furthest is None), None)


def pass_end_of(policy: CategoryPolicy) -> FieldRule | None:
    """The end of a pass, a stay or a lease: it may lie ahead."""
    return next((one for one in _times(policy) if one.amendable and one.furthest is not None), None)


def facts_of(policy: CategoryPolicy, held: Mapping[str, object]) -> dict[str, datetime]:
    """The times among a record's values, by field name."""
    read = {
        rule.name: value if isinstance(value, datetime) else parse_time(value)
        for rule in _times(policy)
        if (value := held.get(rule.name)) is not None
    }
    return {name: moment for name, moment in read.items() if moment is not None}


def is_inside(policy: CategoryPolicy, facts: Mapping[str, datetime], zone: ZoneInfo, now: datetime) -> bool:
    """Whether somebody is to be looked for when everybody must get out."""
    entry, leaving, pass_end = entry_of(policy), exit_of(policy), pass_end_of(policy)
    came = facts.get(entry.name) if entry else None
    if entry is None or came is None or came > now or (leaving is None and pass_end is None):
        return False  # a delivery of goods, or a door that opened, is an event and no stay
    if leaving is not None:
        left = facts.get(leaving.name)
        return now < (left or _presumed(policy, entry.name, came, zone))
    until = facts.get(pass_end.name) if pass_end else None
    return now < (until or _presumed(policy, entry.name, came, zone))


def due_while_inside(
    policy: CategoryPolicy, now: datetime, zone: ZoneInfo
) -> list[tuple[datetime, datetime]]:
    """Between which moments the record of somebody who is inside now falls due: whoever has not left has a period that
    begins no earlier than now, and where it begins by leaving, no later than when they are presumed to have left.
    Nothing for a category of which nobody is ever inside.
    """
    entry, leaving = entry_of(policy), exit_of(policy)
    if entry is None or (leaving is None and pass_end_of(policy) is None):
        return []
    retention = policy.retentions[entry.retention_class]
    by_leaving = leaving is not None and retention.starts.field == leaving.name
    # Presumed to have left a day after they came, and they came no later than now; a day more for a midnight.
    latest = _presumed(policy, entry.name, now, zone) + timedelta(days=1) if by_leaving else FAR_OFF
    ends = retention.keep.end(latest, zone) if by_leaving else FAR_OFF
    if retention.floor is not None and by_leaving:
        ends = max(ends, retention.floor.keep.end(latest, zone))
    return [(retention.keep.end(now, zone), ends)]


def is_current(policy: CategoryPolicy, facts: Mapping[str, datetime], zone: ZoneInfo, now: datetime) -> bool:
    """Whether the visit, or the pass, that a record is about still runs; after it there is only history."""
    leaving, pass_end, entry = exit_of(policy), pass_end_of(policy), entry_of(policy)
    ends = [facts[pass_end.name]] if pass_end and pass_end.name in facts else []
    if leaving and leaving.name in facts:
        return now < max(facts[leaving.name], *ends) if ends else now < facts[leaving.name]
    if entry and entry.name in facts:
        ends.append(_presumed(policy, entry.name, facts[entry.name], zone))
    # A record that knows no time of either kind has a period and no visit: its period is its only end.
    return now < max(ends) if ends else True


def _presumed(policy: CategoryPolicy, entry: str, came: datetime, zone: ZoneInfo) -> datetime:
    for retention in policy.retentions:
        if retention.or_else.field == entry and retention.or_else.plus is not None:
            return retention.or_else.plus.end(came, zone)
    return came + PRESUMED_GONE


def _times(policy: CategoryPolicy) -> list[FieldRule]:
    return [rule for rule in policy.fields.values() if rule.type is FieldType.TIME]

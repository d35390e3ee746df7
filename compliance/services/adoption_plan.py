"""What an existing row is under a policy: its trigger facts, its due moments, and what it holds too much of. Pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from compliance.domain.collection import trigger_facts
from compliance.domain.formats import UTC_ZONE
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.schedule import Due, Retention, Start
from compliance.domain.submission import CLOCK_SKEW
from compliance.domain.vocabulary import FieldType
from compliance.ports import Adoptable, ExistingRow, HoldingRow, PartRow, TokenRow


@dataclass(frozen=True, slots=True, kw_only=True)
class AdoptionReport:
    """What adopting a table found and did, counted. `over_collection` and the others are by field or column."""

    store: str
    rows: int
    adopted: int
    already: int
    past_period: int
    undated: int
    unknown_category: int
    unfinished: int
    over_collection: Mapping[str, int]
    stripped: Mapping[str, int]
    unreadable: Mapping[str, int]


@dataclass(slots=True, kw_only=True)
class Tally:
    """The report while it grows."""

    counts: Counter[str] = field(default_factory=Counter)
    over_collection: Counter[str] = field(default_factory=Counter)
    stripped: Counter[str] = field(default_factory=Counter)
    unreadable: Counter[str] = field(default_factory=Counter)

    def report(self, store: str) -> AdoptionReport:
        names = ("rows", "adopted", "already", "past_period", "undated", "unknown_category", "unfinished")
        return AdoptionReport(
            store=store,
            **{name: self.counts[name] for name in names},
            over_collection=dict(self.over_collection),
            stripped=dict(self.stripped),
            unreadable=dict(self.unreadable),
        )


@dataclass(slots=True, kw_only=True)
class Page:
    """One transaction's worth of adopted rows."""

    holdings: list[HoldingRow] = field(default_factory=list)
    parts: list[PartRow] = field(default_factory=list)
    tokens: list[TokenRow] = field(default_factory=list)
    expected: Counter[tuple[str, str]] = field(default_factory=Counter)
    marks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forbidden:
    """What is to be emptied on one page: rows and fields by category, columns for all; and how many values that is."""

    refs: Mapping[str, list[str]]
    fields: Mapping[str, set[str]]
    columns: set[str]
    stripped: Mapping[str, int]


def forbidden_on(
    rows: Sequence[ExistingRow],
    pack: Pack,
    theirs: Adoptable,
    tally: Tally,
    *,
    strip: bool,
) -> Forbidden:
    refs: dict[str, list[str]] = defaultdict(list)
    fields: dict[str, set[str]] = defaultdict(set)
    columns: set[str] = set()
    stripped: Counter[str] = Counter()
    for row in rows:
        if row.category is None or row.category not in pack.categories:
            continue
        excess = set(row.values) - set(pack.categories[row.category].fields)
        removable = row.extra - theirs.fixed
        tally.over_collection.update([*excess, *row.extra])
        if strip and (excess or removable):
            refs[row.category].append(row.ref)
            fields[row.category] |= excess
            columns |= removable
            tally.stripped.update([*excess, *removable])
            stripped[row.category] += len(excess) + len(removable)
    return Forbidden(refs=refs, fields=fields, columns=columns, stripped=stripped)


def class_of(policy: CategoryPolicy, name: str) -> int | None:
    rule = policy.fields.get(name)
    return rule.retention_class if rule else None


def facts_of(row: ExistingRow, policy: CategoryPolicy, now: datetime, tally: Tally) -> dict[str, datetime]:
    """The row's trigger facts. A moment that cannot have been yet would postpone the period, so it is none."""
    tally.unreadable.update(row.unreadable)
    moments: dict[str, object] = {}
    for name, value in row.values.items():
        rule = policy.fields.get(name)
        if rule is None or not isinstance(value, datetime):
            continue
        if value > (rule.furthest.end(now, UTC_ZONE) if rule.furthest else now + CLOCK_SKEW):
            tally.unreadable[name] += 1
        else:
            moments[name] = value
    collected = row.collected_at if row.collected_at and row.collected_at <= now + CLOCK_SKEW else None
    if collected is None:
        return {name: value for name, value in moments.items() if isinstance(value, datetime)}
    for name, rule in policy.fields.items():
        if rule.auto and rule.type is FieldType.TIME:
            moments.setdefault(name, collected)
    return trigger_facts(moments, collected)


def due_of(
    retention: Retention, facts: dict[str, datetime], row: ExistingRow, pack: Pack, now: datetime
) -> tuple[Due, bool]:
    """The due moments, and whether the row dates itself. One that does not is counted from when it was collected,
    and where even that is unknown from now: a period that never starts would never end."""
    zone = pack.site.timezone
    due = retention.due(facts, zone)
    if due is not None:
        return due, True
    from_collection = replace(retention, or_else=Start(field="collected_at"))
    fallback = from_collection.due({"collected_at": now, **facts}, zone)
    if fallback is None:
        raise AssertionError("a period that starts now has an end")
    return fallback, "collected_at" in facts

"""One category under both packs, and what every comparison of its fields needs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from compliance.domain import difference_words as words
from compliance.domain.change import Change, Direction, Spot
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """One category under both packs."""

    old: Pack
    new: Pack
    was: CategoryPolicy
    now: CategoryPolicy

    def spot(self, name: str = "") -> Spot:
        policy = self.now
        zh, en = policy.label.zh, policy.label.en or policy.category
        rule = self.now.fields.get(name) or self.was.fields.get(name)
        if rule is not None:
            label = words.label_of(rule)
            zh, en = f"{zh}·{label[0]}", f"{en} · {label[1]}"
        return Spot(category=policy.category, field=name, zh=zh, en=en)


def purpose_of(name: str, pack: Pack) -> words.Words:
    label = pack.site.purposes.get(name)
    return (label.zh, label.en or name) if label else (name, name)


def starts_a_period(name: str, policy: CategoryPolicy) -> bool:
    return any(one.starts.field == name != one.or_else.field for one in policy.retentions)


def no_trigger(at: Spot) -> Change:
    return at.change(
        "clock",
        Direction.WIDENS,
        "保存期限从这一项起算，没有这一项时改从兜底时间起算，可能更晚",
        "a period starts from it; without it the fallback counts, which may be later",
    )


#: One aspect of a field before and after.
Aspect = Callable[[FieldRule, FieldRule, Spot, Sides], Iterator[Change]]

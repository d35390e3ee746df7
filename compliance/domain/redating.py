"""When a record that exists would end under a newer policy: sooner, or exactly when it was promised.

A newer policy can shorten what exists and never lengthen it without fresh consent (网数条例 22(4), rule L-034). Our books
hold no start moments, only due moments; so the start is counted back from the end. Where several starts share an end (a
calendar period says the day and not the hour, a month end stands for several days) the latest of them is taken: a
record may then stay a little longer than the new period asks, never longer than it was promised, and nothing goes too
early.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from compliance.domain.difference_retention import never_later
from compliance.domain.emergency import is_of_emergency
from compliance.domain.period_order import latest_start
from compliance.domain.policy import CategoryPolicy
from compliance.domain.schedule import Due, Retention

#: What one part was promised and what it has been shortened to since, oldest first. Of one stage the longest counts: a
#: part dies as a whole, and a newer policy may keep its fields for different times.
Stages = tuple[tuple[Retention, ...], ...]


class Stay(StrEnum):
    """Why a part keeps the promise that it was collected under."""

    SAME = "same"
    LONGER = "longer"
    FIELD_DROPPED = "field_dropped"
    CATEGORY_DROPPED = "category_dropped"
    OTHER_START = "other_start"
    BOUND = "bound"

    @property
    def zh(self) -> str:
        return _WHY[self][0]

    @property
    def en(self) -> str:
        return _WHY[self][1]


_WHY = {
    Stay.SAME: ("期限没有变化", "the period is the same"),
    Stay.LONGER: (
        "新期限不短于原承诺，未重新取得同意不得延长（网数条例第二十二条第四项）",
        "the new period is no shorter; without fresh consent nothing is lengthened (网数条例 22(4))",
    ),
    Stay.FIELD_DROPPED: (
        "新规则不再收集这些字段，已有的按原期限到期",
        "the new policy has none of its fields",
    ),
    Stay.CATEGORY_DROPPED: ("新规则没有这一类别，已有的按原期限到期", "the new policy has no such category"),
    Stay.OTHER_START: (
        "起算时间不同，无法证明会更早到期",
        "the period starts from another fact, which may come later",
    ),
    Stay.BOUND: ("已限制处理、待核实或密钥缺失", "restricted, waiting or without its key"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """A part's due moments: readable until, and erased at."""

    readable_until: datetime
    erase_at: datetime


def target(was: CategoryPolicy, klass: int, stages: Stages, now: CategoryPolicy | None, zone: ZoneInfo) -> (
    tuple[Retention, ...] | Stay
):  # fmt: skip
    """What a newer policy says of a class of fields, or why it says nothing."""
    if now is None:
        return Stay.CATEGORY_DROPPED
    if is_of_emergency(was.retentions[klass]):
        return Stay.SAME  # it ends with its emergency, which no policy moves
    names = [name for name, rule in was.fields.items() if rule.retention_class == klass]
    said = tuple(dict.fromkeys(now.fields[name].retention for name in names if name in now.fields))
    if not said:
        return Stay.FIELD_DROPPED
    if set(said) == set(stages[-1]):
        return Stay.SAME
    before = [retention for stage in stages for retention in stage]
    comparable = all(
        never_later(new.starts, old.starts, zone) and never_later(new.or_else, old.or_else, zone)
        for new in said
        for old in before
    )
    return said if comparable else Stay.OTHER_START


def redated(
    part: Moments, stages: Stages, said: Sequence[Retention], now: datetime, zone: ZoneInfo
) -> Moments:
    """The part's moments under what a newer policy says: never later than they are. What is over by then is due now."""
    if part.erase_at <= now:
        return part  # due under its own promise
    start = _latest_start(part, stages, zone)
    readable_until = min(part.readable_until, max(one.keep.end(start, zone) for one in said))
    ends = [one.keep.end(start, zone) for one in said]
    ends += [one.floor.keep.end(start, zone) for one in said if one.floor is not None]
    erase_at = min(part.erase_at, max(ends))
    if erase_at <= now:
        # Due by an act of today: it is not late, it was not due before.
        return Moments(readable_until=min(readable_until, now), erase_at=now)
    return Moments(readable_until=readable_until, erase_at=erase_at)


def _latest_start(part: Moments, stages: Stages, zone: ZoneInfo) -> datetime:
    return max(min(_counted_back(one, part, zone) for one in stage) for stage in stages)


def _counted_back(retention: Retention, part: Moments, zone: ZoneInfo) -> datetime:
    start = latest_start(retention.keep, part.readable_until, zone)
    if retention.floor is not None and part.erase_at > part.readable_until:
        # A request may have made it unreadable early; the statute's end still tells when it began.
        start = max(start, latest_start(retention.floor.keep, part.erase_at, zone))
    return start


def shortest(due: Due, stages: Stages, facts: dict[str, datetime], zone: ZoneInfo) -> Due:
    """A due moment found from the facts themselves, held to every stage that has shortened the promise since."""
    for stage in stages:
        found = [retention.due(facts, zone) for retention in stage]
        known = [one for one in found if one is not None]
        if len(known) == len(found):
            due = Due(
                readable_until=min(due.readable_until, max(one.readable_until for one in known)),
                erase_at=min(due.erase_at, max(one.erase_at for one in known)),
            )
    return due

"""How long, from when, and what then: the changes of one field's retention."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from compliance.domain import difference_words as words
from compliance.domain.change import Change, Direction, Spot
from compliance.domain.period_order import never_longer
from compliance.domain.policy import CategoryPolicy
from compliance.domain.schedule import Retention, Start


def never_later(one: Start, other: Start, zone: ZoneInfo) -> bool:
    """Whether `one` never comes after `other`. Of two different facts nobody knows which comes first."""
    return one.field == other.field and never_longer(one.plus, other.plus, zone)


def never_outlasts(one: Retention, other: Retention, zone: ZoneInfo) -> bool:
    """Whether what is kept under `one` is never readable, nor stored, longer than under `other`."""
    floors = one.floor is None or (
        never_longer(one.floor.keep, other.keep, zone)
        or (other.floor is not None and never_longer(one.floor.keep, other.floor.keep, zone))
    )
    return (
        floors
        and never_longer(one.keep, other.keep, zone)
        and never_later(one.starts, other.starts, zone)
        and never_later(one.or_else, other.or_else, zone)
    )


def retention_changes(
    was: Retention, now: Retention, at: Spot, policies: tuple[CategoryPolicy, CategoryPolicy], zone: ZoneInfo
) -> Iterator[Change]:
    """The changes from `was` to `now`; `policies` (old, new) name the fields that periods start from."""
    if was.keep != now.keep:
        (zh, en), (zh2, en2) = words.period(was.keep), words.period(now.keep)
        less, more = never_longer(now.keep, was.keep, zone), never_longer(was.keep, now.keep, zone)
        verb = "缩短" if less else "延长"
        yield at.moved("keep", less, more, f"保存期限由{zh}{verb}为{zh2}", f"kept {en2} instead of {en}")
    for aspect, before, after in (
        ("starts", was.starts, now.starts),
        ("or_else", was.or_else, now.or_else),
    ):
        if before != after:
            (zh, en), (zh2, en2) = words.start(before, policies[0]), words.start(after, policies[1])
            otherwise = (
                ("起算时间", "the period runs") if aspect == "starts" else ("兜底起算时间", "else it runs")
            )
            yield at.moved(
                aspect,
                never_later(after, before, zone),
                never_later(before, after, zone),
                f"{otherwise[0]}由{zh}改为{zh2}",
                f"{otherwise[1]} from {en2} instead of {en}",
            )
    if was.floor != now.floor:
        yield _floor(was, now, at, zone)
    if was.then != now.then:
        (zh, en), (zh2, en2) = words.fate(was), words.fate(now)
        direction = Direction.NARROWS if now.then == "erase" else Direction.WIDENS
        yield at.change("then", direction, f"到期处理由{zh}改为{zh2}", f"at the end {en2} instead of {en}")


def _floor(was: Retention, now: Retention, at: Spot, zone: ZoneInfo) -> Change:
    (zh, en), (zh2, en2) = words.floor(was), words.floor(now)
    return at.moved(
        "floor",
        _floor_within(now, was, zone),
        _floor_within(was, now, zone),
        f"法定最短保存期限由{zh}改为{zh2}",
        f"statutory minimum {en2} instead of {en}",
    )


def _floor_within(one: Retention, other: Retention, zone: ZoneInfo) -> bool:
    """Whether the one's minimum never keeps anything in store past the other's minimum, or past its period."""
    if one.floor is None:
        return True
    if other.floor is not None and never_longer(one.floor.keep, other.floor.keep, zone):
        return True
    return never_longer(one.floor.keep, other.keep, zone)

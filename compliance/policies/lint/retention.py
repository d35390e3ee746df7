"""Rules about how long (PIPL 19, 47). Every ceiling is an engine choice and says so; that there is an end is law."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.schedule import Period, Start
from compliance.domain.vocabulary import FieldType
from compliance.policies.drafts import CategoryDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.basis import is_national_law
from compliance.policies.lint.bounds import bounds
from compliance.policies.lint.rule import Rule, Spot, rule, said_by
from compliance.policies.schema import FloorFile
from compliance.policies.source import Path
from compliance.policies.words import MISSING, UNKNOWN_LAW

COLLECTED_AT = "collected_at"  # every record has it


def _keeps(draft: CategoryDraft) -> Iterator[tuple[Path, Period, int]]:
    """Each period written in the category: its place, itself, and its days counted from the start event."""
    if draft.head is not None:
        category = draft.head.retention
        yield ("retention", "keep"), category.keep, _days(category.keep, category.starts)
        for name, field in draft.fields.items():
            own = field.retention
            if own is not None and (own.keep or own.starts):
                keep = own.keep or category.keep
                path: Path = ("fields", name, "retention", "keep" if own.keep else "starts")
                yield path, keep, _days(keep, own.starts or category.starts)


def _days(keep: Period, starts: Start) -> int:
    # A start put off is a longer period by another name.
    return keep.longest_days + (starts.plus.longest_days if starts.plus else 0)


@rule(
    "L-03B",
    "E",
    zh="保存期限超过本系统硬上限{n}天",
    en="The period is above this system's hard ceiling of {n} days",
    instead="keep: {n}d 以内 / at most {n}d",
)
def no_period_is_above_the_hard_ceiling(draft: CategoryDraft) -> Iterator[Spot]:
    hard = bounds().of(draft.category).hard.longest_days
    for path, _, days in _keeps(draft):
        if days > hard:
            yield Spot(path=path, words={"n": str(hard)})


@rule(
    "L-032",
    "E",
    zh="保存期限超过建议上限{n}天，须由负责人审批并说明",
    en="The period is above the soft ceiling of {n} days: the officer approves it, with a reason",
    instead="keep: {n}d 以内 / at most {n}d",
    severity=Severity.WARNING,
)
def a_period_above_the_soft_ceiling_is_signed(draft: CategoryDraft) -> Iterator[Spot]:
    bound = bounds().of(draft.category)
    for path, _, days in _keeps(draft):
        if bound.soft.longest_days < days <= bound.hard.longest_days:
            yield Spot(path=path, words={"n": str(bound.soft.longest_days)})


def _starts(draft: CategoryDraft) -> Iterator[tuple[Path, str, Start]]:
    if draft.head is None:
        return
    category = draft.head.retention
    yield ("retention", "starts"), "starts", category.starts
    yield ("retention", "or_else"), "or_else", category.or_else
    for name, field in draft.fields.items():
        own = field.retention
        if own is not None and own.starts is not None:
            yield ("fields", name, "retention", "starts"), "starts", own.starts
        if own is not None and own.or_else is not None:
            yield ("fields", name, "retention", "or_else"), "or_else", own.or_else


@said_by(MISSING["or_else"])
def the_fallback_always_happens(draft: CategoryDraft) -> Iterator[Spot]:
    for path, key, start in _starts(draft):
        field = draft.fields.get(start.field)
        certain = start.field == COLLECTED_AT or (field is not None and (field.auto or field.required))
        known = start.field == COLLECTED_AT or start.field in draft.written
        # A required field that may be declined may be missing after all.
        declinable = field is not None and field.required and not field.auto and bool(field.alternative)
        if key == "or_else" and known and (not certain or declinable):
            yield Spot(path=path)


@rule(
    "F-06",
    "E",
    zh="起算字段“{x}”不存在或不是时间",
    en="There is no time field {x} to count from",
    instead="collected_at，或本类别的时间字段 / or a time field of this category",
)
def periods_start_from_a_time(draft: CategoryDraft) -> Iterator[Spot]:
    for path, _, start in _starts(draft):
        field = draft.fields.get(start.field)
        is_time = field.type is FieldType.TIME if field is not None else start.field in draft.written
        if start.field != COLLECTED_AT and not is_time:
            yield Spot(path=path, words={"x": start.field})


@rule(
    "L-026",
    "PIPL 19, 47(2)",
    zh="保存期限的例外只能来自法律、行政法规",
    en="Only laws and administrative regulations may extend a period",
    instead="floor: {keep: 30d, law_ref: 保安条例 25(2)}",
    severity=Severity.WARNING,  # counsel may hold otherwise, and the officer records it
)
def a_floor_rests_on_law(draft: CategoryDraft) -> Iterator[Spot]:
    for path, floor in _floors(draft):
        known = is_national_law(floor.law_ref, draft.day, any_level=True)
        if known and not is_national_law(floor.law_ref, draft.day):
            yield Spot(path=(*path, "law_ref"))


@said_by(UNKNOWN_LAW)
def a_floor_cites_what_is_in_force(draft: CategoryDraft) -> Iterator[Spot]:
    for path, floor in _floors(draft):
        if not is_national_law(floor.law_ref, draft.day, any_level=True):
            yield Spot(path=(*path, "law_ref"), words={"x": floor.law_ref})


def _floors(draft: CategoryDraft) -> Iterator[tuple[Path, FloorFile]]:
    if draft.head is not None and draft.head.retention.floor is not None:
        yield ("retention", "floor"), draft.head.retention.floor
    for name, field in draft.fields.items():
        if field.retention is not None and field.retention.floor is not None:
            yield ("fields", name, "retention", "floor"), field.retention.floor


CATEGORY_RULES: tuple[Rule[CategoryDraft], ...] = (
    no_period_is_above_the_hard_ceiling,
    a_period_above_the_soft_ceiling_is_signed,
    the_fallback_always_happens,
    periods_start_from_a_time,
    a_floor_rests_on_law,
    a_floor_cites_what_is_in_force,
)

"""Rules about how much is too much, and about what only looks like less (PIPL 6, 26, 28, 73)."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain.schedule import Period
from compliance.domain.vocabulary import (
    Basis,
    ConsentKind,
    Fate,
    FieldType,
    OnIdentifier,
    Sensitivity,
    StoreForm,
)
from compliance.policies.build import basis_by_subject
from compliance.policies.drafts import CategoryDraft, FieldDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.bounds import bounds
from compliance.policies.lint.rule import Rule, Spot, rule
from compliance.policies.never import never_list
from compliance.policies.schema import FieldFile, RetentionFile

SPARE = 2  # fields beyond the usual form before anybody asks why: an engine choice
DIRECT = frozenset(
    {FieldType.PERSON_NAME, FieldType.MOBILE, FieldType.PLATE, FieldType.ATTACHMENT, FieldType.TEXT}
)
LASTING = frozenset({StoreForm.TOKEN, StoreForm.MATCH})


@rule(
    "L-015",
    "PIPL 6(2)",
    zh="收集字段（{n}个）明显多于同类默认范围（{m}个），请说明",
    en="{n} fields are noticeably more than the usual {m}",
    instead="删去不需要的字段 / take out what is not needed",
    severity=Severity.WARNING,
)
def not_many_more_fields_than_usual(draft: CategoryDraft) -> Iterator[Spot]:
    usual = bounds().of(draft.category).fields
    if usual is not None and len(draft.written) > usual + SPARE:
        yield Spot(path=("fields",), words={"n": str(len(draft.written)), "m": str(usual)})


@rule(
    "L-016",
    "PIPL 6(2), 8",
    zh="自由文本“{field}”须启用证件号/银行卡等检测，不能只作标记",
    en="Free text needs the identifier detectors: {field} lets identifiers through with a flag",
    instead="on_identifier: {certain: refuse | strip, possible: refuse | strip | flag}",
    severity=Severity.WARNING,
)
def free_text_is_searched(draft: FieldDraft) -> Iterator[Spot]:
    if draft.field.type is FieldType.TEXT and draft.field.on_identifier.certain is OnIdentifier.FLAG:
        yield Spot(path=(*draft.path, "on_identifier"))


@rule(
    "L-085",
    "E",
    zh="“{field}”对“可能”的比对“确定”的更严，请把确定的定得至少一样严",
    en="{field} is stricter about what is possible than about what is certain",
    instead="on_identifier: {certain: {x}}",
    severity=Severity.WARNING,
)
def what_is_certain_is_met_no_more_leniently(draft: FieldDraft) -> Iterator[Spot]:
    actions, order = draft.field.on_identifier, list(OnIdentifier)
    if order.index(actions.possible) < order.index(actions.certain):
        yield Spot(path=(*draft.path, "on_identifier"), words={"x": actions.possible.value})


@rule(
    "L-018",
    "PIPL 6(1)",
    zh="“{field}”可由“{x}”得到，无需另外收集",
    en="{field} follows from {x} and need not be asked for",
    instead="删去这个字段 / take the field out",
    severity=Severity.WARNING,
)
def nothing_is_asked_for_twice(draft: FieldDraft) -> Iterator[Spot]:
    source = derived_from(draft)
    if source is not None:
        yield Spot(path=draft.path, words={"x": draft.category.fields[source].label.zh})


def derived_from(draft: FieldDraft) -> str | None:
    """The field of the category that makes this one unnecessary (a resident's name follows from the room)."""
    entry = never_list().get(draft.name) or never_list().get(draft.field.label.zh)
    if entry is None or entry.follows_from is None:
        return None
    of_type = (name for name, field in draft.category.fields.items() if field.type == entry.follows_from)
    return next(of_type, None)


@rule(
    "L-03A",
    "PIPL 73(4)",
    zh="该方案仅为去标识化，不能视为匿名化：{x}",
    en="That is de-identification only, not anonymisation: {x}",
    instead="then: erase，需要统计的用 tallies: true",
    severity=Severity.WARNING,
)
def anonymising_leaves_nobody_to_find(draft: CategoryDraft) -> Iterator[Spot]:
    if draft.head is None:
        return
    left = {name: field for name, field in draft.fields.items() if _anonymised(field, draft.head.retention)}
    types = {field.type for field in left.values()}
    telling = [name for name, field in left.items() if field.type in DIRECT or field.store in LASTING]
    if {FieldType.TIME, FieldType.ROOM} <= types:
        telling += [name for name, field in left.items() if field.type in (FieldType.TIME, FieldType.ROOM)]
    if telling:
        own = draft.fields[telling[0]].retention
        written = own is not None and own.then is not None
        path = ("fields", telling[0], "retention", "then") if written else ("retention", "then")
        yield Spot(path=path, words={"x": ", ".join(dict.fromkeys(telling))})


def _anonymised(field: FieldFile, category: RetentionFile) -> bool:
    own = field.retention.then if field.retention else None
    return (own or category.then) is Fate.ANONYMISE


@rule(
    "L-048",
    "PIPL 26",
    zh="图像、身份识别信息只能用于维护公共安全，“{field}”另作他用须取得单独同意",
    en="Images are for public safety only: {field} needs a separate consent for anything else",
    instead="purpose: entry_security，或 / or basis: consent, consent: separate",
)
def pictures_serve_public_safety(draft: FieldDraft) -> Iterator[Spot]:
    field = draft.field
    if field.type is not FieldType.ATTACHMENT or field.purpose in bounds().image_purposes:
        return
    separate = field.consent is ConsentKind.SEPARATE or field.sensitivity is Sensitivity.SENSITIVE
    if not (separate and Basis.CONSENT in basis_by_subject(field).values()):
        yield Spot(path=(*draft.path, "purpose"))


@rule(
    "L-04A",
    "PIPL 28(1)",
    zh="“{field}”按非敏感处理须记录评估结论",
    en="Treating {field} as less than sensitive needs a recorded assessment",
    instead="sensitivity: sensitive，或在 site.yaml 写 sensitivity_profile: {{name}: {assessment: …, on: …, by: …}}",
    severity=Severity.WARNING,
)
def identity_and_plates_are_sensitive(draft: FieldDraft) -> Iterator[Spot]:
    field = draft.field
    if field.sensitivity is Sensitivity.SENSITIVE or not (
        field.type is FieldType.PLATE or _looks_at_ids(field)
    ):
        return
    lowered = draft.site.sensitivity_profile if draft.site else {}
    if draft.name not in lowered:
        yield Spot(path=(*draft.path, "sensitivity"), words={"name": draft.name})


def _looks_at_ids(field: FieldFile) -> bool:
    return field.type is FieldType.VERIFICATION and bool(set(field.values) & set(bounds().id_kinds))


@rule(
    "L-081",
    "E",
    zh="“{field}”的房号建议离开后{n}内清除",
    en="The room in {field} should be gone within {n} of leaving",
    instead="retention: {keep: {p}}",
    severity=Severity.WARNING,
)
def a_room_does_not_outlive_the_errand(draft: FieldDraft) -> Iterator[Spot]:
    most = bounds().of(draft.category.category).room
    head = draft.category.head
    if most is None or head is None or draft.field.type is not FieldType.ROOM:
        return
    if draft.field.sensitivity is Sensitivity.NORMAL:
        return  # a building, not a home (requirements 4.5)
    own = draft.field.retention
    keep = (own.keep if own else None) or head.retention.keep
    starts = (own.starts if own else None) or head.retention.starts
    if _minutes(keep) + (_minutes(starts.plus) if starts.plus else 0) > _minutes(most):
        yield Spot(path=draft.path, words={"n": most.zh, "p": most.iso})


def _minutes(period: Period) -> int:
    # A period in days ends at midnight, so that a day may last nearly two.
    days = period.longest_days + 1 if period.by_calendar else 0
    return days * 1440 + period.hours * 60 + period.minutes


CATEGORY_RULES: tuple[Rule[CategoryDraft], ...] = (
    not_many_more_fields_than_usual,
    anonymising_leaves_nobody_to_find,
)
FIELD_RULES: tuple[Rule[FieldDraft], ...] = (
    free_text_is_searched,
    what_is_certain_is_met_no_more_leniently,
    nothing_is_asked_for_twice,
    pictures_serve_public_safety,
    identity_and_plates_are_sensitive,
    a_room_does_not_outlive_the_errand,
)

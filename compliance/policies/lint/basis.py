"""Rules about the legal basis (PIPL 13–16, 28–29)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import cache

from compliance.domain.vocabulary import Basis, ConsentKind, Sensitivity
from compliance.policies.build import basis_by_subject
from compliance.policies.drafts import FieldDraft
from compliance.policies.law import LawUnknown, laws
from compliance.policies.lint.bounds import bounds
from compliance.policies.lint.rule import Rule, Spot, rule, said_by
from compliance.policies.words import ONE_BASIS


@said_by(ONE_BASIS)
def every_field_has_one_basis(draft: FieldDraft) -> Iterator[Spot]:
    if not basis_by_subject(draft.field):
        yield Spot(path=(*draft.path, "basis"))


@rule(
    "L-021",
    "PIPL 13(1)(3)",
    zh="以法定职责/义务为依据须引用现行有效的法律或行政法规条文",
    en="A statutory basis cites an article of a law or administrative regulation in force",
    instead="law_ref: 保安条例 29(1)",
)
def a_statutory_basis_cites_its_law(draft: FieldDraft) -> Iterator[Spot]:
    statutory = {Basis.STATUTORY, Basis.OTHER_LAW} & set(basis_by_subject(draft.field).values())
    if not statutory and draft.field.law_ref is None:
        return
    day = draft.category.day
    if not is_national_law(draft.field.law_ref or "", day, any_level=not statutory):
        key = "law_ref" if draft.field.law_ref is not None else "basis"
        yield Spot(path=(*draft.path, key))


@cache
def is_national_law(refs: str, day: date | None, *, any_level: bool = False) -> bool:
    """Whether the registry knows every article, it is in force (on the day, or still) and of a national level."""
    try:
        cited = laws(refs, day)
    except LawUnknown:
        return False
    return bool(cited) and all(
        (any_level or law.instrument.national) and (day is not None or law.until is None) for law in cited
    )


@rule(
    "L-022",
    "PIPL 13(1)(2)",
    zh="访客等并非物业服务合同当事人，不得以“履行合同所必需”为依据",
    en="Visitors are not party to the contract",
    instead="basis: consent，或按主体分别写 / or by subject: {visitor: consent, host: contract}",
)
def a_contract_binds_its_parties(draft: FieldDraft) -> Iterator[Spot]:
    if not bounds().of(draft.category.category).outsiders:
        return
    for subject, basis in basis_by_subject(draft.field).items():
        if basis is Basis.CONTRACT and not _party(subject, draft.field.purpose):
            yield Spot(path=(*draft.path, "basis", subject) if subject else (*draft.path, "basis"))


def _party(subject: str, purpose: str) -> bool:
    purposes = bounds().parties.get(subject)
    return purposes is not None and (not purposes or purpose in purposes)


@rule(
    "L-024",
    "E",
    zh="不同意提供“{field}”时须有替代方式，不得因此拒绝进入",
    en="Refusing {field} must leave another way in",
    instead="alternative: {host_confirm: 由住户确认后放行}",
)
def a_refusal_leaves_another_way(draft: FieldDraft) -> Iterator[Spot]:
    consent = Basis.CONSENT in basis_by_subject(draft.field).values()
    if draft.field.required and consent and not draft.field.alternative:
        yield Spot(path=(*draft.path, "required"))


@rule(
    "L-040",
    "PIPL 29",
    zh="敏感个人信息须取得单独同意",
    en="Sensitive personal information needs separate consent",
    instead="consent: separate",
)
def sensitive_information_is_consented_to_separately(draft: FieldDraft) -> Iterator[Spot]:
    field = draft.field
    sensitive = (
        field.sensitivity is Sensitivity.SENSITIVE and Basis.CONSENT in basis_by_subject(field).values()
    )
    if sensitive and field.consent is ConsentKind.PLAIN:
        yield Spot(path=(*draft.path, "consent"))


FIELD_RULES: tuple[Rule[FieldDraft], ...] = (
    every_field_has_one_basis,
    a_statutory_basis_cites_its_law,
    a_contract_binds_its_parties,
    a_refusal_leaves_another_way,
    sensitive_information_is_consented_to_separately,
)

"""The lint rules, listed: one line brings a module's rules into force."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compliance.policies.drafts import CategoryDraft, FieldDraft, PackDraft, SiteDraft, WholeDraft
from compliance.policies.fault import Fault
from compliance.policies.lint import (
    assessment,
    basis,
    channels,
    devices,
    emergency,
    faces,
    minimum,
    proportion,
    requests,
    retention,
    security,
    site,
)
from compliance.policies.lint.rule import Rule
from compliance.policies.sentences import fault
from compliance.policies.words import TWICE

SITE_RULES: tuple[Rule[SiteDraft], ...] = (
    *site.RULES,
    *devices.RULES,
    *security.RULES,
    *requests.RULES,
    *emergency.SITE_RULES,
)
CATEGORY_RULES: tuple[Rule[CategoryDraft], ...] = (
    *minimum.CATEGORY_RULES,
    *retention.CATEGORY_RULES,
    *proportion.CATEGORY_RULES,
    *faces.CATEGORY_RULES,
)
PACK_RULES: tuple[Rule[WholeDraft], ...] = (*assessment.RULES, *emergency.PACK_RULES)
FIELD_RULES: tuple[Rule[FieldDraft], ...] = (
    *minimum.FIELD_RULES,
    *basis.FIELD_RULES,
    *channels.FIELD_RULES,
    *proportion.FIELD_RULES,
    *faces.FIELD_RULES,
    *emergency.FIELD_RULES,
)


def every_rule() -> tuple[Rule[Any], ...]:
    """Every rule in force, in the order in which they are asked."""
    return (*SITE_RULES, *CATEGORY_RULES, *FIELD_RULES, *PACK_RULES)


def check(pack: PackDraft) -> Iterator[Fault]:
    """Every fault of every rule, over all of a pack that could be read."""
    if pack.site is not None:
        for of_site in SITE_RULES:
            yield from of_site.faults(pack.site, pack.site.source)
    seen: set[str] = set()
    for category in pack.categories:
        if category.head is not None and category.category in seen:
            yield fault(category.source, ("category",), TWICE)
        seen.add(category.category)
        yield from _check_category(category, pack.site)
    if pack.site is not None:
        whole = WholeDraft(site=pack.site, categories=pack.categories)
        for of_pack in PACK_RULES:
            yield from of_pack.faults(whole, pack.site.source)


def _check_category(category: CategoryDraft, of: SiteDraft | None) -> Iterator[Fault]:
    for of_category in CATEGORY_RULES:
        yield from of_category.faults(category, category.source)
    for profile, fields in {"": category.fields, **category.emergency}.items():
        for name, field in fields.items():
            draft = FieldDraft(
                name=name, field=field, category=category, site=of.file if of else None, emergency=profile
            )
            for of_field in FIELD_RULES:
                yield from of_field.faults(draft, category.source)

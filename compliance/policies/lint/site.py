"""Rules about the site: who is responsible, where, and on which profile."""

from __future__ import annotations

from collections.abc import Iterator
from zoneinfo import ZoneInfo

from compliance.domain.vocabulary import BasisProfile
from compliance.policies.drafts import SiteDraft
from compliance.policies.lint.bounds import jurisdictions
from compliance.policies.lint.rule import Rule, Spot, rule, said_by
from compliance.policies.words import NO_CONTROLLER


@said_by(NO_CONTROLLER)
def the_controller_is_named(draft: SiteDraft) -> Iterator[Spot]:
    for key in ("name", "contact"):
        if not getattr(draft.file.controller, key).strip():
            yield Spot(path=("controller", key))


@rule(
    "L-007",
    "E",
    zh="未知的适用地区：{x}",
    en="Unknown jurisdiction {x}",
    instead="jurisdictions: [cn]，可用 / known: {known}",
)
def a_jurisdiction_has_an_overlay(draft: SiteDraft) -> Iterator[Spot]:
    for number, name in enumerate(draft.file.jurisdictions):
        if name not in jurisdictions():
            words = {"x": name, "known": ", ".join(sorted(jurisdictions()))}
            yield Spot(path=("jurisdictions", number), words=words)


@rule(
    "F-07",
    "E",
    zh="basis_profile 为 duty 时须写明律师意见的编号和日期",
    en="The duty profile needs the id and date of counsel's opinion",
    instead="counsel_opinion: {id: 意见书编号, date: 2026-01-01}",
)
def the_duty_profile_has_an_opinion(draft: SiteDraft) -> Iterator[Spot]:
    if draft.file.basis_profile is BasisProfile.DUTY and draft.file.counsel_opinion is None:
        yield Spot(path=("basis_profile",))


@rule("F-10", "E", zh="未知的时区", en="Unknown timezone", instead="timezone: Asia/Shanghai")
def the_timezone_is_known(draft: SiteDraft) -> Iterator[Spot]:
    try:
        ZoneInfo(draft.file.timezone)
    except (KeyError, ValueError, OSError):  # an unknown key, a path, a folder: all of them no timezone
        yield Spot(path=("timezone",))


RULES: tuple[Rule[SiteDraft], ...] = (
    the_controller_is_named,
    a_jurisdiction_has_an_overlay,
    the_duty_profile_has_an_opinion,
    the_timezone_is_known,
)

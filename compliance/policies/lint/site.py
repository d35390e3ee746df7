"""Rules about the site: who is responsible, where, and on which profile."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from zoneinfo import ZoneInfo

from compliance.domain.modes import LONGEST_OBSERVATION
from compliance.domain.submission import is_staff_id
from compliance.domain.vocabulary import BasisProfile, Mode
from compliance.policies.drafts import SiteDraft
from compliance.policies.fault import Severity
from compliance.policies.lint.rule import Rule, Spot, rule, said_by
from compliance.policies.overlays import overlays
from compliance.policies.words import NO_CONTROLLER

A_MILLION = 1_000_000  # 以上 includes the number itself (民法典 1259)


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
        if name not in overlays():
            words = {"x": name, "known": ", ".join(sorted(overlays()))}
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


@rule(
    "F-21",
    "E",
    zh="mode: observe 须写明批准人工号、第一天和最后一天，连首尾最多{n}天，且尚未结束",
    en="mode: observe needs the approver's staff id, a first and a last day, {n} days at most, that is not over",
    instead="observe: {by: staff-9, since: 2026-03-01, until: 2026-03-14}",
)
def observing_has_an_approver_and_an_end(draft: SiteDraft) -> Iterator[Spot]:
    watched, spot = draft.file.observe, Spot(path=("mode",), words={"n": str(LONGEST_OBSERVATION.days)})
    if draft.file.mode is not Mode.OBSERVE:
        return
    if watched is None or watched.since is None or watched.until is None or not is_staff_id(watched.by):
        yield spot
        return
    bounded = timedelta(0) <= watched.until - watched.since < LONGEST_OBSERVATION
    if not bounded or (draft.day is not None and watched.until < draft.day):
        yield spot


@rule("F-10", "E", zh="未知的时区", en="Unknown timezone", instead="timezone: Asia/Shanghai")
def the_timezone_is_known(draft: SiteDraft) -> Iterator[Spot]:
    try:
        ZoneInfo(draft.file.timezone)
    except (KeyError, ValueError, OSError):  # an unknown key, a path, a folder: all of them no timezone
        yield Spot(path=("timezone",))


@rule(
    "L-002",
    "PIPL 52(1), 审计办法 12",
    zh="处理个人信息达到100万人，必须指定个人信息保护负责人并报送",
    en="1,000,000 persons reached: an officer must be appointed and reported",
    instead="officer: {…, appointed_on: 指定日期 / the day}",
)
def a_million_persons_need_an_officer(draft: SiteDraft) -> Iterator[Spot]:
    if draft.file.group_subject_count >= A_MILLION and draft.file.officer.appointed_on is None:
        yield Spot(path=("officer",))


@rule(
    "L-003",
    "PIPL 52(2)",
    zh="个人信息保护负责人联系方式未公开",
    en="The officer's contact is not public",
    instead="contact_public: true",
    severity=Severity.WARNING,
)
def the_officer_can_be_reached(draft: SiteDraft) -> Iterator[Spot]:
    if not draft.file.officer.contact_public:
        yield Spot(path=("officer", "contact_public"))


@rule(
    "L-025",
    "PIPL 14(1), 5",
    zh="同意须由个人主动作出，逐项表示；张贴告示不等于同意",
    en="Consent is an act, asked for one thing at a time; a poster is not consent",
    instead="{key}: false",
)
def consent_is_an_act(draft: SiteDraft) -> Iterator[Spot]:
    for key in ("ticked_beforehand", "bundled", "by_poster"):
        if getattr(draft.file.consent_form, key):
            yield Spot(path=("consent_form", key), words={"key": key})


@rule(
    "L-062",
    "PIPL 25, 51",
    zh="登记簿不得让后来者看到他人信息，请用单页",
    en="Shared register pages show those who come later who was there before",
    instead="paper: {page: slip}",
    severity=Severity.WARNING,
)
def a_register_page_is_for_one_person(draft: SiteDraft) -> Iterator[Spot]:
    if draft.file.paper is not None and draft.file.paper.page == "shared":
        yield Spot(path=("paper", "page"))


RULES: tuple[Rule[SiteDraft], ...] = (
    the_controller_is_named,
    a_jurisdiction_has_an_overlay,
    the_duty_profile_has_an_opinion,
    observing_has_an_approver_and_an_end,
    the_timezone_is_known,
    a_million_persons_need_an_officer,
    the_officer_can_be_reached,
    consent_is_an_act,
    a_register_page_is_for_one_person,
)

"""Rules about what proves compliance, and about who and what can carry data away (PIPL 38, 51, 56; 网数条例 12)."""

from __future__ import annotations

import re
from collections.abc import Iterator

from compliance.domain.vocabulary import Role
from compliance.policies.drafts import SiteDraft
from compliance.policies.lint.basis import is_national_law
from compliance.policies.lint.days import SIX_MONTHS, THREE_YEARS, lasts_months
from compliance.policies.lint.rule import Rule, Spot, rule, said_by
from compliance.policies.site_schema import RecipientFile
from compliance.policies.words import NO_AGREEMENT, NO_RECIPIENT, UNKNOWN_LAW

MAINLAND = re.compile(r"CN(?:-(?!HK|MO|TW)[A-Z]{2,3})?\Z")
LONGEST_BACKUP = 30  # days that a backup may outlive what it copied: an engine choice
_THREE_YEARS = {"disclosures": "网数条例 12(1)", "assessments": "PIPL 56(2)", "activities": "PIPL 56(2)"}
_AGREED = ("method", "measures", "duties", "until")


@rule(
    "L-035",
    "网络安全法 23(3)",
    zh="网络日志留存不少于六个月",
    en="Network logs are kept at least six months",
    instead="network_logs: P6M",
)
def network_logs_last_six_months(draft: SiteDraft) -> Iterator[Spot]:
    keep = draft.file.evidence.network_logs
    if keep is not None and not lasts_months(keep, SIX_MONTHS):
        yield Spot(path=("evidence", "network_logs"))


@rule(
    "L-036",
    "{law}",
    zh="对外提供记录、影响评估和处理记录至少保存三年",
    en="Records of disclosure, assessments and records of processing are kept at least three years",
    instead="{key}: P3Y",
)
def evidence_lasts_three_years(draft: SiteDraft) -> Iterator[Spot]:
    for key, article in _THREE_YEARS.items():
        keep = getattr(draft.file.evidence, key)
        if keep is not None and not lasts_months(keep, THREE_YEARS):
            yield Spot(path=("evidence", key), words={"key": key, "law": article})


@said_by(NO_RECIPIENT)
def a_recipient_is_named(draft: SiteDraft) -> Iterator[Spot]:
    for number, party in enumerate(draft.file.recipients):
        missing = _blank(party, ("name", "contact", "purpose", "method"))
        if missing:
            yield Spot(path=("recipients", number), words={"x": ", ".join(missing)})


@said_by(NO_AGREEMENT)
def an_entrusted_party_has_an_agreement(draft: SiteDraft) -> Iterator[Spot]:
    for number, party in enumerate(draft.file.entrusted):
        missing = _blank(party, ("name", "contact", "purpose", *_AGREED))
        if missing:
            yield Spot(path=("entrusted", number), words={"x": ", ".join(missing)})


def _blank(party: RecipientFile, keys: tuple[str, ...]) -> list[str]:
    return [key for key in keys if not getattr(party, key).strip()]


@said_by(UNKNOWN_LAW)
def a_party_cites_what_is_in_force(draft: SiteDraft) -> Iterator[Spot]:
    for key in ("recipients", "entrusted"):
        for number, party in enumerate(getattr(draft.file, key)):
            if party.law_ref and not is_national_law(party.law_ref, draft.day, any_level=True):
                yield Spot(path=(key, number, "law_ref"), words={"x": party.law_ref})


@rule("L-063", "PIPL 51(3)", zh="备份须加密：{x}", en="Backups are encrypted: {x}", instead="encrypted: true")
def backups_are_encrypted(draft: SiteDraft) -> Iterator[Spot]:
    for number, backup in enumerate(draft.file.backups):
        if not backup.encrypted:
            yield Spot(path=("backups", number, "encrypted"), words={"x": backup.name})


@rule(
    "L-063",
    "E",
    zh="备份须在30天内到期清除",
    en="A backup goes within 30 days",
    instead="{key}: 30",
)
def backups_expire(draft: SiteDraft) -> Iterator[Spot]:
    if draft.file.backup_days > LONGEST_BACKUP:
        yield Spot(path=("backup_days",), words={"key": "backup_days"})
    for number, backup in enumerate(draft.file.backups):
        if backup.keep.longest_days > LONGEST_BACKUP:
            yield Spot(path=("backups", number, "keep"), words={"key": "keep"})


@rule(
    "L-064",
    "PIPL 51(4)",
    zh="批量导出权限过宽：{x}",
    en="Too wide a right to export in bulk: {x}",
    instead="{x}: none | own；只有 officer 和 auditor 可以 all / only they may have all",
)
def few_may_export_everything(draft: SiteDraft) -> Iterator[Spot]:
    for role, scope in draft.file.exports.items():
        if scope == "all" and role not in (Role.OFFICER, Role.AUDITOR):
            yield Spot(path=("exports", role.value), words={"x": role.value})


@rule(
    "L-065",
    "E",
    zh="存在向境外提供个人信息的配置：{x}。法律允许附条件出境（PIPL 38），本系统默认不允许",
    en="What is stored would lie outside the mainland: {x}. The law allows it on conditions, this system does not",
    instead="{x}: CN",
)
def nothing_is_stored_abroad(draft: SiteDraft) -> Iterator[Spot]:
    for key in ("storage", "backup", "analytics"):
        if not MAINLAND.match(getattr(draft.file.regions, key)):
            yield Spot(path=("regions", key), words={"x": key})


@rule(
    "L-066",
    "E",
    zh="不得按车牌/手机号任意查询轨迹",
    en="No free track query by plate or mobile number",
    instead="{x}: false",
)
def nobody_is_tracked(draft: SiteDraft) -> Iterator[Spot]:
    for key in ("across_sites", "beyond_period"):
        if getattr(draft.file.track_queries, key):
            yield Spot(path=("track_queries", key), words={"x": key})


RULES: tuple[Rule[SiteDraft], ...] = (
    network_logs_last_six_months,
    evidence_lasts_three_years,
    a_recipient_is_named,
    an_entrusted_party_has_an_agreement,
    a_party_cites_what_is_in_force,
    backups_are_encrypted,
    backups_expire,
    few_may_export_everything,
    nothing_is_stored_abroad,
    nobody_is_tracked,
)

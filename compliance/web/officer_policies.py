"""The policies in force, to read and to print. They are changed in a draft, which is published by one or by two."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from compliance.domain import difference_words as terms
from compliance.domain.emergency import is_of_emergency
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.vocabulary import FieldType, Role, Sensitivity
from compliance.notices import words
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.officer_pages import Officer, Opaque, Wired, show

router = APIRouter(prefix="/policies")
_ROLES: Final = {
    Role.GUARD: "门岗",
    Role.OFFICER: "负责人",
    Role.DIRECTOR: "主管",
    Role.AUDITOR: "审计",
    Role.SUBJECT: "本人",
}
_SENSITIVITY: Final = {Sensitivity.NORMAL: "一般", Sensitivity.RAISED: "较高", Sensitivity.SENSITIVE: "敏感"}


@router.get("")
def every(request: Request, staff: Officer, engine: Wired) -> Response:
    pack = engine.active_pack()
    rows = [(policy, _channels(policy), _periods(policy)) for policy in pack.categories.values()]
    return show(
        request,
        "policies",
        "policies",
        pack=pack,
        rows=rows,
        never=_never(pack),
        drafts=engine.drafting.every(),
        assessments=engine.assessments.every(),
    )


@router.get("/{category}")
def one(request: Request, staff: Officer, engine: Wired, category: Opaque) -> Response:
    pack = engine.active_pack()
    policy = pack.categories.get(category)
    if policy is None:
        raise Refused(NOT_FOUND)
    rows = [_row(rule, policy, pack) for rule in policy.fields.values()]
    return show(
        request, "policy", "policies", pack=pack, policy=policy, rows=rows, channels=_channels(policy)
    )


def _channels(policy: CategoryPolicy) -> str:
    return "、".join(words.channel(channel, "zh") for channel in policy.channels)


def _periods(policy: CategoryPolicy) -> list[str]:
    said = (
        words.period(one, policy.fields, "zh")
        + ("" if is_of_emergency(one) else "，到期" + words.fate(one, "zh"))
        for one in policy.retentions
    )
    return list(dict.fromkeys(said))


def _never(pack: Pack) -> list[Any]:
    """What nobody may collect, once each: a field may go under several names."""
    return list({rule.name: rule for rule in pack.never.values()}.values())


def _in_text(rule: FieldRule) -> str:
    """What becomes of identifiers in a free text; nothing for what is no free text."""
    if rule.type is not FieldType.TEXT:
        return ""
    certain, possible = (terms.IN_TEXT[action][0] for action in (rule.on_identifier, rule.on_possible))
    return f"发现证件号、电话等：{certain}；可能有的：{possible}"


def _row(rule: FieldRule, policy: CategoryPolicy, pack: Pack) -> dict[str, Any]:
    purpose = pack.site.purposes.get(rule.purpose)
    readers = dict.fromkeys(_ROLES[role] for roles in rule.read_by.values() for role in roles)
    return {
        "label": rule.label.zh,
        "name": rule.name,
        "in_text": _in_text(rule),
        "need": "必填" if rule.required else "自动" if rule.auto or rule.amendable else "选填",
        "otherwise": "；".join(rule.alternative.values()),
        "purpose": purpose.zh if purpose else rule.purpose,
        "why": rule.necessity,
        "sensitivity": _SENSITIVITY[rule.sensitivity],
        "basis": words.basis(rule, pack.site.basis_profile, "zh"),
        "law_ref": rule.law_ref or "",
        "period": words.period(rule.retention, policy.fields, "zh"),
        "fate": words.fate(rule.retention, "zh"),
        "floor": words.floor(rule.retention, policy.fields, "zh"),
        "readers": "、".join(readers) or "无人",
    }

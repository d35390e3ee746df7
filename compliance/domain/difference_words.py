"""The words that changes are told in."""

from __future__ import annotations

from collections.abc import Iterable

from compliance.domain.policy import CategoryPolicy, FieldRule
from compliance.domain.schedule import Period, Retention, Start
from compliance.domain.vocabulary import (
    Basis,
    Channel,
    OnIdentifier,
    Role,
    Sensitivity,
    ShowAs,
    StoreForm,
)

Words = tuple[str, str]

ROLE: dict[Role, Words] = {
    Role.GUARD: ("值班人员", "guards"),
    Role.OFFICER: ("个人信息保护负责人", "the officer"),
    Role.DIRECTOR: ("主要负责人", "the director"),
    Role.AUDITOR: ("审计人员", "auditors"),
    Role.SUBJECT: ("本人", "the person"),
}
STORE: dict[StoreForm, Words] = {
    StoreForm.SEALED: ("加密保存", "kept encrypted"),
    StoreForm.MASKED: ("只保存遮盖后的内容", "only its masked form is kept"),
    StoreForm.TOKEN: ("单独加密保存", "kept encrypted apart from the rest"),
    StoreForm.MATCH: ("只保存用于比对的编码", "only a code for matching is kept"),
    StoreForm.VERIFY_ONLY: ("只保存核对结果", "only the result of the check is kept"),
    StoreForm.COUNT: ("只保存数量", "only a number is kept"),
    StoreForm.CODE: ("只保存所选项", "only the chosen word is kept"),
}
SHOWN: dict[ShowAs, Words] = {
    ShowAs.FULL: ("完整显示", "shown in full"),
    ShowAs.MASK: ("遮盖显示", "shown masked"),
    ShowAs.SURNAME: ("只显示姓", "shown by surname"),
    ShowAs.BUILDING: ("只显示楼栋", "shown by building"),
    ShowAs.MINUTE: ("显示到分钟", "shown to the minute"),
    ShowAs.HOUR: ("只显示到小时", "shown to the hour"),
}
SENSITIVITY: dict[Sensitivity, Words] = {
    Sensitivity.NORMAL: ("一般", "normal"),
    Sensitivity.RAISED: ("较敏感", "raised"),
    Sensitivity.SENSITIVE: ("敏感", "sensitive"),
}
BASIS: dict[Basis, Words] = {
    Basis.CONSENT: ("本人同意", "consent"),
    Basis.CONTRACT: ("合同所必需", "contract"),
    Basis.STATUTORY: ("法定职责或义务", "statutory duty"),
    Basis.EMERGENCY: ("应急所必需", "emergency"),
    Basis.NEWS: ("新闻报道", "news reporting"),
    Basis.PUBLIC_INFO: ("已公开的信息", "public information"),
    Basis.OTHER_LAW: ("其他法律、行政法规规定", "another law"),
}
#: What is asked of the person before the field is taken, from nothing to an act of its own.
CONSENT: tuple[Words, ...] = (
    ("告知即可", "notice only"),
    ("须同意", "consent"),
    ("须单独同意", "separate consent"),
)
IN_TEXT: dict[OnIdentifier, Words] = {
    OnIdentifier.REFUSE: ("退回", "refused"),
    OnIdentifier.STRIP: ("略去这一项", "left out"),
    OnIdentifier.FLAG: ("照收并提示", "taken and flagged"),
}
SURE: dict[str, Words] = {"certain": ("发现", "found"), "possible": ("可能有", "that may be")}
CHANNEL_EN: dict[Channel, str] = {
    Channel.DESK: "front desk",
    Channel.KIOSK: "kiosk",
    Channel.MINIAPP: "mini-program",
    Channel.LPR: "plate recognition",
    Channel.ACCESS: "access control",
    Channel.PHONE: "telephone",
}


def listed(words: Iterable[Words]) -> Words:
    pairs = list(words)
    return "、".join(zh for zh, _ in pairs), ", ".join(en for _, en in pairs)


def label_of(rule: FieldRule) -> Words:
    return rule.label.zh, rule.label.en or rule.name


def fields_of(policy: CategoryPolicy) -> Words:
    return listed(label_of(rule) for rule in policy.fields.values())


def period(one: Period | None) -> Words:
    return (one.zh, one.en) if one else ("即时", "at once")


def start(begin: Start, policy: CategoryPolicy) -> Words:
    rule = policy.fields.get(begin.field)
    zh, en = label_of(rule) if rule else ("登记时间", "the time of registration")
    return (f"{zh}后{begin.plus.zh}", f"{begin.plus.en} after {en}") if begin.plus else (zh, en)


def fate(retention: Retention) -> Words:
    return ("删除", "erased") if retention.then == "erase" else ("匿名化", "anonymised")


def floor(retention: Retention) -> Words:
    if retention.floor is None:
        return "没有法定最短期限", "no statutory minimum"
    keep = retention.floor.keep
    return f"{keep.zh}（{retention.floor.law_ref}）", f"{keep.en} ({retention.floor.law_ref})"

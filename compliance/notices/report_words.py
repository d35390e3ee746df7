"""The words of a report: every code of a closed list as an officer reads it, Chinese first."""

from __future__ import annotations

from typing import Final

from compliance.domain.vocabulary import Mode, ReasonCode, RestrictionReason

Label = tuple[str, str]  # zh, en

REASON: Final[dict[str, Label]] = {
    ReasonCode.OVER_COLLECTION: ("超范围收集", "over-collection"),
    ReasonCode.MISSING_FIELD: ("缺必填项", "missing field"),
    ReasonCode.BAD_FORMAT: ("格式不对", "bad format"),
    ReasonCode.BAD_ORDER: ("时间先后不对", "times out of order"),
    ReasonCode.IDENTIFIER_IN_TEXT: ("备注含证件号、手机号等", "identifier in text"),
    ReasonCode.WRONG_CHANNEL: ("登记方式不符", "wrong channel"),
    ReasonCode.UNKNOWN_CATEGORY: ("没有这一类登记", "unknown category"),
    ReasonCode.NO_NOTICE: ("未先告知", "no notice"),
    ReasonCode.NO_CONSENT: ("没有同意记录", "no consent"),
    ReasonCode.RECONSENT_REQUIRED: ("规则已变更，须重新同意", "consent to be asked again"),
    ReasonCode.ALREADY_EXPIRED: ("已过保存期限", "already past its period"),
    ReasonCode.KEY_REUSED: ("提交编号重复", "idempotency key reused"),
    ReasonCode.MALFORMED: ("内容读不懂", "malformed"),
    ReasonCode.TOO_LARGE: ("内容过长", "too large"),
}
RESTRICTION: Final[dict[str, Label]] = {
    RestrictionReason.STATUTORY_MINIMUM: ("法定最短保存期限", "statutory minimum"),
    RestrictionReason.TECHNICAL: ("技术上难以删除", "technically hard to erase"),
    RestrictionReason.DISPUTE: ("争议处理中", "dispute"),
    RestrictionReason.LEGAL_HOLD: ("有关机关要求保全", "legal hold"),
    RestrictionReason.EVIDENCE: ("应急信息，评估后作证据或供调查", "emergency evidence, assessed"),
}
MODE: Final[dict[str, Label]] = {
    Mode.ENFORCE: ("严格执行", "enforce"),
    Mode.STRIP: ("略去选填项后登记", "strip"),
    Mode.OBSERVE: ("只观察、不拦截", "observe"),
}
LENIENCY: Final[dict[str, Label]] = {
    "stripped": ("略去该项后登记", "dropped"),
    "observed": ("照收，只计次数", "let through and counted"),
}
PERIOD: Final[dict[str, Label]] = {"day": ("日", "day"), "week": ("周", "week"), "month": ("月", "month")}
DAYPART: Final = ("0–6", "6–12", "12–18", "18–24")

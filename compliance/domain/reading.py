"""Who may read what of a record, decided from values alone; and why not, in a sentence that is the same for everybody.

A reason tells law from house rule, and never more than its reader may know: that a record is held by an authority is
itself confidential, so what is only stored is said to be that, and not why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from compliance.domain.policy import CategoryPolicy, FieldRule, Text
from compliance.domain.vocabulary import Basis, Role

HOUSE: Final = "E"  # an engine choice, never shown as law
#: How many records one page shows to a guard (requirements P51-4).
MOST_LISTED: Final = 50


class WhyNot(StrEnum):
    """Why a reading was refused: a closed list, for the ledger and the report."""

    UNKNOWN = "unknown"
    ERASED = "erased"
    NOT_GRANTED = "not_granted"
    OVER = "over"
    STORED_ONLY = "stored_only"
    WITHDRAWN = "withdrawn"
    NOT_CURRENT = "not_current"
    BY_IDENTIFIER = "by_identifier"
    NO_DOCUMENT = "no_document"
    TOO_MANY = "too_many"
    NO_REASON = "no_reason"
    KEY_LOST = "key_lost"
    UNREADABLE = "unreadable"

    @property
    def article(self) -> str:
        return _SAID[self][0]

    @property
    def say(self) -> Text:
        return _SAID[self][1]


def _said(article: str, zh: str, en: str) -> tuple[str, Text]:
    return article, Text(zh=zh, en=en)


_SAID: Final = {
    WhyNot.UNKNOWN: _said(HOUSE, "没有这条记录。", "There is no such record."),
    WhyNot.ERASED: _said("PIPL 47(1)", "这条记录已经删除。", "The record has been erased."),
    WhyNot.NOT_GRANTED: _said(
        "PIPL 51(4)",
        "您的岗位不能为这个目的查看这类记录。",
        "Your role may not read this kind of record for this purpose.",
    ),
    WhyNot.OVER: _said(
        "PIPL 19", "已过保存期限，不能再查看。", "Its period is over: it can no longer be read."
    ),
    WhyNot.STORED_ONLY: _said(
        "PIPL 47(2)",
        "这条记录只存储和保护，不能查看。",
        "The record is only stored and protected: it cannot be read.",
    ),
    WhyNot.WITHDRAWN: _said(
        "PIPL 15",
        "本人已撤回同意，不能再查看。",
        "The person has withdrawn their consent: it can no longer be read.",
    ),
    WhyNot.NOT_CURRENT: _said(
        HOUSE,
        "人已离开，岗位上只看在场的；确有需要请找负责人。",
        "They have left: at the gate only those who are here are looked at. Ask the officer if you must.",
    ),
    WhyNot.BY_IDENTIFIER: _said(
        "PIPL 28",
        "不能凭车牌或手机号查别人的进出记录；查自己的请走个人信息申请。",
        "Nobody's comings and goings are looked up by plate or number. For your own, make a request.",
    ),
    WhyNot.NO_DOCUMENT: _said(
        HOUSE,
        "凭号码查找须写明文号或案号，不写证件号、手机号和车牌。",
        "A look-up by number needs the document or case number, without anybody's numbers in it.",
    ),
    WhyNot.TOO_MANY: _said(
        HOUSE, f"一次最多看{MOST_LISTED}条，请缩小范围。", f"At most {MOST_LISTED} at a time: narrow it down."
    ),
    WhyNot.NO_REASON: _said(
        HOUSE,
        "请写明原因（200字以内），不写姓名、证件号、手机号和车牌。",
        "Say why, in at most 200 characters, without names or anybody's numbers.",
    ),
    WhyNot.KEY_LOST: _said(HOUSE, "密钥不可用，请联系管理员。", "A key cannot be had. Ask the operator."),
    WhyNot.UNREADABLE: _said(
        HOUSE, "这条记录读不出来，请联系管理员。", "The record cannot be opened. Ask the operator."
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How a record stands at this moment. `readable`: its time runs and nothing binds it."""

    readable: bool
    over: bool  # whatever there was is past its period
    held: bool  # a hold lies on this very record
    held_around: bool  # a hold lies on its category or site
    current: bool


def granted(policy: CategoryPolicy, purpose: str, role: Role) -> tuple[FieldRule, ...]:
    """The fields that the policy gives this purpose and role."""
    return tuple(rule for rule in policy.fields.values() if role in rule.read_by.get(purpose, ()))


def refused(rules: Sequence[FieldRule], role: Role, standing: Standing) -> WhyNot | None:
    """Why a record may not be read now, or None. What is not granted is said first: it tells nothing of the record."""
    if not rules:
        return WhyNot.NOT_GRANTED
    # A hold on a whole category must not blind the gate to who is inside; one on a record, or on what is over, does.
    if standing.held or (standing.held_around and not standing.current):
        return WhyNot.STORED_ONLY
    if not standing.readable:
        return WhyNot.OVER if standing.over else WhyNot.STORED_ONLY
    if role is Role.GUARD and not standing.current:
        return WhyNot.NOT_CURRENT
    return None


def withdrawn_fields(
    policy: CategoryPolicy, given: Sequence[str], taken_back: Sequence[str]
) -> frozenset[str]:
    """The fields whose consent was taken back and is not covered by another. Each item is what one consent covers:
    field names with blanks between them, or nothing for all that is neither sensitive nor asked for apart.
    """
    if not taken_back:
        return frozenset()
    return frozenset(
        rule.name
        for rule in policy.fields.values()
        if Basis.CONSENT in rule.basis.values() and _covers(rule, taken_back) and not _covers(rule, given)
    )


def _covers(rule: FieldRule, consents: Sequence[str]) -> bool:
    return any(
        rule.name in covers.split() or (not covers and not rule.needs_separate_consent) for covers in consents
    )

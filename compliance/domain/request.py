"""A subject's request: its kinds, its states as one table, its deadlines, and the only grounds to refuse it.

What is law and what is our own promise are kept apart: PIPL says 及时 and no number; fifteen working days come from
the rule for apps, thirty calendar days from a recommended standard, three working days are the house's own target.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from compliance.domain.policy import Text
from compliance.domain.workdays import Calendar, after_workdays


class RequestKind(StrEnum):
    """The rights of PIPL chapter IV. Which of them are built is listed in `compliance.rights`."""

    ACCESS = "access"
    COPY = "copy"
    TRANSFER = "transfer"
    CORRECTION = "correction"
    DELETION = "deletion"
    RESTRICTION = "restriction"
    OBJECTION = "objection"
    EXPLANATION = "explanation"
    WITHDRAWAL = "withdrawal"

    @property
    def article(self) -> str:
        return _KINDS[self][0]

    @property
    def label(self) -> Text:
        return Text(zh=_KINDS[self][1], en=_KINDS[self][2])


_KINDS: Final = {
    RequestKind.ACCESS: ("PIPL 45(1)", "查阅", "access"),
    RequestKind.COPY: ("PIPL 45(1), 45(2)", "复制", "copy"),
    RequestKind.TRANSFER: ("PIPL 45(3)", "转移", "transfer"),
    RequestKind.CORRECTION: ("PIPL 46", "更正、补充", "correction"),
    RequestKind.DELETION: ("PIPL 47", "删除", "deletion"),
    RequestKind.RESTRICTION: ("PIPL 44", "限制处理", "restriction"),
    RequestKind.OBJECTION: ("PIPL 44", "拒绝处理", "objection"),
    RequestKind.EXPLANATION: ("PIPL 48", "解释说明", "explanation"),
    RequestKind.WITHDRAWAL: ("PIPL 15", "撤回同意", "withdrawal of consent"),
}


class RequestState(StrEnum):
    RECEIVED = "received"
    VERIFYING = "verifying"
    NEED_INFO = "need_info"
    SEARCHING = "searching"
    DECIDING = "deciding"
    EXECUTING = "executing"
    NOTIFIED = "notified"
    CLOSED = "closed"
    REFUSED = "refused"
    PARTIAL = "partial"
    WITHDRAWN_BY_REQUESTER = "withdrawn_by_requester"
    TRANSFERRED = "transferred"

    @property
    def final(self) -> bool:
        return not TRANSITIONS[self]

    @property
    def label(self) -> Text:
        return Text(zh=_STATES[self][0], en=_STATES[self][1])


_STATES: Final = {
    RequestState.RECEIVED: ("已收到", "received"),
    RequestState.VERIFYING: ("核验身份中", "proof of identity awaited"),
    RequestState.NEED_INFO: ("需要重新核验", "a new proof is needed"),
    RequestState.SEARCHING: ("查找中", "searching"),
    RequestState.DECIDING: ("审核中", "being decided"),
    RequestState.EXECUTING: ("办理中", "being carried out"),
    RequestState.NOTIFIED: ("已告知结果", "told of the outcome"),
    RequestState.CLOSED: ("已办结", "closed"),
    RequestState.REFUSED: ("不予办理", "refused"),
    RequestState.PARTIAL: ("部分办结", "granted in part"),
    RequestState.WITHDRAWN_BY_REQUESTER: ("申请人已撤回", "withdrawn by the requester"),
    RequestState.TRANSFERRED: ("已转交", "passed on"),
}

_S = RequestState
_LEAVE: Final = (_S.REFUSED, _S.WITHDRAWN_BY_REQUESTER)

#: Every move there is. A state without a successor is final; the letter is written in the same transaction as it is
#: reached, because nobody comes back to a final state to do what was left over.
TRANSITIONS: Final[Mapping[RequestState, tuple[RequestState, ...]]] = {
    _S.RECEIVED: (_S.VERIFYING, *_LEAVE),
    _S.VERIFYING: (_S.SEARCHING, _S.NEED_INFO, *_LEAVE),
    _S.NEED_INFO: (_S.VERIFYING, *_LEAVE),
    _S.SEARCHING: (_S.DECIDING, *_LEAVE),
    _S.DECIDING: (_S.EXECUTING, _S.TRANSFERRED, *_LEAVE),
    _S.EXECUTING: (_S.NOTIFIED, _S.PARTIAL),
    _S.NOTIFIED: (_S.CLOSED,),
    _S.CLOSED: (),
    _S.REFUSED: (),
    _S.PARTIAL: (),
    _S.WITHDRAWN_BY_REQUESTER: (),
    _S.TRANSFERRED: (),
}


def may_move(here: RequestState, there: RequestState) -> bool:
    return there in TRANSITIONS[here]


class Ground(StrEnum):
    """The only grounds on which a request may be refused (requirements 5.4). Fees, cost, an internal rule, "the
    system cannot", a missing form or use "for analysis" are not among them and cannot be expressed.
    """

    SECRECY = "R1"
    STATE_ORGAN = "R2"
    LAW_PROVIDES_OTHERWISE = "R3"
    IDENTITY_NOT_PROVEN = "R4"
    OTHERS_INFORMATION = "R5"
    NOTHING_FOUND = "R6"
    STATUTORY_PERIOD = "R7"
    LEGAL_HOLD = "R8"
    TRANSFER_CONDITIONS = "R9"
    DECEASED_ARRANGED_OTHERWISE = "R10"
    EXTRA_GROUND = "R11"

    @property
    def article(self) -> str:
        return _GROUNDS[self][0]

    @property
    def text(self) -> Text:
        return Text(zh=_GROUNDS[self][1], en=_GROUNDS[self][2])

    @property
    def restricts(self) -> bool:
        """These never refuse a deletion outright: what they bind is restricted instead (PIPL 47(2))."""
        return self in (Ground.STATUTORY_PERIOD, Ground.LEGAL_HOLD)

    @property
    def needs_law(self) -> bool:
        """These say nothing by themselves: the officer has to name the law that they rest on."""
        return self in (Ground.SECRECY, Ground.LAW_PROVIDES_OTHERWISE, Ground.EXTRA_GROUND)


_GROUNDS: Final = {
    Ground.SECRECY: (
        "PIPL 45(1), 18(1)",
        "法律、行政法规规定应当保密或者不需要告知。",
        "A law or administrative regulation requires secrecy or dispenses with notice.",
    ),
    Ground.STATE_ORGAN: (
        "PIPL 45(1), 35",
        "告知将妨碍国家机关履行法定职责。",
        "Telling would impede a state organ in its statutory duty.",
    ),
    Ground.LAW_PROVIDES_OTHERWISE: (
        "PIPL 44",
        "法律、行政法规另有规定。",
        "A law or administrative regulation provides otherwise.",
    ),
    Ground.IDENTITY_NOT_PROVEN: (
        "PIPL 50(1)",
        "未能核实申请人是信息主体本人或有权代为申请的人。",
        "It was not shown that the requester is the person concerned or may act for them.",
    ),
    Ground.OTHERS_INFORMATION: (
        "PIPL 45, 民法典 1034",
        "提供会泄露他人的个人信息，且无法遮盖。",
        "Others' information would be disclosed and cannot be masked.",
    ),
    Ground.NOTHING_FOUND: (
        "PIPL 4(1)",
        "我们没有保存您的个人信息，或者已经删除、匿名化。",
        "We hold no personal information about you, or it has been erased or anonymised.",
    ),
    Ground.STATUTORY_PERIOD: (
        "PIPL 47(2)",
        "法定保存期限未届满，或者删除在技术上难以实现，仅存储并保护。",
        "A statutory period still runs, or erasing is technically hard: stored and protected only.",
    ),
    Ground.LEGAL_HOLD: (
        "PIPL 47(2)",
        "有关机关或者争议处理要求保存，仅存储并保护。",
        "An authority or a dispute requires it to be kept: stored and protected only.",
    ),
    Ground.TRANSFER_CONDITIONS: (
        "网数条例 25",
        "不符合个人信息转移的条件。",
        "The conditions for a transfer are not met.",
    ),
    Ground.DECEASED_ARRANGED_OTHERWISE: (
        "PIPL 49",
        "死者生前另有安排，或者申请人没有自身的合法、正当利益。",
        "The deceased arranged otherwise, or the requester has no lawful interest of their own.",
    ),
    Ground.EXTRA_GROUND: (
        "GB/T 35273-2020 8.7",
        "存在推荐性标准列明的其他情形，并有法律依据。",
        "A further case of the recommended standard, tied to a law.",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stated:
    """One ground as it is told: with the law that it rests on where the ground alone does not say it."""

    ground: Ground
    law_ref: str = ""

    def __post_init__(self) -> None:
        if self.ground.needs_law and not self.law_ref.strip():
            raise ValueError("law_ref: this ground has to name its law")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A refusal with its reasons (PIPL 50(1)); one without reasons cannot be made."""

    reasons: tuple[Stated, ...]

    def __post_init__(self) -> None:
        if not self.reasons:
            raise ValueError("reasons: a refusal states at least one")
        if all(stated.ground.restricts for stated in self.reasons):
            raise ValueError("reasons: what is bound by statute or hold is restricted, never refused")

    def as_json(self) -> list[dict[str, str]]:
        return [
            {
                "ground": stated.ground.value,
                "article": stated.law_ref or stated.ground.article,
                "zh": stated.ground.text.zh,
                "en": stated.ground.text.en,
            }
            for stated in self.reasons
        ]


HOUSE_WORKDAYS: Final = 3  # our own target (requirements 0.3a.7)
OUTER_WORKDAYS: Final = 15  # App违法违规收集使用个人信息行为认定方法: 15 working days, used for every channel
OUTER_DAYS: Final = 30  # GB/T 35273-2020 8.7, a recommended standard


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadlines:
    """The last days on which an answer is in time; each ends at 24:00 (民法典 203(2)).

    None is moved forward by a holiday: 203(1) would allow it, and the person asking would wait longer.
    """

    house: date
    outer: date
    calendar: date
    provisional: bool  # a year whose holidays nobody has published yet was counted by weekdays

    @property
    def legal(self) -> date:
        """The earlier of the two outer limits: what we must keep, as against what we promise ourselves."""
        return min(self.outer, self.calendar)

    @property
    def earliest_first(self) -> tuple[date, ...]:
        return tuple(sorted((self.house, self.outer, self.calendar)))

    @property
    def due(self) -> date:
        return self.earliest_first[0]


def deadlines(received: date, is_workday: Calendar) -> Deadlines:
    """Count from the day of receipt, which is itself not counted (民法典 201)."""
    house = after_workdays(received, HOUSE_WORKDAYS, is_workday)
    outer = after_workdays(received, OUTER_WORKDAYS, is_workday)
    return Deadlines(
        house=house.day,
        outer=outer.day,
        calendar=received + timedelta(days=OUTER_DAYS),
        provisional=house.provisional or outer.provisional,
    )

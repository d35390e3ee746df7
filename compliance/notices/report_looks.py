"""The report's table of who looked into the register how often, and what was given to authorities."""

from __future__ import annotations

from typing import Final

from compliance.domain.disclosure import RefusalGround
from compliance.domain.ledger import Act
from compliance.domain.reading import WhyNot
from compliance.domain.report import LookFigures, MonthFigures
from compliance.domain.vocabulary import Role
from compliance.notices.report_cells import NONE_KNOWN, Cell, Column, Table
from compliance.notices.report_words import Label

LOOK: Final[dict[str, Label]] = {
    Act.READ: ("查看", "read"),
    Act.READ_REFUSED: ("查看被拒", "refused"),
    Act.LOOKED_UP: ("按号码或范围查找", "looked up"),
    Act.BREAK_GLASS: ("应急点名", "break-glass roll-call"),
    Act.DISCLOSED: ("依法提供", "given to an authority"),
    Act.DISCLOSURE_REFUSED: ("提供被拒或失效", "disclosure refused or lapsed"),
    Act.DISCLOSURE_LATE: ("补签逾期", "countersignature late"),
}
ROLE: Final[dict[str, Label]] = {
    Role.GUARD: ("门岗", "guard"),
    Role.OFFICER: ("负责人", "officer"),
    Role.DIRECTOR: ("主管", "director"),
    Role.AUDITOR: ("审计", "auditor"),
    Role.SUBJECT: ("本人或住户", "subject"),
}
#: Why a reading was refused, in the few words that a table has room for.
WHY: Final[dict[str, Label]] = {
    WhyNot.UNKNOWN: ("没有这条", "unknown"),
    WhyNot.ERASED: ("已删除", "erased"),
    WhyNot.NOT_GRANTED: ("岗位或目的不符", "not granted"),
    WhyNot.OVER: ("已过期限", "over"),
    WhyNot.STORED_ONLY: ("只存储和保护", "only stored"),
    WhyNot.WITHDRAWN: ("已撤回同意", "withdrawn"),
    WhyNot.NOT_CURRENT: ("人已离开", "has left"),
    WhyNot.BY_IDENTIFIER: ("凭号码查他人", "by another's number"),
    WhyNot.NO_DOCUMENT: ("没有文号", "no document"),
    WhyNot.TOO_MANY: ("太多", "too many"),
    WhyNot.NO_REASON: ("没有原因", "no reason"),
    WhyNot.KEY_LOST: ("密钥不可用", "key lost"),
    WhyNot.UNREADABLE: ("读不出", "unreadable"),
}
#: Why an authority was given nothing: the refusal's ground, or what was wrong with the request itself.
NOT_GIVEN: Final[dict[str, Label]] = {
    **{ground.value: (ground.label.zh, ground.label.en) for ground in RefusalGround},
    "abroad": ("会传到境外", "would go abroad"),
    "all_fields": ("要全部项目", "asked for every field"),
    "hold_over": ("保全期限不对", "hold too long"),
    "lapsed": ("逾期未取", "lapsed"),
    "no_end": ("没有起止日期", "no first or last day"),
    "no_fields": ("没有列明项目", "named no fields"),
    "no_ground": ("法律依据不符", "its ground does not bear it"),
    "not_urgent": ("未核实危及生命", "danger to life not confirmed"),
    "officers": ("没有警号或证号", "no service number"),
    "unwritten": ("单位、文号未写明", "unit or document not written"),
    "whole_register": ("要整个登记簿", "asked for the whole register"),
}
_ALARMING: Final = (Act.BREAK_GLASS, Act.DISCLOSURE_LATE)


def looks_table(figures: MonthFigures) -> Table:
    """How often, by purpose and role; break-glass and late signatures stand out."""
    return Table(
        name="查看与提供",
        title=("查看与提供", "Looks and disclosures"),
        columns=(
            Column(label=("行为", "act"), number=False),
            Column(label=("目的或原因", "purpose or reason"), number=False),
            Column(label=("岗位", "role"), number=False),
            Column(label=("次数", "times")),
            Column(label=("涉及记录", "records")),
        ),
        rows=tuple(look_row(one) for one in figures.looks),
        note=(
            "每次查看都记入账本，被拒的也记；应急点名和补签逾期请逐次核实。",
            "Every look is in the ledger, refused ones too; check each roll-call and late signature.",
        ),
    )


def look_row(one: LookFigures) -> tuple[Cell, ...]:
    """One line: what, for which purpose or why not, in which role, how often, of how many records."""
    purpose = f"{one.purpose_zh} {one.purpose_en}" if one.purpose not in ("", "unknown") else ""
    known = WHY if one.act == Act.READ_REFUSED else NOT_GIVEN
    # One request may have several faults: the entry has their codes, blanks between them.
    why = "、".join(" ".join(known.get(code, (code,))) for code in one.why.split())
    return (
        Cell(value=" ".join(LOOK.get(one.act, (one.act,)))),
        Cell(value="；".join(text for text in (purpose, why) if text) or NONE_KNOWN),
        Cell(value=" ".join(ROLE.get(one.role, (one.role,))) or NONE_KNOWN),
        Cell(value=one.times, alarm=one.act in _ALARMING),
        Cell(value=one.records),
    )

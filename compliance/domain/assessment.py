"""The impact assessment (PIPL 55, 56): what of a pack calls for one, and exactly what it has looked at.

The scope is each thing that calls for an assessment, with all that the assessment judges of it: purpose and necessity,
basis, form of storage, period, readers, recipients. Whatever of that changes, the hash changes and the assessment no longer
covers the pack. A label, a hint or a field that calls for nothing may change around it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from compliance.domain.emergency import whole
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack, Party
from compliance.domain.schedule import Period, Retention
from compliance.domain.vocabulary import Sensitivity

KEPT_FOR: Final = Period(years=3)  # PIPL 56(2): at least three years
LOOKED_AT_AGAIN_AFTER: Final = Period(years=1)  # an engine choice (requirements L-052)
#: What the officer says in their own words, and where: the three parts of PIPL 56(1), then the opinion of PIPL 52.
PARTS: Final = ("lawfulness", "effect", "measures")
SHORTEST, LONGEST = 10, 2000


class Trigger(StrEnum):
    """Why an assessment is needed (PIPL 55)."""

    SENSITIVE = "sensitive"
    FACE = "face"
    CHILDREN = "children"
    AUTOMATED = "automated"
    ENTRUSTED = "entrusted"
    PROVIDED = "provided"

    @property
    def article(self) -> str:
        return _TRIGGERS[self][0]

    @property
    def zh(self) -> str:
        return _TRIGGERS[self][1]

    @property
    def en(self) -> str:
        return _TRIGGERS[self][2]


_TRIGGERS: Final = {
    Trigger.SENSITIVE: ("PIPL 55(1)", "处理敏感个人信息", "sensitive personal information"),
    Trigger.FACE: ("人脸办法 9", "处理人脸信息", "face information"),
    Trigger.CHILDREN: ("PIPL 28, 55(1)", "处理不满十四周岁未成年人的个人信息", "children under fourteen"),
    Trigger.AUTOMATED: ("PIPL 55(2)", "利用个人信息进行自动化决策", "automated decisions"),
    Trigger.ENTRUSTED: ("PIPL 55(3)", "委托处理个人信息", "entrusting personal information"),
    Trigger.PROVIDED: (
        "PIPL 55(3)",
        "向其他个人信息处理者提供个人信息",
        "providing it to another controller",
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """One thing that calls for an assessment. `field` and `category` are empty where it concerns the whole site."""

    trigger: Trigger
    category: str = ""
    field: str = ""
    party: str = ""
    zh: str
    en: str


def causes(pack: Pack) -> tuple[Cause, ...]:
    """Everything of a pack that calls for an assessment, in a fixed order; empty: none is needed."""
    return tuple(cause for cause, _ in _weighed(pack))


def scope_hash(pack: Pack) -> str:
    """SHA-256 over what the assessment is about, as canonical JSON; empty where nothing calls for one."""
    weighed = sorted(json.dumps(seen, ensure_ascii=True, sort_keys=True) for _, seen in _weighed(pack))
    return sha256("\n".join(weighed).encode("ascii")).hexdigest() if weighed else ""


def _weighed(pack: Pack) -> Iterator[tuple[Cause, dict[str, Any]]]:
    """Each cause with all of it that the assessment judges."""
    site = {"site": pack.site.name, "profile": pack.site.basis_profile.value}
    pack = whole(
        pack
    )  # what an emergency may bring is assessed beforehand: when it opens, nobody has the time
    for category in pack.categories.values():
        for rule in category.fields.values():
            trigger = _trigger(rule, category)
            if trigger is not None:
                zh = f"{category.label.zh}：{rule.label.zh}"
                en = f"{category.label.en or category.category}: {rule.label.en or rule.name}"
                cause = Cause(trigger=trigger, category=category.category, field=rule.name, zh=zh, en=en)
                yield cause, {**site, "trigger": trigger.value, **_of_field(rule, category)}
    if pack.site.automated:
        cause = Cause(trigger=Trigger.AUTOMATED, zh="自动拒绝通行", en="a machine refuses entry")
        yield cause, {**site, "trigger": Trigger.AUTOMATED.value}
    of_parties = ((Trigger.ENTRUSTED, pack.site.entrusted), (Trigger.PROVIDED, pack.site.recipients))
    for trigger, parties in of_parties:
        for party in parties:
            cause = Cause(trigger=trigger, party=party.name, zh=party.name, en=party.name)
            yield cause, {**site, "trigger": trigger.value, **_of_party(party)}


def _trigger(rule: FieldRule, category: CategoryPolicy) -> Trigger | None:
    if rule.face:
        return Trigger.FACE
    if category.children:
        return Trigger.CHILDREN
    return Trigger.SENSITIVE if rule.sensitivity is Sensitivity.SENSITIVE else None


def _of_field(rule: FieldRule, category: CategoryPolicy) -> dict[str, Any]:
    return {
        "category": category.category,
        "field": rule.name,
        "type": rule.type.value,
        "values": sorted(rule.values),
        "purpose": rule.purpose,
        "necessity": rule.necessity,
        "basis": {subject: basis.value for subject, basis in rule.basis.items()},
        "law_ref": rule.law_ref or "",
        "separate": rule.needs_separate_consent,
        "required": rule.required,
        "alternative": dict(rule.alternative),
        "store": rule.store.value,
        "show_as": rule.show_as.value,
        "face": rule.face,
        "channels": sorted(channel.value for channel in rule.channels or category.channels),
        "readers": {purpose: sorted(role.value for role in roles) for purpose, roles in rule.read_by.items()},
        "period": _of_period(rule.retention),
    }


def _of_period(retention: Retention) -> dict[str, Any]:
    starts = {
        name: [start.field, start.plus.iso if start.plus else ""]
        for name, start in (("starts", retention.starts), ("or_else", retention.or_else))
    }
    floor = [retention.floor.keep.iso, retention.floor.law_ref] if retention.floor else []
    return {**starts, "keep": retention.keep.iso, "then": retention.then, "floor": floor}


def _of_party(party: Party) -> dict[str, Any]:
    """A new telephone number of a recipient is no new recipient: its contact is left out."""
    return {
        "party": party.name,
        "purpose": party.purpose,
        "fields": sorted(party.fields),
        "law_ref": party.law_ref,
        "until": party.until,
    }


class AssessmentState(StrEnum):
    DRAFT = "draft"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """One sentence that the policy itself says, in one of the three parts."""

    part: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Assessment:
    """One assessment as it is kept: what the policy said then, and what the officer says of it.

    `statements` are written down when it is drafted: the document must not change with the policy that it judged.
    """

    id: str
    site: str
    controller: str
    scope_hash: str
    state: AssessmentState
    causes: tuple[tuple[str, str, str], ...]  # article, zh, en
    statements: tuple[Statement, ...]
    lawfulness: str = ""
    effect: str = ""
    measures: str = ""
    owner: str
    opinion: str = ""
    drafted_on: str
    approved_by: str = ""
    approved_on: str = ""
    review_on: str = ""
    keep_until: str = ""  # no day before it may see it deleted
    act_id: str = ""

    @property
    def unsaid(self) -> tuple[str, ...]:
        """The parts that the officer has not said anything about yet: an assessment without them is none."""
        return tuple(name for name in (*PARTS, "opinion") if len(getattr(self, name).strip()) < SHORTEST)

    def of(self, part: str) -> tuple[Statement, ...]:
        return tuple(one for one in self.statements if one.part == part)

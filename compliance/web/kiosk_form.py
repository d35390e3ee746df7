"""A field, and the consents that fields need, as a kiosk reads them: everything to draw and to check before it sends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from compliance.domain.formats import LONGEST_NAME
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack, Text
from compliance.domain.vocabulary import ConsentAct, FieldType, ReasonCode

# How long a value of a type may be; a text says it itself, a code is one of its values.
_LONGEST: Final[Mapping[FieldType, int]] = {
    FieldType.PERSON_NAME: LONGEST_NAME,
    FieldType.MOBILE: 32,
    FieldType.PLATE: 16,
    FieldType.ROOM: 24,
}


def said(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def consents(pack: Pack, policy: CategoryPolicy, asked: Sequence[FieldRule]) -> dict[str, Any]:
    """Which of the fields that are asked need which consent, and by what act and whom it may be given.

    In a register of children under fourteen it is the guardian who consents (PIPL 31).
    """
    return {
        "consent_needed": [rule.name for rule in asked if _consent(rule, pack) == "plain"],
        "separate_consent_needed": [rule.name for rule in asked if _consent(rule, pack) == "separate"],
        "consent_acts": [act.value for act in ConsentAct],
        "consent_by": ["guardian"] if policy.children else ["self", "guardian"],
    }


def form_field(rule: FieldRule, pack: Pack) -> dict[str, Any]:
    """One field: its words in both languages, its form and limits, why it is asked, and what to do instead."""
    purpose = pack.site.purposes.get(rule.purpose)
    return {
        "name": rule.name,
        "label": said(rule.label),
        "type": rule.type.value,
        "required": rule.required,
        "filled_in_by_the_gate": rule.auto,
        "may_come_later": rule.amendable,
        "sensitivity": rule.sensitivity.value,
        "consent": _consent(rule, pack),
        "purpose": said(purpose) if purpose else {"zh": rule.purpose, "en": rule.purpose},
        "necessity": rule.necessity,
        "alternatives": [
            {"way": way, "zh": sentence, "fills": way if way in _beside(rule, pack) else None}
            for way, sentence in rule.alternative.items()
        ],
        "values": list(rule.values),
        "longest": _LONGEST.get(rule.type, rule.longest),
        "most": rule.most,
        "channels": list(rule.channels),
        "says": {code: said(text) for code, text in rule.say.items() if code in set(ReasonCode)},
    }


def _consent(rule: FieldRule, pack: Pack) -> str:
    if rule.needs_separate_consent:
        return "separate"
    return "plain" if rule.needs_consent(pack.site.basis_profile) else "none"


def _beside(rule: FieldRule, pack: Pack) -> frozenset[str]:
    """Fields of the category this rule is of: an alternative may be one of them, or only a way."""
    return next(
        frozenset(policy.fields)
        for policy in pack.categories.values()
        if policy.fields.get(rule.name) is rule
    )

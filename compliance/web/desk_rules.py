"""The rules of a form as far as a tablet without network can keep them: names, what is required, lengths, lists.

Drawn from the same policy as the form, with the gate's own sentences, so that a guard hears one voice. What is sent later
is judged again by the gate; what a tablet refuses was never written down anywhere.
"""

from __future__ import annotations

from typing import Any

from compliance.domain.collection import fault_of, over_collection
from compliance.domain.formats import LONGEST_NAME
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.reasons import reason
from compliance.domain.vocabulary import FieldType, ReasonCode
from compliance.web.desk_form import shown_at_desk

# What `domain/formats.py` takes of each type, in characters; a text has its own length in the policy.
_LONGEST = {
    FieldType.PERSON_NAME: LONGEST_NAME,
    FieldType.ROOM: 24,
    FieldType.MOBILE: 32,
    FieldType.PLATE: 16,
}
# A long number is what these are; in any other line it is somebody's document or telephone.
_NUMBERS = (FieldType.MOBILE, FieldType.COUNT, FieldType.TIME, FieldType.CODE, FieldType.PLATE)
_SAID = (
    ReasonCode.MISSING_FIELD,
    ReasonCode.BAD_FORMAT,
    ReasonCode.TOO_LARGE,
    ReasonCode.IDENTIFIER_IN_TEXT,
    ReasonCode.NO_CONSENT,
)


def rules(policy: CategoryPolicy, pack: Pack) -> dict[str, Any]:
    """What the page's script checks before it seals a form: no value, only names, limits and sentences."""
    return {
        "fields": {rule.name: _rule(rule, policy) for rule in shown_at_desk(policy)},
        "never": {name: over_collection(name, policy, pack.never).zh for name in pack.never},
        "unknown": over_collection("", policy, pack.never).zh,
        "late": reason(ReasonCode.ALREADY_EXPIRED).zh,
    }


def _rule(rule: FieldRule, policy: CategoryPolicy) -> dict[str, Any]:
    return {
        "type": rule.type.value,
        "required": rule.required and not policy.exempt,
        "longest": _LONGEST.get(rule.type, rule.longest),
        "most": rule.most,
        "values": list(rule.values),
        "ways": list(rule.alternative),
        "separate": rule.needs_separate_consent,
        "numbers": rule.type in _NUMBERS,
        "says": {code.value: fault_of(rule, code).zh for code in _SAID},
    }

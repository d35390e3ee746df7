"""What a value looks like that needs no second thought: it is its own normal form, and fits.

`read_value` takes far more (full-width digits, spaces, plates in small letters) and brings it into form. Most of what a
gate is sent is plain already, and can be told by one look at all fields of a submission together. What is not plain is
not refused here: it is read in full. Every pattern is narrow on purpose; tests hold each to `read_value`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from compliance.domain.policy import FieldRule
from compliance.domain.vocabulary import FieldType

#: Between the fields of a submission when they are looked at together; no plain value has it.
SEPARATOR = "\x1f"

# Han as Unicode 1.1 had it and ASCII: no normalisation changes them, and no release of Unicode will.
_HAN = "\u4e00-\u9fa5"
_LETTER = f"[A-Za-z{_HAN}]"
_BETWEEN = r"(?:[-#/]|[栋幢座号楼单元层]{1,2}[-#/]?)"
_FORMS: Mapping[FieldType, str] = {
    FieldType.PERSON_NAME: rf"{_LETTER}(?:{_LETTER}|[ ·.'-](?={_LETTER})){{0,29}}",
    # Nine digits at most, in groups of four, with nothing but words for a building between them.
    FieldType.ROOM: r"(?:[A-Za-z][座栋幢区])?(?:[0-9]{4}|"
    rf"[0-9]{{1,3}}(?:{_BETWEEN}[0-9]{{1,2}})?(?:{_BETWEEN}[0-9]{{1,4}})?)[栋幢座号楼单元层室]{{0,2}}",
    # Every separator in its place: `fromisoformat` alone also takes a time without them.
    FieldType.TIME: r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}[+-][0-9]{2}:[0-9]{2}",
}
_SENTENCE = rf"[A-Za-z0-9{_HAN}](?:[A-Za-z0-9{_HAN}。、.-]{{0,%d}}[A-Za-z0-9{_HAN}。])?"

PLAIN_TIME = re.compile(_FORMS[FieldType.TIME])


def plain_form(rule: FieldRule, known: Mapping[FieldType, str]) -> str | None:
    """A pattern (without groups of its own) for plain values of a field; None for a type that has none.

    `known` brings the patterns that belong to detectors: mobile numbers and plates.
    """
    if rule.type is FieldType.CODE:
        words = [word for word in rule.values if word and SEPARATOR not in word]
        return "|".join(map(re.escape, words)) if len(words) == len(rule.values) and words else None
    if rule.type is FieldType.TEXT:
        return _SENTENCE % (rule.longest - 2) if rule.longest >= 2 else None
    return known.get(rule.type) or _FORMS.get(rule.type)

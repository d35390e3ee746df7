"""A policy as a form for a guard, and a filled form as a submission. Nothing here knows any category by name."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from compliance.domain.formats import from_text
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.reasons import Reason
from compliance.domain.vocabulary import Channel, ConsentAct, FieldType
from compliance.web.forms import Form

# What the desk itself puts into a form begins so; every other name is taken for a field, and the gate decides on it.
CONTROL = "_"
CSRF = "csrftoken"
DECLINE, SEPARATE = "_decline.", "_separate."
KINDS_ZH = {
    "resident_id": "居民身份证",
    "passport": "护照",
    "permit": "通行证",
    "electrician": "电工证",
    "gas": "燃气证",
    "height": "高处作业证",
    "welding": "焊工证",
}
RESULTS = (("pass", "相符"), ("fail", "不符"), ("unclear", "看不清"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """What those who refuse a field do instead; `chosen` when the form says so."""

    way: str
    sentence: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawn:
    """One field as the page draws it. `value` is what was typed last."""

    name: str
    label: str
    type: str
    required: bool
    auto: bool
    hint: str
    value: str = field(repr=False)
    value_of: Mapping[str, str] = field(repr=False)  # parts of a verification
    choices: tuple[tuple[str, str], ...]  # (value, text)
    longest: int
    most: int
    separate: bool
    agreed: str  # "yes" | "no" | ""
    alternatives: tuple[Alternative, ...]
    faults: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Typed:
    """What a guard typed, as the gate takes it: fields, and what was declined for what."""

    fields: Mapping[str, object] = field(repr=False)
    declined: Mapping[str, str]
    agreed: tuple[str, ...]  # sensitive fields that the person agreed to singly


def shown_at_desk(policy: CategoryPolicy) -> Iterator[FieldRule]:
    """The fields a guard fills in now: those of this channel, without what only comes later (an exit)."""
    offered = {way for rule in policy.fields.values() for way in rule.alternative}
    for rule in policy.fields.values():
        later = rule.amendable and not rule.required and rule.furthest is None
        # A word that only ever stands in for something declined is filled in by declining it.
        stand_in = rule.name in offered and not rule.required and len(rule.values) == 1
        here = not rule.channels or Channel.DESK in rule.channels
        if here and not later and not stand_in and rule.type is not FieldType.ATTACHMENT:
            yield rule


def drawn(policy: CategoryPolicy, form: Form | None, reasons: Sequence[Reason] = ()) -> list[Drawn]:
    """The fields of the form, with what was typed and what is wrong with it."""
    typed = dict(form.pairs) if form else {}
    return [_draw(rule, typed, reasons) for rule in shown_at_desk(policy)]


def _draw(rule: FieldRule, typed: Mapping[str, str], reasons: Sequence[Reason]) -> Drawn:
    way = typed.get(DECLINE + rule.name, "")
    return Drawn(
        name=rule.name,
        label=rule.label.zh,
        type=rule.type.value,
        required=rule.required,
        auto=rule.auto,
        hint=rule.necessity,
        value=typed.get(rule.name, ""),
        value_of={part: typed.get(f"{rule.name}.{part}", "") for part in ("type", "result")},
        choices=tuple((value, KINDS_ZH.get(value, value)) for value in rule.values),
        longest=rule.longest,
        most=rule.most,
        separate=rule.needs_separate_consent,
        agreed=typed.get(SEPARATE + rule.name, ""),
        alternatives=tuple(
            Alternative(way=name, sentence=sentence, chosen=name == way)
            for name, sentence in rule.alternative.items()
        ),
        faults=tuple(dict.fromkeys(one.zh for one in reasons if one.field == rule.name)),
    )


def typed(policy: CategoryPolicy, form: Form, staff_id: str, now: datetime) -> Typed:
    """Read the form. Every name that is not a control goes to the gate, so that a field nobody drew is refused there."""
    declined = {
        name.removeprefix(DECLINE): value for name, value in form.pairs if name.startswith(DECLINE) and value
    }
    agreed = {name.removeprefix(SEPARATE): value for name, value in form.pairs if name.startswith(SEPARATE)}
    fields: dict[str, object] = {}
    for name, value in form.pairs:
        if name == CSRF or name.startswith(CONTROL):
            continue
        head, dot, part = name.partition(".")
        rule = policy.fields.get(head)
        if rule is None or (dot and rule.type is not FieldType.VERIFICATION):
            fields[name] = value
        elif head in declined or agreed.get(head) == "no" or not value.strip():
            continue
        elif rule.type is FieldType.VERIFICATION:
            whole = fields.setdefault(head, {"time": now.isoformat(), "by": staff_id})
            if isinstance(whole, dict):
                whole[part or "value"] = value
        else:
            fields[head] = from_text(rule, value, now)
    for name, answer in agreed.items():
        # Said no to an item that is asked for singly: told to the gate, so that nobody asks again within the month.
        if answer == "no" and name in policy.fields and not policy.fields[name].required:
            declined.setdefault(name, "refused")
    for name, way in declined.items():
        stand_in = policy.fields.get(way)
        if name in policy.fields and stand_in is not None and len(stand_in.values) == 1:
            fields[way] = stand_in.values[0]
    return Typed(
        fields=fields,
        declined={name: way for name, way in declined.items() if name in policy.fields},
        agreed=tuple(name for name, said in agreed.items() if said == "yes" and name in fields),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The pass that somebody showed, and the fields that its holder's consent covers; empty where nobody showed one."""

    code: str = field(default="", repr=False)
    covers: Collection[str] = ()


def submission(
    policy: CategoryPolicy,
    pack: Pack,
    said: Typed,
    *,
    act: ConsentAct,
    notice: Mapping[str, str],
    key: str,
    shown: Shown | None = None,
    asked: bool = True,
) -> dict[str, Any]:
    """The submission of a desk. A consent is stated only where a field rests on one: what nobody asked nobody gave.

    What the pass that was `shown` covers is not asked, and so not stated. Where nothing was `asked` but what is agreed to
    singly, whatever else needs consent has to be covered by the pass.
    """
    shown = shown or Shown()
    left = left_to_ask(policy, pack, said, shown) if asked else []
    consent: list[dict[str, Any]] = []
    if left:
        consent.append({"kind": "plain", "by": "self", "act": act.value})
        if shown.covers:
            consent[0]["covers"] = left
    consent += [
        {"kind": "separate", "covers": [name], "by": "self", "act": act.value} for name in said.agreed
    ]
    whole: dict[str, Any] = {"fields": dict(said.fields), "declined": dict(said.declined)}
    if key:
        whole["key"] = key
    if shown.code:
        whole["pass"] = shown.code
    if not policy.exempt:
        whole |= {"notice": dict(notice), "consent": consent}
    return whole


def left_to_ask(policy: CategoryPolicy, pack: Pack, said: Typed, shown: Shown) -> list[str]:
    """The fields that need an ordinary consent and that no pass covers; none where nothing of them is given now.

    With what is given goes what was told would follow (an exit): it is agreed to at the same time.
    """
    profile = pack.site.basis_profile
    ordinary = [
        rule
        for rule in policy.fields.values()
        if rule.needs_consent(profile)
        and not rule.needs_separate_consent
        and rule.name not in shown.covers
        and (rule.name in said.fields or rule.auto or rule.amendable)
    ]
    given_now = any(rule.name in said.fields or rule.auto for rule in ordinary)
    return [rule.name for rule in ordinary] if given_now else []


def asks_consent(policy: CategoryPolicy, pack: Pack) -> bool:
    """Whether anything on the desk's form rests on consent: then the button says that it was given."""
    profile = pack.site.basis_profile
    return any(rule.needs_consent(profile) for rule in shown_at_desk(policy)) and not policy.exempt


def summary(policy: CategoryPolicy, said: Typed) -> list[tuple[str, str]]:
    """What would be registered, for the person to see before agreeing: label and value."""
    lines = []
    for name, value in said.fields.items():
        rule = policy.fields.get(name)
        if rule is None:
            continue
        if isinstance(value, dict):
            kind = KINDS_ZH.get(str(value.get("type")), str(value.get("type", "")))
            text = f"{kind} {dict(RESULTS).get(str(value.get('result')), '')}"
        else:
            text = str(value)[:16].replace("T", " ") if rule.type is FieldType.TIME else str(value)
        lines.append((rule.label.zh, text))
    return lines

"""One field before and after: each aspect in a small function of its own, exact on the values.

Where a change lets in what was turned away although no more is collected by it (a field that nobody has to give any
longer), a neutral change says so beside it: what only narrows must never admit what was refused.
"""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain import difference_words as words
from compliance.domain.change import Change, Direction, Spot
from compliance.domain.difference_sides import Aspect, Sides, no_trigger, purpose_of, starts_a_period
from compliance.domain.difference_values import VALUE_ASPECTS
from compliance.domain.policy import CategoryPolicy, FieldRule
from compliance.domain.vocabulary import Basis, BasisProfile, Channel, Mode, Sensitivity


def reach(rule: FieldRule, policy: CategoryPolicy) -> tuple[Channel, ...]:
    """The channels that may bring a field, in the category's order."""
    return tuple(one for one in policy.channels if not rule.channels or one in rule.channels)


def consent_level(rule: FieldRule, policy: CategoryPolicy, profile: BasisProfile) -> int:
    """What is asked before the field is taken: nothing, consent, or an act of consent of its own."""
    if policy.exempt:
        return 0
    return 2 if rule.needs_separate_consent else int(rule.needs_consent(profile))


def field_changes(name: str, sides: Sides) -> Iterator[Change]:
    was, now = sides.was.fields.get(name), sides.now.fields.get(name)
    if was is None and now is not None:
        yield from _added(now, sides)
    elif now is None and was is not None:
        yield from _dropped(was, sides)
    elif was is not None and now is not None and was != now:
        changed = [change for aspect in _ASPECTS for change in aspect(was, now, sides.spot(name), sides)]
        yield from changed
        yield from _left_out(name, changed, sides)
    elif was is not None and now is not None:
        # An equal rule can still ask for less where the site or the category around it changed.
        changed = list(_consent(was, now, sides.spot(name), sides))
        yield from changed
        yield from _left_out(name, changed, sides)


def _added(rule: FieldRule, sides: Sides) -> Iterator[Change]:
    at = sides.spot(rule.name)
    must = ("必填", "required") if rule.required else ("可不填", "optional")
    zh, en = (
        f"新增收集，{must[0]}，{rule.retention.keep.zh}",
        f"now collected, {must[1]}, for {rule.retention.keep.en}",
    )
    for channel in _named(rule, sides.now):
        yield at.change("field", Direction.WIDENS, *_through(zh, en, channel), channel=channel)


def _dropped(rule: FieldRule, sides: Sides) -> Iterator[Change]:
    at = sides.spot(rule.name)
    for channel in _named(rule, sides.was):
        text = _through("不再收集", "no longer collected", channel)
        yield at.change("field", Direction.NARROWS, *text, channel=channel)
    if rule.required:
        yield at.change("required", Direction.NEUTRAL, "没有这一项也予登记", "registered without it as well")
    if rule.auto:
        yield at.change("auto", Direction.NEUTRAL, "不再自动记录", "no longer filled in by the system")
    ways = [one for one in sides.now.fields.values() if rule.name in one.alternative]
    if ways:
        zh, en = words.listed(words.label_of(one) for one in ways)
        yield at.change(
            "alternative",
            Direction.NEUTRAL,
            f"不提供{zh}的人不再需要填写这一项",
            f"those who leave out {en} need not give it",
        )
    yield from _left_out(rule.name, [at.change("field", Direction.NARROWS, "", "")], sides)
    if starts_a_period(rule.name, sides.now):
        yield no_trigger(at)


def _named(rule: FieldRule, policy: CategoryPolicy) -> tuple[str, ...]:
    """The channels to tell of one by one: none by name where it is all of them."""
    return tuple(one.value for one in reach(rule, policy)) if rule.channels else ("",)


def _through(zh: str, en: str, channel: str) -> tuple[str, str]:
    if not channel:
        return zh, en
    return f"{zh}（{Channel(channel).zh}）", f"{en} ({words.CHANNEL_EN[Channel(channel)]})"


def _channels(was: FieldRule, now: FieldRule, at: Spot, sides: Sides) -> Iterator[Change]:
    both = [one for one in sides.was.channels if one in sides.now.channels]
    before, after = reach(was, sides.was), reach(now, sides.now)
    lost = [one for one in both if one in before and one not in after]
    for channel in both:
        if channel in after and channel not in before:
            text = _through("新增收集", "now collected", channel)
            yield at.change("field", Direction.WIDENS, *text, channel=channel)
    for channel in lost:
        text = _through("不再收集", "no longer collected", channel)
        yield at.change("field", Direction.NARROWS, *text, channel=channel)
    if lost and (was.required or was.auto):
        yield at.change(
            "required",
            Direction.NEUTRAL,
            "在这些渠道没有这一项也予登记",
            "not wanted by these channels any longer",
        )
    if lost and starts_a_period(now.name, sides.now):
        yield no_trigger(at)


def _required(was: FieldRule, now: FieldRule, at: Spot, sides: Sides) -> Iterator[Change]:
    if now.required and not was.required:
        yield at.change("required", Direction.WIDENS, "由可不填改为必填", "required instead of optional")
    if was.required and not now.required:
        yield at.change("required", Direction.NEUTRAL, "由必填改为可不填", "optional instead of required")
        if not now.auto and starts_a_period(now.name, sides.now):
            yield no_trigger(at)


def _alternative(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    for way in (one for one in was.alternative if now.required and one not in now.alternative):
        gone = was.alternative[way]
        yield at.change(
            "alternative", Direction.WIDENS, f"不再可以“{gone}”", f"“{way}” is no longer a way in"
        )
    for way in (one for one in now.alternative if one not in was.alternative):
        come = now.alternative[way]
        yield at.change("alternative", Direction.NEUTRAL, f"新增可以“{come}”", f"“{way}” is a way in")


def _auto(was: FieldRule, now: FieldRule, at: Spot, sides: Sides) -> Iterator[Change]:
    if now.auto and not was.auto:
        yield at.change("auto", Direction.WIDENS, "没有填写的，由系统自动记录", "filled in by the system")
    if was.auto and not now.auto:
        yield at.change("auto", Direction.NEUTRAL, "不再自动记录", "no longer filled in by the system")
        if starts_a_period(now.name, sides.now):
            yield no_trigger(at)


def _amendable(was: FieldRule, now: FieldRule, at: Spot, sides: Sides) -> Iterator[Change]:
    if now.amendable and not was.amendable:
        yield at.change("amendable", Direction.WIDENS, "可以事后补记", "may be added later")
    if was.amendable and not now.amendable:
        yield at.change("amendable", Direction.NARROWS, "不能再事后补记", "may not be added later")
        if starts_a_period(now.name, sides.now):
            yield no_trigger(at)


def _purpose(was: FieldRule, now: FieldRule, at: Spot, sides: Sides) -> Iterator[Change]:
    if was.purpose != now.purpose:
        (zh, en), (zh2, en2) = purpose_of(was.purpose, sides.old), purpose_of(now.purpose, sides.new)
        text = (f"用途由“{zh}”改为“{zh2}”", f"used for {en2} instead of {en}")
        yield at.change("purpose", Direction.WIDENS, *text)


def _basis(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if dict(was.basis) == dict(now.basis):
        return
    # Only consent can be refused and withdrawn: towards it is the one direction that takes nothing away.
    softer = was.basis.keys() == now.basis.keys() and all(
        now.basis[one] in (was.basis[one], Basis.CONSENT) for one in now.basis
    )
    zh, en = words.listed(words.BASIS[one] for one in was.basis.values())
    zh2, en2 = words.listed(words.BASIS[one] for one in now.basis.values())
    direction = Direction.NARROWS if softer else Direction.WIDENS
    yield at.change("basis", direction, f"依据由{zh}改为{zh2}", f"rests on {en2} instead of {en}")


def _consent(was: FieldRule, now: FieldRule, at: Spot, sides: Sides) -> Iterator[Change]:
    before = consent_level(was, sides.was, sides.old.site.basis_profile)
    after = consent_level(now, sides.now, sides.new.site.basis_profile)
    if before != after:
        (zh, en), (zh2, en2) = words.CONSENT[before], words.CONSENT[after]
        text = (f"由{zh}改为{zh2}", f"{en2} instead of {en}")
        yield at.moved("consent", after > before, after < before, *text)


def _sensitivity(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if was.sensitivity is not now.sensitivity:
        ranks = list(Sensitivity)
        before, after = ranks.index(was.sensitivity), ranks.index(now.sensitivity)
        (zh, en), (zh2, en2) = words.SENSITIVITY[was.sensitivity], words.SENSITIVITY[now.sensitivity]
        text = (f"敏感程度由{zh}改为{zh2}", f"classed {en2} instead of {en}")
        yield at.moved("sensitivity", after > before, after < before, *text)


def _readers(was: FieldRule, now: FieldRule, at: Spot, sides: Sides) -> Iterator[Change]:
    for purpose in dict.fromkeys([*was.read_by, *now.read_by]):
        before, after = was.read_by.get(purpose, ()), now.read_by.get(purpose, ())
        zh, en = purpose_of(purpose, sides.new if purpose in sides.new.site.purposes else sides.old)
        come = words.listed(words.ROLE[role] for role in after if role not in before)
        gone = words.listed(words.ROLE[role] for role in before if role not in after)
        if come[0]:
            text = (f"{come[0]}今后可为“{zh}”查看", f"{come[1]} may now read it for {en}")
            yield at.change("read_by", Direction.WIDENS, *text)
        if gone[0]:
            text = (f"{gone[0]}不再可为“{zh}”查看", f"{gone[1]} may no longer read it for {en}")
            yield at.change("read_by", Direction.NARROWS, *text)


def _wording(was: FieldRule, now: FieldRule, at: Spot, _: Sides) -> Iterator[Change]:
    if (was.label, was.necessity, was.law_ref) != (now.label, now.necessity, now.law_ref):
        yield at.change(
            "wording", Direction.NEUTRAL, "名称、必要性说明或所引条文有改动", "its wording changed"
        )


def _left_out(name: str, changed: list[Change], sides: Sides) -> Iterator[Change]:
    """In strip mode a fault of an optional field lets the rest in: what is refused of the field is then left out."""
    narrowed = any(one.direction is Direction.NARROWS and one.aspect in _AT_THE_DOOR for one in changed)
    if not narrowed or sides.new.site.mode is Mode.ENFORCE:
        return
    at = sides.spot(name)
    yield at.change(
        "strip",
        Direction.NEUTRAL,
        "不合要求的略去这一项，其余照收",
        "what does not fit is left out, the rest is taken",
    )
    if starts_a_period(name, sides.now):
        yield no_trigger(at)


_AT_THE_DOOR = frozenset(
    {
        "field",
        "consent",
        "values",
        "longest",
        "most",
        "furthest",
        "on_identifier",
        "on_possible",
        "basis",
        "sensitivity",
    }
)


_ASPECTS: tuple[Aspect, ...] = (
    *VALUE_ASPECTS,
    _channels,
    _required,
    _alternative,
    _auto,
    _amendable,
    _purpose,
    _basis,
    _consent,
    _sensitivity,
    _readers,
    _wording,
)

"""The site before and after: who answers for it, who receives what, and how strictly the gate reads."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from compliance.domain import difference_words as words
from compliance.domain.change import Change, Direction, Spot
from compliance.domain.difference_duties import duty_changes
from compliance.domain.policy import CategoryPolicy, Pack, Party, Site
from compliance.domain.vocabulary import BasisProfile, Mode

_PROFILE = {
    BasisProfile.CONSENT: ("征得同意", "consent"),
    BasisProfile.DUTY: ("告知即可（法定职责）", "duty: notice only"),
}
_MODE = {
    Mode.ENFORCE: ("整条退回", "refused whole"),
    Mode.STRIP: ("略去不合要求的项", "the faulty field left out"),
    Mode.OBSERVE: ("照收、只计次数", "let through and counted"),
}


def site_changes(old: Pack, new: Pack) -> Iterator[Change]:
    was, now = old.site, new.site
    at = Spot(zh=now.label.zh, en=now.label.en or now.name)
    yield from _identity(was, now, at)
    yield from _rules(was, now, at)
    yield from duty_changes(was, now, at)
    labels = _labels(new) | _labels(old)
    for aspect, before, after in (
        ("recipients", was.recipients, now.recipients),
        ("entrusted", was.entrusted, now.entrusted),
    ):
        yield from _parties(aspect, before, after, at, labels)


def _identity(was: Site, now: Site, at: Spot) -> Iterator[Change]:
    if was.name != now.name:
        yield at.change("site", Direction.WIDENS, "改为另一个场所", "another site")
    if was.controller.name != now.controller.name:
        text = (f"个人信息处理者改为{now.controller.name}", f"the controller is now {now.controller.name}")
        yield at.change("controller", Direction.WIDENS, *text)
    contacts = ("controller", "officer", "complaints")
    before = (was.label, was.public_url, *((getattr(was, one)) for one in contacts))
    after = (now.label, now.public_url, *((getattr(now, one)) for one in contacts))
    if before != after:
        yield at.change("contacts", Direction.NEUTRAL, "名称或联系方式有改动", "names or contacts changed")
    if was.jurisdictions != now.jurisdictions:
        text = (f"适用地区：{'、'.join(now.jurisdictions)}", f"jurisdictions: {', '.join(now.jurisdictions)}")
        yield at.change("jurisdictions", Direction.NEUTRAL, *text)
    if any(was.purposes.get(name) != label for name, label in now.purposes.items() if name in was.purposes):
        yield at.change("purposes", Direction.WIDENS, "用途的表述有改动", "a purpose is worded anew")


def _rules(was: Site, now: Site, at: Spot) -> Iterator[Change]:
    if str(was.timezone) != str(now.timezone):
        yield at.change(
            "timezone", Direction.WIDENS, f"时区改为{now.timezone}", f"the timezone is {now.timezone}"
        )
    if was.basis_profile is not now.basis_profile:
        (zh, en), (zh2, en2) = _PROFILE[was.basis_profile], _PROFILE[now.basis_profile]
        less = now.basis_profile is BasisProfile.CONSENT
        yield at.moved("basis_profile", less, not less, f"由{zh}改为{zh2}", f"{en2} instead of {en}")
    yield from _mode(was, now, at)
    if was.automated != now.automated:
        less = was.automated
        text = (
            ("不再由机器自行拒绝进入", "no machine refuses by itself")
            if less
            else ("由机器自行拒绝进入", "a machine refuses by itself")
        )
        yield at.moved("automated", less, not less, *text)
    if was.backup_days != now.backup_days:
        less = now.backup_days < was.backup_days
        text = (f"备份最迟{now.backup_days}天清除，原为{was.backup_days}天",
                f"backups are gone after {now.backup_days} days, not {was.backup_days}")  # fmt: skip
        yield at.moved("backup_days", less, not less, *text)
    if was.tally_floor != now.tally_floor:
        less = now.tally_floor > was.tally_floor
        text = (f"计数少于{now.tally_floor}的不显示，原为{was.tally_floor}",
                f"counts under {now.tally_floor} are not shown, before {was.tally_floor}")  # fmt: skip
        yield at.moved("tally_floor", less, not less, *text)


#: From the strictest: a fault is refused, then dropped, then let through.
_STRICTEST_FIRST = (Mode.ENFORCE, Mode.STRIP, Mode.OBSERVE)


def _mode(was: Site, now: Site, at: Spot) -> Iterator[Change]:
    if was.mode is not now.mode:
        (zh, en), (zh2, en2) = _MODE[was.mode], _MODE[now.mode]
        less = _STRICTEST_FIRST.index(now.mode) < _STRICTEST_FIRST.index(was.mode)
        yield at.moved("mode", less, not less, f"不合要求的登记由{zh}改为{zh2}", f"faults: {en2}, not {en}")
    elif now.mode is Mode.OBSERVE and was.observation != now.observation:
        # Another approver or other days are another approval, whichever way the days moved.
        yield at.change("mode", Direction.WIDENS, "观察期或批准人有改动", "another approval to observe")


def _labels(pack: Pack) -> dict[str, words.Words]:
    return {
        name: words.label_of(rule)
        for policy in pack.categories.values()
        for name, rule in policy.fields.items()
    }


def _parties(
    aspect: str, before: tuple[Party, ...], after: tuple[Party, ...], at: Spot, labels: dict[str, words.Words]
) -> Iterator[Change]:
    who = ("接收方", "recipient") if aspect == "recipients" else ("受托方", "entrusted party")
    known, named = {one.name: one for one in before}, {one.name: one for one in after}
    for name in dict.fromkeys([*known, *named]):
        was, now = known.get(name), named.get(name)
        spot = Spot(zh=f"{who[0]}{name}", en=f"{who[1]} {name}")
        if was is None and now is not None:
            zh, en = words.listed(labels.get(one, (one, one)) for one in now.fields)
            yield spot.change(aspect, Direction.WIDENS, f"新增，提供{zh}", f"new, is given {en}")
        elif now is None:
            yield spot.change(aspect, Direction.NARROWS, "不再提供", "is given nothing any longer")
        elif was is not None and was != now:
            yield from _party(aspect, was, now, spot, labels)


def _party(aspect: str, was: Party, now: Party, at: Spot, labels: dict[str, words.Words]) -> Iterator[Change]:
    come = words.listed(labels.get(one, (one, one)) for one in now.fields if one not in was.fields)
    gone = words.listed(labels.get(one, (one, one)) for one in was.fields if one not in now.fields)
    if come[0]:
        yield at.change(aspect, Direction.WIDENS, f"新增提供{come[0]}", f"is now given {come[1]}")
    if gone[0]:
        yield at.change(aspect, Direction.NARROWS, f"不再提供{gone[0]}", f"is no longer given {gone[1]}")
    if (was.purpose, was.law_ref) != (now.purpose, now.law_ref):
        yield at.change(
            aspect, Direction.WIDENS, "提供的目的或依据有改动", "for another purpose or on another ground"
        )
    if was.until != now.until:
        less, more = _no_later(now.until, was.until), _no_later(was.until, now.until)
        text = (f"期限由{was.until or '未定'}改为{now.until or '未定'}",
                f"until {now.until or 'unset'} instead of {was.until or 'unset'}")  # fmt: skip
        yield at.moved(aspect, less, more, *text)
    if was.contact != now.contact:
        yield at.change(aspect, Direction.NEUTRAL, "联系方式有改动", "its contact changed")


def _no_later(one: str, other: str) -> bool:
    """Whether one end is a day that is not after the other; words that are no day have no order."""
    try:
        return date.fromisoformat(one) <= date.fromisoformat(other)
    except ValueError:
        return False


def category_label(policy: CategoryPolicy) -> Spot:
    return Spot(category=policy.category, zh=policy.label.zh, en=policy.label.en or policy.category)

"""What a new pack changes for people, in sentences; each change classed, exactly, on the values and never on the text."""

from __future__ import annotations

from collections.abc import Iterator

from compliance.domain import difference_words as words
from compliance.domain.change import Change, Difference, Direction, Spot
from compliance.domain.difference_fields import field_changes
from compliance.domain.difference_retention import retention_changes
from compliance.domain.difference_sides import Sides
from compliance.domain.difference_site import category_label, site_changes
from compliance.domain.emergency import is_of_emergency, whole
from compliance.domain.policy import Pack
from compliance.domain.vocabulary import Mode

__all__ = ["Change", "Difference", "Direction", "compare"]


def compare(old: Pack, new: Pack) -> Difference:
    """Every change from `old` to `new`. A pack has no difference from itself, nor from its other versions' numbers."""
    old, new = whole(old), whole(new)  # what an emergency may bring is collected as well, one day
    changes = list(site_changes(old, new))
    for name in dict.fromkeys([*old.categories, *new.categories]):
        was, now = old.categories.get(name), new.categories.get(name)
        if was is not None and now is not None:
            changes += _category(Sides(old=old, new=new, was=was, now=now))
        elif now is not None:
            zh, en = words.fields_of(now)
            text = (f"新增这一类登记，收集{zh}", f"a new register, of {en}")
            changes.append(category_label(now).change("category", Direction.WIDENS, *text))
        elif was is not None:
            text = ("不再登记这一类", "no longer registered")
            changes.append(category_label(was).change("category", Direction.NARROWS, *text))
    return Difference(changes=tuple(changes))


def _category(sides: Sides) -> Iterator[Change]:
    at = sides.spot()
    yield from _channels(sides, at)
    yield from _ways_of_asking(sides, at)
    yield from _order(sides, at)
    if sides.was.exempt != sides.now.exempt:
        text = (
            ("免予登记要求", "exempt from requirements")
            if sides.now.exempt
            else ("不再免予登记要求", "not exempt")
        )
        yield at.moved("exempt", not sides.now.exempt, sides.now.exempt, *text)
    yield from _children(sides, at)
    if sides.was.tallies != sides.now.tallies:
        text = (
            ("到期后留下计数", "counts remain") if sides.now.tallies else ("不再留下计数", "no counts remain")
        )
        yield at.change("tallies", Direction.NEUTRAL, *text)
    if sides.was.label != sides.now.label or sides.was.refusal != sides.now.refusal:
        yield at.change("wording", Direction.NEUTRAL, "名称或提示语有改动", "its wording changed")
    for name in dict.fromkeys([*sides.was.fields, *sides.now.fields]):
        yield from field_changes(name, sides)
    yield from _retentions(sides, at)


def _children(sides: Sides, at: Spot) -> Iterator[Change]:
    if sides.was.children != sides.now.children:
        less = sides.was.children
        text = ("不再登记儿童", "children are not registered") if less else ("登记儿童", "registers children")
        yield at.moved("children", less, not less, *text)


def _channels(sides: Sides, at: Spot) -> Iterator[Change]:
    for channel in dict.fromkeys([*sides.was.channels, *sides.now.channels]):
        zh, en = channel.zh, words.CHANNEL_EN[channel]
        if channel not in sides.was.channels:
            text = (f"新增登记渠道：{zh}", f"also registered by {en}")
            yield at.change("channels", Direction.WIDENS, *text, channel=channel.value)
        elif channel not in sides.now.channels:
            text = (f"不再通过{zh}登记", f"no longer registered by {en}")
            yield at.change("channels", Direction.NARROWS, *text, channel=channel.value)


def _ways_of_asking(sides: Sides, at: Spot) -> Iterator[Change]:
    """What a person can later ask by: fewer ways weaken the rights of chapter four."""
    for name in dict.fromkeys([*sides.was.subject, *sides.now.subject]):
        rule = sides.now.fields.get(name) or sides.was.fields.get(name)
        zh, en = words.label_of(rule) if rule else (name, name)
        if name not in sides.was.subject:
            yield at.change("subject", Direction.NEUTRAL, f"可凭{zh}查询", f"{en} can be asked by")
        elif name not in sides.now.subject and name in sides.now.fields:
            yield at.change(
                "subject", Direction.WIDENS, f"不能再凭{zh}查询", f"{en} can no longer be asked by"
            )
        elif name not in sides.now.subject:
            yield at.change(
                "subject",
                Direction.NEUTRAL,
                f"不再收集{zh}，也就不能凭它查询",
                f"{en} is gone, and asking by it",
            )


def _order(sides: Sides, at: Spot) -> Iterator[Change]:
    for earlier, later in dict.fromkeys([*sides.was.order, *sides.now.order]):
        both = earlier in sides.now.fields and later in sides.now.fields
        if (earlier, later) not in sides.was.order:
            text = (f"{later}不得早于{earlier}", f"{later} may not lie before {earlier}")
            yield at.change("order", Direction.NARROWS, *text)
        elif (earlier, later) not in sides.now.order and (both or sides.new.site.mode is not Mode.ENFORCE):
            direction = Direction.WIDENS if both else Direction.NEUTRAL
            text = (f"不再核对{earlier}与{later}的先后", f"{earlier} and {later} are no longer compared")
            yield at.change("order", direction, *text)


def _retentions(sides: Sides, at: Spot) -> Iterator[Change]:
    """Told once where all fields change alike, else field by field."""
    shared = [name for name in sides.was.fields if name in sides.now.fields]
    zone, policies = sides.new.site.timezone, (sides.was, sides.now)
    of_field = {
        name: list(
            retention_changes(
                sides.was.fields[name].retention,
                sides.now.fields[name].retention,
                sides.spot(name),
                policies,
                zone,
            )
        )
        for name in shared
    }
    # What an emergency brings ends with it, and is no exception to how long a register is kept.
    apart = [name for name in shared if is_of_emergency(sides.now.fields[name].retention)]
    usual = [name for name in shared if name not in apart]
    alike = {tuple((one.aspect, one.zh.partition("：")[2]) for one in of_field[name]) for name in usual}
    if len(usual) > 1 and len(alike) == 1:
        first = sides.was.fields[usual[0]].retention, sides.now.fields[usual[0]].retention
        yield from retention_changes(*first, at, policies, zone)
        usual = []
    for name in [*usual, *apart]:
        yield from of_field[name]

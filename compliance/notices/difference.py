"""What a new policy changes, as a page for the officer to read, print and sign."""

from __future__ import annotations

from compliance.domain.difference import Change, Difference, Direction
from compliance.domain.policy import Pack
from compliance.notices.collection import site_slots
from compliance.notices.forms import page
from compliance.notices.words import both, said

_MARK = {Direction.NARROWS: "−", Direction.WIDENS: "+", Direction.NEUTRAL: "·"}


def difference_html(old: Pack, new: Pack, difference: Difference, names: tuple[str, str]) -> bytes:
    """A standalone page: what widens first, place by place. `names` says what was compared, old and new."""
    return page(
        "difference.html",
        title=f"登记规则变更 Policy changes · {new.site.label.zh}",
        names=names,
        digests=(old.digest, new.digest),
        counted=[(one.zh, one.value, n) for one, n in difference.counted().items()],
        groups=_groups(old, new, difference),
        widens=difference.widens,
    )


def _groups(old: Pack, new: Pack, difference: Difference) -> list[tuple[str, list[tuple[str, Change]]]]:
    titles = {"": f"{new.site.label.zh} {said(new.site.label, 'en')}"}
    for policy in [*old.categories.values(), *new.categories.values()]:
        titles[policy.category] = f"{policy.label.zh} {said(policy.label, 'en')}"
    order = [Direction.WIDENS, Direction.NARROWS, Direction.NEUTRAL]
    groups = []
    for category, title in titles.items():
        here = [change for change in difference.changes if change.category == category]
        if here:
            here.sort(key=lambda change: order.index(change.direction))
            groups.append((title, [(_MARK[change.direction], change) for change in here]))
    return groups


def change_slots(
    pack: Pack, category: str, difference: Difference, *, lang: str, effective_on: str, now_day: str
) -> dict[str, object]:
    """The slots of the `change` notice for the people of one category (PIPL 17(2)); ISO dates."""
    changes = difference.of(category)
    widens = any(change.direction is Direction.WIDENS for change in changes)
    slots = site_slots(pack.site, lang=lang)
    url = pack.site.public_url
    return {name: slots[name] for name in _SHARED} | {
        "category": said(pack.categories[category].label, lang),
        "changes": [both(change.zh, change.en, lang) for change in changes],
        "effective_on": effective_on,
        "widens": widens,
        "ways_short": both(
            "扫码、来电或到前台" if url else "来电或到前台",
            "scan the code, call or come to the desk" if url else "call or come to the desk",
            lang,
        ),
        "version": str(pack.version) if pack.version else both("待发布", "to be published", lang),
        "issued_on": now_day,
    }


_SHARED = ("site", "controller", "controller_contact", "complaints", "complaints_contact", "link")

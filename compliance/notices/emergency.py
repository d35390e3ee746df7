"""What the notice after an emergency says (PIPL 18(2)): the event, what was collected, and that it is gone."""

from __future__ import annotations

import json
from datetime import datetime

from compliance.domain.policy import Pack
from compliance.notices.collection import site_slots
from compliance.notices.renderer import Form, render
from compliance.notices.words import COMMA, both, said
from compliance.ports import EmergencyRow

_SHARED = ("controller", "controller_contact", "site", "complaints", "complaints_contact", "link")


def emergency_over(pack: Pack, row: EmergencyRow, *, lang: str, form: Form, now_day: str) -> bytes:
    """The notice of an emergency that is over, under a pack that declares it."""
    return render("emergency_over", lang=lang, slots=_slots(pack, row, lang, now_day), form=form)


def _slots(pack: Pack, row: EmergencyRow, lang: str, now_day: str) -> dict[str, object]:
    opening, records = row.opening(), sum(json.loads(row.affected or "{}").values())
    profile = pack.emergencies[opening.profile]
    rules = [
        rule for policy in pack.categories.values() for rule in policy.emergency.get(opening.profile, ())
    ]
    purposes = dict.fromkeys(rule.purpose for rule in rules)
    slots = site_slots(pack.site, lang=lang)
    gone = both(f"已于{row.destroyed_on}全部销毁", f"all of it was destroyed on {row.destroyed_on}", lang)
    going = both("已停止使用，正在销毁", "it is used no longer and is being destroyed", lang)
    return {name: slots[name] for name in _SHARED} | {
        "event": said(profile.label, lang),
        "authority": row.authority,
        "document": row.document,
        "began_on": _moment(opening.opened_at, pack),
        "ended_on": _moment(opening.ends_at, pack),
        "kinds_said": COMMA[lang].join(dict.fromkeys(said(rule.label, lang) for rule in rules)),
        "purpose": COMMA[lang].join(
            said(pack.site.purposes[name], lang) if name in pack.site.purposes else name for name in purposes
        ),
        "count": both(f"{records}条", f"{records}", lang),
        "destroyed": gone if row.destroyed_on else going,
        "ways_short": both("来电或到前台", "call or come to the desk", lang),
        "issued_on": now_day,
    }


def _moment(at: datetime, pack: Pack) -> str:
    return f"{at.astimezone(pack.site.timezone):%Y-%m-%d %H:%M}"

"""What the notices at collection say, drawn from the active policy: nothing in them is written by hand.

Article 17 of the PIPL and Article 21 of the Network Data Regulations say what has to be told; a period or a field that
changes in the policy changes the notice, its digest and its short hash with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from compliance.domain.emergency import is_of_emergency
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack, Party, Site
from compliance.domain.schedule import Retention
from compliance.domain.vocabulary import BasisProfile, Sensitivity
from compliance.notices import words
from compliance.notices.words import COMMA, both, said

SHORT_DIGEST = 12  # hex digits: enough to tell versions apart, short enough to read aloud


def site_slots(site: Site, *, lang: str) -> dict[str, object]:
    """Who the controller is and who hears complaints: the slots that every notice of a site shares."""
    return {
        "site": said(site.label, lang),
        "controller": site.controller.name,
        "controller_contact": site.controller.contact,
        "officer": site.officer.name,
        "officer_contact": site.officer.contact,
        "complaints": site.complaints.name,
        "complaints_contact": site.complaints.contact,
        "recipients_said": _recipients_said(site, lang),
        "court": both("个人信息保护法第五十条第二款", "PIPL 50(2)", lang),
        "backup_days": site.backup_days,
        "link": f"{site.public_url.rstrip('/')}/me" if site.public_url else "",
    }


def collection_slots(
    pack: Pack, category: str, *, lang: str, verifier_fingerprint: str, now_day: str
) -> dict[str, object]:
    """The slots of `collection` and `gate` for one category of a pack.

    `now_day` is the ISO date printed on the notice. Raises KeyError for a category that the pack does not have.
    """
    policy = pack.categories[category]
    short = pack.digest[:SHORT_DIGEST]
    slots = site_slots(pack.site, lang=lang)
    slots |= {
        "category": said(policy.label, lang),
        "purposes": COMMA[lang].join(_purposes(policy, pack.site, lang)),
        "methods": _methods(policy, lang),
        "methods_short": both("电子登记、加密保存", "electronic registration and encrypted storage", lang),
        "kinds": [_kind(rule, policy, pack.site, lang) for rule in policy.fields.values()],
        "periods": _periods(policy, lang),
        "periods_short": _periods_short(policy, lang),
        "fates": _fates(policy, lang),
        "floors": [f for r in policy.retentions if (f := words.floor(r, policy.fields, lang))],
        "tallies": policy.tallies,
        "exempt": policy.exempt,
        "rights": _rights(lang),
        "ways": _ways(pack.site, lang),
        "ways_short": both(
            "扫码、来电或到前台" if pack.site.public_url else "来电或到前台",
            "scan the code, call or come to the desk" if pack.site.public_url else "call or come to the desk",
            lang,
        ),
        "sensitive": _sensitive(policy, lang),
        "consents": _labels(_asked(policy, pack.site.basis_profile, separate=False), lang),
        "separate": _labels(_asked(policy, pack.site.basis_profile, separate=True), lang),
        "recipients": [_party(party, policy, lang) for party in pack.site.recipients],
        "entrusted": [_party(party, policy, lang) for party in pack.site.entrusted],
        "starred": _starred(policy, lang),
        "unstarred": COMMA[lang].join(
            said(rule.label, lang) for rule in policy.fields.values() if not _is_taken(rule)
        ),
        "version": str(pack.version),
        "digest": pack.digest,
        "short_digest": short,
        "verifier_fingerprint": verifier_fingerprint,
        "issued_on": now_day,
        "link": _link(pack.site, category, short),
    }
    return slots


def _link(site: Site, category: str, short: str) -> str:
    if not site.public_url:
        return ""
    return f"{site.public_url.rstrip('/')}/me?category={quote(category)}&notice={quote(short)}"


def _purposes(policy: CategoryPolicy, site: Site, lang: str) -> list[str]:
    used = dict.fromkeys(rule.purpose for rule in policy.fields.values())
    return [said(site.purposes[name], lang) if name in site.purposes else name for name in used]


def _methods(policy: CategoryPolicy, lang: str) -> str:
    channels = COMMA[lang].join(words.channel(channel, lang) for channel in policy.channels)
    return both(
        f"通过{channels}收集；电子登记、加密保存；限有关人员按目的查看；到期由系统自动删除或匿名化",
        f"collected through {channels}; registered electronically and stored encrypted; seen only by those who need it; "
        "erased or anonymised automatically when its period ends",
        lang,
    )


def _is_taken(rule: FieldRule) -> bool:
    """Whether the entry goes with it: required of the person, or filled in at the gate without asking."""
    return rule.required or rule.auto or rule.amendable


def _kind(rule: FieldRule, policy: CategoryPolicy, site: Site, lang: str) -> dict[str, str]:
    purpose = said(site.purposes[rule.purpose], lang) if rule.purpose in site.purposes else rule.purpose
    stored = words.store(rule, lang)
    label = said(rule.label, lang) + ("*" if _is_taken(rule) else "")
    sensitive = both("（敏感）", " (sensitive)", lang) if rule.sensitivity is Sensitivity.SENSITIVE else ""
    why = rule.necessity + (both("。", ". ", lang) + stored if stored else "")
    fate = words.fate(rule.retention, lang)
    floor = words.floor(rule.retention, policy.fields, lang)
    return {
        "label": label + sensitive,
        "purpose": purpose,
        "why": why,
        "need": _need(rule, policy, lang),
        "basis": words.basis(rule, site.basis_profile, lang),
        "period": words.period(rule.retention, policy.fields, lang),
        "fate": fate + (both("。", ". ", lang) + floor if floor else ""),
    }


def _need(rule: FieldRule, policy: CategoryPolicy, lang: str) -> str:
    if rule.required:
        other = words.SEMICOLON[lang].join(rule.alternative.values())
        said_so = both("必填", "required", lang)
        return (
            said_so + both(f"；不便提供的：{other}", f"; if you would rather not: {other}", lang)
            if other
            else said_so
        )
    if rule.auto or rule.amendable:
        return both("登记时记录，不用您填", "recorded at the gate, you fill in nothing", lang)
    return both("选填；不提供不影响进入", "optional; you may enter without it", lang)


def _starred(policy: CategoryPolicy, lang: str) -> str:
    taken = [said(rule.label, lang) + "*" for rule in policy.fields.values() if _is_taken(rule)]
    return COMMA[lang].join(taken) or both("（没有必填项）", "(nothing is required)", lang)


def _by_retention(policy: CategoryPolicy) -> list[tuple[Retention, list[FieldRule]]]:
    """Fields with the same period together. Fields that are only sealed apart are told together all the same."""
    groups: dict[tuple[object, ...], tuple[Retention, list[FieldRule]]] = {}
    for rule in policy.fields.values():
        one = rule.retention
        groups.setdefault((one.starts, one.or_else, one.keep, one.then, one.floor), (one, []))[1].append(rule)
    return list(groups.values())


def _periods(policy: CategoryPolicy, lang: str) -> list[str]:
    groups = _by_retention(policy)
    if len(groups) == 1:
        return [both("全部信息：", "All of it: ", lang) + words.period(groups[0][0], policy.fields, lang)]
    return [
        _labels(rules, lang) + both("：", ": ", lang) + words.period(retention, policy.fields, lang)
        for retention, rules in groups
    ]


def _periods_short(policy: CategoryPolicy, lang: str) -> str:
    """One clause a period; the longest list of fields comes last and is called the rest."""
    groups = sorted(_by_retention(policy), key=lambda group: len(group[1]))
    clauses = []
    for at, (retention, rules) in enumerate(groups, 1):
        rest = both("其余", "the rest", lang) if len(groups) > 1 else both("", "all of it", lang)
        whose = rest if at == len(groups) else _labels(rules, lang)
        if is_of_emergency(retention):
            ends = words.of_emergency(retention, lang)
            clauses.append(both(f"{whose}{ends}", f"{whose}: {ends}", lang))
            continue
        begin = words.start(retention.starts, policy.fields, lang)
        keep = both(retention.keep.zh, retention.keep.en, lang)
        fate = words.fate(retention, lang)
        zh = f"{whose}自{begin}起保存{keep}，到期{fate}"
        clauses.append(both(zh, f"{whose}: kept for {keep} from {begin}, then {fate}", lang))
    joined = words.SEMICOLON[lang].join(clauses)
    return joined[:1].upper() + joined[1:]


def _fates(policy: CategoryPolicy, lang: str) -> str:
    used = dict.fromkeys(words.fate(retention, lang) for retention in policy.retentions)
    return both("；", "; ", lang).join(used)


def _labels(rules: Sequence[FieldRule], lang: str) -> str:
    return COMMA[lang].join(said(rule.label, lang) for rule in rules)


def _asked(policy: CategoryPolicy, profile: BasisProfile, *, separate: bool) -> list[FieldRule]:
    asked = [rule for rule in policy.fields.values() if rule.needs_consent(profile)]
    return [rule for rule in asked if rule.needs_separate_consent is separate]


def _sensitive(policy: CategoryPolicy, lang: str) -> list[dict[str, str]]:
    """Necessity and effect, told item by item for what is sensitive (PIPL 30)."""
    return [
        {"label": said(rule.label, lang), "why": rule.necessity, "effect": words.effect(rule, lang)}
        for rule in policy.fields.values()
        if rule.sensitivity is Sensitivity.SENSITIVE
    ]


def _party(party: Party, policy: CategoryPolicy, lang: str) -> dict[str, str]:
    named = [said(policy.fields[name].label, lang) for name in party.fields if name in policy.fields]
    return {
        "name": party.name,
        "contact": party.contact,
        "purpose": party.purpose,
        "fields": COMMA[lang].join(named) or both("不涉及本类信息", "nothing of this category", lang),
        "basis": party.law_ref,
        "until": party.until,
    }


def _recipients_said(site: Site, lang: str) -> str:
    if not site.recipients:
        return both(
            "除依法配合有关机关外，不对外提供",
            "provided to nobody else, except to authorities as the law requires",
            lang,
        )
    names = COMMA[lang].join(party.name for party in site.recipients)
    return both(
        f"提供给{names}（详见完整规则）；此外除依法配合有关机关外，不对外提供",
        f"provided to {names} (see the full rules), otherwise to nobody except authorities as the law requires",
        lang,
    )


def _rights(lang: str) -> list[str]:
    """The rights of PIPL 15, 44 to 48 and 网数条例 21(1)(4), with their articles."""
    if lang == "en":
        return [
            "see and copy your information (PIPL 45); have it transferred where the conditions are met (45(3))",
            "have it corrected or completed (46)",
            "have it erased (47)",
            "restrict or refuse its use (44)",
            "withdraw your consent at any time; what was done before stays lawful (15)",
            "have these rules explained (48); complain (65)",
        ]
    return [
        "查阅、复制您的信息（个人信息保护法第四十五条）；符合条件的，可要求转移（第四十五条第三款）",
        "更正、补充（第四十六条）",
        "删除（第四十七条）",
        "限制或者拒绝处理（第四十四条）",
        "随时撤回同意；撤回前已进行的处理仍然有效（第十五条）",
        "要求解释说明这些规则（第四十八条）；投诉、举报（第六十五条）",
    ]


def _ways(site: Site, lang: str) -> str:
    call = both(
        f"致电{site.controller.contact}或到前台办理",
        f"call {site.controller.contact} or come to the desk",
        lang,
    )
    scan = (
        both("扫描本告知上的二维码，或", "scan the code on this notice, or ", lang) if site.public_url else ""
    )
    tail = both(
        "。凭登记时取得的通行码或登记的手机号核验，不需要另外提供证件",
        ". The pass code from your receipt or the number you registered is enough; no further document is asked for",
        lang,
    )
    return scan + call + tail

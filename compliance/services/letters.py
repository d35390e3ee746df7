"""The outcome as facts that may outlive the case, and the slots that a letter is printed from.

Facts are counts, categories, laws, days and opaque ids: never what was deleted or shown, never whose it was. Slots have
the names that the notices' templates ask for; who the controller is and where to complain is theirs to add.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal, NamedTuple

from compliance.domain.plan import Plan, StepKind
from compliance.domain.policy import Pack, Text
from compliance.domain.request import Ground, Refusal, RequestKind
from compliance.ports import Capabilities, HoldingRow, RequestRow
from compliance.services.tombstones import copies_until

Language = Literal["zh", "en"]

_VERIFIED_BY = {
    "pass": Text(zh="凭登记回执上的通行码核验，已通过", en="by the pass code on the receipt: accepted"),
    "mobile": Text(
        zh="向您填写的手机号发送验证码；号码与登记一致的，会收到短信",
        en="by a code sent to the number you typed, where it is the one on record",
    ),
}
_COURT = Text(zh="《个人信息保护法》第五十条第二款", en="PIPL 50(2)")


class ErasedBefore(NamedTuple):
    """A record that was erased before its request was carried out, as its tombstone tells: by a sweep, at a withdrawal."""

    id: str
    category: str
    act_id: str


def deletion_facts(
    pack: Pack,
    day: date,
    erased: Sequence[HoldingRow | ErasedBefore],
    plan: Plan | None,
    act_ids: Sequence[str],
    stores: Mapping[str, Capabilities],
) -> str:
    """What a deletion came to, as JSON."""
    touched = [stores[one.store] for one in erased if isinstance(one, HoldingRow)]
    # A tombstone does not say in which store its record lay, so the letter gives the last day that any of them may need.
    anywhere = touched if len(touched) == len(erased) else list(stores.values())
    kept: Counter[tuple[str, str, str]] = Counter()
    if plan is not None:
        bound = {
            (step.category, step.law_ref, step.until, step.holding_id)
            for step in plan.of_kind(StepKind.RESTRICT)
        }
        kept.update((category, law_ref, until) for category, law_ref, until, _ in bound)
    return _dump(
        outcome="partial" if kept else "done",
        day=day.isoformat(),
        erased=sorted(Counter(holding.category for holding in erased).items()),
        kept=[[*line, n] for line, n in sorted(kept.items())],
        backup_date=copies_until(pack, day, *anywhere).isoformat(),
        by_key=sum(not store.erases for store in touched),
        records=sorted(holding.id for holding in erased),
        acts=list(act_ids),
    )


def access_facts(day: date, package_until: str) -> str:
    return _dump(outcome="done", day=day.isoformat(), package_until=package_until)


def refusal_facts(day: date, refusal: Refusal) -> str:
    reasons = [[stated.ground.value, stated.law_ref] for stated in refusal.reasons]
    return _dump(outcome="refused", day=day.isoformat(), reasons=reasons)


def withdrawn_facts(day: date) -> str:
    return _dump(outcome="withdrawn", day=day.isoformat())


def _dump(**facts: object) -> str:
    return json.dumps(facts, ensure_ascii=False, sort_keys=True)


def facts_of(row: RequestRow) -> dict[str, Any]:
    """Empty while there is no outcome."""
    facts: dict[str, Any] = json.loads(row.letter) if row.letter else {}
    return facts


def letter_slots(row: RequestRow, pack: Pack, lang: Language = "zh") -> dict[str, Any]:
    """`moment` names the template; the rest are its slots. Empty while there is no outcome."""
    facts = facts_of(row)
    if not facts:
        return {}
    slots: dict[str, Any] = {
        "request_no": row.number,
        "issued_on": facts["day"],
        "kind": _in(RequestKind(row.kind).label, lang),
        "outcome": facts["outcome"],
    }
    if facts["outcome"] == "refused":
        return {**slots, "moment": "refusal", "reasons": _reasons(facts, lang), "court": _in(_COURT, lang)}
    if facts["outcome"] == "withdrawn":
        return {**slots, "moment": "withdrawn_by_requester"}
    slots["done_on"] = facts["day"]
    if "package_until" in facts:
        return {**slots, "moment": "letter_access", "package_until": facts["package_until"]}
    erased = [{"category": _label(pack, category, lang), "count": n} for category, n in facts["erased"]]
    kept = [
        {"what": _kept(pack, category, n, lang), "law_ref": law_ref, "until": until}
        for category, law_ref, until, n in facts["kept"]
    ]
    count = sum(line["count"] for line in erased)
    return {
        **slots,
        "moment": "letter_deletion",
        "count": count,
        "erased": erased,
        "kept": kept,
        "none_found": not erased and not kept,
        "backup_date": facts["backup_date"],
        "by_key": facts.get("by_key", 0),
        "systems": "",
        "records": facts["records"],
        "acts": facts["acts"],
    }


def receipt_slots(row: RequestRow, lang: Language = "zh") -> dict[str, Any]:
    """The receipt's own slots; the same for a number that is on record and for one that is not."""
    provisional = {
        "zh": "所跨年度的放假安排尚未公布，日期按周一至周五推算。",
        "en": "The year's holidays are not published yet; the days were counted Monday to Friday.",
    }
    return {
        "moment": "receipt",
        "request_no": row.number,
        "issued_on": row.received_on,
        "received_on": row.received_on,
        "kind": _in(RequestKind(row.kind).label, lang),
        "due_on": row.house_due,
        "wall_on": row.legal_due,
        "provisional": provisional[lang] if row.provisional else "",
        "verified_by": _in(_VERIFIED_BY[row.way], lang),
    }


def outcome_message(row: RequestRow, pack: Pack) -> str:
    """The text message at the end: that there is an outcome, not what it is."""
    controller = pack.site.controller
    return (
        f"【{controller.name}】您的个人信息申请（编号{row.number}）已有结果，"
        f"请凭编号和查询码查看，或致电{controller.contact}。"
    )


def _reasons(facts: dict[str, Any], lang: Language) -> list[dict[str, str]]:
    return [
        {"text": _in(Ground(code).text, lang), "article": law_ref or Ground(code).article}
        for code, law_ref in facts["reasons"]
    ]


def _kept(pack: Pack, category: str, n: int, lang: Language) -> str:
    label = _label(pack, category, lang)
    return f"{label}登记{n}条" if lang == "zh" else f"{n} {'record' if n == 1 else 'records'} ({label})"


def _label(pack: Pack, category: str, lang: Language) -> str:
    # A category may have left the pack since; then its name stands for it.
    policy = pack.categories.get(category)
    return _in(policy.label, lang) if policy else category


def _in(text: Text, lang: Language) -> str:
    return text.zh if lang == "zh" or not text.en else text.en

"""What a kiosk has to know before it asks: the notice to show, and the form that the policy draws."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import JSONResponse

from compliance.bootstrap import Engine
from compliance.domain.checkpoint import fingerprint
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack, Text
from compliance.domain.vocabulary import Channel, ReasonCode
from compliance.notices.collection import collection_slots
from compliance.notices.renderer import Form, render
from compliance.ports import Caller
from compliance.web import described_in_openapi as described
from compliance.web.callers import TheCaller, TheEngine, in_scope, require_category
from compliance.web.faults import NOT_FOUND, OUT_OF_SCOPE, Refused
from compliance.web.pages import standalone
from compliance.web.rates import limited

router = APIRouter(prefix="/v1", tags=["notices and policies"])
Lang = Literal["zh", "en"]


def active_pack(engine: Engine) -> Pack:
    with engine.books.reading() as books:
        return engine.policies.active(books, engine.clock.now())


def policy_of(pack: Pack, category: str) -> CategoryPolicy:
    if category not in pack.categories:
        raise Refused(NOT_FOUND)
    return pack.categories[category]


def policy_for(pack: Pack, category: str, caller: Caller) -> CategoryPolicy:
    """The policy of a category that this key is for; raises `Refused` with 404 or 403."""
    policy = policy_of(pack, category)
    if not in_scope(caller, pack.site.name, category, policy.channels):
        raise Refused(OUT_OF_SCOPE)
    return policy


def notice(engine: Engine, pack: Pack, category: str, moment: str, lang: str, form: Form) -> bytes:
    """A notice at collection (`gate` the short one, `collection` the full rules), filled from the policy in force."""
    slots = collection_slots(
        pack,
        category,
        lang=lang,
        policy_digest=pack.digest,
        verifier_fingerprint=fingerprint(engine.signer.public_key),
        now_day=engine.clock.now().astimezone(pack.site.timezone).date().isoformat(),
    )
    return render(moment, lang=lang, slots=slots, form=form)


@router.get("/notices/{category}", **described.NOTICE)
def notice_to_show(category: str, engine: TheEngine, caller: TheCaller, lang: Lang = "zh") -> JSONResponse:
    """The short notice, and the id of this showing: send it back as `notice.id` with what the person then consented to."""
    require_category(caller, category)
    pack = active_pack(engine)
    policy = policy_for(pack, category, caller)
    return JSONResponse(
        {
            "id": engine.notice_ids.issue(category, policy.version),
            "version": policy.version,
            "category": category,
            "lang": lang,
            "text": notice(engine, pack, category, "gate", lang, "txt").decode(),
            "html": f"/v1/notices/{category}/page?lang={lang}",
        }
    )


@router.get("/notices/{category}/page", dependencies=[Depends(limited("subject"))], **described.NOTICE_PAGE)
def notice_page(
    category: str, engine: TheEngine, lang: Lang = "zh", moment: Literal["collection", "gate"] = "collection"
) -> Response:
    """The full rules as a page, for anybody to read."""
    pack = active_pack(engine)
    policy_of(pack, category)
    return standalone(notice(engine, pack, category, moment, lang, "html"))


@router.get("/policies/{category}", **described.POLICY)
def form_description(
    category: str, engine: TheEngine, caller: TheCaller, channel: Annotated[Channel | None, Query()] = None
) -> JSONResponse:
    """What a form of this category asks, of whom and why, and what it offers to those who refuse."""
    require_category(caller, category)
    pack = active_pack(engine)
    policy = policy_for(pack, category, caller)
    if channel is not None and channel not in policy.channels:
        raise Refused(NOT_FOUND)
    if channel is not None and caller.channels and channel not in caller.channels:
        raise Refused(OUT_OF_SCOPE)
    asked = (channel,) if channel is not None else caller.channels
    return JSONResponse(
        {
            "category": category,
            "label": _said(policy.label),
            "version": policy.version,
            "site": pack.site.name,
            "channels": list(policy.channels),
            "notice_needed": not policy.exempt,
            "consent_needed": [
                rule.name for rule in policy.fields.values() if _consent(rule, pack) == "plain"
            ],
            "separate_consent_needed": [
                rule.name for rule in policy.fields.values() if _consent(rule, pack) == "separate"
            ],
            "fields": [
                _field(rule, pack)
                for rule in policy.fields.values()
                if not asked or not rule.channels or not set(asked).isdisjoint(rule.channels)
            ],
            "never": {name: _said(one.say) for name, one in pack.never.items() if name == one.name},
            "refusal": _said(policy.refusal) if policy.refusal else None,
        }
    )


def _said(text: Text) -> dict[str, str]:
    return {"zh": text.zh, "en": text.en}


def _consent(rule: FieldRule, pack: Pack) -> str:
    if rule.needs_separate_consent:
        return "separate"
    return "plain" if rule.needs_consent(pack.site.basis_profile) else "none"


def _field(rule: FieldRule, pack: Pack) -> dict[str, Any]:
    purpose = pack.site.purposes.get(rule.purpose)
    return {
        "name": rule.name,
        "label": _said(rule.label),
        "type": rule.type.value,
        "required": rule.required,
        "filled_in_by_the_gate": rule.auto,
        "may_come_later": rule.amendable,
        "sensitivity": rule.sensitivity.value,
        "consent": _consent(rule, pack),
        "purpose": _said(purpose) if purpose else {"zh": rule.purpose, "en": rule.purpose},
        "necessity": rule.necessity,
        "alternatives": [
            {"way": way, "zh": sentence, "fills": way if way in pack_fields(pack, rule) else None}
            for way, sentence in rule.alternative.items()
        ],
        "values": list(rule.values),
        "longest": rule.longest,
        "most": rule.most,
        "channels": list(rule.channels),
        "says": {code: _said(text) for code, text in rule.say.items() if code in set(ReasonCode)},
    }


def pack_fields(pack: Pack, rule: FieldRule) -> frozenset[str]:
    """Fields of the category this rule is of: an alternative may be one of them, or only a way."""
    return next(
        frozenset(policy.fields)
        for policy in pack.categories.values()
        if policy.fields.get(rule.name) is rule
    )

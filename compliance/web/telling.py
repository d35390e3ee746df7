"""What a kiosk has to know before it asks: the notice to show, and the form that the policy draws."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse

from compliance.bootstrap import Engine
from compliance.domain.checkpoint import fingerprint
from compliance.domain.collection import MOST_FIELDS
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.submission import LARGEST_BYTES, LONGEST_KEY
from compliance.domain.vocabulary import Channel
from compliance.notices.collection import collection_slots
from compliance.notices.renderer import Form, render
from compliance.ports import Caller
from compliance.web import described_in_openapi as described
from compliance.web.callers import TheCaller, TheEngine, in_scope, require_category, require_channel
from compliance.web.faults import NOT_FOUND, OUT_OF_SCOPE, Refused
from compliance.web.kiosk_form import consents, form_field, said
from compliance.web.pages import standalone
from compliance.web.rates import limited, rates_of

router = APIRouter(prefix="/v1", tags=["notices and policies"])
Lang = Literal["zh", "en"]


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
        verifier_fingerprint=fingerprint(engine.signer.public_key),
        now_day=pack.site.day_of(engine.clock.now()).isoformat(),
    )
    return render(moment, lang=lang, slots=slots, form=form)


@router.get("/notices/{category}", **described.NOTICE)
def notice_to_show(category: str, engine: TheEngine, caller: TheCaller, lang: Lang = "zh") -> JSONResponse:
    """The short notice, and the id of this showing: send it back as `notice.id` with what the person then consented to."""
    require_category(caller, category)
    pack = engine.active_pack()
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
    pack = engine.active_pack()
    policy_of(pack, category)
    return standalone(notice(engine, pack, category, moment, lang, "html"))


@router.get("/policies/{category}", **described.POLICY)
def form_description(
    category: str,
    request: Request,
    engine: TheEngine,
    caller: TheCaller,
    channel: Annotated[Channel | None, Query()] = None,
) -> JSONResponse:
    """What a form of this category asks, of whom and why, and what it offers to those who refuse.

    A key for one channel need not name it: it is told what that channel may bring.
    """
    require_category(caller, category)
    require_channel(caller, channel)
    pack = engine.active_pack()
    policy = policy_for(pack, category, caller)
    if channel is not None and channel not in policy.channels:
        raise Refused(NOT_FOUND)
    by = (channel,) if channel is not None else caller.channels
    asked = [
        rule
        for rule in policy.fields.values()
        if not by or not rule.channels or not set(by).isdisjoint(rule.channels)
    ]
    texts = {lang: notice(engine, pack, category, "gate", lang, "txt").decode() for lang in ("zh", "en")}
    return JSONResponse(
        {
            "category": category,
            "label": said(policy.label),
            "version": policy.version,
            "site": pack.site.name,
            "channels": list(policy.channels),
            "notice_needed": not policy.exempt,
            "notice": texts | {"issued_at": f"/v1/notices/{category}"},
            **consents(pack, policy, asked),
            "fields": [form_field(rule, pack) for rule in asked],
            "order": [list(pair) for pair in policy.order],
            "limits": {
                "body_bytes": LARGEST_BYTES,
                "fields": MOST_FIELDS,
                "key": LONGEST_KEY,
                "calls": rates_of(request).per_key,
            },
            "never": {name: said(one.say) for name, one in pack.never.items() if name == one.name},
            "refusal": said(policy.refusal) if policy.refusal else None,
        }
    )

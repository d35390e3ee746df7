"""The desk: a tablet page on which a guard registers people, drawn from the policy in force.

The guard ticks nothing for anybody. Consent is an act: spoken and heard by the guard, whose staff id stands for that,
or tapped by the person on a page of their own. Works without any script.
"""

from __future__ import annotations

from typing import Annotated, Any

import segno
from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from compliance.bootstrap import Engine
from compliance.domain.collection import Admitted
from compliance.domain.errors import CollectionRefused
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.reasons import Reason
from compliance.domain.submission import Defaults
from compliance.domain.vocabulary import Channel, ConsentAct, NoticeMode, ReasonCode, Role
from compliance.ports import Caller, Receipt
from compliance.web import desk_form
from compliance.web.callers import TheEngine
from compliance.web.desk_form import Shown, Typed
from compliance.web.desk_late import by_script, made, receipt_answer, refusal_answer, require_notice_in_force
from compliance.web.desk_rules import rules
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.forms import Form, form_of
from compliance.web.observing import metrics_of
from compliance.web.pages import page
from compliance.web.records import grouped
from compliance.web.session import Staff, staff_with
from compliance.web.telling import notice

router = APIRouter(prefix="/desk", include_in_schema=False)
AtDesk = Annotated[Staff, Depends(staff_with(Role.GUARD, Role.OFFICER))]
TheForm = Annotated[Form, Depends(form_of)]


def tabs(pack: Pack) -> list[tuple[str, str]]:
    """The categories that a desk registers: name and label."""
    return [
        (name, policy.label.zh) for name, policy in pack.categories.items() if Channel.DESK in policy.channels
    ]


@router.get("")
def start(engine: TheEngine, staff: AtDesk) -> Response:
    """The form of whatever was registered last: at a gate the next one is most often of the same kind."""
    pack = engine.active_pack()
    offered = [name for name, _ in tabs(pack)]
    with engine.books.reading() as books:
        last = [row.category for row in books.holdings.recent(pack.site.name, 1)]
    category = next((name for name in [*last, *offered] if name in offered), None)
    if category is None:
        raise Refused(NOT_FOUND)
    return RedirectResponse(f"/desk/new/{category}", 303)


@router.get("/new/{category}")
def blank(request: Request, category: str, engine: TheEngine, staff: AtDesk) -> Response:
    pack, policy = policy_at_desk(engine, category)
    return form_page(request, engine, pack, policy)


@router.post("/new/{category}")
def register(request: Request, category: str, engine: TheEngine, staff: AtDesk, form: TheForm) -> Response:
    """One form, four ways on: spoken consent registers, so does a pass whose holder agreed before, the screen shows the
    notice, the person taps yes or no.
    """
    pack, policy = policy_at_desk(engine, category)
    act = form.one("_act")
    if act == "no":
        return page(request, "desk/declined.html", tabs=tabs(pack), policy=policy, category=category)
    if act == "screen":
        now = engine.clock.now().astimezone(pack.site.timezone)
        return _show_notice(request, engine, pack, policy, form, desk_form.typed(policy, form, staff.id, now))
    try:
        receipt = _write(engine, pack, policy, staff, form)
    except CollectionRefused as refused:
        metrics_of(request).refused(refused.reasons)
        if by_script(request):
            return refusal_answer(refused)
        return form_page(request, engine, pack, policy, form, refused.reasons)
    metrics_of(request).admitted(receipt)
    return receipt_answer(receipt) if by_script(request) else _receipt_page(request, pack, policy, receipt)


def _write(engine: Engine, pack: Pack, policy: CategoryPolicy, staff: Staff, form: Form) -> Receipt:
    """Hand the form to the gate as the registration of whoever made it, when it was made."""
    act = form.one("_act")
    tapped = act == "tap"
    if not tapped:
        require_notice_in_force(policy, form)
    who = made(engine, staff, form)
    oral = {"mode": NoticeMode.ORAL.value, "by": who.by.id}
    screen = {"mode": NoticeMode.SCREEN.value, "id": form.one("_notice")}
    whole = desk_form.submission(
        policy,
        pack,
        desk_form.typed(policy, form, who.by.id, who.at.astimezone(pack.site.timezone)),
        act=ConsentAct.TAP if tapped else ConsentAct.SPOKEN,
        notice=screen if tapped else oral,
        key=form.one("_key")[:64],
        shown=_shown(engine, policy, form),
        asked=act != "pass",
    )
    whole["collected_at"] = who.at.isoformat()
    return engine.gate.write(whole, _caller(who.by, pack), _defaults(policy.category))


def _shown(engine: Engine, policy: CategoryPolicy, form: Form) -> Shown:
    """The pass that somebody showed who was here before, and what its holder's consent covers at this desk."""
    code = form.one("_pass")[:64]
    if not code:
        return Shown()
    return Shown(code=code, covers=engine.consents.asking(code, policy.category, Channel.DESK).covered)


def policy_at_desk(engine: Engine, category: str) -> tuple[Pack, CategoryPolicy]:
    pack = engine.active_pack()
    policy = pack.categories.get(category)
    if policy is None or Channel.DESK not in policy.channels:
        raise Refused(NOT_FOUND)
    return pack, policy


def _caller(staff: Staff, pack: Pack) -> Caller:
    return Caller(id=staff.id, site=pack.site.name, channels=(Channel.DESK,))


def _defaults(category: str) -> Defaults:
    return Defaults(category=category, channel=Channel.DESK.value)


def form_page(
    request: Request,
    engine: Engine,
    pack: Pack,
    policy: CategoryPolicy,
    form: Form | None = None,
    reasons: tuple[Reason, ...] = (),
    **around: Any,
) -> Response:
    """The form: empty, or as it was typed with what is wrong. `around` replaces what a page knows of its reader."""
    fields = desk_form.drawn(policy, form, reasons)
    named = {"pass", *(one.name for one in fields)}
    values: dict[str, Any] = {"shell": False, "key": engine.ids.secret(16)}
    # A number that was already used belongs to a form that was sent before: this one gets its own.
    if form is not None and all(one.code is not ReasonCode.KEY_REUSED for one in reasons):
        values["key"] = form.one("_key")[:64]
    return page(
        request,
        "desk/form.html",
        status=422 if reasons else 200,
        tabs=tabs(pack),
        category=policy.category,
        policy=policy,
        required=[one for one in fields if one.required],
        optional=[one for one in fields if not one.required and not one.auto],
        times=[one for one in fields if one.auto and not one.required],
        first=reasons[0] if reasons else None,
        others=[one for one in reasons[1:] if one.field not in named],
        pass_code=form.one("_pass")[:64] if form else "",
        pass_faults=[one.zh for one in reasons if one.field == "pass"],
        remove=[(one.field or "")[:40] for one in reasons if one.code is ReasonCode.OVER_COLLECTION],
        asks_consent=desk_form.asks_consent(policy, pack),
        notice=_short_notice(engine, pack, policy.category),
        results=desk_form.RESULTS,
        rules=rules(policy, pack),
        **values | around,
    )


def _short_notice(engine: Engine, pack: Pack, category: str, lang: str = "zh") -> list[str]:
    """The gate notice as lines, without its title: what the guard reads out."""
    lines = notice(engine, pack, category, "gate", lang, "txt").decode().splitlines()
    return [line for line in lines[1:] if line.strip()]


def _show_notice(
    request: Request, engine: Engine, pack: Pack, policy: CategoryPolicy, form: Form, said: Typed
) -> Response:
    """Turn the tablet round: the notice, what would be registered, and two buttons of one size."""
    shown = _shown(engine, policy, form)
    whole = desk_form.submission(policy, pack, said, act=ConsentAct.TAP, notice={}, key="", shown=shown)
    # Form and content are judged before a visitor is asked to read anything; notice and consent come on the next page.
    verdict = engine.gate.check(
        {name: whole[name] for name in ("fields", "declined", "pass") if name in whole}
        | {"site": pack.site.name},
        pack,
        _defaults(policy.category),
    )
    if not isinstance(verdict, Admitted):
        metrics_of(request).refused(verdict.reasons)
        return form_page(request, engine, pack, policy, form, verdict.reasons)
    separate = [
        one
        for one in desk_form.drawn(policy, form)
        if one.separate and (one.name in said.fields or f"{one.name}.type" in form)
    ]
    own = {desk_form.CSRF, "_act", "_notice", "_at"}
    again = {desk_form.SEPARATE + one.name for one in separate} | own
    return page(
        request,
        "desk/notice.html",
        category=policy.category,
        policy=policy,
        notice=_short_notice(engine, pack, policy.category),
        english=_short_notice(engine, pack, policy.category, "en"),
        lines=desk_form.summary(policy, said),
        kept=[(name, value) for name, value in form.pairs if name not in again],
        separate=separate,
        notice_id=engine.notice_ids.issue(policy.category, policy.version),
        asks_consent=bool(separate or desk_form.left_to_ask(policy, pack, said, shown)),
        agreed_before=bool(shown.covers),
    )


def _receipt_page(request: Request, pack: Pack, policy: CategoryPolicy, receipt: Receipt) -> Response:
    values: dict[str, Any] = {
        "tabs": tabs(pack),
        "category": policy.category,
        "policy": policy,
        "receipt": receipt,
        "code": grouped(receipt.pass_code),
        "site": pack.site,
        "qr": "",
    }
    if pack.site.public_url:
        # Behind the #: a browser sends it to nobody, so the code stands in no server's log.
        address = f"{pack.site.public_url.rstrip('/')}/me#pass={values['code']}"
        values["qr"] = segno.make(address, error="m", micro=False).svg_data_uri(
            scale=4, border=4, light="#fff"
        )
    return page(request, "desk/receipt.html", status=201, **values)

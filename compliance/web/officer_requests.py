"""The queue of subjects' requests, and the decision where one is due. Nothing here says whose a request is."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.domain.errors import ComplianceError, RequestRefused
from compliance.domain.request import Ground, RequestState, Stated
from compliance.services.requests import RequestView
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.forms import Form
from compliance.web.officer_pages import Officer, Opaque, Typed, Wired, line, onwards, show, today

router = APIRouter(prefix="/requests")
_ORDERS: Final[dict[str, Callable[[RequestView], Any]]] = {
    "due": lambda view: (view.deadlines.due, view.received_on, view.number),
    "received": lambda view: (view.received_on, view.number),
    "kind": lambda view: (view.kind.value, view.deadlines.due),
    "state": lambda view: (not view.waits_for_officer, view.state.value, view.deadlines.due),
}
#: What binds by statute or hold is restricted and never refused, so it is not among the grounds to choose from.
_GROUNDS: Final = tuple(ground for ground in Ground if not ground.restricts)
_BY: Final = {"subject": "申请人", "engine": "系统"}


@router.get("")
def queue(request: Request, staff: Officer, engine: Wired, order: str = "due") -> Response:
    order = order if order in _ORDERS else "due"
    waiting = sorted(engine.requests.list_open(), key=_ORDERS[order])
    day = today(engine, engine.active_pack())
    return show(request, "requests", "requests", queue=waiting, order=order, today=day)


@router.get("/{number}")
def one(request: Request, staff: Officer, engine: Wired, number: Opaque) -> Response:
    return _one(request, engine, number)


@router.post("/{number}/decide")
def decide(request: Request, staff: Officer, engine: Wired, form: Typed, number: Opaque) -> Response:
    accept = form.one("decision") == "accept"
    try:
        engine.requests.decide(number, by=staff.id, accept=accept, reasons=() if accept else _reasons(form))
    except (RequestRefused, ValueError):
        error = (
            "没有决定成。不予办理的，请至少选一项理由；R1、R3、R11 还要写明法律条文。已经决定过的不能再改。"
        )
        return _one(request, engine, number, error)
    except ComplianceError:
        return _one(
            request, engine, number, "已受理，但现在还不能执行（删除暂停中或密钥不可用），系统会接着办理。"
        )
    return onwards(f"/officer/requests/{number}", "decided")


def _reasons(form: Form) -> list[Stated]:
    law = line(form, "law_ref")
    grounds = [Ground(code) for code in form.all("ground")]
    return [Stated(ground=ground, law_ref=law if ground.needs_law else "") for ground in grounds]


def _one(request: Request, engine: Engine, number: str, error: str = "") -> Response:
    try:
        view = engine.requests.show(number)
    except RequestRefused:
        raise Refused(NOT_FOUND) from None
    pack = engine.active_pack()
    steps = [
        (
            RequestState(step.state).label.zh,
            datetime.fromtimestamp(step.at, pack.site.timezone).strftime("%Y-%m-%d %H:%M"),
            _BY.get(step.by, step.by),
            step.act_id,
        )
        for step in view.steps
    ]
    return show(
        request,
        "request",
        "requests",
        status=422 if error else 200,
        error=error,
        view=view,
        steps=steps,
        grounds=_GROUNDS,
        today=today(engine, pack),
    )

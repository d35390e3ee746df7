"""Subjects' requests over HTTP, for a mini-program that asks on a person's behalf."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import structlog
from fastapi import APIRouter, BackgroundTasks
from fastapi.responses import JSONResponse

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused, ComplianceError, RequestRefused
from compliance.domain.reasons import reason
from compliance.domain.request import Deadlines, RequestKind
from compliance.domain.vocabulary import Channel, ReasonCode
from compliance.ports import Caller
from compliance.services.requests import RequestView
from compliance.web import described_in_openapi as described
from compliance.web.callers import TheCaller, TheEngine, TheObject, require_category
from compliance.web.faults import AsciiJSON, Fault, Refused

log = structlog.get_logger("compliance.web")
router = APIRouter(prefix="/v1", tags=["requests"])
LONGEST = 64
NOT_PROVEN = Fault(
    status=403,
    code="not_proven",
    zh="验证码不对或已过期，请核对，或重新获取。",
    en="The code does not fit or is no longer good. Check it, or ask for a new one.",
)
NO_REQUEST = Fault(status=404, code="not_found", zh="没有这个申请编号。", en="There is no such request.")
NOT_TAKEN = Fault(
    status=422,
    code="request_refused",
    zh="没有受理：请核对申请类型，以及通行码或手机号。",
    en="Not taken: check the kind of request, and the pass code or mobile number.",
)


@router.post("/requests", status_code=201, **described.ASK)
def ask(engine: TheEngine, caller: TheCaller, sent: TheObject, background: BackgroundTasks) -> JSONResponse:
    """Receive a request. By mobile number the answer is the same whether or not anything is held under it."""
    words = _words(sent, "kind", "pass_code", "mobile")
    try:
        kind = RequestKind(words.get("kind", ""))
    except ValueError:
        raise CollectionRefused((reason(ReasonCode.MALFORMED, "kind"),)) from None
    return _received(engine, caller.site, kind, words, background)


@router.post("/consents/withdraw", status_code=201, **described.WITHDRAW)
def withdraw(
    engine: TheEngine, caller: TheCaller, sent: TheObject, background: BackgroundTasks
) -> JSONResponse:
    """Withdraw consent, as easily as it was given (PIPL 15): a pass code is enough."""
    words = _words(sent, "pass_code", "mobile")
    return _received(engine, caller.site, RequestKind.WITHDRAWAL, words, background)


@router.post("/consents/ask", **described.ASKABLE)
def askable(engine: TheEngine, caller: TheCaller, sent: TheObject) -> JSONResponse:
    """What a form may ask the holder of a pass: neither what they agreed to, nor what they refused within thirty days."""
    words = _words(sent, "pass", "category", "channel")
    require_category(caller, words.get("category", ""))
    if words.get("channel", Channel.DESK) not in tuple(Channel):
        raise CollectionRefused((reason(ReasonCode.WRONG_CHANNEL, "channel"),))
    channel = Channel(words["channel"]) if "channel" in words else None
    try:
        asking = engine.consents.asking(words.get("pass", ""), words.get("category", ""), channel)
    except RequestRefused:
        raise CollectionRefused((reason(ReasonCode.UNKNOWN_CATEGORY, "category"),)) from None
    return JSONResponse(asking.as_json())


def _received(
    engine: Engine, site: str | None, kind: RequestKind, words: Mapping[str, str], background: BackgroundTasks
) -> JSONResponse:
    try:
        receipt = engine.requests.open(
            kind, pass_code=words.get("pass_code"), mobile=words.get("mobile"), site=site
        )
    except RequestRefused:
        raise Refused(NOT_TAKEN) from None
    said = {
        "number": receipt.number,
        "kind": kind.value,
        "deadlines": deadlines_json(receipt.deadlines),
        "text": dict(receipt.text),
    }
    if receipt.access_token is None:
        # Whoever is answered first cannot tell from the time taken whether the number is on record.
        background.add_task(_later, engine.requests.match, receipt.number)
        return AsciiJSON(said, 202)
    if kind is RequestKind.WITHDRAWAL:
        _later(
            engine.requests.fulfil, receipt.number
        )  # it takes effect at once, not in a moment (PIPL 15, 47(1)(3))
    else:
        background.add_task(_later, engine.requests.fulfil, receipt.number)
    return AsciiJSON(said | {"access_token": receipt.access_token}, 201)


def _later(step: Callable[[str], object], number: str) -> None:
    """One step of a request, for which nobody waits: what cannot be done now, the next sweep finds again."""
    try:
        step(number)
    except ComplianceError as error:
        log.warning("request waits", step=step.__name__, kind=type(error).__name__)


@router.post("/requests/{number}/verify", **described.VERIFY)
def verify(
    number: str, engine: TheEngine, caller: TheCaller, sent: TheObject, background: BackgroundTasks
) -> JSONResponse:
    """Show the one-time code; the access token opens letter and copy."""
    code = _words(sent, "code").get("code", "")
    _view(engine, caller, number, NOT_PROVEN)
    try:
        if caller.site not in (None, engine.requests.status(number).site):
            raise RequestRefused
        token = engine.requests.verify(number, code)
    except RequestRefused:
        raise Refused(NOT_PROVEN) from None
    background.add_task(_later, engine.requests.fulfil, number.strip().upper())
    return AsciiJSON({"number": number, "access_token": token})


@router.get("/requests/{number}", **described.STATUS)
def status(number: str, engine: TheEngine, caller: TheCaller) -> JSONResponse:
    """State and deadlines; nothing in it says whose request it is."""
    view = _view(engine, caller, number, NO_REQUEST)
    return JSONResponse(
        {
            "number": view.number,
            "kind": view.kind.value,
            "state": view.state.value,
            "received_on": view.received_on,
            "deadlines": deadlines_json(view.deadlines),
            "overdue": view.overdue,
        }
    )


def _view(engine: Engine, caller: Caller, number: str, fault: Fault) -> RequestView:
    """The request, for a key of its site; another site's looks like none."""
    try:
        view = engine.requests.status(number)
    except RequestRefused:
        raise Refused(fault) from None
    if caller.site not in (None, view.site):
        raise Refused(fault)
    return view


def deadlines_json(due: Deadlines) -> dict[str, Any]:
    return {"house": due.house.isoformat(), "legal": due.legal.isoformat(), "provisional": due.provisional}


def _words(sent: Mapping[str, object], *names: str) -> dict[str, str]:
    """Short texts under these names and no others; raises `CollectionRefused`."""
    wrong = [name for name in sent if name not in names]
    wrong += [
        name
        for name in names
        if name in sent and not (isinstance(value := sent[name], str) and 0 < len(value) <= LONGEST)
    ]
    if wrong:
        raise CollectionRefused(tuple(reason(ReasonCode.MALFORMED, name) for name in wrong))
    return {name: str(value) for name, value in sent.items()}

"""Asking, proving who asks, following the request, taking it back.

Whoever types a mobile number sees the same pages whether or not anything is held under it: matching happens after the
answer has gone out, and a code that was never sent fits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, BackgroundTasks, Depends, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.domain.errors import ComplianceError, RequestRefused
from compliance.domain.request import RequestKind, RequestState, may_move
from compliance.rights import right_for
from compliance.services.packages import COPIES
from compliance.services.tokens import written
from compliance.web import portal_words as words
from compliance.web.forms import Form, form_of
from compliance.web.portal_pages import Mine, forget, language, mine, onwards, pack_of, remember, show
from compliance.web.rates import limited
from compliance.web.session import engine_of

router = APIRouter()
Wired = Annotated[Engine, Depends(engine_of)]
Typed = Annotated[Form, Depends(form_of)]
#: Codes are guessed here, so these are counted more strictly than pages are.
_COUNTED: Final = [Depends(limited("ask"))]
#: What is not built is not shown.
_TAKEN: Final = tuple(kind for kind in RequestKind if right_for(kind) is not None)
_UNPROVEN: Final = (RequestState.RECEIVED, RequestState.VERIFYING, RequestState.NEED_INFO)
_HERE: Final = "/me/request"
_OPAQUE: Final = re.compile(r"[0-9A-Z-]{1,40}")


@router.get("/ask")
def ask(request: Request) -> Response:
    return _form(request)


@router.post("/ask", dependencies=_COUNTED)
def asked(request: Request, engine: Wired, form: Typed, later: BackgroundTasks) -> Response:
    kind, code, mobile = form.one("kind"), form.one("code"), form.one("mobile")
    if kind not in _TAKEN:
        return _form(request, error=words.CHOOSE_KIND)
    if bool(code) == bool(mobile):
        return _form(request, kind=kind, error=words.ONE_WAY if code else words.SOME_WAY)
    try:
        receipt = engine.requests.open(
            RequestKind(kind), pass_code=code or None, mobile=None if code else mobile
        )
    except RequestRefused:
        return _form(request, kind=kind, error=words.NO_PASS if code else words.NO_MOBILE)
    if receipt.access_token is None:
        later.add_task(if_it_can, engine.requests.match, receipt.number)
    else:
        if_it_can(engine.requests.fulfil, receipt.number)
    answer = onwards(_HERE)
    remember(answer, request, receipt.number, receipt.access_token or "")
    return answer


@router.get("/request")
def status(request: Request, engine: Wired) -> Response:
    return _status(request, engine)


@router.post("/request/open", dependencies=_COUNTED)
def reopen(request: Request, engine: Wired, form: Typed) -> Response:
    held = Mine(form.one("number").upper(), form.one("token").upper().replace("-", ""))
    try:
        # Neither is ever anything else; what is, never reaches the books.
        if not all(_OPAQUE.fullmatch(one) for one in held):
            raise RequestRefused
        engine.requests.letter(*held)
    except RequestRefused:
        return show(request, "find", status=422, error=words.NO_QUERY_CODE)
    answer = onwards(_HERE)
    remember(answer, request, *held)
    return answer


@router.post("/request/code", dependencies=_COUNTED)
def prove(request: Request, engine: Wired, form: Typed) -> Response:
    held = mine(request)
    if held is None:
        return onwards(_HERE)
    try:
        token = engine.requests.verify(held.number, form.one("code"))
    except RequestRefused:
        return _status(request, engine, words.NO_CODE)
    if_it_can(engine.requests.fulfil, held.number)
    answer = onwards(_HERE)
    remember(answer, request, held.number, token)
    return answer


@router.post("/request/new-code", dependencies=_COUNTED)
def new_code(request: Request, engine: Wired, later: BackgroundTasks) -> Response:
    held = mine(request)
    if held is None:
        return onwards(_HERE)
    try:
        engine.requests.new_code(held.number)
    except RequestRefused:
        return _status(request, engine, words.NO_MORE_CODES)
    later.add_task(if_it_can, engine.requests.match, held.number)
    return onwards(_HERE)


@router.post("/request/withdraw")
def withdraw(request: Request, engine: Wired) -> Response:
    held = mine(request)
    if held is None:
        return onwards(_HERE)
    try:
        engine.requests.withdraw(*held)
    except RequestRefused:
        return _status(request, engine, words.TOO_LATE)
    return onwards(_HERE)


@router.post("/request/forget")
def leave() -> Response:
    answer = onwards("/me")
    forget(answer)
    return answer


def _form(request: Request, *, kind: str = "", error: words.Sentence | None = None) -> Response:
    # What was typed in is not sent back: a code or number stays out of pages that somebody else may open.
    around: dict[str, Any] = {"kinds": _TAKEN, "explained": words.KINDS, "chosen": kind, "error": error}
    return show(request, "ask", status=422 if error else 200, **around)


def _status(request: Request, engine: Engine, error: words.Sentence | None = None) -> Response:
    held = mine(request)
    if held is None:
        return show(request, "find", error=None)
    try:
        around = _seen(request, engine, held)
    except RequestRefused:
        answer = show(request, "find", status=404, error=words.NOT_FOUND)
        forget(answer)
        return answer
    return show(request, "request", status=422 if error else 200, error=error, **around)


def _seen(request: Request, engine: Engine, held: Mine) -> dict[str, Any]:
    """What the holder of this cookie may see: with the token all of it, without only that it was received."""
    view = engine.requests.status(held.number)
    zone = pack_of(request).site.timezone
    outcome = engine.requests.letter(*held, language(request)) if held.token else {}
    steps = engine.requests.show(held.number).steps if held.token else ()
    return {
        "view": view,
        "receipt": engine.requests.receipt(held.number, language(request)),
        "steps": [
            (words.STEPS[RequestState(step.state)], words.local_minute(step.at, zone)) for step in steps
        ],
        "told": words.STEPS,
        "written": written,
        "outcome": outcome,
        "unproven": view.state in _UNPROVEN and not held.token,
        "copies": view.kind in COPIES,
        "may_withdraw": bool(held.token) and may_move(view.state, RequestState.WITHDRAWN_BY_REQUESTER),
    }


def if_it_can(step: Callable[[str], object], number: str) -> None:
    """Take a request a step further now. What cannot be done waits for `resume`: the request stands."""
    try:
        step(number)
    except ComplianceError:
        return

"""What a pass holder agreed to, and taking it back in one tap: as easy as it was given (PIPL 15).

The pass code comes in a form and stays for a quarter of an hour in a cookie that no script reads; no page repeats it.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.domain.errors import RequestRefused
from compliance.domain.request import RequestKind
from compliance.services.consents import Agreed
from compliance.services.tokens import normalise_pass_code
from compliance.web import portal_words as words
from compliance.web.forms import Form, form_of
from compliance.web.portal_pages import onwards, remember, show
from compliance.web.portal_requests import if_it_can
from compliance.web.rates import limited
from compliance.web.session import engine_of
from compliance.web.surroundings import PASS_COOKIE

router = APIRouter()
Wired = Annotated[Engine, Depends(engine_of)]
Typed = Annotated[Form, Depends(form_of)]
_COUNTED: Final = [Depends(limited("ask"))]
_HERE: Final = "/me/consents"
_KEPT_FOR: Final = 15 * 60


@router.get("/consents")
def agreed(request: Request, engine: Wired) -> Response:
    code = normalise_pass_code(request.cookies.get(PASS_COOKIE, ""))
    return _agreed(request, engine, code) if code else _page(request)


@router.post("/consents", dependencies=_COUNTED)
def found(request: Request, engine: Wired, form: Typed) -> Response:
    code = normalise_pass_code(form.one("code"))
    try:
        engine.consents.agreed(code)
    except RequestRefused:
        return _page(request, status=422, error=words.NO_PASS)
    answer = onwards(_HERE)
    answer.set_cookie(
        PASS_COOKIE,
        code,
        path=_HERE,
        max_age=_KEPT_FOR,
        httponly=True,
        samesite="lax",
        secure=request.app.state.secure,
    )
    return answer


@router.post("/consents/withdraw", dependencies=_COUNTED)
def withdraw(request: Request, engine: Wired) -> Response:
    """One tap. It takes effect in the transaction that receives it; what erases may come a moment later."""
    code = normalise_pass_code(request.cookies.get(PASS_COOKIE, ""))
    if not code:
        return onwards(_HERE)
    try:
        receipt = engine.requests.open(RequestKind.WITHDRAWAL, pass_code=code)
    except RequestRefused:
        return _forgetting(_page(request, status=422, error=words.NO_PASS))
    if_it_can(engine.requests.fulfil, receipt.number)
    answer = onwards("/me/request")
    remember(answer, request, receipt.number, receipt.access_token or "")
    return _forgetting(answer)


@router.post("/consents/forget")
def leave() -> Response:
    return _forgetting(onwards("/me"))


def _agreed(request: Request, engine: Engine, code: str) -> Response:
    try:
        return _page(request, engine.consents.agreed(code))
    except RequestRefused:
        return _forgetting(_page(request, status=404, error=words.NO_PASS))


def _page(
    request: Request,
    agreed: tuple[Agreed, ...] = (),
    *,
    status: int = 200,
    error: words.Sentence | None = None,
) -> Response:
    around = {"told": words.CONSENT_KINDS, "acts": words.CONSENT_ACTS, "error": error}
    return show(request, "consents", status=status, agreed=agreed, **around)


def _forgetting(answer: Response) -> Response:
    answer.delete_cookie(PASS_COOKIE, path=_HERE)
    return answer

"""The web server: one application for programs, guards, subjects and officers, that asks no other host for anything."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, Depends, FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import RedirectResponse
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException

from compliance.bootstrap import Engine
from compliance.domain.errors import ComplianceError, GateClosed
from compliance.domain.reasons import reason
from compliance.domain.vocabulary import ReasonCode
from compliance.web import (
    api,
    desk,
    desk_emergency,
    desk_inside,
    desk_offline,
    desk_slips,
    login,
    officer,
    officer_publishing,
    portal,
)
from compliance.web.faults import (
    UNREADABLE,
    Refused,
    answer,
    answer_error,
    fault_of_status,
    is_api,
    reasons_answer,
)
from compliance.web.observing import Metrics
from compliance.web.rates import Rates
from compliance.web.session import NotLoggedIn, secret_of
from compliance.web.surroundings import Bounded, Surroundings, forms_protected, note_route

HERE = Path(__file__).parent
# Every set of routes; a new one is a line here.
ROUTERS: tuple[APIRouter, ...] = (
    *api.ROUTERS,
    login.router,
    desk_inside.router,
    desk_emergency.router,
    desk_offline.router,
    desk_slips.router,
    desk.router,
    portal.router,
    officer.router,
    officer_publishing.signing,
)


def create_app(engine: Engine, *, rates: Rates | None = None) -> FastAPI:
    """The application over a wired engine. Run it with uvicorn and `access_log=False`: it logs by itself."""
    app = FastAPI(
        title="compliance",
        version="1",
        summary="Visitor registration under China's PIPL: what may be collected, and until when.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        # A redirect to the same address without its last slash would repeat that address, and whatever host was said.
        redirect_slashes=False,
        dependencies=[Depends(note_route)],
    )
    app.state.engine = engine
    app.state.rates = rates or Rates()
    app.state.metrics = Metrics(engine)
    app.state.secure = public_url(engine).startswith("https://")
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", StaticFiles(directory=HERE / "static"))
    app.mount("/assets", StaticFiles(directory=HERE / "assets"))
    api.describe(app)
    _answer_errors(app)
    # The last that is added is the first that is met.
    app.add_middleware(forms_protected, secret=secret_of(engine, "forms"), secure=app.state.secure)
    app.add_middleware(Bounded)
    app.add_middleware(Surroundings, monotonic=engine.clock.monotonic, secure=app.state.secure)
    return app


def public_url(engine: Engine) -> str:
    """Where phones reach this site; empty before the first policy."""
    try:
        return engine.active_pack().site.public_url
    except GateClosed:
        return ""


def _answer_errors(app: FastAPI) -> None:
    for kind in (ComplianceError, Refused):
        app.add_exception_handler(kind, answer_error)
    app.add_exception_handler(NotLoggedIn, _to_login)
    app.add_exception_handler(HTTPException, _answer_status)
    app.add_exception_handler(RequestValidationError, _answer_malformed)


def _to_login(request: Request, _: Exception) -> Response:
    if request.headers.get("hx-request") == "true":
        # A redirect would be followed in silence, and the login form would stand where one line stood.
        return Response(status_code=204, headers={"hx-redirect": "/login"})
    return RedirectResponse("/login", 303)


def _answer_status(request: Request, error: Exception) -> Response:
    status, headers = 500, {}
    if isinstance(error, HTTPException):
        status, headers = error.status_code, dict(error.headers or {})
    response = answer(request, fault_of_status(status))
    response.headers.update(headers)
    return response


def _answer_malformed(request: Request, _: Exception) -> Response:
    # FastAPI's own answer would repeat the value.
    if is_api(request.url.path):
        return reasons_answer((reason(ReasonCode.MALFORMED),))
    return answer(request, UNREADABLE)

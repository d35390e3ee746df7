"""Logging in and out, for guards, officers and directors."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import RedirectResponse

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Role
from compliance.web import session
from compliance.web.forms import Form, form_of
from compliance.web.pages import page
from compliance.web.rates import limited

router = APIRouter(include_in_schema=False)
HOME = {Role.GUARD: "/desk", Role.OFFICER: "/officer", Role.DIRECTOR: "/officer"}


@router.get("/")
def start(request: Request) -> Response:
    staff = session.whoever(request)
    return RedirectResponse(HOME[staff.role] if staff else "/login", 303)


@router.get("/login")
def login_page(request: Request) -> Response:
    return page(request, "login.html", wrong=False, staff_id="")


@router.post("/login", dependencies=[Depends(limited("login"))])
def login(
    request: Request,
    form: Annotated[Form, Depends(form_of)],
    engine: Annotated[Engine, Depends(session.engine_of)],
) -> Response:
    """One answer for a wrong id, a wrong password and too many tries: which of them it was is nobody's business."""
    row = engine.access.login(form.one("id"), form.one("password"))
    if row is None:
        return page(request, "login.html", status=401, wrong=True, staff_id="")
    response = RedirectResponse(HOME[Role(row.role)], 303)
    session.begin(request, response, row)
    return response


@router.post("/logout")
def logout() -> Response:
    response = RedirectResponse("/login", 303)
    session.end(response)
    return response

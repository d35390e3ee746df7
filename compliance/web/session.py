"""Who is logged in: a signed cookie that holds a staff id, a role and a moment, and nothing else.

The cookie is only as good as the login behind it: a staff id that was removed, or that has another role or password
since, is logged out at its next page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeSerializer

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Role
from compliance.ports import StaffRow
from compliance.web.faults import NOT_YOURS, Refused
from compliance.web.surroundings import SESSION_COOKIE

LASTS = timedelta(hours=12)


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A member of staff at work: an opaque id and the role it acts in."""

    id: str
    role: Role


class NotLoggedIn(Exception):
    """Raised by a route that needs a login; answered by the way to the login page."""


def engine_of(request: Request) -> Engine:
    engine: Engine = request.app.state.engine
    return engine


def staff_with(*roles: Role) -> Callable[[Request], Staff]:
    """A dependency: the logged-in member of staff, if it has one of these roles.

    Synchronous, so that FastAPI runs it in the thread pool: it looks the login up.
    """

    def required(request: Request) -> Staff:
        staff = whoever(request)
        if staff is None:
            raise NotLoggedIn
        request.state.staff = staff
        if staff.role not in roles:
            raise Refused(NOT_YOURS)
        return staff

    return required


def whoever(request: Request) -> Staff | None:
    """Who is logged in, if anybody still is."""
    engine = engine_of(request)
    try:
        held = _signer(engine).loads(request.cookies.get(SESSION_COOKIE, ""))
        staff_id, role, at, mark = str(held["id"]), Role(held["role"]), int(held["at"]), str(held["mark"])
    except (BadSignature, KeyError, TypeError, ValueError):
        return None
    if not 0 <= engine.clock.now().timestamp() - at < LASTS.total_seconds():
        return None
    row = engine.access.staff(staff_id)
    if row is None or row.role != role.value or _mark(engine, row) != mark:
        return None
    return Staff(id=staff_id, role=role)


def begin(request: Request, response: Response, row: StaffRow) -> None:
    """Log this member of staff in for one shift."""
    engine = engine_of(request)
    held = {
        "id": row.id,
        "role": row.role,
        "at": int(engine.clock.now().timestamp()),
        "mark": _mark(engine, row),
    }
    response.set_cookie(
        SESSION_COOKIE,
        str(_signer(engine).dumps(held)),
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=request.app.state.secure,
    )


def end(response: Response) -> None:
    response.delete_cookie(SESSION_COOKIE, httponly=True, samesite="strict")


def secret_of(engine: Engine, what: str) -> str:
    """A signing secret of its own for each use; it outlives restarts and is the same in every web server."""
    return engine.keyring.mac("web")(what.encode()).hex()


def _signer(engine: Engine) -> URLSafeSerializer:
    return URLSafeSerializer(secret_of(engine, "session"), salt="session")


def _mark(engine: Engine, row: StaffRow) -> str:
    # A new password is a new mark: whoever stays logged in elsewhere under the old one is out.
    return engine.keyring.mac("web")(b"login\x00" + row.password.encode())[:8].hex()

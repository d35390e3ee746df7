"""Who is logged in: a signed cookie that holds a staff id, a role and a moment, and nothing else.

The cookie is only as good as the login behind it: a staff id that was removed, or that has another role or password
since, is logged out at its next page.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from itsdangerous import BadSignature, URLSafeSerializer

from compliance.bootstrap import Engine
from compliance.domain.vocabulary import Role
from compliance.ports import StaffRow
from compliance.web.faults import NOT_YOURS, Refused
from compliance.web.surroundings import SESSION_COOKIE

LASTS = timedelta(hours=12)
# What a tablet registered while it had no network may come so much later than the shift it belongs to.
LATE = timedelta(hours=24)
SKEW = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff:
    """A member of staff at work: an opaque id and the role it acts in."""

    id: str
    role: Role
    begun: int = 0  # when this login began, in seconds; a shift is counted from here


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
    now = engine.clock.now()
    return _standing(engine, "session", request.cookies.get(SESSION_COOKIE, ""), now, now)


def shift_ticket(engine: Engine, staff: Staff) -> str:
    """A signed word that this login stands, for a tablet to seal with what it cannot send yet.

    It logs nobody in: it only says whose a late registration was, to whoever is logged in when it is sent.
    """
    row = engine.access.staff(staff.id)
    if row is None:
        raise NotLoggedIn
    return str(_signer(engine, "shift").dumps(_held(engine, row, staff.begun)))


def on_shift(engine: Engine, ticket: str, at: datetime) -> Staff | None:
    """Whose ticket this is, if it was their shift at that moment and their login still stands."""
    return _standing(engine, "shift", ticket, at, engine.clock.now() - LATE)


def _standing(engine: Engine, salt: str, token: str, at: datetime, since: datetime) -> Staff | None:
    """Who holds this token, if `at` and `since` lie in the shift that it began and the login behind it is unchanged."""
    try:
        held = _signer(engine, salt).loads(token)
        staff_id, role, begun, mark = str(held["id"]), Role(held["role"]), int(held["at"]), str(held["mark"])
    except (BadSignature, KeyError, TypeError, ValueError):
        return None
    length = LASTS.total_seconds()
    # A tablet's clock is compared once a page: a few seconds before the shift are still the shift.
    if not -SKEW <= at.timestamp() - begun < length or since.timestamp() - begun >= length:
        return None
    row = engine.access.staff(staff_id)
    if row is None or row.role != role.value or _mark(engine, row) != mark:
        return None
    return Staff(id=staff_id, role=role, begun=begun)


def begin(request: Request, response: Response, row: StaffRow) -> None:
    """Log this member of staff in for one shift."""
    engine = engine_of(request)
    response.set_cookie(
        SESSION_COOKIE,
        str(_signer(engine, "session").dumps(_held(engine, row, int(engine.clock.now().timestamp())))),
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


def _signer(engine: Engine, salt: str) -> URLSafeSerializer:
    return URLSafeSerializer(secret_of(engine, "session"), salt=salt)


def _held(engine: Engine, row: StaffRow, begun: int) -> dict[str, object]:
    return {"id": row.id, "role": row.role, "at": begun, "mark": _mark(engine, row)}


def _mark(engine: Engine, row: StaffRow) -> str:
    # A new password is a new mark: whoever stays logged in elsewhere under the old one is out.
    return engine.keyring.mac("web")(b"login\x00" + row.password.encode())[:8].hex()

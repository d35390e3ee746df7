"""The two things that a guard may open alone: the roster for the fire brigade, and records where a life is in danger."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request, Response

from compliance.bootstrap import Engine
from compliance.domain.disclosure import URGENT_GROUND, Authority, Fault
from compliance.domain.errors import DisclosureRefused, ReadRefused
from compliance.services.reading import Actor
from compliance.services.roster import Roster
from compliance.web.callers import TheEngine
from compliance.web.desk import AtDesk, TheForm, tabs
from compliance.web.forms import Form
from compliance.web.officer_disclosures import handed, wanted_of
from compliance.web.pages import page

router = APIRouter(prefix="/desk", include_in_schema=False)


@router.get("/roster")
def reason(request: Request, engine: TheEngine, staff: AtDesk) -> Response:
    return _roster(request, engine)


@router.post("/roster")
def call(request: Request, engine: TheEngine, staff: AtDesk, form: TheForm) -> Response:
    try:
        called = engine.roster.call(reason=form.one("reason"), actor=Actor(id=staff.id, role=staff.role))
    except ReadRefused as refused:
        return _roster(request, engine, error=refused.why.say.zh if refused.why else "")
    return _roster(request, engine, called)


def _roster(request: Request, engine: Engine, called: Roster | None = None, error: str = "") -> Response:
    pack = engine.active_pack()
    answer = page(
        request,
        "desk/roster.html",
        status=422 if error else 200,
        tabs=tabs(pack),
        category=None,
        called=called,
        at=_clock(called.at, pack.site.timezone) if called else "",
        day=pack.site.day_of(called.at).isoformat() if called else "",
        error=error,
    )
    answer.headers["cache-control"] = "no-store"
    return answer


@router.get("/urgent")
def blank(request: Request, engine: TheEngine, staff: AtDesk, category: str = "") -> Response:
    return _urgent(request, engine, category)


@router.post("/urgent")
def give(request: Request, engine: TheEngine, staff: AtDesk, form: TheForm) -> Response:
    category = form.one("category")
    zone = engine.active_pack().site.timezone
    try:
        pairs = [pair for pair in form.pairs if pair[0] not in ("ground", "called_back")]
        called = form.one("called_back")
        moment = datetime.fromisoformat(called).replace(tzinfo=zone).isoformat() if called else ""
        typed = Form(pairs=(*pairs, ("ground", URGENT_GROUND), ("called_back", moment)))
        package = engine.disclosures.give_urgently(
            wanted_of(typed, urgent=True), Actor(id=staff.id, role=staff.role)
        )
    except ValueError:
        return _urgent(request, engine, category, form, error="请写明日期，和回拨核实的时间。")
    except DisclosureRefused as refused:
        return _urgent(request, engine, category, form, faults=refused.faults)
    return handed(package.id, package.content, package.digest)


def _urgent(
    request: Request,
    engine: Engine,
    category: str,
    form: Form | None = None,
    *,
    faults: tuple[Fault, ...] = (),
    error: str = "",
) -> Response:
    pack = engine.active_pack()
    now = engine.clock.now().astimezone(pack.site.timezone)
    return page(
        request,
        "desk/urgent.html",
        status=422 if faults or error else 200,
        tabs=tabs(pack),
        category=None,
        policy=pack.categories.get(category),
        categories=[(name, policy.label.zh) for name, policy in pack.categories.items()],
        authorities=[(one.value, one.label.zh) for one in (Authority.POLICE, Authority.FIRE)],
        typed=form or Form(pairs=()),
        faults=faults,
        error=error,
        day=now.date().isoformat(),
    )


def _clock(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%m-%d %H:%M}"

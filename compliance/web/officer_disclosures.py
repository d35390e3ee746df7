"""What authorities ask for: the request, the second signature, the one handing over, the register; and every roll-call."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.domain.disclosure import GROUNDS, Authority, Fault, RefusalGround, Scope, State, Wanted
from compliance.domain.errors import DisclosureRefused
from compliance.domain.ledger import Act
from compliance.domain.report import LookFigures
from compliance.notices.disclosure import register_html, register_json, register_lines
from compliance.notices.report_looks import look_row
from compliance.policies.law import law
from compliance.services.reading import Actor
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.forms import Form
from compliance.web.officer_pages import Officer, Opaque, Typed, Wired, line, onwards, show, today
from compliance.web.pages import standalone
from compliance.web.portal_pages import attachment
from compliance.web.session import Staff

router = APIRouter(prefix="/disclosures")
_HERE: Final = "disclosures"
_LONGEST_FORM: Final = 20_000


@router.get("")
def register(request: Request, staff: Officer, engine: Wired) -> Response:
    pack = engine.active_pack()
    lines = register_lines(engine.disclosures.register(), pack)
    return show(
        request,
        "disclosures",
        _HERE,
        lines=lines,
        waiting=[one for one in lines if one["state"] in (State.ASKED, State.SIGNED) or one["waits"]],
        late=[one for one in lines if one["waits"] and one["late"]],
        pack=pack,
        authorities=[(one.value, one.label.zh) for one in Authority],
        refusals=[(one.value, one.label.zh, one.article) for one in RefusalGround],
        looks=[look_row(one) for one in _looks(engine)],
    )


@router.get("/register.{form}")
def printed(staff: Officer, engine: Wired, form: str) -> Response:
    pack, rows = engine.active_pack(), engine.disclosures.register()
    if form == "html":
        return standalone(register_html(rows, pack, today(engine, pack)))
    if form == "json":
        return attachment(register_json(rows, pack), "application/json", "disclosures.json")
    raise Refused(NOT_FOUND)


@router.get("/new")
def blank(request: Request, staff: Officer, engine: Wired, category: str = "") -> Response:
    return _form(request, engine, category)


@router.post("/new")
def ask(request: Request, staff: Officer, engine: Wired, form: Typed) -> Response:
    category = form.one("category")
    try:
        wanted = wanted_of(form)
        if form.one("act") == "preview":
            count = engine.disclosures.preview(wanted, _actor(staff))
            return _form(request, engine, category, form, counted=count)
        row = engine.disclosures.ask(wanted, _actor(staff))
    except ValueError:
        return _form(request, engine, category, form, error="日期请写成 2026-12-31，机关和依据从列表选。")
    except DisclosureRefused as refused:
        return _form(request, engine, category, form, faults=refused.faults)
    return onwards(f"/officer/disclosures/{row.id}", "asked")


@router.post("/decline")
def decline(request: Request, staff: Officer, engine: Wired, form: Typed) -> Response:
    try:
        engine.disclosures.decline(
            Authority(form.one("authority")),
            line(form, "unit"),
            line(form, "document"),
            RefusalGround(form.one("ground")),
            _actor(staff),
        )
    except (ValueError, DisclosureRefused):
        return onwards("/officer/disclosures", "undone")
    return onwards("/officer/disclosures", "declined")


@router.get("/{disclosure}")
def one(request: Request, staff: Officer, engine: Wired, disclosure: Opaque) -> Response:
    return _one(request, engine, staff, disclosure)


@router.post("/{disclosure}/sign")
def sign(request: Request, staff: Officer, engine: Wired, disclosure: Opaque) -> Response:
    try:
        engine.disclosures.sign(disclosure, _actor(staff))
    except DisclosureRefused as refused:
        return _one(request, engine, staff, disclosure, refused.faults)
    return onwards(f"/officer/disclosures/{disclosure}", "countersigned")


@router.post("/{disclosure}/refuse")
def refuse(request: Request, staff: Officer, engine: Wired, form: Typed, disclosure: Opaque) -> Response:
    try:
        engine.disclosures.refuse(disclosure, RefusalGround(form.one("ground")), _actor(staff))
    except ValueError:
        raise Refused(NOT_FOUND) from None
    except DisclosureRefused as refused:
        return _one(request, engine, staff, disclosure, refused.faults)
    return onwards(f"/officer/disclosures/{disclosure}", "declined")


@router.post("/{disclosure}/give")
def give(request: Request, staff: Officer, engine: Wired, disclosure: Opaque) -> Response:
    try:
        package = engine.disclosures.give(disclosure, _actor(staff))
    except DisclosureRefused as refused:
        return _one(request, engine, staff, disclosure, refused.faults)
    return handed(package.id, package.content, package.digest)


def handed(number: str, content: bytes, digest: str) -> Response:
    """The package as a download that no cache keeps."""
    answer = attachment(content, "application/zip", f"disclosure-{number}.zip")
    answer.headers["cache-control"] = "no-store"
    answer.headers["x-sha256"] = digest
    return answer


def wanted_of(form: Form, *, urgent: bool = False) -> Wanted:
    """The request as it was typed; raises ValueError for a day, an authority or a moment that is none."""
    called = form.one("called_back")
    return Wanted(
        authority=Authority(form.one("authority")),
        unit=line(form, "unit"),
        document=line(form, "document"),
        ground=form.one("ground"),
        officers=tuple(form.one("officers")[:200].replace("、", " ").split()),
        scope=Scope(
            category=form.one("category"),
            fields=form.all("field"),
            first=_day(form.one("first")),
            last=_day(form.one("last")),
            records=tuple(form.one("records")[:_LONGEST_FORM].split()),
        ),
        hold_until=_day(form.one("hold_until")),
        approval=line(form, "approval"),
        abroad="abroad" in form,
        urgent=urgent,
        seen=form.one("seen"),
        called_back=datetime.fromisoformat(called) if called else None,
    )


def _form(
    request: Request,
    engine: Engine,
    category: str,
    form: Form | None = None,
    *,
    faults: tuple[Fault, ...] = (),
    error: str = "",
    counted: int | None = None,
) -> Response:
    pack = engine.active_pack()
    return show(
        request,
        "disclosure_form",
        _HERE,
        status=422 if faults or error else 200,
        error=error,
        pack=pack,
        policy=pack.categories.get(category),
        typed=form or Form(pairs=()),
        faults=faults,
        counted=counted,
        authorities=[(one.value, one.label.zh) for one in Authority],
        grounds=grounds(),
    )


def grounds() -> list[tuple[str, str, str]]:
    """Every ground with its words and who may rest on it."""
    return [
        (ref, law(ref).zh, "、".join(one.label.zh for one in Authority if one in who))
        for ref, who in GROUNDS.items()
    ]


def _one(
    request: Request, engine: Engine, staff: Staff, disclosure: str, faults: tuple[Fault, ...] = ()
) -> Response:
    row = engine.disclosures.find(disclosure)
    if row is None:
        raise Refused(NOT_FOUND)
    (said,) = register_lines([row], engine.active_pack())
    unsigned = row.state == State.ASKED or (row.state == State.GIVEN and row.urgent and not row.signed_by)
    return show(
        request,
        "disclosure",
        _HERE,
        status=409 if faults else 200,
        one=said,
        faults=faults,
        may_sign=unsigned and staff.id not in (row.asked_by, row.given_by),
        may_refuse=row.state in (State.ASKED, State.SIGNED),
        may_give=row.state == State.SIGNED and staff.id in (row.asked_by, row.signed_by),
        refusals=[(ground.value, ground.label.zh, ground.article) for ground in RefusalGround],
    )


def _looks(engine: Engine) -> tuple[LookFigures, ...]:
    """The looks of this month; what happened a second ago comes under a head first."""
    engine.sealing.try_to_seal()
    return engine.reports.looks()


def _actor(staff: Staff) -> Actor:
    return Actor(id=staff.id, role=staff.role)


def _day(text: str) -> date | None:
    return date.fromisoformat(text) if text else None


def alarms(engine: Engine) -> dict[str, Any]:
    """What the officer is to see at once: what waits for a second signature, and the month's roll-calls."""
    lines = register_lines(engine.disclosures.register(), engine.active_pack())
    return {
        "waiting": [one["id"] for one in lines if one["waits"]],
        "calls": sum(one.times for one in _looks(engine) if one.act == Act.BREAK_GLASS),
    }

"""Holds, the retention plan, and the ledger: what binds, what is due, and what vouches for it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.detectors import scan
from compliance.domain.checkpoint import fingerprint
from compliance.domain.errors import ConfigurationInvalid, LedgerError
from compliance.services.holds import BY_TWO
from compliance.services.retention import PAUSED
from compliance.web.officer_pages import Officer, Opaque, Typed, Wired, label, line, onwards, show

router = APIRouter()
_NOBODY: Final = "不要写证件号、手机号或车牌。"


# -- holds -------------------------------------------------------------------------------------------------------


@router.get("/holds")
def holds(request: Request, staff: Officer, engine: Wired) -> Response:
    return _holds(request, engine)


@router.post("/holds")
def place(request: Request, staff: Officer, engine: Wired, form: Typed) -> Response:
    second = ""
    if form.one("ground") in BY_TWO:
        # Two persons: the second one says so with their own password, here and now.
        row = engine.access.login(form.one("second"), form.one("second_password"))
        if row is None or row.id == staff.id:
            return _holds(request, engine, "第二位同事的工号或口令不对；须是另一位同事本人确认。")
        second = row.id
    try:
        engine.holds.place(
            ground=form.one("ground"),
            document=line(form, "document"),
            law_ref=line(form, "law_ref"),
            until=date.fromisoformat(form.one("until")),
            by=staff.id,
            second=second,
            category=line(form, "category"),
            holding_id=line(form, "holding"),
        )
    except (ConfigurationInvalid, ValueError):
        error = "没有办成。请写明文号、法律依据和截止日期（今天以后）；本单位争议最长 90 天，应急信息留存最长 30 天，都须两人确认。"
        return _holds(request, engine, error)
    return onwards("/officer/holds", "placed")


@router.post("/holds/{hold}/release")
def release(request: Request, staff: Officer, engine: Wired, hold: Opaque) -> Response:
    try:
        engine.holds.release(hold, staff.id)
    except ConfigurationInvalid:
        return _holds(request, engine, "这份保全已经解除。")
    return onwards("/officer/holds", "released")


def _holds(request: Request, engine: Engine, error: str = "") -> Response:
    pack = engine.active_pack()
    standing = [(row, label(pack, row.category)) for row in sorted(engine.holds.standing(), key=_end)]
    status = 422 if error else 200
    return show(request, "holds", "holds", status=status, error=error, holds=standing, pack=pack)


def _end(row: Any) -> tuple[str, str]:
    return row.until, row.id


# -- retention ---------------------------------------------------------------------------------------------------


@router.get("/retention")
def retention(request: Request, staff: Officer, engine: Wired) -> Response:
    return _retention(request, engine)


@router.post("/retention/pause")
def pause(request: Request, staff: Officer, engine: Wired, form: Typed) -> Response:
    why = line(form, "why")
    if not why or scan(why):
        return _retention(request, engine, f"请写明暂停的原因，会记入账本；{_NOBODY}")
    engine.retention.pause(staff.id, why)
    return onwards("/officer/retention", "paused")


@router.post("/retention/resume")
def resume(staff: Officer, engine: Wired) -> Response:
    engine.retention.resume(staff.id)
    return onwards("/officer/retention", "resumed")


@router.post("/retention/excess")
def excess(request: Request, staff: Officer, engine: Wired, form: Typed) -> Response:
    why = line(form, "why")
    if not why or scan(why):
        return _retention(request, engine, f"请写明放行的理由，会记入账本；{_NOBODY}")
    engine.retention.release_excess(staff.id, why)
    return onwards("/officer/retention", "excess")


def _retention(request: Request, engine: Engine, error: str = "") -> Response:
    pack = engine.active_pack()
    plan = engine.retention.plan()
    with engine.books.reading() as books:
        standing = books.switches.get(PAUSED)
    return show(
        request,
        "retention",
        "retention",
        status=422 if error else 200,
        error=error,
        plan=plan,
        at=plan.at.astimezone(pack.site.timezone).strftime("%Y-%m-%d %H:%M"),
        label=lambda category: label(pack, category),
        paused=json.loads(standing) if standing else None,
    )


# -- ledger ------------------------------------------------------------------------------------------------------


@router.get("/ledger")
def ledger(request: Request, staff: Officer, engine: Wired) -> Response:
    return _ledger(request, engine)


@router.post("/ledger/verify")
def verify(request: Request, staff: Officer, engine: Wired, form: Typed) -> Response:
    outside = form.one("outside")
    try:
        # A browser sends line ends as CRLF; a signed note has none.
        found = engine.sealing.verify(outside.replace("\r\n", "\n") + "\n" if outside else None)
    except LedgerError:
        error = "核验没有通过：账本与签名的根对不上。请停止操作，立即联系运维，保留现场。"
        return _ledger(request, engine, error)
    return _ledger(request, engine, verified=found)


def _ledger(request: Request, engine: Engine, error: str = "", verified: Any = None) -> Response:
    head = engine.sealing.current_head()
    zone = engine.active_pack().site.timezone
    signed = datetime.fromtimestamp(head.time, UTC).astimezone(zone) if head else None
    return show(
        request,
        "ledger",
        "ledger",
        status=409 if error else 200,
        error=error,
        head=head,
        signed=signed.strftime("%Y-%m-%d %H:%M:%S") if signed else "",
        lag=engine.sealing.lag_seconds(),
        verifier=engine.sealing.verifier,
        fingerprint=fingerprint(engine.signer.public_key),
        verified=verified,
    )

"""Emergencies: opened on an authority's document, ended by hand or by time, and told of afterwards."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import APIRouter, Path, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.domain.errors import EmergencyRefused
from compliance.notices.emergency import emergency_over
from compliance.ports import EmergencyRow
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.officer_pages import (
    Officer,
    Opaque,
    Typed,
    Wired,
    label,
    line,
    onwards,
    show,
    today,
)
from compliance.web.portal_pages import attachment

router = APIRouter()
Language = Annotated[str, Path(pattern=r"^(zh|en)$")]


@router.get("/emergencies")
def emergencies(request: Request, staff: Officer, engine: Wired) -> Response:
    return _page(request, engine)


@router.post("/emergencies")
def open_one(request: Request, staff: Officer, engine: Wired, form: Typed) -> Response:
    try:
        # A browser sends the wall clock of the place; which place it is says the site.
        until = datetime.fromisoformat(form.one("until")).replace(tzinfo=engine.active_pack().site.timezone)
    except ValueError:
        return _page(request, engine, "请写明结束时间。")
    said = {"document": line(form, "document"), "authority": line(form, "authority")}
    profile = form.one("profile")
    return _done(
        request,
        engine,
        lambda: engine.emergencies.open(profile=profile, until=until.astimezone(UTC), by=staff.id, **said),
        "opened",
    )


@router.post("/emergencies/{emergency}/close")
def close(request: Request, staff: Officer, engine: Wired, emergency: Opaque) -> Response:
    return _done(request, engine, lambda: engine.emergencies.close(emergency, staff.id), "ended")


@router.post("/emergencies/{emergency}/told")
def told(request: Request, staff: Officer, engine: Wired, emergency: Opaque) -> Response:
    return _done(request, engine, lambda: engine.emergencies.tell(emergency, staff.id), "told")


@router.get("/emergencies/{emergency}/notice.{lang}.pdf")
def notice(staff: Officer, engine: Wired, emergency: Opaque, lang: Language) -> Response:
    try:
        row = engine.emergencies.find(emergency)
        pack = engine.emergencies.declared_in(row)
    except EmergencyRefused:
        raise Refused(NOT_FOUND) from None
    if row.closed_by is None:
        raise Refused(NOT_FOUND)
    printed = emergency_over(pack, row, lang=lang, form="pdf", now_day=today(engine, pack))
    return attachment(printed, "application/pdf", f"emergency-{row.id}.{lang}.pdf")


def _done(request: Request, engine: Engine, act: Callable[[], object], word: str) -> Response:
    """The act, then the page that says so; or the page with why not, in Chinese."""
    try:
        act()
    except EmergencyRefused as refused:
        return _page(request, engine, str(refused).partition(" / ")[0])
    return onwards("/officer/emergencies", word)


def _page(request: Request, engine: Engine, error: str = "") -> Response:
    pack = engine.active_pack()
    rows = [_shown(engine, row) for row in engine.emergencies.listed()]
    brought = {
        name: [
            f"{policy.label.zh}：{rule.label.zh}"
            for policy in pack.categories.values()
            for rule in policy.emergency.get(name, ())
        ]
        for name in pack.emergencies
    }
    return show(
        request,
        "emergencies",
        "emergencies",
        status=422 if error else 200,
        error=error,
        rows=rows,
        pack=pack,
        brought=brought,
        today=today(engine, pack),
    )


def _shown(engine: Engine, row: EmergencyRow) -> dict[str, Any]:
    pack = engine.active_pack()
    declared = pack.emergencies.get(row.profile)
    affected = [(label(pack, name), n) for name, n in json.loads(row.affected or "{}").items()]
    zone = pack.site.timezone
    return {
        "row": row,
        "label": declared.label.zh if declared else row.profile,
        "opened": datetime.fromtimestamp(row.opened_at, zone).strftime("%Y-%m-%d %H:%M"),
        "ends": datetime.fromtimestamp(row.ends_at, zone).strftime("%Y-%m-%d %H:%M"),
        "open": row.closed_by is None and row.ends_at > engine.clock.now().timestamp(),
        "affected": affected,
    }

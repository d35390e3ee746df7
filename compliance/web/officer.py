"""The officer's pages at /officer: the month, its review and signature. Requests, holds and the rest are beside it."""

from __future__ import annotations

from typing import Any, Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from compliance.bootstrap import Engine
from compliance.domain.errors import ReviewRefused
from compliance.domain.report import CategoryFigures, MonthFigures, Review, digest, last_month
from compliance.notices.chart import chart_svg, chart_words
from compliance.notices.report import report_json, report_pdf, report_xlsx
from compliance.notices.report_tables import facts, tables, tiles
from compliance.notices.report_words import MODE
from compliance.services.reports import NewFinding
from compliance.web import (
    officer_consents,
    officer_disclosures,
    officer_drafts,
    officer_duties,
    officer_emergencies,
    officer_policies,
    officer_publishing,
    officer_requests,
)
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.observing import LATE_AFTER
from compliance.web.officer_pages import Officer, Opaque, Typed, Wired, onwards, show
from compliance.web.portal_pages import attachment

router = APIRouter(prefix="/officer", include_in_schema=False)
_MONTHS_BACK: Final = 12
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# The chart is drawn by us and shown as an image; its colours are written into the drawing.
_DRAWING: Final = {"content-security-policy": "default-src 'none'; style-src 'unsafe-inline'"}


@router.get("")
def dashboard(request: Request, staff: Officer, engine: Wired, month: str = "") -> Response:
    return _month(request, engine, month or engine.reports.this_month())


@router.get("/report/{month}/chart.svg")
def chart(request: Request, staff: Officer, engine: Wired, month: Opaque, of: str = "") -> Response:
    # The page has counted already; another server, or a later look, counts again.
    counted: tuple[str, MonthFigures] | None = getattr(request.app.state, "counted", None)
    figures = counted[1] if counted and counted[0] == of else _figures(engine, month)
    drawn = chart_svg(figures)
    return Response(drawn.encode(), media_type="image/svg+xml", headers=_DRAWING)


@router.get("/report/{month}.{form}")
def download(staff: Officer, engine: Wired, month: Opaque, form: str) -> Response:
    figures = _figures(engine, month)
    reviews = _reviews(engine, month)
    name = f"report-{month}.{form}"
    if form == "pdf":
        return attachment(report_pdf(figures, reviews or ()), "application/pdf", name)
    if form == "xlsx":
        return attachment(report_xlsx(figures, reviews or ()), _XLSX, name)
    if form == "json":
        return attachment(report_json(figures), "application/json", name)
    raise Refused(NOT_FOUND)


@router.post("/report/{month}/review")
def sign(request: Request, staff: Officer, engine: Wired, form: Typed, month: Opaque) -> Response:
    found = zip(form.all("text"), form.all("owner"), form.all("due_on"), strict=False)
    findings = [
        NewFinding(text=text.strip(), owner=owner.strip(), due_on=due.strip())
        for text, owner, due in found
        if text.strip()
    ]
    try:
        engine.reports.review(month, staff.id, findings)
    except ReviewRefused:
        error = (
            "没有签成。每条发现要写明内容（500字以内，不含证件号、手机号、车牌）、经办人工号和日期；"
            "已结束的月份只签一次。"
        )
        return _month(request, engine, month, error)
    return _back(month, "signed")


@router.post("/report/{month}/findings/{finding}/close")
def close(request: Request, staff: Officer, engine: Wired, month: Opaque, finding: Opaque) -> Response:
    try:
        engine.reports.close_finding(finding, staff.id)
    except ReviewRefused:
        return _month(request, engine, month, "这一项已经办结，或者不存在。")
    return _back(month, "closed")


router.include_router(officer_requests.router)
router.include_router(officer_consents.router)
router.include_router(officer_duties.router)
router.include_router(officer_disclosures.router)
router.include_router(officer_emergencies.router)
# The narrower address first: `/policies/{category}` would take them all.
router.include_router(officer_publishing.router)
router.include_router(officer_drafts.router)
router.include_router(officer_policies.router)


def _back(month: str, done: str) -> Response:
    answer = onwards("/officer", done)
    answer.headers["location"] += f"&month={month}"
    return answer


def _figures(engine: Engine, month: str) -> MonthFigures:
    try:
        return engine.reports.month(month)
    except ReviewRefused:
        raise Refused(NOT_FOUND) from None


def _late(engine: Engine, figures: MonthFigures) -> list[CategoryFigures]:
    """The categories whose overdue parts call for somebody: what fell due just now goes with the next sweep."""
    with engine.books.reading() as books:
        slow = books.reports.overdue(int(engine.clock.now().timestamp()) - LATE_AFTER)
    places = {(site, category) for site, category, _, _ in slow}
    return [
        one
        for one in figures.categories
        if one.overdue and (figures.paused or (one.site, one.category) in places)
    ]


def _month(request: Request, engine: Engine, month: str, error: str = "") -> Response:
    figures = _figures(engine, month)
    reviews, signed = _reviews(engine, month), digest(figures)
    request.app.state.counted = (signed, figures)
    late = _late(engine, figures)
    return show(
        request,
        "month",
        "month",
        status=422 if error else 200,
        error=error,
        month=month,
        figures=figures,
        facts=facts(figures),
        mode=MODE.get(figures.mode, (figures.mode, ""))[0],
        # What is open, and what people are still to be told of (PIPL 18(2)).
        emergencies=[row for row in engine.emergencies.listed() if row.told_on is None],
        tiles=tiles(figures),
        chart_words=chart_words(figures),
        # Findings have a place of their own on this page, where they are closed.
        tables=[table for table in tables(figures) if table.rows],
        alarms=officer_disclosures.alarms(engine),
        late=late,
        oldest=min((one.oldest_due for one in late), default=""),
        digest=signed,
        reviews=reviews or [],
        signable=reviews is not None and not any(review.figures.complete for review in reviews),
        months=_months(engine),
        altered=reviews is None,
    )


def _reviews(engine: Engine, month: str) -> list[Review] | None:
    """What was signed; None where a kept report no longer has the digest that was signed."""
    try:
        return engine.reports.reviews(month)
    except ReviewRefused:
        return None


def _months(engine: Engine) -> list[dict[str, Any]]:
    """The last twelve months of the ledger, newest first, with who signed them last.

    A month before the first entry has nothing to sign, and is not shown as if somebody had forgotten to.
    """
    with engine.books.reading() as books:
        days = [day for _, _, _, day, _ in books.ledger.columns_of(0, 1)]
    months = [engine.reports.this_month()]
    began = days[0][:7] if days else months[0]
    while len(months) < _MONTHS_BACK and months[-1] > began:
        months.append(last_month(months[-1]))
    return [{"month": month, **_signed(_reviews(engine, month))} for month in months]


def _signed(reviews: list[Review] | None) -> dict[str, Any]:
    return {"altered": reviews is None, "signed": reviews[-1] if reviews else None}

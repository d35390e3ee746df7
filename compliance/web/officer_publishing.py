"""From a draft to a policy: what changes, what it does to records, the impact assessment, two signatures; and the history."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import HTMLResponse, Response
from itsdangerous import BadSignature, URLSafeTimedSerializer

from compliance.bootstrap import Engine
from compliance.domain.assessment import PARTS, causes
from compliance.domain.assessment_statements import statements
from compliance.domain.change import Direction
from compliance.domain.difference import compare
from compliance.domain.errors import AssessmentMissing, AssessmentRefused, PublicationRefused
from compliance.domain.policy import Pack
from compliance.domain.submission import is_staff_id
from compliance.domain.vocabulary import Role
from compliance.notices.assessments import assessment_document, assessment_json
from compliance.policies.fault import PackInvalid
from compliance.policies.loader import LoadedPack, load_text
from compliance.services.drafting import Draft
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.officer_drafts import BASE
from compliance.web.officer_pages import Officer, Opaque, Typed, Wired, label, onwards, show
from compliance.web.pages import page, standalone
from compliance.web.portal_pages import attachment
from compliance.web.rates import limited
from compliance.web.session import secret_of, whoever

router = APIRouter(prefix="/policies")
#: The second person's own door: whoever holds the link was sent it, and needs no login.
signing = APIRouter(include_in_schema=False)
LINK_LASTS: Final = 48 * 3600  # seconds
MARKS: Final = {Direction.WIDENS: "bad", Direction.NARROWS: "good", Direction.NEUTRAL: ""}


@router.get("/history")
def history(request: Request, staff: Officer, engine: Wired) -> Response:
    rows = engine.drafting.versions()
    zone = engine.active_pack().site.timezone
    listed = [
        (row, datetime.fromtimestamp(row.effective_from, zone).strftime("%Y-%m-%d %H:%M")) for row in rows
    ]
    return show(request, "history", "policies", rows=listed, active=engine.active_pack().version)


@router.get("/history/{old}/{new}")
def changes(request: Request, staff: Officer, engine: Wired, old: int, new: int) -> Response:
    known = {row.version for row in engine.drafting.versions()}
    if not {old, new} <= known:
        raise Refused(NOT_FOUND)
    with engine.books.reading() as books:
        was, now = engine.policies.version(books, old), engine.policies.version(books, new)
    difference = compare(was, now)
    return show(
        request, "changes", "policies", old=old, new=new, changes=_ordered(difference.changes), marks=MARKS
    )


@router.get("/drafts/{draft_id}/plan")
def plan(request: Request, staff: Officer, engine: Wired, draft_id: Opaque) -> Response:
    return _show_plan(request, engine, engine.drafting.show(draft_id))


@router.get("/drafts/{draft_id}/assessment")
def assessment(request: Request, staff: Officer, engine: Wired, draft_id: Opaque) -> Response:
    draft = engine.drafting.show(draft_id)
    return _show_assessment(request, engine, draft, _loaded(engine, draft))


@router.post("/drafts/{draft_id}/assessment")
def assess(request: Request, staff: Officer, engine: Wired, typed: Typed, draft_id: Opaque) -> Response:
    draft = engine.drafting.show(draft_id)
    pack = _loaded(engine, draft)
    if pack is None:
        raise Refused(NOT_FOUND)
    words = {part: typed.one(part) for part in (*PARTS, "opinion")}
    try:
        one = engine.assessments.draft(pack, staff.id, words)
        if "approve" in typed:
            engine.assessments.approve(one.id, staff.id)
    except AssessmentRefused as refused:
        return _show_assessment(request, engine, draft, pack, str(refused))
    return onwards(f"{BASE}/{draft.id}/assessment", "approved" if "approve" in typed else "assessed")


@router.get("/assessments/{assessment_id}.{form}")
def document(staff: Officer, engine: Wired, assessment_id: Opaque, form: str) -> Response:
    one = engine.assessments.show(assessment_id)
    if form == "html":
        return standalone(assessment_document(one, lang="zh", form="html"))
    if form == "pdf":
        drawn = assessment_document(one, lang="zh", form="pdf")
        return attachment(drawn, "application/pdf", f"assessment-{one.id}.pdf")
    if form == "json":
        return attachment(assessment_json(one), "application/json", f"assessment-{one.id}.json")
    raise Refused(NOT_FOUND)


@router.post("/drafts/{draft_id}/publish")
def publish(request: Request, staff: Officer, engine: Wired, draft_id: Opaque) -> Response:
    """Publish at once where one person may; else sign as the first, and wait for the second."""
    draft = engine.drafting.show(draft_id)
    pack = _loaded(engine, draft)
    if pack is None or pack.warnings:
        return _show_plan(request, engine, draft, "还有错误或警告没有处理，不能发布。")
    if engine.planning.plan(pack).needs_second:
        engine.drafting.want(draft.id, staff.id)
        return onwards(f"{BASE}/{draft.id}/plan", "wanted")
    return _publish(request, engine, draft, pack, staff.id, "")


@router.post("/drafts/{draft_id}/sign")
def sign(request: Request, staff: Officer, engine: Wired, draft_id: Opaque) -> Response:
    """The second signature of somebody who is logged in."""
    draft = engine.drafting.show(draft_id)
    pack = _loaded(engine, draft)
    if pack is None or pack.warnings or not draft.wanted_by:
        return _show_plan(request, engine, draft, "没有待确认的签字，或者草稿还有问题。")
    return _publish(request, engine, draft, pack, draft.wanted_by, staff.id)


@signing.get("/sign/{token}", dependencies=[Depends(limited("ask"))])
def look(request: Request, engine: Wired, token: str) -> Response:
    draft, pack, second = _by_link(engine, token)
    return _show_link(request, engine, draft, pack, second, token)


@signing.post("/sign/{token}", dependencies=[Depends(limited("ask"))])
def sign_by_link(request: Request, engine: Wired, token: str) -> Response:
    """The second signature of somebody who was sent the link: the staff number that it names is sealed with it."""
    draft, pack, second = _by_link(engine, token)
    here = whoever(request)
    if here is not None and here.id == draft.wanted_by:
        return _show_link(
            request, engine, draft, pack, second, token, "第一个签字的人不能再签，请由本人打开。"
        )
    try:
        version = engine.publishing.publish(pack, draft.files, draft.wanted_by, second=second)
    except (AssessmentMissing, PublicationRefused) as refused:
        return _show_link(request, engine, draft, pack, second, token, str(refused))
    _became(engine, draft, version)
    return page(request, "officer/signed.html", version=version)


def link(engine: Engine, draft: Draft, second: str) -> str:
    """The address for one person that is good once, for two days, and for exactly these words; empty for nobody."""
    row = engine.access.staff(second)
    guard = row is not None and row.role == Role.GUARD.value
    if not (draft.nonce and is_staff_id(second)) or guard or second == draft.wanted_by:
        return ""
    return "/sign/" + str(_signer(engine).dumps([draft.id, draft.nonce, draft.digest, second]))


def _signer(engine: Engine) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_of(engine, "second-signature"), salt="second-signature")


def _by_link(engine: Engine, token: str) -> tuple[Draft, LoadedPack, str]:
    try:
        draft_id, nonce, digest, second = _signer(engine).loads(token, max_age=LINK_LASTS)
        draft = engine.drafting.show(str(draft_id))
    except (BadSignature, ValueError, TypeError, PublicationRefused):
        raise Refused(NOT_FOUND) from None
    pack = _loaded(engine, draft)
    if not draft.nonce or [draft.nonce, draft.digest] != [nonce, digest] or pack is None or pack.warnings:
        raise Refused(NOT_FOUND)
    return draft, pack, str(second)


def _publish(
    request: Request, engine: Engine, draft: Draft, pack: LoadedPack, by: str, second: str
) -> Response:
    try:
        version = engine.publishing.publish(pack, draft.files, by, second=second)
    except (AssessmentMissing, PublicationRefused) as refused:
        return _show_plan(request, engine, draft, str(refused))
    _became(engine, draft, version)
    return onwards("/officer/policies", "published" if version else "unchanged")


def _became(engine: Engine, draft: Draft, version: int | None) -> None:
    if version is None:
        engine.drafting.drop(draft.id)  # nothing was changed
    else:
        engine.drafting.became(draft.id, version)


def _loaded(engine: Engine, draft: Draft) -> LoadedPack | None:
    """The draft as a checked pack; None while it has errors."""
    today = engine.active_pack().site.day_of(engine.clock.now())
    try:
        return load_text(draft.files, name=draft.name, day=today)
    except PackInvalid:
        return None


def _ordered(found: Any) -> list[Any]:
    order = list(MARKS)
    return sorted(found, key=lambda one: order.index(one.direction))


def _counted(engine: Engine, pack: Pack) -> dict[str, Any]:
    planned = engine.planning.plan(pack)
    return {
        "plan": planned,
        "changes": _ordered(planned.difference.changes),
        "marks": MARKS,
        "label": lambda category: label(pack, category),
        "needs": causes(pack),
        "assessment": engine.assessments.of(pack),
        "same": pack.digest == engine.active_pack().digest,
    }


def _show_plan(request: Request, engine: Engine, draft: Draft, error: str = "") -> HTMLResponse:
    pack = _loaded(engine, draft)
    second = request.query_params.get("second", "")
    address = link(engine, draft, second) if second else ""
    return show(
        request,
        "plan",
        "policies",
        status=422 if error else 200,
        error=error,
        draft=draft,
        pack=pack,
        second=second,
        # The address that phones reach, not the one that this browser happened to send.
        link=(engine.active_pack().site.public_url or str(request.base_url)).rstrip("/") + address
        if address
        else "",
        counted=_counted(engine, pack) if pack else None,
    )


def _show_assessment(
    request: Request, engine: Engine, draft: Draft, pack: LoadedPack | None, error: str = ""
) -> HTMLResponse:
    one = engine.assessments.of(pack) if pack else None
    return show(
        request,
        "assessment",
        "policies",
        status=422 if error else 200,
        error=error,
        draft=draft,
        pack=pack,
        needs=causes(pack) if pack else (),
        said=statements(pack) if pack else (),
        one=one,
        parts=(
            ("lawfulness", "目的、方式是否合法、正当、必要", "Lawful, legitimate, necessary"),
            ("effect", "对个人权益的影响及安全风险", "Effect on rights, and risks"),
            ("measures", "保护措施是否合法、有效并与风险相适应", "Measures lawful, effective, proportionate"),
            ("opinion", "个人信息保护负责人意见", "The officer's opinion"),
        ),
    )


def _show_link(
    request: Request, engine: Engine, draft: Draft, pack: LoadedPack, second: str, token: str, error: str = ""
) -> HTMLResponse:
    return page(
        request,
        "officer/second.html",
        status=422 if error else 200,
        error=error,
        draft=draft,
        pack=pack,
        token=token,
        second=second,
        **_counted(engine, pack),
    )

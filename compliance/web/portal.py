"""The subjects' portal at /me: read the notices, ask, follow the request. No login, phone first, Chinese first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Any, Final

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from markupsafe import Markup

from compliance.domain.policy import Pack
from compliance.notices.renderer import Form, collection_slots
from compliance.web import portal_consents, portal_letters, portal_requests
from compliance.web.pages import HERE, standalone
from compliance.web.portal_pages import (
    attachment,
    body_of,
    fingerprint_of,
    language,
    letter,
    pack_of,
    show,
)
from compliance.web.rates import limited
from compliance.web.session import engine_of

_MOST_KEPT: Final = 64
router = APIRouter(prefix="/me", include_in_schema=False, dependencies=[Depends(limited("subject"))])


@router.get("")
def home(request: Request) -> Response:
    return _home(request)


@router.get("/notices/{category}.pdf")
def notice_pdf(request: Request, category: str) -> Response:
    pack = pack_of(request)
    if category not in pack.categories:
        return _home(request, 404)
    return attachment(_notice(request, pack, category, "pdf"), "application/pdf", f"notice-{category}.pdf")


@router.get("/notices/{category}.html")
def notice_file(request: Request, category: str) -> Response:
    pack = pack_of(request)
    if category not in pack.categories:
        return _home(request, 404)
    return standalone(_notice(request, pack, category, "html"))


@router.get("/notices/{category}")
def notice(request: Request, category: str) -> Response:
    pack = pack_of(request)
    if category not in pack.categories:
        return _home(request, 404)
    text = body_of(_notice(request, pack, category, "html"))
    return show(request, "notice", category=pack.categories[category], text=text)


@router.get("/verify")
def verify(request: Request) -> Response:
    verifier = engine_of(request).sealing.verifier
    return show(request, "verify", verifier=verifier, fingerprint=fingerprint_of(request))


@router.get("/verify.html")
def verify_offline(request: Request) -> Response:
    """The same page in one file that needs no server, and by its own policy can reach none."""
    asset: dict[str, Any] = {
        name: Markup((HERE / "assets" / file).read_text(encoding="utf-8"))  # noqa: S704 - our own files
        for name, file in (("style", "portal.css"), ("script", "verify.js"))
    }
    verifier = engine_of(request).sealing.verifier
    drawn = show(request, "verify_offline", verifier=verifier, fingerprint=fingerprint_of(request), **asset)
    return attachment(bytes(drawn.body), "text/html; charset=utf-8", "verify.html")


router.include_router(portal_requests.router)
router.include_router(portal_letters.router)
router.include_router(portal_consents.router)


def _home(request: Request, status: int = 200) -> Response:
    categories = pack_of(request).categories
    wanted = categories.get(request.query_params.get("category", ""))
    return show(request, "home", status=status, categories=categories, wanted=wanted)


def _kept(request: Request) -> OrderedDict[tuple[str, ...], bytes]:
    if not hasattr(request.app.state, "notices"):
        request.app.state.notices = OrderedDict()
    kept: OrderedDict[tuple[str, ...], bytes] = request.app.state.notices
    return kept


def _notice(request: Request, pack: Pack, category: str, form: Form) -> bytes:
    """The notice in force. Kept for the day: a sheet takes half a second to draw, and anybody may ask for one."""
    engine, lang = engine_of(request), language(request)
    kept = _kept(request)
    day = pack.site.day_of(engine.clock.now()).isoformat()
    key = (category, lang, form, pack.digest, str(pack.version), day)
    drawn = kept.get(key)
    if drawn is None:
        slots = collection_slots(
            pack,
            category,
            lang=lang,
            verifier_fingerprint=fingerprint_of(request),
            now_day=day,
        )
        drawn = kept[key] = letter(request, "collection", slots, form)
        if len(kept) > _MOST_KEPT:
            kept.popitem(last=False)
    return drawn

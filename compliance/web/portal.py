"""The subjects' portal at /me: read the notices, ask, follow the request. No login, phone first, Chinese first."""

from __future__ import annotations

from collections import OrderedDict
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from compliance.bootstrap import Engine
from compliance.domain.policy import Pack
from compliance.notices.renderer import Form, collection_slots
from compliance.web import portal_letters, portal_requests
from compliance.web.portal_pages import Language, Pages, attachment, body_of, language

_MOST_KEPT: Final = 64
_MEDIA: Final[dict[str, str]] = {"pdf": "application/pdf", "html": "text/html; charset=utf-8"}


def router(engine: Engine) -> APIRouter:
    pages = Pages(engine)
    notices = Notices(pages)
    routes = APIRouter(prefix="/me", include_in_schema=False)

    @routes.get("")
    def home(request: Request) -> HTMLResponse:
        pack = pages.pack()
        wanted = request.query_params.get("category", "")
        return pages.show(request, "home", categories=pack.categories, wanted=pack.categories.get(wanted))

    @routes.get("/notices/{category}.{form}")
    def notice_file(request: Request, category: str, form: str) -> Response:
        if category not in pages.pack().categories or form not in _MEDIA:
            return _unknown(pages, request)
        content = notices.written(category, language(request), "pdf" if form == "pdf" else "html")
        return attachment(content, _MEDIA[form], f"notice-{category}.{form}", inline=form == "pdf")

    @routes.get("/notices/{category}")
    def notice(request: Request, category: str) -> HTMLResponse:
        policy = pages.pack().categories.get(category)
        if policy is None:
            return _unknown(pages, request)
        text = body_of(notices.written(category, language(request), "html"))
        return pages.show(request, "notice", category=policy, text=text)

    @routes.get("/verify")
    def verify(request: Request) -> HTMLResponse:
        return pages.show(
            request, "verify", verifier=engine.sealing.verifier, fingerprint=pages.fingerprint()
        )

    routes.include_router(portal_requests.router(pages))
    routes.include_router(portal_letters.router(pages))
    return routes


def _unknown(pages: Pages, request: Request) -> HTMLResponse:
    return pages.show(request, "home", status=404, categories=pages.pack().categories, wanted=None)


class Notices:
    """Notices as they are in force, kept by version and day: a sheet takes half a second, and anybody may ask."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._kept: OrderedDict[tuple[str, ...], bytes] = OrderedDict()

    def written(self, category: str, lang: Language, form: Form) -> bytes:
        pack = self._pages.pack()
        day = self._pages.today(pack)
        key = (category, lang, form, pack.digest, str(pack.version), day)
        if key not in self._kept:
            self._kept[key] = self._write(pack, category, lang, form, day)
            while len(self._kept) > _MOST_KEPT:
                self._kept.popitem(last=False)
        return self._kept[key]

    def _write(self, pack: Pack, category: str, lang: Language, form: Form, day: str) -> bytes:
        slots = collection_slots(
            pack,
            category,
            lang=lang,
            policy_digest=pack.digest,
            verifier_fingerprint=self._pages.fingerprint(),
            now_day=day,
        )
        return self._pages.letter("collection", lang, slots, form)

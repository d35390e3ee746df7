"""What every page of the portal shares: its language, the site it speaks for, and the cookie of one request.

No address ever holds a pass code, a number or a token: they come in forms and stay in a cookie that scripts cannot read.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from compliance.bootstrap import Engine
from compliance.domain.checkpoint import fingerprint
from compliance.domain.policy import Pack, Text
from compliance.notices.moments import KNOWN
from compliance.notices.renderer import Form, render, site_slots

Language = Literal["zh", "en"]
TEMPLATES: Final = Path(__file__).parent / "templates"
COOKIE: Final = "me_request"
LANGUAGE_COOKIE: Final = "me_lang"
#: As long as an access package can be had; the query code on the receipt works from anywhere else.
KEPT_FOR: Final = 7 * 24 * 3600
_HEADERS: Final = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}
_SIGNED = "verifier_fingerprint"


class Mine(NamedTuple):
    """The one request that this browser holds; the token is empty until the one-time code has been shown."""

    number: str
    token: str


class Pages:
    """Renders the portal's templates. One for the life of the router."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    # -- what is in force ----------------------------------------------------------------------------------------

    def pack(self) -> Pack:
        with self.engine.books.reading() as books:
            return self.engine.policies.active(books, self.engine.clock.now())

    def today(self, pack: Pack) -> str:
        return self.engine.clock.now().astimezone(pack.site.timezone).date().isoformat()

    def fingerprint(self) -> str:
        return fingerprint(self.engine.signer.public_key)

    # -- answering -----------------------------------------------------------------------------------------------

    def show(self, request: Request, name: str, *, status: int = 200, **values: object) -> HTMLResponse:
        """A page in the visitor's language. `say(zh, en)` in templates picks the sentence."""
        lang, pack = language(request), self.pack()
        page = self._templates.get_template(f"portal/{name}.html").render(
            lang=lang,
            say=lambda zh, en: zh if lang == "zh" else en,
            said=lambda text: said(text, lang),
            site=pack.site,
            path=request.url.path,
            csrf=csrf_field(request),
            mine=mine(request),
            **values,
        )
        answer = HTMLResponse(page, status_code=status, headers=_HEADERS)
        if request.query_params.get("lang") in ("zh", "en"):
            answer.set_cookie(LANGUAGE_COOKIE, lang, path="/me", samesite="lax", max_age=KEPT_FOR)
        return answer

    def letter(self, moment: str, lang: Language, slots: Mapping[str, Any], form: Form) -> bytes:
        """A notice or letter of the site, completed with who the controller is and where to complain."""
        pack = self.pack()
        filled = site_slots(pack.site, lang=lang) | {_SIGNED: self.fingerprint()} | dict(slots)
        known = {name: value for name, value in filled.items() if name in KNOWN}
        return render(moment, lang=lang, slots=known, form=form)


def language(request: Request) -> Language:
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return "en" if wanted == "en" else "zh"


def said(text: Text, lang: Language) -> str:
    return text.zh if lang == "zh" or not text.en else text.en


def body_of(page: bytes) -> Markup:
    """What stands inside a rendered notice's page. It was escaped when the notice was written."""
    inner = page.decode().partition("<main>")[2].rpartition("</main>")[0]
    return Markup(inner)  # noqa: S704 - our own renderer's output, escaped there


def csrf_field(request: Request) -> Markup:
    """The hidden field that every form carries."""
    token: Callable[[], str] | None = request.scope.get("csrftoken")
    return Markup('<input type="hidden" name="csrftoken" value="{}">').format(token() if token else "")


def mine(request: Request) -> Mine | None:
    number, _, token = request.cookies.get(COOKIE, "").partition(".")
    return Mine(number, token) if number else None


def onwards(to: str) -> RedirectResponse:
    """After a form, the page is fetched anew: going back or reloading sends nothing twice."""
    return RedirectResponse(to, status_code=303, headers={"Cache-Control": "no-store"})


def remember(answer: Response, request: Request, number: str, token: str = "") -> None:
    answer.set_cookie(
        COOKIE,
        f"{number}.{token}",
        path="/me",
        max_age=KEPT_FOR,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
    )


def attachment(content: bytes, media_type: str, name: str, *, inline: bool = False) -> Response:
    """A file to keep. `name` is ASCII and says nothing about anybody."""
    kind = "inline" if inline else "attachment"
    headers = {**_HEADERS, "Content-Disposition": f'{kind}; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)

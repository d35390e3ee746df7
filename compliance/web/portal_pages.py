"""What every page of the portal shares: its language, the site it speaks for, and the cookie of one request.

No address ever holds a pass code, a number or a token: they come in forms and stay in a cookie that scripts cannot read.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, Literal, NamedTuple

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from markupsafe import Markup

from compliance.domain.checkpoint import fingerprint
from compliance.domain.policy import Pack, Text
from compliance.notices.moments import KNOWN
from compliance.notices.renderer import Form, render, site_slots
from compliance.web.pages import page
from compliance.web.session import engine_of
from compliance.web.surroundings import LANGUAGE_COOKIE, REQUEST_COOKIE

Language = Literal["zh", "en"]
#: As long as an access package can be had; the query code on the receipt works from anywhere else.
KEPT_FOR: Final = 7 * 24 * 3600


class Mine(NamedTuple):
    """The one request that this browser holds; the token is empty until the one-time code has been shown."""

    number: str
    token: str


def show(request: Request, name: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """A page in the visitor's language. `say(zh, en)` in templates picks the sentence."""
    lang = language(request)
    around = {
        "lang": lang,
        "say": lambda zh, en: zh if lang == "zh" else en,
        "said": lambda text: said(text, lang),
        "site": pack_of(request).site,
        "mine": mine(request),
    }
    answer = page(request, f"portal/{name}.html", status=status, **(around | values))
    if request.query_params.get("lang") in ("zh", "en"):
        answer.set_cookie(
            LANGUAGE_COOKIE,
            lang,
            path="/me",
            max_age=KEPT_FOR,
            httponly=True,
            samesite="lax",
            secure=request.app.state.secure,
        )
    return answer


def letter(request: Request, moment: str, slots: Mapping[str, Any], form: Form) -> bytes:
    """A notice or letter of the site, completed with who the controller is and where to complain."""
    lang = language(request)
    filled = site_slots(pack_of(request).site, lang=lang)
    filled |= {"verifier_fingerprint": fingerprint_of(request)} | dict(slots)
    known = {name: value for name, value in filled.items() if name in KNOWN}
    return render(moment, lang=lang, slots=known, form=form)


def pack_of(request: Request) -> Pack:
    return engine_of(request).active_pack()


def fingerprint_of(request: Request) -> str:
    return fingerprint(engine_of(request).signer.public_key)


def language(request: Request) -> Language:
    wanted = request.query_params.get("lang") or request.cookies.get(LANGUAGE_COOKIE)
    return "en" if wanted == "en" else "zh"


def said(text: Text, lang: Language) -> str:
    return text.zh if lang == "zh" or not text.en else text.en


def body_of(drawn: bytes) -> Markup:
    """What stands inside a rendered notice's page. It was escaped when the notice was written."""
    inner = drawn.decode().partition("<main>")[2].rpartition("</main>")[0]
    return Markup(inner)  # noqa: S704 - our own renderer's output, escaped there


def mine(request: Request) -> Mine | None:
    number, _, token = request.cookies.get(REQUEST_COOKIE, "").partition(".")
    return Mine(number, token) if number else None


def onwards(to: str) -> RedirectResponse:
    """After a form, the page is fetched anew: going back or reloading sends nothing twice."""
    return RedirectResponse(to, status_code=303)


def remember(answer: Response, request: Request, number: str, token: str = "") -> None:
    answer.set_cookie(
        REQUEST_COOKIE,
        f"{number}.{token}",
        path="/me",
        max_age=KEPT_FOR,
        httponly=True,
        samesite="lax",
        secure=request.app.state.secure,
    )


def forget(answer: Response) -> None:
    answer.delete_cookie(REQUEST_COOKIE, path="/me")


def attachment(content: bytes, media_type: str, name: str) -> Response:
    """A file to keep. `name` is ASCII and says nothing about anybody."""
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type=media_type, headers=headers)

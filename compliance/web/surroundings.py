"""What stands around every route: headers, size limits, forgery protection, log lines, and an answer to every crash.

Plain ASGI, outermost first. A log line names the route and not the address: an address may hold a number of somebody's
request, and what comes behind a question mark may hold anything.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import structlog
from anyio import fail_after
from asgi_csrf import asgi_csrf_decorator
from fastapi import Request
from itsdangerous import URLSafeSerializer
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from compliance.domain.submission import LARGEST_BYTES
from compliance.web.faults import (
    BROKEN,
    NOT_FOUND,
    STALE_FORM,
    TOO_LARGE,
    TOO_SLOW,
    UNREADABLE,
    Fault,
    answer,
    is_api,
)
from compliance.web.pages import NO_FRAMES

log = structlog.get_logger("compliance.web")
#: A batch is a stream: its route bounds each line and the number of lines by itself.
STREAMED = frozenset({"/v1/records"})
#: Where drafts of policies are written, and how much of one may come at once.
DRAFTS, LARGEST_DRAFT = "/officer/policies/drafts/", 4_000_000
#: How much more than that is heard out before the answer, and how long a whole body may take.
HEARD_OUT, WHOLE_WITHIN = 16_000_000, 60
CSRF_COOKIE, SESSION_COOKIE = "csrftoken", "session"
REQUEST_COOKIE, LANGUAGE_COOKIE, PASS_COOKIE = "me_request", "me_lang", "me_pass"
_COOKIES = re.compile(
    rf"(?:\A|;\s*)({CSRF_COOKIE}|{SESSION_COOKIE}|{REQUEST_COOKIE}|{LANGUAGE_COOKIE}|{PASS_COOKIE})"
    r"=([A-Za-z0-9_.~-]{1,2000})(?=;|\Z)"
)
_TOKEN_FIELD = re.compile(rb'name="csrftoken"\r\n\r\n([A-Za-z0-9_.-]{1,500})\r\n')
_SELF = f"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; {NO_FRAMES}"
_HEADERS = {
    b"content-security-policy": _SELF.encode(),
    b"x-content-type-options": b"nosniff",
    b"x-frame-options": b"DENY",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
    b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    b"cache-control": b"no-store",
}
#: Where a route leaves its name for the log line: layers in between copy the scope, this stays the same.
SEEN = "compliance.seen"
_ASSETS = ("/static/", "/assets/")


class Surroundings:
    """Headers on every answer, one log line a request, and a crash told to the log by type and place alone."""

    def __init__(self, app: ASGIApp, *, monotonic: Callable[[], float], secure: bool) -> None:
        self._app, self._monotonic, self._secure = app, monotonic, secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started, status = self._monotonic(), 0
        scope = {**scope, SEEN: {}}

        async def dressed(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message = {**message, "headers": self._dressed(scope, message.get("headers", []))}
            await send(message)

        try:
            await self._app(scope, receive, dressed)
        except Exception as crash:  # noqa: BLE001 — what nobody foresaw is an answer too, and never a page of Python
            place = traceback.extract_tb(crash.__traceback__)[-1]
            # Neither the message nor the frames of a crash: either may quote what somebody sent.
            log.error(  # noqa: TRY400 — an exception logged whole would
                "crashed", kind=type(crash).__name__, file=place.filename, line=place.lineno
            )
            if status == 0:
                await answer(Request(scope), BROKEN)(scope, receive, dressed)
        took = round((self._monotonic() - started) * 1000, 1)
        route = scope[SEEN].get("route", "")
        log.info("answered", method=scope["method"], route=route, status=status, ms=took)

    def _dressed(self, scope: Scope, headers: Any) -> list[tuple[bytes, bytes]]:
        given = {bytes(name).lower() for name, _ in headers}
        added = dict(_HEADERS)
        if self._secure:
            added[b"strict-transport-security"] = b"max-age=31536000"
        if scope["path"].startswith(_ASSETS):
            added[b"cache-control"] = b"public, max-age=3600"
        return [*headers, *((name, value) for name, value in added.items() if name not in given)]


class Bounded:
    """Reads no more than is allowed, and passes on only cookies and forms that can be read without surprises."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if "\x00" in scope["path"]:
            # No address of ours has one, and PostgreSQL takes it for no text at all.
            await answer(Request(scope), NOT_FOUND)(scope, receive, send)
            return
        scope = {**scope, "headers": _own_cookies(scope["headers"])}
        if scope["method"] in ("GET", "HEAD", "OPTIONS") or scope["path"] in STREAMED:
            await self._app(scope, receive, send)
            return
        try:
            with fail_after(WHOLE_WITHIN):
                body = await _body(scope, receive, _bound(scope["path"]))
        except TimeoutError:
            await answer(Request(scope), TOO_SLOW)(scope, receive, send)
            return
        except ClientDisconnect:
            return  # half a body is no body, and there is nobody to tell
        fault = TOO_LARGE if body is None else None if is_api(scope["path"]) else _form_fault(scope, body)
        if body is None or fault is not None:
            await answer(Request(scope), fault or TOO_LARGE)(scope, receive, send)
            return
        if _is_sheet(scope):
            scope = _with_token(scope, body)
        sent = False

        async def again() -> Message:
            nonlocal sent
            if sent:
                return await receive()
            sent = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, again, send)


def _own_cookies(headers: Any) -> list[tuple[bytes, bytes]]:
    """Only our own cookies, only in our own alphabet: whatever else a browser sends along is never parsed."""
    kept = [(name, value) for name, value in headers if name != b"cookie"]
    said = b"; ".join(value for name, value in headers if name == b"cookie").decode("latin-1")
    ours = dict(_COOKIES.findall(said))
    if ours:
        kept.append((b"cookie", "; ".join(f"{name}={value}" for name, value in ours.items()).encode()))
    return kept


def _bound(path: str) -> int:
    """A submission is small; the files of a policy, written in Chinese and escaped by a browser, are not."""
    return LARGEST_DRAFT if path.startswith(DRAFTS) else LARGEST_BYTES


async def _body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The whole body, or None where it is larger than what may come here.

    Most programs read no answer before all is sent, and one that is cut off never sees it: what is somewhat too large is
    therefore listened to and dropped.
    """
    headers = dict(scope["headers"])
    announced = headers.get(b"content-length", b"0")
    if not announced.isdigit() or len(announced) > 12 or int(announced) > most + HEARD_OUT:
        return None
    if int(announced) > most and b"expect" in headers:
        return None  # it asked first
    body, size = bytearray(), 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        size += len(message.get("body", b""))
        if size > most + HEARD_OUT:
            return None
        if size <= most:
            body += message.get("body", b"")
        if not message.get("more_body"):
            return bytes(body) if size <= most else None


def _is_sheet(scope: Scope) -> bool:
    kind = dict(scope["headers"]).get(b"content-type", b"").lower()
    path: str = scope["path"]
    return bool(
        kind.startswith(b"multipart/form-data") and path.startswith(DRAFTS) and path.endswith("/sheet")
    )


def _with_token(scope: Scope, body: bytes) -> Scope:
    """The forgery guard reads no uploads: it is shown the token of the form's first field as the header that a script
    would send. Whoever forges a form knows the token in neither place.
    """
    found = _TOKEN_FIELD.search(body[:2000])
    kept = [(name, value) for name, value in scope["headers"] if name != b"x-csrftoken"]
    return {**scope, "headers": [*kept, (b"x-csrftoken", found[1])]} if found else scope


def _form_fault(scope: Scope, body: bytes) -> Fault | None:
    """Whether this is a form as browsers send them: nothing else is taken outside the API."""
    kind = dict(scope["headers"]).get(b"content-type", b"").split(b";")[0].strip().lower()
    if _is_sheet(scope):
        # The one file that people hand in; its route reads it. Without this browser's token in front it is nobody's.
        found = _TOKEN_FIELD.search(body[:2000])
        ours = dict(_COOKIES.findall(dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")))
        return None if found and ours.get(CSRF_COOKIE) == found[1].decode() else STALE_FORM
    if kind != b"application/x-www-form-urlencoded" or not body.isascii():
        return UNREADABLE
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, max_num_fields=200)
    except ValueError:
        return UNREADABLE
    if any("\x00" in name + value for name, value in pairs):
        return UNREADABLE
    # The token is compared as text that must be ASCII; whoever sends another has none.
    return None if all(value.isascii() for name, value in pairs if name == "csrftoken") else STALE_FORM


def forms_protected(app: ASGIApp, *, secret: str, secure: bool) -> ASGIApp:
    """Forgery protection for every form; the API carries its own bearer key and reads no cookie."""

    async def refused(scope: Scope, send: Send, _: Any) -> None:
        await answer(Request(scope), STALE_FORM)(scope, _nothing, send)

    wrapped: ASGIApp = asgi_csrf_decorator(
        cookie_name=CSRF_COOKIE,
        signing_secret=secret,
        cookie_secure=secure,
        cookie_samesite="Strict",
        always_protect={"/login"},  # elsewhere a form without any cookie acts for nobody
        skip_if_scope=lambda scope: is_api(scope["path"]),
        send_csrf_failed=refused,
    )(app)
    tokens = URLSafeSerializer(secret)

    async def guarded(scope: Scope, receive: Receive, send: Send) -> None:
        # The guard would go on to parse an upload whose cookie it did not sign itself, and it cannot parse one.
        if scope["type"] == "http" and _is_sheet(scope) and not _signed(tokens, scope):
            await refused(scope, send, None)
        else:
            await wrapped(scope, receive, send)

    return guarded


def _signed(tokens: URLSafeSerializer, scope: Scope) -> bool:
    cookie = dict(scope["headers"]).get(b"cookie", b"").decode("latin-1")
    valid, _ = tokens.loads_unsafe(dict(_COOKIES.findall(cookie)).get(CSRF_COOKIE, ""), "csrftoken")
    return bool(valid)


async def _nothing() -> Message:
    return {"type": "http.disconnect"}


async def note_route(request: Request) -> None:
    """A dependency of every route: leave the name that the log line may show."""
    request.scope.get(SEEN, {})["route"] = getattr(request.scope.get("route"), "path", "")

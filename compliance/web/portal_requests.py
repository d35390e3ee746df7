"""Asking, proving who asks, following the request, taking it back.

Whoever types a mobile number sees the same pages whether or not anything is held under it: matching happens after the
answer has gone out, and a code that was never sent fits nothing.
"""

from __future__ import annotations

from typing import Annotated, Final

from fastapi import APIRouter, BackgroundTasks, Form, Request
from fastapi.responses import Response

from compliance.domain.errors import ComplianceError, RequestRefused
from compliance.domain.request import RequestKind, RequestState, may_move
from compliance.rights import right_for
from compliance.services.packages import COPIES
from compliance.web import portal_words as words
from compliance.web.portal_pages import COOKIE, Pages, mine, onwards, remember

_TAKEN: Final = tuple(kind for kind in RequestKind if right_for(kind) is not None)
_UNPROVEN: Final = (RequestState.RECEIVED, RequestState.VERIFYING, RequestState.NEED_INFO)
_HERE: Final = "/me/request"
Typed = Annotated[str, Form(max_length=64)]


def router(pages: Pages) -> APIRouter:
    routes = APIRouter()
    asking, case = Asking(pages), Case(pages)

    @routes.get("/ask")
    def ask(request: Request, kind: str = "") -> Response:
        return asking.form(request, kind=kind)

    @routes.post("/ask")
    def asked(
        request: Request, later: BackgroundTasks, kind: Typed = "", code: Typed = "", mobile: Typed = ""
    ) -> Response:
        return asking.take(request, later, kind, code.strip(), mobile.strip())

    @routes.get("/request")
    def status(request: Request) -> Response:
        return case.page(request)

    @routes.post("/request/open")
    def reopen(request: Request, number: Typed = "", token: Typed = "") -> Response:
        return case.reopen(request, number, token)

    @routes.post("/request/code")
    def prove(request: Request, code: Typed = "") -> Response:
        return case.prove(request, code)

    @routes.post("/request/new-code")
    def new_code(request: Request, later: BackgroundTasks) -> Response:
        return case.new_code(request, later)

    @routes.post("/request/withdraw")
    def withdraw(request: Request) -> Response:
        return case.withdraw(request)

    @routes.post("/request/forget")
    def forget() -> Response:
        answer = onwards("/me")
        answer.delete_cookie(COOKIE, path="/me")
        return answer

    return routes


class Asking:
    """The form, and what is sent with it."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._requests = pages, pages.engine.requests

    def form(self, request: Request, *, kind: str = "", error: words.Sentence | None = None) -> Response:
        # What was typed in is not sent back: a code or number stays out of pages that somebody else may open.
        status = 422 if error else 200
        return self._pages.show(
            request, "ask", status=status, kinds=_TAKEN, explained=words.KINDS, chosen=kind, error=error
        )

    def take(self, request: Request, later: BackgroundTasks, kind: str, code: str, mobile: str) -> Response:
        if kind not in _TAKEN:
            return self.form(request, error=words.CHOOSE_KIND)
        if bool(code) == bool(mobile):
            return self.form(request, kind=kind, error=words.ONE_WAY if code else words.SOME_WAY)
        try:
            receipt = self._requests.open(
                RequestKind(kind), pass_code=code or None, mobile=None if code else mobile
            )
        except RequestRefused:
            return self.form(request, kind=kind, error=words.NO_PASS if code else words.NO_MOBILE)
        if receipt.access_token is None:
            later.add_task(self._requests.match, receipt.number)
        else:
            go_on(self._pages, receipt.number)
        answer = onwards(_HERE)
        remember(answer, request, receipt.number, receipt.access_token or "")
        return answer


class Case:
    """The one request that this browser holds."""

    def __init__(self, pages: Pages) -> None:
        self._pages, self._requests = pages, pages.engine.requests

    def page(self, request: Request, error: words.Sentence | None = None) -> Response:
        held = mine(request)
        if held is None:
            return self._pages.show(request, "find", status=422 if error else 200, error=error)
        try:
            view = self._requests.status(held.number)
            outcome = self._requests.letter(*held) if held.token else {}
            steps = self._requests.show(held.number).steps if held.token else ()
        except RequestRefused:
            answer = self._pages.show(request, "find", error=words.NOT_FOUND, status=404)
            answer.delete_cookie(COOKIE, path="/me")
            return answer
        return self._pages.show(
            request,
            "request",
            status=422 if error else 200,
            view=view,
            steps=[step for step in steps if step.state in words.STEPS],
            told=words.STEPS,
            at=self._local,
            outcome=outcome,
            unproven=view.state in _UNPROVEN and not held.token,
            copies=view.kind in COPIES,
            may_withdraw=bool(held.token) and may_move(view.state, RequestState.WITHDRAWN_BY_REQUESTER),
            error=error,
        )

    def _local(self, moment: int) -> str:
        zone = self._pages.pack().site.timezone
        return words.local_minute(moment, zone)

    def reopen(self, request: Request, number: str, token: str) -> Response:
        try:
            self._requests.letter(number, token)
        except RequestRefused:
            return self._pages.show(request, "find", status=422, error=words.NO_QUERY_CODE)
        answer = onwards(_HERE)
        remember(answer, request, number.strip().upper(), token.strip().upper().replace("-", ""))
        return answer

    def prove(self, request: Request, code: str) -> Response:
        held = mine(request)
        if held is None:
            return onwards(_HERE)
        try:
            token = self._requests.verify(held.number, code)
        except RequestRefused:
            return self.page(request, words.NO_CODE)
        go_on(self._pages, held.number)
        answer = onwards(_HERE)
        remember(answer, request, held.number, token)
        return answer

    def new_code(self, request: Request, later: BackgroundTasks) -> Response:
        held = mine(request)
        if held is None:
            return onwards(_HERE)
        try:
            self._requests.new_code(held.number)
        except RequestRefused:
            return self.page(request, words.NO_MORE_CODES)
        later.add_task(self._requests.match, held.number)
        return onwards(_HERE)

    def withdraw(self, request: Request) -> Response:
        held = mine(request)
        if held is None:
            return onwards(_HERE)
        try:
            self._requests.withdraw(*held)
        except RequestRefused:
            return self.page(request, words.TOO_LATE)
        return onwards(_HERE)


def go_on(pages: Pages, number: str) -> None:
    """Take a proven request as far as it goes now. What cannot go on waits for `resume`: the request stands."""
    try:
        pages.engine.requests.fulfil(number)
    except ComplianceError:
        return

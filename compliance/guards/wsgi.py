"""Guard routes of a WSGI application (Flask, Django, Bottle …) that was there before.

app.wsgi_app = GuardRoutes(app.wsgi_app, engine, [GuardedRoute(path="/visits", …)])
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus
from io import BytesIO
from typing import Any

from compliance.bootstrap import Engine
from compliance.guards.answers import Answer
from compliance.guards.judging import LARGEST_BODY, RECEIPT, STRIPPED, Judge, LetThrough, Sent
from compliance.guards.route import GuardedRoute

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
App = Callable[[Environ, StartResponse], Iterable[bytes]]


class GuardRoutes:
    """Put it outermost: what stands before it sees what was sent."""

    def __init__(self, app: App, engine: Engine, routes: Sequence[GuardedRoute]) -> None:
        self._app, self._judge = app, Judge(engine, routes)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        headers, paths = _headers(environ), _paths(environ)
        route = self._judge.route_of(environ["REQUEST_METHOD"], paths, headers)
        if route is None:
            return self._app(environ, start_response)
        query = environ.get("QUERY_STRING", "").encode("latin-1")
        sent = Sent(paths=paths, query=query, headers=headers, body=_body(environ, headers))
        verdict = self._judge.judge(route, sent)
        if isinstance(verdict, Answer):
            start_response(f"{verdict.status} {HTTPStatus(verdict.status).phrase}", list(verdict.headers))
            return [verdict.body]
        return self._app(_rewritten(environ, verdict), start_response)


def _headers(environ: Environ) -> dict[str, str]:
    named = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_")
    }
    own = {
        "content-type": environ.get("CONTENT_TYPE", ""),
        "content-length": environ.get("CONTENT_LENGTH", ""),
    }
    return named | {name: value for name, value in own.items() if value}


def _paths(environ: Environ) -> tuple[str, ...]:
    """The path with and without the prefix under which the application is mounted; PEP 3333 has bytes as Latin-1."""
    path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
    return (path, environ.get("SCRIPT_NAME", "") + path)


def _body(environ: Environ, headers: dict[str, str]) -> bytes | None:
    """The body, or None where it is larger than what is read. A server that ends the input itself may leave out its
    length (chunked bodies); any other has none then, and reading on would wait for ever.
    """
    announced = headers.get("content-length", "")
    if announced and (not announced.isdecimal() or len(announced) > 12 or int(announced) > LARGEST_BODY):
        return None
    if not announced and not environ.get("wsgi.input_terminated"):
        return b""
    left = int(announced) if announced else LARGEST_BODY + 1
    body = bytearray()
    while left and (piece := environ["wsgi.input"].read(left)):
        body += piece
        left -= len(piece)
    return bytes(body) if len(body) <= LARGEST_BODY else None


def _rewritten(environ: Environ, verdict: LetThrough) -> Environ:
    gone = ("HTTP_TRANSFER_ENCODING", "HTTP_CONTENT_ENCODING", "HTTP_CONTENT_LENGTH", "HTTP_CONTENT_TYPE")
    return {
        **{name: value for name, value in environ.items() if name not in gone},
        "wsgi.input": BytesIO(verdict.body),
        "CONTENT_LENGTH": str(len(verdict.body)),
        "CONTENT_TYPE": verdict.content_type,
        RECEIPT: verdict.receipt,
        STRIPPED: verdict.stripped,
    }

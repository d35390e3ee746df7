"""Guard routes of an ASGI application (FastAPI, Starlette, Django, Litestar …) that was there before.

    app = GuardRoutes(app, engine, [GuardedRoute(path="/visits", category="visitor", channel="desk", fields={…})])

Only HTTP requests with a guarded method come here; a WebSocket at the same path is not read.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from anyio.to_thread import run_sync

from compliance.bootstrap import Engine
from compliance.guards.answers import Answer
from compliance.guards.judging import LARGEST_BODY, RECEIPT, STRIPPED, Judge, LetThrough, Sent
from compliance.guards.route import GuardedRoute

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
_OF_BODY = frozenset({b"content-length", b"content-type", b"content-encoding", b"transfer-encoding"})


class GuardRoutes:
    """Put it outermost: what stands before it sees what was sent."""

    def __init__(self, app: App, engine: Engine, routes: Sequence[GuardedRoute]) -> None:
        self._app, self._judge = app, Judge(engine, routes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = _headers(scope) if scope["type"] == "http" else {}
        paths = _paths(scope) if scope["type"] == "http" else ()
        route = self._judge.route_of(scope.get("method", ""), paths, headers) if paths else None
        if route is None:
            await self._app(scope, receive, send)
            return
        body, gone = await _body(receive, headers)
        if gone:
            return  # half a body is no submission; whoever went away asks again under the same key
        sent = Sent(paths=paths, query=scope.get("query_string", b""), headers=headers, body=body)
        verdict = await run_sync(self._judge.judge, route, sent)
        if isinstance(verdict, Answer):
            await _send(verdict, send)
        else:
            await self._app(_rewritten(scope, verdict), _again(verdict.body, receive), send)


def _headers(scope: Scope) -> dict[str, str]:
    headers: dict[str, str] = {}
    for name, value in scope["headers"]:
        # Two of a kind are joined, as RFC 9110 5.2 reads them: two content types are then no known one.
        named, said = name.decode("latin-1").lower(), value.decode("latin-1")
        headers[named] = f"{headers[named]}, {said}" if named in headers else said
    return headers


def _paths(scope: Scope) -> tuple[str, ...]:
    """The path with and without the prefix under which the application is mounted."""
    path, root = scope["path"], scope.get("root_path", "")
    return (path, path.removeprefix(root)) if root else (path,)


async def _body(receive: Receive, headers: dict[str, str]) -> tuple[bytes | None, bool]:
    """The body, None once it is larger than what is read, and whether the client has gone."""
    announced = headers.get("content-length", "0")
    if not announced.isdecimal() or len(announced) > 12 or int(announced) > LARGEST_BODY:
        return None, False
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None, True
        body += message.get("body", b"")
        if len(body) > LARGEST_BODY:
            return None, False
        if not message.get("more_body"):
            return bytes(body), False


def _rewritten(scope: Scope, verdict: LetThrough) -> Scope:
    kept = [(name, value) for name, value in scope["headers"] if name.lower() not in _OF_BODY]
    own = [
        (b"content-type", verdict.content_type.encode("ascii")),
        (b"content-length", str(len(verdict.body)).encode("ascii")),
    ]
    return {**scope, "headers": [*kept, *own], RECEIPT: verdict.receipt, STRIPPED: verdict.stripped}


def _again(body: bytes, receive: Receive) -> Receive:
    told = False

    async def receive_again() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receive_again


async def _send(answer: Answer, send: Send) -> None:
    headers = [(name.encode("ascii"), value.encode("ascii")) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})

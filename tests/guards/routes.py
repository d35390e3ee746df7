"""An application that was there before: it writes down whatever body it gets. Once for ASGI, once for WSGI."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from compliance.bootstrap import Engine
from compliance.guards import asgi, wsgi
from compliance.guards.judging import RECEIPT, STRIPPED
from compliance.guards.route import GuardedRoute

VISITS = {
    "name": "visitor_name",
    "room": "host_room",
    "phone": "visitor_phone",
    "reason": "visit_purpose",
    "people": "party_size",
    "came": "entry_time",
}
GOOD = {"name": "张三", "room": "3-1-1201", "read_out_by": "staff-7", "consent": "spoken"}


def a_route(**changes: Any) -> GuardedRoute:
    usual: dict[str, Any] = {"path": "/visits", "category": "visitor", "channel": "desk", "fields": VISITS}
    return GuardedRoute(**{**usual, **changes})


@dataclass
class Shop:
    """What the application has seen: its own log of bodies, receipts and what was stripped."""

    bodies: list[str] = field(default_factory=list)
    receipts: list[Any] = field(default_factory=list)
    stripped: list[Any] = field(default_factory=list)
    crashes: bool = False
    form: dict[str, Any] | None = None

    def take(self, body: bytes, around: Any) -> None:
        self.bodies.append(body.decode())
        self.receipts.append(around.get(RECEIPT))
        self.stripped.append([one.field for one in around.get(STRIPPED, ())])
        if self.crashes:
            raise RuntimeError("the disk of the shop is full")

    def asgi(self) -> Starlette:
        async def visits(request: Request) -> Response:
            body = await request.body()
            if "form" in request.headers.get("content-type", ""):
                self.form = dict(await request.form())
            self.take(body, request.scope)
            return PlainTextResponse("kept", 201)

        methods = ["POST", "PUT", "PATCH", "GET"]
        return Starlette(
            routes=[Route("/visits", visits, methods=methods), Route("/other", visits, methods=methods)]
        )

    def wsgi(self) -> Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]:
        def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
            self.take(environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0)), environ)
            start_response("201 Created", [("content-type", "text/plain")])
            return [b"kept"]

        return app


class Client:
    """One client for both kinds: `client.post(path, …)` in the same thread, without a socket."""

    def __init__(self, kind: str, shop: Shop, engine: Engine, routes: Sequence[GuardedRoute]) -> None:
        self._kind, self.shop = kind, shop
        self._asgi = asgi.GuardRoutes(shop.asgi(), engine, routes)
        self._wsgi = wsgi.GuardRoutes(shop.wsgi(), engine, routes)

    def request(self, method: str, path: str = "/visits", **sent: Any) -> httpx.Response:
        if self._kind == "wsgi":
            with httpx.Client(transport=httpx.WSGITransport(self._wsgi), base_url="http://shop") as client:
                return client.request(method, path, **sent)
        return _run(self._asgi, method, path, sent)

    def post(self, path: str = "/visits", **sent: Any) -> httpx.Response:
        return self.request("POST", path, **sent)


def _run(app: Any, method: str, path: str, sent: dict[str, Any]) -> httpx.Response:
    import anyio

    async def ask() -> httpx.Response:
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://shop") as client:
            return await client.request(method, path, **sent)

    return anyio.run(ask)


def reasons(answer: httpx.Response) -> set[str]:
    return {f"{one['code']}:{one['field'] or '*'}" for one in json.loads(answer.content)["reasons"]}

"""An application that keeps visits in a list of its own, and goes on doing so: it gets only what the policy admits."""

import json
from collections.abc import Callable
from typing import Any

from compliance.bootstrap import bootstrap

KEPT: list[dict[str, Any]] = []


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
    KEPT.append(json.load(environ["wsgi.input"]))
    start_response("201 Created", [("content-type", "text/plain; charset=utf-8")])
    return ["已登记".encode()]


# -- integration
from compliance.guards.route import GuardedRoute
from compliance.guards.wsgi import GuardRoutes

VISITS = GuardedRoute(
    path="/visits",
    category="visitor",
    channel="desk",
    keep="app",
    fields={"name": "visitor_name", "room": "host_room", "phone": "visitor_phone"},
)
guarded = GuardRoutes(app, bootstrap(), [VISITS])
# -- end

if __name__ == "__main__":
    from wsgiref.simple_server import make_server

    make_server("127.0.0.1", 8081, guarded).serve_forever()

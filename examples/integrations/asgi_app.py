"""An application with a route for visits, as it was, and the gate in front of it. Run: uvicorn asgi_app:guarded"""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from compliance.bootstrap import bootstrap


async def visits(request: Request) -> JSONResponse:
    receipt = request.scope["compliance.receipt"]
    return JSONResponse({"record": receipt.record, "pass_code": receipt.pass_code}, 201)


app = Starlette(routes=[Route("/visits", visits, methods=["POST"])])

# -- integration
from compliance.guards.asgi import GuardRoutes
from compliance.guards.route import GuardedRoute

VISITS = GuardedRoute(
    path="/visits",
    category="visitor",
    channel="desk",
    fields={"name": "visitor_name", "room": "host_room", "reason": "visit_purpose"},
)
guarded = GuardRoutes(app, bootstrap(), [VISITS])
# -- end

"""The desk without network: what a tablet keeps so that a reload still shows the form, and who is on shift.

A *shell* is the form of a category as the policy draws it, for nobody in particular: no staff id, no token, no key, no
value. Only shells and our own scripts and styles are kept on a tablet; every page that knows somebody is `no-store`.
"""

from __future__ import annotations

from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import FileResponse, JSONResponse

from compliance.web.callers import TheEngine
from compliance.web.desk import AtDesk, form_page, policy_at_desk, tabs
from compliance.web.pages import page
from compliance.web.session import LASTS, shift_ticket

router = APIRouter(prefix="/desk", include_in_schema=False)
HERE = Path(__file__).parent
#: What a desk page loads: the same list goes into `desk/scripts.html`, and a test compares them.
LOADED = (
    "/static/pico.min.css",
    "/static/htmx.min.js",
    "/assets/site.css",
    "/assets/desk.js",
    "/assets/desk_sealed.js",
    "/assets/desk_rules.js",
    "/assets/desk_line.js",
    "/assets/desk_waiting.js",
)
_NOBODY: dict[str, Any] = {"staff": None, "csrf": str, "shell": True}


@router.get("/worker.js")
def worker() -> Response:
    """The service worker. It answers for `/desk` and below, and for nothing else of this host."""
    return FileResponse(
        HERE / "assets" / "desk_worker.js",
        media_type="text/javascript",
        headers={"service-worker-allowed": "/desk", "cache-control": "no-cache"},
    )


@router.get("/shift")
def shift(request: Request, engine: TheEngine, staff: AtDesk) -> Response:
    """Who is on shift until when, the time here, and what to keep: a tablet asks on every page, and when it is back."""
    pack = engine.active_pack()
    now = engine.clock.now().timestamp()
    return JSONResponse(
        {
            "staff": staff.id,
            "ticket": shift_ticket(engine, staff),
            "csrf": request.scope["csrftoken"](),
            "now": int(now * 1000),
            "until": int((staff.begun + LASTS.total_seconds()) * 1000),
            "version": f"{pack.version}-{pack.digest[:12]}-{_drawn_by()}",
            "keep": [*LOADED, "/desk/away", *(f"/desk/shell/{name}" for name, _ in tabs(pack))],
        }
    )


@router.get("/shell/{category}")
def shell(request: Request, category: str, engine: TheEngine, staff: AtDesk) -> Response:
    """The empty form for nobody in particular."""
    pack, policy = policy_at_desk(engine, category)
    return form_page(request, engine, pack, policy, **_NOBODY, key="")


@router.get("/away")
def away(request: Request, engine: TheEngine, staff: AtDesk) -> Response:
    """What stands where a page needs the network."""
    return page(request, "desk/away.html", tabs=tabs(engine.active_pack()), category="", **_NOBODY)


@cache
def _drawn_by() -> str:
    """Another digest after an update of this program, so that tablets fetch the new pages."""
    found = sha256()
    for folder in ("assets", "templates/desk", "static"):
        for file in sorted(path for path in (HERE / folder).iterdir() if path.is_file()):
            found.update(file.name.encode() + b"\x00" + file.read_bytes())
    found.update((HERE / "templates" / "base.html").read_bytes())
    return found.hexdigest()[:12]

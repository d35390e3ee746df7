"""Pages: templates, filled strictly and escaped always, with what every page needs to know about who looks at it."""

from __future__ import annotations

import base64
import hashlib
import re
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

HERE = Path(__file__).parent
_STYLE = re.compile(rb"<style>(.*?)</style>", re.DOTALL)
templates = Environment(
    loader=FileSystemLoader(HERE / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def page(request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
    """One page. Templates extend `base.html`, which asks for a `title` block; `csrf()` gives a form its token.

    What a person typed may hold half a surrogate pair, which has no UTF-8 form: it is replaced, not a crash.
    """
    around: dict[str, Any] = {
        "csrf": request.scope.get("csrftoken", str),
        "staff": getattr(request.state, "staff", None),
        "path": request.url.path,
        "kind": request.app.state.engine.kind,
    }
    text = templates.get_template(template).render(around | values)
    return HTMLResponse(text.encode("utf-8", "replace"), status)


def standalone(drawn: bytes, status: int = 200) -> HTMLResponse:
    """A notice or letter drawn elsewhere, whose one `<style>` is let through by its digest and nothing else is."""
    digests = [
        f"'sha256-{base64.b64encode(hashlib.sha256(style).digest()).decode()}'"
        for style in _STYLE.findall(drawn)
    ]
    policy = f"default-src 'none'; img-src 'self' data:; style-src {' '.join(digests) or chr(39) + 'none' + chr(39)}; {NO_FRAMES}"
    return HTMLResponse(drawn, status, headers={"content-security-policy": policy})


NO_FRAMES = "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

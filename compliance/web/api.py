"""The HTTP interface for other systems: its parts, its description, and the page that shows it."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from fastapi.openapi.utils import get_openapi

from compliance.web import asking, batches, observing, records, telling
from compliance.web.described_in_openapi import MALFORMED, SECURITY
from compliance.web.pages import page

docs = APIRouter(include_in_schema=False)


@docs.get("/v1/docs")
def docs_page(request: Request) -> Response:
    return page(request, "docs.html")


# Batches stand before records: `/v1/records` has no category behind it.
ROUTERS: tuple[APIRouter, ...] = (
    batches.router,
    records.router,
    telling.router,
    asking.router,
    observing.router,
    docs,
)


def describe(app: FastAPI) -> None:
    """Give the description its security scheme, and leave out answers that FastAPI would give and we do not."""

    def described() -> dict[str, Any]:
        if app.openapi_schema is None:
            schema = get_openapi(title=app.title, version=app.version, summary=app.summary, routes=app.routes)
            schema.setdefault("components", {})["securitySchemes"] = SECURITY
            schema["components"].pop(
                "schemas", None
            )  # FastAPI's own answer to a wrong query: ours is a reason
            for path in schema["paths"].values():
                for operation in path.values():
                    if "HTTPValidationError" in str(operation["responses"].get("422")):
                        operation["responses"]["422"] = MALFORMED
            app.openapi_schema = schema
        return app.openapi_schema

    app.openapi = described  # type: ignore[method-assign]

"""The evidence of consent behind one record, for the officer: how and to what, and never whose it is."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from compliance.domain.errors import RecordUnknown
from compliance.services.consents import Evidence
from compliance.web.officer_pages import Officer, Wired, show
from compliance.web.portal_words import CONSENT_ACTS, CONSENT_KINDS

router = APIRouter()
Asked = Annotated[str, Query(pattern=r"^[0-9A-Za-z_-]{0,64}$")]


@router.get("/consents")
def consents(request: Request, staff: Officer, engine: Wired, record: Asked = "") -> Response:
    found: tuple[Evidence, ...] = ()
    living, error = False, ""
    if record:
        try:
            found = engine.consents.of_record(record)
            with engine.books.reading() as books:
                living = books.holdings.find(record) is not None
        except RecordUnknown:
            error = "没有这个编号的记录或凭据，请对照登记回执再填。"
    return show(
        request,
        "consents",
        "consents",
        status=404 if error else 200,
        error=error,
        record="" if error else record,
        found=found,
        living=living,
        told=CONSENT_KINDS,
        acts=CONSENT_ACTS,
        notice=_notice,
    )


def _notice(one: Evidence) -> str:
    mode, _, by = one.notice.partition(":")
    if mode == "oral":
        return f"由 {by} 当面读出"
    return "在屏幕上出示" if mode == "screen" else "当时已告知（凭通行码沿用）"

"""Records over HTTP: one submission in, trigger facts added later, reading by purpose."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query
from fastapi.responses import JSONResponse

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused, RecordErased, RecordUnknown
from compliance.domain.reasons import reason
from compliance.domain.submission import Defaults, decode
from compliance.domain.vocabulary import Door, ReasonCode, Role
from compliance.ports import Caller, Receipt
from compliance.services.reading import Actor
from compliance.web import described_in_openapi as described
from compliance.web.callers import (
    TheCaller,
    TheEngine,
    TheMetrics,
    TheObject,
    body_of,
    in_scope,
    require_category,
)
from compliance.web.faults import AsciiJSON

router = APIRouter(prefix="/v1/records", tags=["records"])


def grouped(pass_code: str) -> str:
    """XXXX-XXXX-XXXX: as people read it out."""
    return "-".join(pass_code[at : at + 4] for at in range(0, len(pass_code), 4))


def receipt_json(receipt: Receipt) -> dict[str, Any]:
    code = grouped(receipt.pass_code)
    return {
        "record": receipt.record,
        "category": receipt.category,
        "site": receipt.site,
        "policy_version": receipt.policy_version,
        "pass_code": code,
        "erase_on": receipt.erase_on,
        "replayed": receipt.replayed,
        "stripped": [one.as_json() for one in receipt.stripped],
        "observed": [one.as_json() for one in receipt.observed],
        "flagged": [one.as_json() for one in receipt.flagged],
        "text": {
            "zh": f"已登记。凭通行码 {code} 可查阅、复制、删除或撤回同意；最迟 {receipt.erase_on} 删除。",
            "en": f"Registered. With the code {code} you can ask for a copy or deletion, or withdraw your "
            f"consent; the last of it is gone by {receipt.erase_on}.",
        },
    }


def defaults_for(caller: Caller, category: str | None = None, door: Door = Door.SINGLE) -> Defaults:
    """What path and key already say: a key for one channel says the channel too."""
    channel = caller.channels[0].value if len(caller.channels) == 1 else None
    return Defaults(category=category, channel=channel, site=caller.site, door=door)


@router.post("/{category}", status_code=201, **described.WRITE)
def write(
    category: str,
    engine: TheEngine,
    caller: TheCaller,
    body: Annotated[bytes, Depends(body_of)],
    metrics: TheMetrics,
) -> JSONResponse:
    """Write one submission. The gate reads the bytes itself, so that what JSON lets pass and we do not is a reason."""
    require_category(caller, category)
    raw = decode(body)
    try:
        if isinstance(raw, tuple):
            raise CollectionRefused(raw)
        if not isinstance(raw, dict):
            raise CollectionRefused((reason(ReasonCode.MALFORMED),))
        receipt = engine.gate.write(raw, caller, defaults_for(caller, category))
    except CollectionRefused as refused:
        metrics.refused(refused.reasons)
        raise
    metrics.admitted(receipt)
    return AsciiJSON(receipt_json(receipt), 201)


@router.patch("/{record}", **described.AMEND)
def amend(record: str, engine: TheEngine, caller: TheCaller, sent: TheObject) -> JSONResponse:
    """Add facts that come later, such as `{"exit_time": "2026-03-01T18:00:00+08:00"}`."""
    require_own(engine, caller, record)
    engine.gate.amend(record, sent)
    return JSONResponse({"record": record, "amended": True})


@router.get("/{record}", **described.READ)
def read(
    record: str, engine: TheEngine, caller: TheCaller, purpose: Annotated[str, Query(max_length=64)]
) -> JSONResponse:
    """The fields that a guard may see for this purpose, shown as the policy says; the reading leaves a trace."""
    reader = Actor(
        id=caller.id,
        role=Role.GUARD,
        site=caller.site or "",
        categories=tuple(caller.categories),
        channels=tuple(caller.channels),
    )
    shown = engine.reader.read(record, purpose, reader)
    return AsciiJSON(
        {
            "record": shown.record,
            "category": shown.category,
            "purpose": shown.purpose,
            "fields": dict(shown.fields),
            "labels": dict(shown.labels),
        }
    )


def require_own(engine: Engine, caller: Caller, record: str) -> None:
    """Raise where this key may not know of the record: another category's, erased or not, looks like none."""
    with engine.books.reading() as books:
        holding = books.holdings.find(record)
        if holding is None:
            gone = any(in_scope(caller, row.site, row.category) for row in books.ledger.tombstones_of(record))
            raise RecordErased if gone else RecordUnknown
        policy = engine.policies.version(books, holding.policy_version).categories[holding.category]
    if not in_scope(caller, holding.site, holding.category, policy.channels):
        raise RecordUnknown

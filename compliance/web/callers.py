"""Other systems at the door: who holds a bearer key, and what they sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import Depends, Request

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused
from compliance.domain.reasons import reason
from compliance.domain.submission import decode
from compliance.domain.vocabulary import Channel, ReasonCode
from compliance.ports import Caller
from compliance.web.faults import NO_KEY, OUT_OF_SCOPE, Refused
from compliance.web.observing import Metrics, metrics_of
from compliance.web.rates import address_of, rates_of
from compliance.web.session import engine_of

_BEARER = "bearer "


def caller_of(request: Request) -> Caller:
    """Who holds the key; raises `Refused` with 401 or 429. Wrong keys are counted by address, right ones by key."""
    rates, address = rates_of(request), address_of(request)
    if rates.spent("failed_keys", address):
        raise rates.refusal("failed_keys", address)
    said = request.headers.get("authorization", "")
    secret = said[len(_BEARER) :].strip() if said.lower().startswith(_BEARER) else ""
    caller = engine_of(request).access.caller_for(secret) if secret else None
    if caller is None:
        if secret:
            rates.let_through("failed_keys", address)
        raise Refused(NO_KEY)
    rates.let_through("per_key", caller.id)
    return caller


async def body_of(request: Request) -> bytes:
    """The body, which was bounded before it came here."""
    return await request.body()


def object_of(body: Annotated[bytes, Depends(body_of)]) -> Mapping[str, object]:
    """The body as one JSON object, read as strictly as a submission; raises `CollectionRefused`."""
    value = decode(body)
    if isinstance(value, tuple):
        raise CollectionRefused(value)
    if not isinstance(value, dict):
        raise CollectionRefused((reason(ReasonCode.MALFORMED),))
    return value


def require_category(caller: Caller, category: str) -> None:
    if caller.categories and category not in caller.categories:
        raise Refused(OUT_OF_SCOPE)


def require_channel(caller: Caller, channel: Channel | None) -> None:
    if channel is not None and caller.channels and channel not in caller.channels:
        raise Refused(OUT_OF_SCOPE)


def in_scope(caller: Caller, site: str, category: str, channels: Sequence[Channel] = ()) -> bool:
    """Whether this key is for the site and the category, and for any channel that the category comes by."""
    return (
        caller.site in (None, site)
        and (not caller.categories or category in caller.categories)
        and (not caller.channels or not channels or not set(channels).isdisjoint(caller.channels))
    )


async def the_engine(request: Request) -> Engine:
    """Asynchronous although it waits for nothing: FastAPI would carry a plain function into a thread and back."""
    return engine_of(request)


async def the_metrics(request: Request) -> Metrics:
    return metrics_of(request)


TheEngine = Annotated[Engine, Depends(the_engine)]
TheMetrics = Annotated[Metrics, Depends(the_metrics)]
TheCaller = Annotated[Caller, Depends(caller_of)]
TheObject = Annotated[Mapping[str, object], Depends(object_of)]

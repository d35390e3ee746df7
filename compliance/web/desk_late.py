"""Whose a registration is and when it was made, and the answer to a tablet that sends it by script.

A tablet without network seals a form with the moment it was filled in and a word that its guard was on shift then. Sent
later, the record is that guard's and that moment's, whoever is logged in by now; the gate decides on it as on any other.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response
from fastapi.responses import JSONResponse

from compliance.bootstrap import Engine
from compliance.domain.errors import CollectionRefused
from compliance.domain.policy import CategoryPolicy
from compliance.domain.reasons import reason
from compliance.domain.submission import CLOCK_SKEW, parse_time
from compliance.domain.vocabulary import ReasonCode
from compliance.ports import Receipt
from compliance.web.faults import reasons_answer
from compliance.web.forms import Form
from compliance.web.records import grouped
from compliance.web.session import LATE, Staff, on_shift

# The tablet wipes at 24 hours by its own clock; what was on its way at that moment is still taken.
_ON_ITS_WAY = timedelta(minutes=10)
NOT_ON_SHIFT = (
    "登记这一条的工号当时不在班，或者已经停用，不能作为依据；请删除这一条。",
    "The staff id behind this was not on shift then, or is no longer valid. Please delete this entry.",
)
_TOO_LATE = (
    "超过24小时没有送达，不再登记，请删除这一条。",
    "This was not sent within 24 hours and is no longer taken. Please delete it.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """Who registered somebody, and when."""

    by: Staff
    at: datetime


def made(engine: Engine, staff: Staff, form: Form) -> Made:
    """Who registered this form and when: the guard who sends it, now, unless a tablet sealed it earlier.

    Raises:
        CollectionRefused: it is over a day old, or nobody vouches for its moment.
    """
    now = engine.clock.now()
    said, ticket = form.one("_at"), form.one("_shift")
    if not said and not ticket:
        return Made(by=staff, at=now)
    at = parse_time(said)
    if at is None or at > now + CLOCK_SKEW:
        raise CollectionRefused(
            (reason(ReasonCode.BAD_FORMAT, "collected_at", label=("登记时间", "The time of collection")),)
        )
    if at < now - LATE - _ON_ITS_WAY:
        raise CollectionRefused((reason(ReasonCode.ALREADY_EXPIRED, article="E", say=_TOO_LATE),))
    by = on_shift(engine, ticket, at) if ticket else staff if at > now - CLOCK_SKEW else None
    if by is None:
        raise CollectionRefused((reason(ReasonCode.NO_NOTICE, article="E", say=NOT_ON_SHIFT),))
    return Made(by=by, at=at)


def require_notice_in_force(policy: CategoryPolicy, form: Form) -> None:
    """Raise where the notice on this form is of another version than the rules in force: it was read for nothing."""
    read = form.one("_version")
    if read and read != str(policy.version) and not policy.exempt:
        raise CollectionRefused((reason(ReasonCode.RECONSENT_REQUIRED),))


def by_script(request: Request) -> bool:
    return "application/json" in request.headers.get("accept", "")


def receipt_answer(receipt: Receipt) -> Response:
    return JSONResponse(
        {
            "pass_code": grouped(receipt.pass_code),
            "erase_on": receipt.erase_on,
            "replayed": receipt.replayed,
            "stripped": [one.as_json() for one in receipt.stripped],
        },
        201,
    )


def refusal_answer(refused: CollectionRefused) -> Response:
    return reasons_answer(refused.reasons)

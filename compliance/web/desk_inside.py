"""Who was registered today and has not left: category, time and a masked name, and one button.

Opening this page reads records, and every reading leaves its trace; so it is a page of its own that nothing reloads.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from compliance.bootstrap import Engine
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.presence import entry_of, exit_of
from compliance.domain.vocabulary import FieldType
from compliance.ports import HoldingRow
from compliance.services.reading import Actor
from compliance.web.callers import TheEngine
from compliance.web.desk import AtDesk, TheForm, tabs
from compliance.web.faults import NOT_FOUND, Refused
from compliance.web.pages import page
from compliance.web.session import Staff

router = APIRouter(prefix="/desk/inside", include_in_schema=False)
PURPOSE = "entry_security"
# Every line is read: as many as fit on a tablet, the newest first.
NEWEST = 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One line: somebody who came today and, as far as we know, is still here."""

    record: str
    category: str
    came: str
    who: str = field(repr=False)


@router.get("")
def inside(
    request: Request, engine: TheEngine, staff: AtDesk, category: str = "", left: str = ""
) -> Response:
    """One category, or without one all that people register: a lane of cameras would push everybody else out.

    `left` is the category of somebody whose leaving was just written down by a page without its script.
    """
    pack = engine.active_pack()
    offered = dict(tabs(pack))
    wanted = [category] if category in offered else [name for name in offered if _by_people(pack, name)]
    return page(
        request,
        "desk/inside.html",
        tabs=tabs(pack),
        category="",
        only=category,
        left=pack.categories[left].label.zh if left in offered else "",
        visits=_visits(engine, pack, staff, wanted),
        newest=NEWEST,
    )


def _by_people(pack: Pack, category: str) -> bool:
    return all(channel.has_person for channel in pack.categories[category].channels)


@router.post("/{record}/left")
def left(request: Request, record: str, engine: TheEngine, staff: AtDesk, form: TheForm) -> Response:
    """The person leaves now."""
    with engine.books.reading() as books:
        holding = books.holdings.find(record)
        policy = (
            engine.policies.version(books, holding.policy_version).categories[holding.category]
            if holding
            else None
        )
    if policy is None or (exit_rule := exit_of(policy)) is None:
        raise Refused(NOT_FOUND)
    now = engine.clock.now()
    engine.gate.amend(record, {exit_rule.name: now.isoformat()})
    if request.headers.get("hx-request") == "true":
        at = now.astimezone(engine.active_pack().site.timezone)
        return page(request, "desk/left.html", at=f"{at:%H:%M}", label=policy.label.zh)
    return RedirectResponse(f"/desk/inside?left={policy.category}", 303)


def _visits(engine: Engine, pack: Pack, staff: Staff, categories: list[str]) -> list[Visit]:
    with engine.books.reading() as books:
        newest = books.holdings.recent(pack.site.name, NEWEST, categories)
        rules = {
            row.id: engine.policies.version(books, row.policy_version).categories[row.category]
            for row in newest
        }
    by_purpose: dict[str, list[HoldingRow]] = defaultdict(list)
    for row in newest:
        if purpose := _purpose(rules[row.id], staff):
            by_purpose[purpose].append(row)
    reader = Actor(id=staff.id, role=staff.role)
    # A page is one reading of many: one entry over all that it shows, for each purpose that it is shown for.
    read = [
        reading
        for purpose, rows in by_purpose.items()
        for reading in engine.reader.page(rows, purpose, reader)
    ]
    shown = {reading.record: reading.fields for reading in read}
    today = engine.clock.now().astimezone(pack.site.timezone)
    found = [_visit(row, rules[row.id], shown[row.id], today) for row in newest if row.id in shown]
    return [visit for visit in found if visit is not None]


def _visit(
    row: HoldingRow, policy: CategoryPolicy, shown: Mapping[str, object], today: datetime
) -> Visit | None:
    """None for who left and who came on another day."""
    came_rule, exit_rule = entry_of(policy), exit_of(policy)
    if came_rule is None or exit_rule is None:
        return None
    came = str(shown.get(came_rule.name, ""))
    if exit_rule.name in shown or not came.startswith(f"{today:%Y-%m-%d}"):
        return None
    who = next(
        (
            str(shown[rule.name])
            for rule in policy.fields.values()
            if rule.type in _NAMES and rule.name in shown
        ),
        "",
    )
    return Visit(record=row.id, category=policy.label.zh, came=came[11:16], who=who)


_NAMES = (FieldType.PERSON_NAME, FieldType.PLATE)


def _purpose(policy: CategoryPolicy, staff: Staff) -> str | None:
    """What the time of entry is shown for; None where nobody leaves, or this role sees none of it."""
    rule = entry_of(policy)
    if rule is None or exit_of(policy) is None:
        return None
    given = [purpose for purpose, roles in rule.read_by.items() if staff.role in roles]
    return PURPOSE if PURPOSE in given else next(iter(given), None)

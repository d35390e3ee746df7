"""Blank paper slips for a power cut: printed in counted batches, and counted again when the power is back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Path, Request, Response
from fastapi.responses import RedirectResponse

from compliance.bootstrap import Engine
from compliance.domain.errors import SlipsRefused
from compliance.domain.policy import CategoryPolicy, FieldRule, Pack
from compliance.domain.presence import exit_of
from compliance.domain.vocabulary import FieldType
from compliance.notices.slips import Line, Sheet, as_html, as_pdf
from compliance.services.slips import MOST, SlipBatch
from compliance.web.callers import TheEngine
from compliance.web.desk import AtDesk, TheForm, tabs
from compliance.web.desk_form import KINDS_ZH, RESULTS, asks_consent, shown_at_desk
from compliance.web.faults import NOT_FOUND, Refused, fault_of_error
from compliance.web.forms import Form
from compliance.web.pages import page, standalone
from compliance.web.telling import notice

router = APIRouter(prefix="/desk/slips", include_in_schema=False)
Number = Annotated[str, Path(pattern=r"^[0-9A-HJKMNP-TV-Z]{6}$")]
_NEVER = "不登记身份证号、人脸、健康码；证件看过当面归还。请勿在空白处填写别的内容。"
_BY_GUARD = "（门岗填）"
_CHECKED = "当面看证，看完归还，不抄号码"


@router.get("")
def slips(request: Request, engine: TheEngine, staff: AtDesk) -> Response:
    return _page(request, engine)


@router.post("")
def print_more(request: Request, engine: TheEngine, staff: AtDesk, form: TheForm) -> Response:
    try:
        batch = engine.slips.issue(form.one("category"), _whole(form, "count"), staff.id)
    except SlipsRefused:
        return _page(request, engine, 422, f"请选一个类别，张数从 1 到 {MOST}。")
    return RedirectResponse(f"/desk/slips#{batch.number}", 303)


@router.get("/{number}/print")
def for_the_printer(number: Number, engine: TheEngine, staff: AtDesk) -> Response:
    return standalone(as_html(_sheet(engine, number)))


@router.get("/{number}/slips.pdf")
def as_a_file(number: Number, engine: TheEngine, staff: AtDesk) -> Response:
    return Response(as_pdf(_sheet(engine, number)), media_type="application/pdf")


@router.post("/{number}/count")
def counted(request: Request, number: Number, engine: TheEngine, staff: AtDesk, form: TheForm) -> Response:
    entered, spoiled, blank = (_whole(form, name) for name in ("entered", "spoiled", "blank"))
    try:
        engine.slips.count(number, entered=entered, spoiled=spoiled, blank=blank, by=staff.id)
    except SlipsRefused as refused:
        return _page(request, engine, 422, fault_of_error(refused).zh)
    return RedirectResponse(f"/desk/slips#{number}", 303)


def _whole(form: Form, name: str) -> int:
    """A count as people type it; -1 where it is none, which every count refuses."""
    text = form.one(name)
    return int(text) if text.isdecimal() and len(text) <= 3 else -1


def _page(request: Request, engine: Engine, status: int = 200, wrong: str = "") -> Response:
    pack = engine.active_pack()
    batches = engine.slips.batches()
    return page(
        request,
        "desk/slips.html",
        status=status,
        tabs=tabs(pack),
        category="",
        wrong=wrong,
        most=MOST,
        open=[one for one in batches if one.is_open],
        done=[one for one in batches if not one.is_open][:10],
        labels={name: policy.label.zh for name, policy in pack.categories.items()},
        version=pack.version,
        officer=pack.site.officer.contact,
    )


def _sheet(engine: Engine, number: str) -> Sheet:
    """What a batch prints, under the policy in force; one that was numbered under another is void."""
    pack = engine.active_pack()
    batch = next((one for one in engine.slips.batches() if one.number == number and one.is_open), None)
    if batch is None or batch.version != pack.version or batch.category not in pack.categories:
        raise Refused(NOT_FOUND)
    return _drawn(engine, pack, pack.categories[batch.category], batch)


def _drawn(engine: Engine, pack: Pack, policy: CategoryPolicy, batch: SlipBatch) -> Sheet:
    said = notice(engine, pack, policy.category, "gate", "zh", "txt").decode().splitlines()
    return Sheet(
        controller=pack.site.controller.name,
        contact=pack.site.controller.contact,
        category=policy.label.zh,
        batch=batch.number,
        count=batch.count,
        version=batch.version,
        printed_on=batch.printed_on,
        notice=next(line for line in said[1:] if len(line) > len("登记告知")),
        never=_NEVER,
        asks_consent=asks_consent(policy, pack),
        lines=tuple(_lines(policy)),
    )


def _lines(policy: CategoryPolicy) -> Iterator[Line]:
    rules = list(shown_at_desk(policy))
    for rule in sorted(rules, key=lambda one: (not one.required, one.auto)):
        yield _line(rule)
    leaving = exit_of(policy)
    if leaving is not None and leaving not in rules:
        yield Line(label=leaving.label.zh, mark=_BY_GUARD, moment=True)


def _line(rule: FieldRule) -> Line:
    choices = tuple(KINDS_ZH.get(value, value) for value in rule.values)
    if rule.type is FieldType.VERIFICATION:
        choices += tuple(text for _, text in RESULTS)
    return Line(
        label=rule.label.zh,
        mark="*" if rule.required else _BY_GUARD if rule.auto else "（可不填）",
        moment=rule.type is FieldType.TIME,
        choices=choices,
        ways=tuple(rule.alternative.values()),
        hint=_CHECKED if rule.type is FieldType.VERIFICATION else "",
        consent=rule.needs_separate_consent,
    )

"""`compliance report` and `compliance notice`: what is printed for the officer and for people at the gate."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console
from rich.table import Table

from compliance.cli.doors import At, Json, engine
from compliance.domain.checkpoint import fingerprint
from compliance.notices import report as report_forms
from compliance.notices.collection import collection_slots
from compliance.notices.detection_table import detections
from compliance.notices.renderer import Form, render

report_app = typer.Typer(no_args_is_help=True, help="保存期限月报。The monthly retention report.")
notice_app = typer.Typer(no_args_is_help=True, help="告知书。Notices.")
Out = Annotated[Path | None, typer.Option("--out", help="Write to a file; default: standard output.")]

_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_REPORTS: dict[str, Callable[..., bytes]] = {
    "html": report_forms.report_html,
    "pdf": report_forms.report_pdf,
    "xlsx": report_forms.report_xlsx,
}


@report_app.command()
def retention(
    month: Annotated[str, typer.Option(help="As 2026-11; default: this month.")] = "",
    form: Annotated[str, typer.Option("--format", help="html, pdf, xlsx or json.")] = "html",
    out: Out = None,
    at: At = None,
) -> None:
    """Held, admitted, refused, erased on time, overdue, restricted, requests: the figures of one month."""
    if month and not _MONTH.fullmatch(month):
        raise typer.BadParameter("a month is written as 2026-11 · 月份请写成 2026-11")
    if form not in (*_REPORTS, "json"):
        raise typer.BadParameter("html, pdf, xlsx or json")
    with engine(at) as opened:
        figures = opened.reports.month(month or opened.reports.this_month())
        reviews = opened.reports.reviews(figures.month)
    content = report_forms.report_json(figures) if form == "json" else _REPORTS[form](figures, reviews)
    put(content, out)


@report_app.command()
def detectors(
    month: Annotated[str, typer.Option(help="As 2026-11; default: this month.")] = "",
    at: At = None,
    as_json: Json = False,
) -> None:
    """How often each detector spoke, and which never has: one that never fires may not be working."""
    if month and not _MONTH.fullmatch(month):
        raise typer.BadParameter("a month is written as 2026-11 · 月份请写成 2026-11")
    with engine(at) as opened:
        figures = opened.reports.month(month or opened.reports.this_month())
    if as_json:
        for one in figures.detectors:
            sys.stdout.write(json.dumps(asdict(one), ensure_ascii=False) + "\n")
        return
    drawn = detections(figures.detectors)
    table = Table(*(" ".join(column.label) for column in drawn.columns), title=figures.month)
    for row in drawn.rows:
        table.add_row(*(str(cell.value) for cell in row))
    Console(width=max(110, Console().width)).print(table)


@notice_app.callback()
def _notices() -> None:
    """Keeps `render` a word of its own."""


@notice_app.command("render")
def render_notice(
    moment: Annotated[str, typer.Argument(help="collection (the full notice) or gate (the short one).")],
    category: Annotated[str, typer.Option(help="The visitor category.")],
    lang: Annotated[str, typer.Option(help="zh or en.")] = "zh",
    form: Annotated[str, typer.Option("--format", help="html, pdf or txt.")] = "txt",
    out: Out = None,
    at: At = None,
) -> None:
    """The Art. 17 notice of a category, from the policy in force."""
    if form not in ("html", "pdf", "txt"):
        raise typer.BadParameter("html, pdf or txt")
    if moment not in ("collection", "gate"):
        raise typer.BadParameter("collection or gate")
    if lang not in ("zh", "en"):
        raise typer.BadParameter("zh or en · 只有 zh 或 en")
    with engine(at) as opened:
        pack = opened.active_pack()
        if category not in pack.categories:
            raise typer.BadParameter("no such category · 没有这一类别")
        slots = collection_slots(
            pack,
            category,
            lang=lang,
            verifier_fingerprint=fingerprint(opened.signer.public_key),
            now_day=pack.site.day_of(opened.clock.now()).isoformat(),
        )
    put(render(moment, lang=lang, slots=slots, form=cast("Form", form)), out)


def put(content: bytes, out: Path | None) -> None:
    if out is None:
        sys.stdout.buffer.write(content)
    else:
        out.write_bytes(content)

"""`compliance emergency`: open one on an authority's document, end it, and tell the people afterwards."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import typer

from compliance.bootstrap import Engine
from compliance.cli.doors import At, By, Json, engine, moment, say
from compliance.cli.papers import Out, put
from compliance.domain.errors import EmergencyRefused
from compliance.notices.emergency import emergency_over
from compliance.notices.renderer import Form
from compliance.ports import EmergencyRow

app = typer.Typer(
    no_args_is_help=True, help="应急：启动、结束、补告知。Emergencies: open, close, tell afterwards."
)
Emergency = Annotated[str, typer.Argument(help="The emergency's id, as `emergency list` shows it.")]


@app.command("open")
def open_one(
    profile: Annotated[str, typer.Argument(help="A name under `emergencies` in site.yaml.")],
    document: Annotated[str, typer.Option(help="The number of the authority's document.")],
    authority: Annotated[str, typer.Option(help="Who issued it.")],
    until: Annotated[
        datetime, typer.Option(parser=moment, metavar="TIME", help="When it ends at the latest.")
    ],
    by: By,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Open an emergency: its fields are admitted until it ends."""
    with engine(at) as opened:
        row = opened.emergencies.open(
            profile=profile, document=document, authority=authority, until=until, by=by
        )
        _say(opened, row, as_json=as_json)


@app.command()
def close(emergency: Emergency, by: By, at: At = None, as_json: Json = False) -> None:
    """End it now, and destroy what was collected only because of it."""
    with engine(at) as opened:
        opened.emergencies.close(emergency, by)
        opened.retention.sweep()
        _say(opened, opened.emergencies.find(emergency), as_json=as_json)


@app.command("list")
def list_all(at: At = None, as_json: Json = False) -> None:
    """Every emergency, newest first: until when, what is left to destroy, and who is still to be told."""
    with engine(at) as opened:
        for row in opened.emergencies.listed():
            _say(opened, row, as_json=as_json)


@app.command()
def notice(
    emergency: Emergency,
    lang: Annotated[str, typer.Option(help="zh or en")] = "zh",
    form: Annotated[str, typer.Option("--format", help="html, pdf or txt")] = "txt",
    out: Out = None,
    at: At = None,
) -> None:
    """The notice for those whose data an emergency took (PIPL 18(2))."""
    forms: dict[str, Form] = {"html": "html", "pdf": "pdf", "txt": "txt"}
    if form not in forms or lang not in ("zh", "en"):
        raise typer.BadParameter("html, pdf or txt, in zh or en")
    with engine(at) as opened:
        row = opened.emergencies.find(emergency)
        pack = opened.emergencies.declared_in(row)
        if row.closed_by is None:
            raise EmergencyRefused("应急结束后才补告知。 / People are told once it is over.")
        day = pack.site.day_of(opened.clock.now()).isoformat()
        printed = emergency_over(pack, row, lang=lang, form=forms[form], now_day=day)
    put(printed, out)


@app.command()
def told(emergency: Emergency, by: By, at: At = None, as_json: Json = False) -> None:
    """Record that the notice was posted or handed out."""
    with engine(at) as opened:
        _say(opened, opened.emergencies.tell(emergency, by), as_json=as_json)


def _say(opened: Engine, row: EmergencyRow, *, as_json: bool) -> None:
    zone = opened.emergencies.declared_in(row).site.timezone
    ends = datetime.fromtimestamp(row.ends_at, zone).strftime("%Y-%m-%d %H:%M")
    if row.closed_by is None:
        said = f"{row.profile} 启动中，最迟 {ends} 结束 / open until {ends} at the latest"
    else:
        gone = (row.destroyed_on or "尚未完成", row.destroyed_on or "not yet done")
        told = (row.told_on or f"应于 {row.tell_by} 前办理", row.told_on or f"due by {row.tell_by}")
        said = (
            f"{row.profile} 已于 {ends} 结束；销毁：{gone[0]}；补告知：{told[0]}"
            f" / ended at {ends}; destroyed: {gone[1]}; told afterwards: {told[1]}"
        )
    say(row._asdict(), as_json=as_json, sentence=f"{row.id} {said}")

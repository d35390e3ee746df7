"""`compliance request`: a subject's rights, from the front desk's or the officer's side."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from compliance.cli.doors import EXIT_REFUSED, At, By, Json, console, engine, say
from compliance.domain.request import Ground, RequestKind, Stated
from compliance.services.requests import RequestView

app = typer.Typer(no_args_is_help=True, help="个人权利申请。Subjects' requests.")
_LABELS = {
    "number": "编号 / Number",
    "access_token": "查询码 / Access code",
    "house_target": "我们的期限 / Our target",
    "legal_limit": "最晚期限 / At the latest",
}
Number = Annotated[str, typer.Argument(help="The request's number.")]


@app.command("open")
def open_request(
    kind: RequestKind,
    pass_code: Annotated[str | None, typer.Option(help="The pass code on the slip.")] = None,
    mobile: Annotated[str | None, typer.Option(help="The mobile number on record.")] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Receive a request. By mobile number a one-time code follows; by pass code it is verified at once."""
    with engine(at) as opened:
        receipt = opened.requests.open(kind, pass_code=pass_code, mobile=mobile)
        if mobile is not None:
            opened.requests.match(receipt.number)
    result = {
        "number": receipt.number,
        "access_token": receipt.access_token,
        "house_target": receipt.deadlines.house.isoformat(),
        "legal_limit": receipt.deadlines.legal.isoformat(),
    }
    say(
        result,
        as_json=as_json,
        sentence="\n".join(f"{_LABELS[name]}: {value}" for name, value in result.items() if value),
    )


@app.command()
def verify(number: Number, code: str, at: At = None, as_json: Json = False) -> None:
    """Show the one-time code; answers with the access token."""
    with engine(at) as opened:
        token = opened.requests.verify(number, code)
    say({"access_token": token}, as_json=as_json, sentence=token)


@app.command("list")
def list_requests(at: At = None, as_json: Json = False) -> None:
    """Unfinished requests, oldest first."""
    with engine(at) as opened:
        views = opened.requests.list_open()
    for view in views:
        say(asdict(view), as_json=as_json, sentence=_line(view))
    if not views and not as_json:
        console.print("没有未办结的申请。/ No open requests.", markup=False)


@app.command()
def show(number: Number, at: At = None, as_json: Json = False) -> None:
    """One request with its steps and, while it waits, the plan as sentences."""
    with engine(at) as opened:
        view = opened.requests.show(number)
    steps = [f"  {step.state}" for step in view.steps]
    say(asdict(view), as_json=as_json, sentence="\n".join([_line(view), *steps, *view.plan]))


@app.command()
def decide(
    number: Number,
    by: By,
    accept: Annotated[
        bool, typer.Option("--accept/--refuse", help="Accept the plan, or refuse with grounds.")
    ],
    ground: Annotated[
        list[Ground] | None, typer.Option(help="A ground of the closed list, R1 to R11.")
    ] = None,
    law: Annotated[str, typer.Option(help="The legal reference of the ground.")] = "",
    at: At = None,
) -> None:
    """The officer's decision where one is due; a refusal needs grounds."""
    with engine(at) as opened:
        stated = tuple(Stated(ground=one, law_ref=law) for one in ground or ())
        opened.requests.decide(number, by=by, accept=accept, reasons=stated)


@app.command()
def fulfil(number: Number, at: At = None, as_json: Json = False) -> None:
    """Take a verified request as far as it goes without anybody."""
    with engine(at) as opened:
        state = opened.requests.fulfil(number)
    say({"state": state}, as_json=as_json, sentence=str(state))
    raise typer.Exit(0 if state is not None else EXIT_REFUSED)


def _line(view: RequestView) -> str:
    late = "  逾期 / overdue" if view.overdue else ""
    return f"{view.number}  {view.kind}  {view.state}  {view.received_on} → {view.deadlines.due}{late}"

"""`compliance consent`: what was agreed to, and taking it back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from compliance.cli.doors import EXIT_REFUSED, At, Json, engine, say, stderr
from compliance.services.consents import Evidence

app = typer.Typer(no_args_is_help=True, help="同意：查看、撤回。Consent: show, withdraw.")
PassCode = Annotated[str, typer.Option(help="The pass code on the slip.")]


@app.command()
def show(
    record: Annotated[str, typer.Argument(help="The record's id.")] = "",
    pass_code: Annotated[str, typer.Option(help="Or the pass code on the slip: all of its records.")] = "",
    at: At = None,
    as_json: Json = False,
) -> None:
    """The evidence of consent behind a record or a pass, withdrawn or not: kinds, acts and days, never a name."""
    if bool(record) == bool(pass_code):
        raise typer.BadParameter("give a record's id or --pass-code, one of the two")
    with engine(at) as opened:
        if record:
            found = opened.consents.of_record(record)
        else:
            found = tuple(one for agreed in opened.consents.agreed(pass_code) for one in agreed.evidence)
    for one in found:
        say(one.as_json(), as_json=as_json, sentence=_line(one))
    if not found:
        stderr.print("没有同意凭据。/ There is no evidence of consent.", markup=False)
    raise typer.Exit(0 if found else EXIT_REFUSED)


@app.command()
def withdraw(pass_code: PassCode, at: At = None, as_json: Json = False) -> None:
    """Take consent back: use stops at once, and what was collected on it is erased."""
    with engine(at) as opened:
        receipt = opened.requests.withdraw_consent(pass_code)
        state = opened.requests.status(receipt.number).state
    result: dict[str, Any] = {
        "number": receipt.number,
        "state": state.value,
        "access_token": receipt.access_token,
    }
    sentence = (
        f"已撤回，即刻停止使用。编号 {receipt.number}（{state.label.zh}） / Withdrawn: use has stopped."
    )
    say(result, as_json=as_json, sentence=f"{sentence}\n查询码 / Access code: {receipt.access_token}")


def _line(one: Evidence) -> str:
    names = "、".join(label.zh for label in one.labels) or "—"
    state = f"已于 {one.withdrawn_on} 撤回 / withdrawn" if one.withdrawn_on else "有效 / stands"
    return f"{one.given_on}  {one.kind}  {one.act}  {one.notice}  {names}  {state}"

"""`compliance store`: somebody's existing table, looked at, put under a policy, and kept in step."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from compliance.cli.doors import At, Json, engine, say

app = typer.Typer(
    no_args_is_help=True, help="既有登记表：查看、纳管、对账。Existing tables: scan, adopt, reconcile."
)
Name = Annotated[str, typer.Argument(help="The name in the store's mapping file.")]


@app.command()
def scan(name: Name, at: At = None, as_json: Json = False) -> None:
    """What is in the table and what a policy would say of it; counts only, never a value."""
    with engine(at) as opened:
        report = opened.adoption.scan(name)
    say(asdict(report), as_json=as_json, sentence=report.in_words())


@app.command()
def adopt(
    name: Name,
    strip: Annotated[
        bool, typer.Option("--strip", help="Empty the columns that the policy forbids.")
    ] = False,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Put every row under the active policy; what is past its period falls due at once."""
    with engine(at) as opened:
        report = opened.adoption.adopt(name, strip=strip)
    say(asdict(report), as_json=as_json, sentence=report.in_words())


@app.command()
def reconcile(
    name: Name,
    accept_vanished: Annotated[
        bool, typer.Option("--accept-vanished", help="Close even unusually many records whose row is gone.")
    ] = False,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Bring table and books into step: new rows are adopted, vanished ones closed."""
    with engine(at) as opened:
        report = opened.adoption.reconcile(name, accept_vanished=accept_vanished)
    say(asdict(report), as_json=as_json, sentence=report.in_words())

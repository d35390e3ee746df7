"""`compliance policy`: check, test, publish, schema."""

from __future__ import annotations

import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from compliance.cli.doors import EXIT_REFUSED, At, Json, console, engine, say, stderr
from compliance.policies import commands
from compliance.policies.loader import load, read_files

app = typer.Typer(no_args_is_help=True, help="登记规则：检查、试例、发布。Policies: check, test, publish.")
Pack = Annotated[Path, typer.Argument(help="The pack's folder.", exists=True, file_okay=False)]


@app.command()
def check(pack: Pack, as_json: Json = False) -> None:
    """Every fault of every file, with its place, article, and what to write instead."""
    found = commands.check(pack)
    if as_json:
        for one in found:
            sys.stdout.write(json.dumps(one.as_json(), ensure_ascii=False) + "\n")
    else:
        commands.print_findings(found, console)
    raise typer.Exit(EXIT_REFUSED if found else 0)


@app.command()
def test(pack: Pack, as_json: Json = False) -> None:
    """Run the cases at the foot of each file."""
    outcomes = commands.test(pack)
    if as_json:
        for one in outcomes:
            sys.stdout.write(json.dumps(one.as_json(), ensure_ascii=False) + "\n")
    else:
        commands.print_outcomes(outcomes, console)
    raise typer.Exit(0 if outcomes and all(one.passed for one in outcomes) else EXIT_REFUSED)


@app.command()
def publish(
    pack: Pack,
    by: Annotated[str, typer.Option(help="The opaque staff id of who publishes.")],
    effective: Annotated[str, typer.Option(help="When it comes into force; default: now.")] = "",
    at: At = None,
    as_json: Json = False,
) -> None:
    """Make a pack the one that decides. Records keep the version they were collected under."""
    checked = load(pack)
    if checked.warnings:
        # An unaccepted warning is a decision that nobody has taken yet.
        commands.print_findings(checked.warnings, stderr)
        raise typer.Exit(EXIT_REFUSED)
    with engine(at) as opened:
        moment = datetime.fromisoformat(effective) if effective else None
        version = opened.publishing.publish(checked, read_files(pack), by, moment)
    if version is None:
        say(
            {"version": None},
            as_json=as_json,
            sentence="内容与现行版本相同，未发布。 Nothing has changed.",
        )
    else:
        say(
            {"version": version},
            as_json=as_json,
            sentence=f"已发布第 {version} 版。 Published as version {version}.",
        )


@app.command()
def schema() -> None:
    """The JSON Schema of a policy file, for editors."""
    sys.stdout.write(json.dumps(commands.json_schema(), ensure_ascii=False, indent=2) + "\n")

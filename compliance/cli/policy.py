"""`compliance policy`: check, test, publish, schema."""

from __future__ import annotations

import json
import sys
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import typer

from compliance.bootstrap import SystemClock
from compliance.cli import assessing, policy_change
from compliance.cli.doors import EXIT_REFUSED, At, By, Json, Second, console, engine, moment, say, stderr
from compliance.policies import commands
from compliance.policies.junit import junit as as_junit
from compliance.policies.loader import load, read_files

app = typer.Typer(no_args_is_help=True, help="登记规则：检查、试例、发布。Policies: check, test, publish.")
policy_change.add_to(app)
assessing.add_to(app)
Pack = Annotated[Path, typer.Argument(help="The pack's folder.", exists=True, file_okay=False)]

On = Annotated[
    datetime | None, typer.Option("--on", help="The day to judge for; default: today.", formats=["%Y-%m-%d"])
]
JUnit = Annotated[
    Path | None, typer.Option("--junit", help="Also write the findings as JUnit XML.", dir_okay=False)
]


def _day(moment: datetime | None) -> date:
    """The day a pack is judged for: laws and acceptances have an end."""
    return (moment or SystemClock().now()).date()


@app.command()
def check(pack: Pack, on: On = None, junit: JUnit = None, as_json: Json = False) -> None:
    """Every fault of every file, with its place, article, and what to write instead."""
    found = commands.check(pack, _day(on))
    if junit is not None:
        files = sorted(path.name for path in pack.glob("*.yaml"))
        junit.write_text(as_junit(found, files), encoding="utf-8")
    if as_json:
        for one in found:
            sys.stdout.write(json.dumps(one.as_json(), ensure_ascii=False) + "\n")
    else:
        commands.print_findings(found, console)
    raise typer.Exit(0 if commands.clean(found) else EXIT_REFUSED)


@app.command()
def test(pack: Pack, as_json: Json = False) -> None:
    """Run the cases at the foot of each file; a rule that no case decides about fails too."""
    outcomes, untried = commands.test(pack), commands.untried(pack)
    if as_json:
        for line in [*(one.as_json() for one in outcomes), *(one.as_json() for one in untried)]:
            sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")
    else:
        commands.print_outcomes(outcomes, console)
        commands.print_uncovered(untried, console)
    passed = outcomes and not untried and all(one.passed for one in outcomes)
    raise typer.Exit(0 if passed else EXIT_REFUSED)


@app.command()
def publish(
    pack: Pack,
    by: By,
    second: Second = "",
    effective: Annotated[
        datetime | None,
        typer.Option(parser=moment, metavar="TIME", help="When it comes into force; default: now."),
    ] = None,
    at: At = None,
    as_json: Json = False,
) -> None:
    """Make a pack the one that decides. Records keep the version they were collected under."""
    checked = load(pack, day=_day(at))
    if checked.warnings:
        # An unaccepted warning is a decision that nobody has taken yet.
        commands.print_findings(checked.warnings, stderr)
        raise typer.Exit(EXIT_REFUSED)
    with engine(at) as opened:
        planned = opened.planning.plan(checked)
        version = opened.publishing.publish(checked, read_files(pack), by, effective, second)
    if version is None:
        say(
            {"version": None},
            as_json=as_json,
            sentence="内容与现行版本相同，未发布。 Nothing has changed.",
        )
    else:
        say(
            {
                "version": version,
                "direction": planned.difference.direction.value,
                "movable": planned.moved_parts,
            },
            as_json=as_json,
            sentence=f"已发布第 {version} 版。 Published as version {version}.",
        )
        if planned.moved_parts:
            stderr.print(
                f"有 {planned.moved_parts} 份可提前到期：生效后运行 policy redate {version} --by …"
                f" {planned.moved_parts} parts may end sooner: once it is in force, policy redate {version} --by …",
                markup=False,
            )


@app.command()
def schema() -> None:
    """The JSON Schema of a policy file, for editors."""
    sys.stdout.write(json.dumps(commands.json_schema(), ensure_ascii=False, indent=2) + "\n")

"""`compliance up`, `web`, `worker`, `beat`, `doctor`."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from compliance.cli import starting
from compliance.cli.doors import EXIT_REFUSED, Json, say
from compliance.config import Settings

# What runs servers is imported where it runs: Celery and its broker's client take longer to load than most commands to
# answer.


def up(
    demo: Annotated[
        bool, typer.Option("--demo/--no-demo", help="With a fictional community, in a new home.")
    ] = True,
) -> None:
    """Everything in one process on this machine: pages, tasks, and an embedded broker. Ctrl-C ends it."""
    from compliance.running import supervisor

    raise typer.Exit(supervisor.run(Settings(), demo=demo))


def web() -> None:
    """Only the pages and the API."""
    from compliance.running import apart

    raise typer.Exit(apart.web(Settings()))


def worker() -> None:
    """Only a worker; any number of them."""
    from compliance.running import apart

    raise typer.Exit(apart.worker(Settings()))


def beat() -> None:
    """Only the beat; a second one does no harm."""
    from compliance.running import apart

    raise typer.Exit(apart.beat(Settings()))


def doctor(as_json: Json = False) -> None:
    """What is missing or misconfigured, and what to do about it."""
    from compliance.running import doctor as checks

    found = checks.doctor(Settings())
    for one in found:
        mark = "✓" if one.ok else "✗"
        instead = f"\n    → {one.instead}" if one.instead and not one.ok else ""
        say(asdict(one), as_json=as_json, sentence=f"{mark} {one.zh} / {one.en}{instead}")
    raise typer.Exit(0 if all(one.ok for one in found) else EXIT_REFUSED)


def add_to(parent: typer.Typer) -> None:
    for verb in (starting.init, up, web, worker, beat, doctor):
        parent.command()(verb)

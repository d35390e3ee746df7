"""What every command shares: opening the engine, and saying results as lines of JSON or as sentences."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console

from compliance.bootstrap import REAL, SCRATCH, Engine, bootstrap
from compliance.config import Settings
from compliance.domain.errors import CollectionRefused, ComplianceError
from compliance.domain.submission import parse_time

EXIT_REFUSED = 1


def moment(text: str) -> datetime:
    """A moment with its offset, with or without seconds."""
    read = parse_time(text) or parse_time(text.replace("+", ":00+", 1))
    if read is None:
        raise typer.BadParameter("write it as 2026-03-01T18:00+08:00 · 请写成 2026-03-01T18:00+08:00")
    return read


At = Annotated[
    datetime | None, typer.Option("--at", parser=moment, metavar="TIME", help="Stop the clock at TIME.")
]
Json = Annotated[bool, typer.Option("--json", help="Result lines only, as JSON.")]

console = Console(highlight=False, soft_wrap=True)
stderr = Console(stderr=True, highlight=False, soft_wrap=True)


@contextmanager
def engine(at: datetime | None = None) -> Iterator[Engine]:
    """The engine of the home that the environment names, closed (and sealed) at the end."""
    settings = Settings()
    with bootstrap(settings, at=at, kind=SCRATCH if settings.scratch else REAL) as opened:
        yield opened


def complain(error: ComplianceError) -> None:
    """One error on stderr: reasons in both languages where there are some."""
    if isinstance(error, CollectionRefused):
        for reason in error.reasons:
            stderr.print(f"{reason.code} {reason.field or ''} · {reason.article}", markup=False)
            stderr.print(f"  {reason.zh}\n  {reason.en}", markup=False)
    else:
        stderr.print(str(error), markup=False)


def say(value: Any, *, as_json: bool, sentence: str) -> None:
    """One result: a line of JSON, or a sentence."""
    if as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    else:
        console.print(sentence, markup=False)

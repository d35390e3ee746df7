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
from compliance.cli.failing import in_both_languages
from compliance.config import Settings
from compliance.domain.errors import CollectionRefused, ComplianceError
from compliance.domain.submission import is_staff_id, parse_time

EXIT_REFUSED = 1


def moment(text: str) -> datetime:
    """A moment with its offset, with or without seconds."""
    read = parse_time(text) or parse_time(text.replace("+", ":00+", 1))
    if read is None:
        raise typer.BadParameter("write it as 2026-03-01T18:00+08:00 · 请写成 2026-03-01T18:00+08:00")
    return read


def _staff(text: str) -> str:
    # Who acts is entered in the ledger for good, so a name must not come in by this way.
    if text and not is_staff_id(text):
        raise typer.BadParameter("an opaque staff id such as staff-7, never a name · 请用工号，不用姓名")
    return text


At = Annotated[
    datetime | None, typer.Option("--at", parser=moment, metavar="TIME", help="Stop the clock at TIME.")
]
By = Annotated[str, typer.Option(help="The opaque staff id of who does this.", callback=_staff)]
Second = Annotated[str, typer.Option(help="The second person, where one is needed.", callback=_staff)]
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
        stderr.print(in_both_languages(error), markup=False)


def say(value: Any, *, as_json: bool, sentence: str) -> None:
    """One result: a line of JSON, or a sentence."""
    if as_json:
        sys.stdout.write(json.dumps(value, ensure_ascii=False, default=str) + "\n")
    else:
        console.print(sentence, markup=False)

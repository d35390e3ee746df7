"""`compliance gate`: judge or write a file of submissions."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from compliance.bootstrap import SystemClock, bootstrap
from compliance.cli.doors import EXIT_REFUSED, At, Json, engine, stderr
from compliance.config import Settings
from compliance.domain.collection import Admitted, Circumstances, admit
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason
from compliance.domain.submission import Defaults, parse
from compliance.domain.vocabulary import Door
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.loader import load, shipped
from compliance.policies.mapping import load_csv_mapping
from compliance.ports import Caller, Outcome
from compliance.services.imports import Line, read_csv, read_ndjson
from compliance.services.tokens import written

app = typer.Typer(no_args_is_help=True, help="登记入口：试判、写入。The gate: check, write.")


def _file(text: str) -> str:
    if text != "-" and not Path(text).is_file():
        raise typer.BadParameter("there is no such file · 没有这个文件")
    return text


File = Annotated[str, typer.Argument(callback=_file, help="A file, or - for standard input.")]
Category = Annotated[str | None, typer.Option(help="The category, where the lines do not say it.")]
ChannelOption = Annotated[str | None, typer.Option(help="The channel, where the lines do not say it.")]
Mapping = Annotated[Path | None, typer.Option(help="The mapping file of a CSV.", exists=True)]
Format = Annotated[
    str, typer.Option("--format", help="ndjson or csv; default: csv where there is a mapping, else ndjson.")
]


@app.command()
def check(
    file: File,
    category: Category = None,
    channel: ChannelOption = None,
    policies: Annotated[Path | None, typer.Option(help="A pack's folder; default: the active pack.")] = None,
    at: At = None,
    mapping: Mapping = None,
    form: Format = "",
    as_json: Json = False,
) -> None:
    """A verdict per line; nothing is stored. Lines without notice and consent are taken as having both."""
    now = at or SystemClock().now()
    pack = _pack(policies)
    around = Circumstances(
        pack=pack,
        now=now,
        tools=INSTRUMENTS,
        notice_version=lambda _id, _category: pack.version,
        take_as_given=True,
    )
    defaults = Defaults(category=category, channel=channel, site=pack.site.name)
    counts: Counter[str] = Counter()
    with _opened(file) as stream:
        for number, raw in _lines(stream, form, mapping):
            submission = raw if isinstance(raw, tuple) else parse(raw, defaults, now)
            verdict = submission if isinstance(submission, tuple) else admit(submission, around)
            if isinstance(verdict, Admitted):
                more = _flagged(counts, verdict.flagged)
                word = "stripped" if verdict.stripped else "admitted"
                _tell(counts, number, word, verdict.stripped, more=more)
            else:
                _tell(counts, number, "refused", verdict if isinstance(verdict, tuple) else verdict.reasons)
    _finish(counts, quiet=as_json)


@app.command()
def write(
    file: File,
    category: Category = None,
    channel: ChannelOption = None,
    at: At = None,
    mapping: Mapping = None,
    form: Format = "",
    as_json: Json = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Only the counts, not a line per line.")] = False,
) -> None:
    """Write a batch through the gate; a verdict per line. A batch carries no consent and says when it was collected."""
    counts: Counter[str] = Counter()
    with engine(at) as opened, _opened(file) as stream:
        defaults = Defaults(category=category, channel=channel, door=Door.BATCH)
        numbers: list[int] = []

        def raws() -> Iterator[object]:
            for number, raw in _lines(stream, form, mapping):
                numbers.append(number)
                yield raw

        for at_line, outcome in enumerate(
            opened.gate.write_many(raws(), Caller(id="cli", door=Door.BATCH), defaults)
        ):
            _tell_outcome(counts, numbers[at_line], outcome, quiet=quiet)
    _finish(counts, quiet=as_json)


def _pack(folder: Path | None) -> Pack:
    if folder is not None:
        return load(folder, version=1)
    settings = Settings()
    if settings.database or (settings.home / "compliance.db").exists():
        with bootstrap(settings) as opened, opened.books.reading() as books:
            return opened.policies.active(books, opened.clock.now())
    return load(shipped("residential"), version=1)


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    with Path(file).open("rb") as stream:
        yield stream


def _lines(stream: BinaryIO, form: str, mapping: Path | None) -> Iterator[Line]:
    if form == "csv" or (not form and mapping is not None):
        if mapping is None:
            raise typer.BadParameter("a CSV needs --mapping · CSV 需要 --mapping 对照文件")
        return read_csv(stream, load_csv_mapping(mapping))
    if form not in ("", "ndjson"):
        raise typer.BadParameter("ndjson or csv")
    if mapping is not None:
        raise typer.BadParameter("--mapping is for a CSV · --mapping 只用于 CSV")
    return read_ndjson(stream)


def _tell_outcome(counts: Counter[str], number: int, outcome: Outcome, *, quiet: bool) -> None:
    receipt = outcome.receipt
    if receipt is None:
        _tell(counts, number, "refused", outcome.reasons, quiet=quiet)
        return
    more = {
        "record": receipt.record,
        "pass_code": written(receipt.pass_code),
        "erase_on": receipt.erase_on,
        **_flagged(counts, receipt.flagged),
    }
    verdict = "stripped" if receipt.stripped else "admitted"
    _tell(counts, number, verdict, receipt.stripped, quiet=quiet, more=more)


def _flagged(counts: Counter[str], flags: tuple[Reason, ...]) -> dict[str, Any]:
    """What was admitted with a flag, said and counted; nothing where nothing was."""
    for one in flags:
        counts[f"flagged:{one.field}"] += 1
    return {"flagged": [one.as_json() for one in flags]} if flags else {}


def _tell(
    counts: Counter[str],
    number: int,
    verdict: str,
    reasons: tuple[Reason, ...],
    *,
    quiet: bool = False,
    more: dict[str, Any] | None = None,
) -> None:
    counts[verdict] += 1
    for reason in reasons:
        counts[f"{reason.code.value}:{reason.field or '*'}"] += 1
    if not quiet:
        line = {
            "line": number,
            "verdict": verdict,
            "reasons": [one.as_json() for one in reasons],
            **(more or {}),
        }
        sys.stdout.write(json.dumps(line, ensure_ascii=False) + "\n")


def _finish(counts: Counter[str], *, quiet: bool) -> None:
    if not quiet:
        verdicts = [f"{counts[word]} {word}" for word in ("admitted", "stripped", "refused")]
        stderr.print(" · ".join(verdicts), markup=False)
        for name, n in counts.most_common():
            if ":" in name:
                stderr.print(f"  {n:>8}  {name}", markup=False)
    raise typer.Exit(EXIT_REFUSED if counts["refused"] else 0)

"""`compliance gate`: judge or write a file of submissions."""

from __future__ import annotations

import json
import sys
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from compliance.bootstrap import SystemClock, bootstrap
from compliance.cli.doors import EXIT_REFUSED, At, Json, engine, stderr
from compliance.cli.importing import form_of, mapping_of, opened, progress
from compliance.cli.refusals import checked, refused_rows
from compliance.config import Settings
from compliance.domain.collection import Admitted, Circumstances, admit
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason
from compliance.domain.submission import Defaults, parse
from compliance.domain.vocabulary import Door
from compliance.policies.instruments import INSTRUMENTS
from compliance.policies.loader import load, shipped
from compliance.ports import Caller, Outcome
from compliance.services.tables import Row
from compliance.services.tokens import written

VERDICTS = ("admitted", "stripped", "observed", "refused")

app = typer.Typer(no_args_is_help=True, help="登记入口：试判、写入。The gate: check, write.")


def _file(text: str) -> str:
    if text != "-" and not Path(text).is_file():
        raise typer.BadParameter("there is no such file · 没有这个文件")
    return text


File = Annotated[str, typer.Argument(callback=_file, help="A file, or - for standard input.")]
Category = Annotated[str | None, typer.Option(help="The category, where the lines do not say it.")]
ChannelOption = Annotated[str | None, typer.Option(help="The channel, where the lines do not say it.")]
Mapping = Annotated[Path | None, typer.Option(help="The mapping file of a CSV or XLSX.", exists=True)]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        help="ndjson, csv or xlsx; default: by the name, csv where there is a mapping, else ndjson.",
    ),
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
        has_place=lambda _category, _field: (
            True
        ),  # no store is asked here: every field is taken to have its column
    )
    defaults = Defaults(category=category, channel=channel, site=pack.site.name)
    counts: Counter[str] = Counter()
    with opened(file, form_of(file, form, mapping), mapping_of(mapping)) as source:
        for row in source.rows:
            submission = row.raw if isinstance(row.raw, tuple) else parse(row.raw, defaults, now)
            verdict = submission if isinstance(submission, tuple) else admit(submission, around)
            if isinstance(verdict, Admitted):
                more = _flagged(counts, verdict.flagged)
                said = verdict.stripped + verdict.observed
                _tell(counts, row.number, verdict.word, said, more=more)
            else:
                reasons = verdict if isinstance(verdict, tuple) else verdict.reasons
                _tell(counts, row.number, "refused", reasons)
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
    refusals: Annotated[
        Path | None, typer.Option(help="Where refused rows go, to be corrected: a new .csv or .xlsx.")
    ] = None,
) -> None:
    """Write a batch through the gate; a verdict per line. A batch carries no consent and says when it was collected."""
    counts: Counter[str] = Counter()
    kind, read = form_of(file, form, mapping), mapping_of(mapping)
    checked(refusals, read)
    with (
        engine(at) as house,
        opened(file, kind, read) as source,
        refused_rows(refusals, source.columns, read) as refused,
        progress(source, talking=not quiet) as step,
    ):
        defaults = Defaults(category=category, channel=channel, door=Door.BATCH)
        waiting: deque[Row] = deque()

        def raws() -> Iterator[object]:
            for row in source.rows:
                waiting.append(row)
                yield row.raw

        for outcome in house.gate.write_many(raws(), Caller(id="cli", door=Door.BATCH), defaults):
            row = waiting.popleft()
            if outcome.receipt is None:
                refused.add(row, outcome.reasons)
            _tell_outcome(counts, row.number, outcome, quiet=quiet)
            step(row)
    _finish(counts, quiet=as_json)


def _pack(folder: Path | None) -> Pack:
    if folder is not None:
        return load(folder, version=1)
    settings = Settings()
    if settings.database or (settings.home / "compliance.db").exists():
        with bootstrap(settings) as house:
            return house.active_pack()
    return load(shipped("residential"), version=1)


def _tell_outcome(counts: Counter[str], number: int, outcome: Outcome, *, quiet: bool) -> None:
    receipt = outcome.receipt
    if receipt is None:
        _tell(counts, number, "refused", outcome.reasons, quiet=quiet)
        return
    more: dict[str, Any] = {
        "record": receipt.record,
        "pass_code": written(receipt.pass_code),
        "erase_on": receipt.erase_on,
        **_flagged(counts, receipt.flagged),
    }
    if receipt.replayed:
        more["replayed"] = True
    _tell(counts, number, receipt.verdict, receipt.said, quiet=quiet, more=more)


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
        verdicts = [f"{counts[word]} {word}" for word in VERDICTS if word != "observed" or counts[word]]
        stderr.print(" · ".join(verdicts), markup=False)
        for name, n in counts.most_common():
            if ":" in name:
                stderr.print(f"  {n:>8}  {name}", markup=False)
    raise typer.Exit(EXIT_REFUSED if counts["refused"] else 0)

"""A file of submissions, whatever its form, as rows: what it is, how long it is, and how far it has been read."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

import typer
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from compliance.cli.doors import stderr
from compliance.domain.mapping import CsvMapping
from compliance.policies.mapping import load_csv_mapping
from compliance.policies.spreadsheet import open_spreadsheet
from compliance.services.imports import csv_table, read_ndjson, sheet_table
from compliance.services.tables import Row

FORMS = ("ndjson", "csv", "xlsx")


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Rows, and their own columns where there are some; `length` in whatever `read_to` counts, None where nobody knows."""

    rows: Iterable[Row]
    columns: tuple[str, ...] = ()
    mapping: CsvMapping | None = None
    length: int | None = None
    read_to: Callable[[Row], int] = field(default=lambda row: row.number)


def form_of(file: str, form: str, mapping: Path | None) -> str:
    """What a file is: as said, or by its name, or CSV where there is a mapping. Raises typer.BadParameter."""
    if form not in ("", *FORMS):
        raise typer.BadParameter(f"one of {', '.join(FORMS)} · 只有这几种格式")
    form = form or ("xlsx" if file.lower().endswith(".xlsx") else "csv" if mapping is not None else "ndjson")
    if form == "ndjson" and mapping is not None:
        raise typer.BadParameter("--mapping is for CSV and XLSX · --mapping 只用于 CSV 和 XLSX")
    if form != "ndjson" and mapping is None:
        raise typer.BadParameter(f"{form} needs --mapping · {form} 需要 --mapping 对照文件")
    if form == "xlsx" and file == "-":
        raise typer.BadParameter("a workbook is read from a file · xlsx 不能从标准输入读取")
    return form


@contextmanager
def opened(file: str, form: str, mapping: CsvMapping | None) -> Iterator[Source]:
    """The file's rows; raises ConfigurationInvalid where it is not what the mapping expects."""
    if file == "-":
        yield _source(sys.stdin.buffer, form, mapping, None)
        return
    path = Path(file)
    with path.open("rb") as stream:
        yield _source(stream, form, mapping, path.stat().st_size)


def mapping_of(path: Path | None) -> CsvMapping | None:
    return load_csv_mapping(path) if path is not None else None


def _source(stream: BinaryIO, form: str, mapping: CsvMapping | None, size: int | None) -> Source:
    if form == "xlsx" and mapping is not None:
        sheet = open_spreadsheet(stream)
        if sheet.sheets > 1:
            stderr.print(
                f"只读第一张表，其余 {sheet.sheets - 1} 张没有读。 / Only the first sheet is read, "
                f"{sheet.sheets - 1} more are not.",
                markup=False,
            )
        table = sheet_table(sheet, mapping)
        return Source(rows=table, columns=table.columns, mapping=mapping, length=sheet.rows)
    read_to = (lambda _row: stream.tell()) if size is not None else (lambda row: row.number)
    if form == "csv" and mapping is not None:
        table = csv_table(stream, mapping)
        return Source(rows=table, columns=table.columns, mapping=mapping, length=size, read_to=read_to)
    lines = (Row(number=number, raw=raw) for number, raw in read_ndjson(stream))
    return Source(rows=lines, length=size, read_to=read_to)


@contextmanager
def progress(source: Source, *, talking: bool) -> Iterator[Callable[[Row], None]]:
    """A bar on a terminal's stderr; nothing where stderr is no terminal, or where verdicts are `talking` on one."""
    if not stderr.is_terminal or (talking and sys.stdout.isatty()):
        yield lambda _row: None
        return
    columns = (TextColumn("登记 writing"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    with Progress(*columns, console=stderr, transient=True) as bar:
        task = bar.add_task("", total=source.length)
        yield lambda row: bar.update(task, completed=source.read_to(row))

"""The rows that the gate refused, given back to the clerk: their own columns, and why, to be corrected and handed in again.

Such a file is a new copy of personal data. So it is readable by its owner alone, holds no row that is past its period and
no cell that may never be kept, and says to be deleted. What a spreadsheet could take for a formula is written as text.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import typer
import xlsxwriter

from compliance.cli.doors import stderr
from compliance.domain.mapping import CsvMapping
from compliance.domain.reasons import Reason
from compliance.domain.vocabulary import ReasonCode
from compliance.services.tables import LINE_COLUMN, MARK, MARKED, REASON_COLUMNS, Row, columns_of

MOST_IN_WORKBOOK = 50_000  # it is made in memory, so that no copy of it is left in a temporary folder
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_SAYS = (
    "{n} 行未登记，写入 {path}。该文件是个人信息的新副本，仅本人可读：请改正后用同一对照文件重新提交，然后立即删除。",
    "{n} rows were refused and written to {path}, a new copy of personal data that you alone can read: correct it, hand it in again with the same mapping, and delete it.",
)
_EXPIRED = (
    "另有 {n} 行已过保存期限，不再复制；请在原文件中删除。",
    "{n} more rows are past their retention period and were not copied: erase them where they are.",
)
_NO_ROOM = (
    "另有 {n} 行写不下：表格最多 {most} 行，请改用 .csv。",
    "{n} more rows found no room: a workbook takes {most}. Use .csv.",
)


class _Writer(Protocol):
    def add(self, cells: Sequence[str]) -> None: ...

    def close(self) -> None: ...


class RefusedRows:
    """Collects refused rows; the file is made with the first of them, and must not have been there."""

    def __init__(self, path: Path | None, columns: tuple[str, ...], mapping: CsvMapping | None) -> None:
        self._path, self._columns, self._mapping = path, columns, mapping
        self._columns_of = columns_of(mapping) if mapping is not None else {}
        self._writer: _Writer | None = None
        self._written = self._expired = self._no_room = 0

    def add(self, row: Row, reasons: Sequence[Reason]) -> None:
        if self._path is None:
            return
        if any(one.code is ReasonCode.ALREADY_EXPIRED for one in reasons):
            self._expired += 1
        elif self._path.suffix == ".xlsx" and self._written >= MOST_IN_WORKBOOK:
            self._no_room += 1
        else:
            self._written += 1
            writer = self._writer = self._writer or self._open(self._path)
            writer.add([*self._cells(row, reasons), str(row.number), *self._said(reasons)])

    def close(self) -> None:
        """Finish the file, and say what it is."""
        if self._writer is not None:
            self._writer.close()
        told = {"path": self._path, "most": MOST_IN_WORKBOOK}
        for n, says in ((self._written, _SAYS), (self._expired, _EXPIRED), (self._no_room, _NO_ROOM)):
            if n:
                stderr.print("\n".join(says).format(n=n, **told), markup=False)

    def _cells(self, row: Row, reasons: Sequence[Reason]) -> list[str]:
        """The clerk's cells, but for what nobody may collect: the only way to correct it is to leave it out."""
        if row.cells is None:
            return [""] * len(self._columns)
        never = {
            name
            for one in reasons
            if one.code is ReasonCode.OVER_COLLECTION
            for name in self._named(one.field)
        }
        return ["" if name in never else cell for name, cell in zip(self._columns, row.cells, strict=True)]

    def _named(self, field: str | None) -> tuple[str, ...]:
        """The clerk's columns that a reason is about; none where it is about the whole row."""
        named = self._columns_of.get(field or "", (field or "",))
        return tuple(name for name in named if name in self._columns)

    def _said(self, reasons: Sequence[Reason]) -> tuple[str, str]:
        """Each sentence once, led by the columns that it is about."""
        zh: dict[str, None] = {}
        en: dict[str, None] = {}
        for one in reasons:
            named = self._named(one.field)
            zh[f"{'、'.join(named)}：{one.zh}" if named else one.zh] = None
            en[f"{', '.join(named)}: {one.en}" if named else one.en] = None
        return "\n".join(zh), "\n".join(en)

    def _open(self, path: Path) -> _Writer:
        out = os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb")
        mapping = self._mapping
        writer = _Workbook(out) if path.suffix == ".xlsx" or mapping is None else _Csv(out, mapping)
        writer.add([*self._columns, LINE_COLUMN, *REASON_COLUMNS])
        return writer


@contextmanager
def refused_rows(
    path: Path | None, columns: tuple[str, ...], mapping: CsvMapping | None
) -> Iterator[RefusedRows]:
    """Where refused rows go, closed whatever happens in between."""
    rows = RefusedRows(path, columns, mapping)
    try:
        yield rows
    finally:
        rows.close()


def checked(path: Path | None, mapping: CsvMapping | None) -> None:
    """Complain of a wrong `--refusals` before anything is written; raises typer.BadParameter."""
    if path is None:
        return
    if mapping is None:
        raise typer.BadParameter("--refusals needs --mapping · --refusals 需要 --mapping 对照文件")
    if path.suffix not in (".csv", ".xlsx"):
        raise typer.BadParameter("--refusals: .csv or .xlsx · 文件名以 .csv 或 .xlsx 结尾")
    if path.suffix == ".csv" and not _holds_chinese(mapping.encoding):
        raise typer.BadParameter("this encoding has no Chinese: use .xlsx · 该编码写不了中文，请改用 .xlsx")
    if os.path.lexists(path):
        raise typer.BadParameter("--refusals: this file exists · 文件已存在，请换一个名字")
    if not path.parent.is_dir():
        raise typer.BadParameter("--refusals: there is no such folder · 没有这个文件夹")


def _holds_chinese(encoding: str) -> bool:
    try:
        LINE_COLUMN.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


class _Csv:
    def __init__(self, out: Any, mapping: CsvMapping) -> None:
        # What cannot be written in the encoding of the file that it came from did not come from it.
        self._out = io.TextIOWrapper(out, mapping.encoding, errors="replace", newline="")
        self._csv = csv.writer(self._out, delimiter=mapping.delimiter, quoting=csv.QUOTE_MINIMAL)

    def add(self, cells: Sequence[str]) -> None:
        self._csv.writerow([f"{MARK}{cell}" if cell.startswith(MARKED) else cell for cell in cells])

    def close(self) -> None:
        self._out.close()


class _Workbook:
    def __init__(self, out: Any) -> None:
        self._out = out
        self._book = xlsxwriter.Workbook(out, _OPTIONS)
        self._sheet = self._book.add_worksheet()
        self._head = self._book.add_format({"bold": True, "bg_color": "#eef3f6"})
        self._wrap = self._book.add_format({"text_wrap": True, "valign": "top"})
        self._sheet.freeze_panes(1, 0)
        self._row = 0

    def add(self, cells: Sequence[str]) -> None:
        look = self._wrap if self._row else self._head
        for column, cell in enumerate(cells):
            self._sheet.write_string(self._row, column, cell, look)
        if not self._row:
            self._sheet.set_column(0, len(cells) - 3, 16)
            self._sheet.set_column(len(cells) - 2, len(cells) - 1, 60)
        self._row += 1

    def close(self) -> None:
        self._book.close()
        self._out.close()

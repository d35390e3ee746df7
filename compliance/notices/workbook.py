"""Tables as an Excel workbook. What a spreadsheet could take for a formula stays text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import IO, Any

import xlsxwriter

from compliance.notices.blocks import clean
from compliance.notices.report_cells import Table

_LONGEST_CELL = 32_767
_OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def write_workbook(
    out: IO[bytes], title: str, about: Sequence[tuple[str, str]], tables: Sequence[Table], day: str
) -> None:
    """Write what the report is about on a first sheet and one sheet for each table; `day` dates the file."""
    book = xlsxwriter.Workbook(out, _OPTIONS)
    made = date.fromisoformat(day)
    book.set_properties({"title": title, "created": datetime(made.year, made.month, made.day, tzinfo=UTC)})
    bold = book.add_format(
        {"bold": True, "text_wrap": True, "bg_color": "#eef3f6", "border": 1, "valign": "top"}
    )
    alarm = book.add_format({"bold": True, "font_color": "#b42318"})
    first = book.add_worksheet("报告")
    first.set_column(0, 0, 28)
    first.set_column(1, 1, 80)
    _text(first, 0, 0, title, bold)
    for row, (label, value) in enumerate(about, 2):
        _text(first, row, 0, label)
        _text(first, row, 1, value)
    for table in tables:
        _sheet(book.add_worksheet(table.name), table, bold, alarm)
    book.close()


def _sheet(sheet: Any, table: Table, bold: Any, alarm: Any) -> None:
    """A compared column is followed by one for its change, so that both can be calculated with."""
    at = 0
    for column in table.columns:
        _text(sheet, 0, at, "\n".join(column.label), bold)
        sheet.set_column(at, at, 12 if column.number else 26)
        at += 1
        if column.compared:
            _text(sheet, 0, at, "较上月\nchange", bold)
            sheet.set_column(at, at, 9)
            at += 1
    for row, cells in enumerate(table.rows, 1):
        at = 0
        for column, cell in zip(table.columns, cells, strict=True):
            look = alarm if cell.alarm else None
            if isinstance(cell.value, int):
                sheet.write_number(row, at, cell.value, look)
            else:
                _text(sheet, row, at, cell.value, look)
            at += 1
            if column.compared:
                if cell.change is not None:
                    sheet.write_number(row, at, cell.change)
                at += 1
    if not table.rows:
        _text(sheet, 1, 0, " ".join(table.empty))
    if any(table.note):
        _text(sheet, max(len(table.rows), 1) + 2, 0, " ".join(table.note))
    sheet.freeze_panes(1, 1)


def _text(sheet: Any, row: int, column: int, text: str, look: Any = None) -> None:
    # A heading keeps its line break; everything else is one line.
    kept = "\n".join(clean(line) for line in text.split("\n"))
    sheet.write_string(row, column, kept[:_LONGEST_CELL], look)

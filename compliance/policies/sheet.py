"""A pack as a sheet, one row a field, for those who would rather not write YAML; and back into the pack's own files.

How it is read, and what keeps a hostile file from doing anything, is in `compliance.policies.spreadsheet`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from typing import Final

import xlsxwriter

from compliance.policies.editing import FIELD_KEYS, NotEditable, edit_field, written
from compliance.policies.spreadsheet import open_spreadsheet
from compliance.policies.unpacking import NoSpreadsheet

SITE: Final = "site.yaml"
HEADS: Final = ("类别 category", "字段 field", *FIELD_KEYS)
LARGEST: Final = 2_000_000  # bytes of the file as it comes
_LARGEST_SHEET: Final = 8_000_000  # bytes, unpacked
_MOST_ROWS: Final = 20_000
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


class SheetUnreadable(Exception):
    """Not a sheet that we wrote, or not any more."""


def to_sheet(files: Mapping[str, str]) -> bytes:
    """Every field of every category, one a row; files that cannot be edited are left out."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, _OPTIONS)
    sheet = book.add_worksheet("字段 fields")
    bold, wrap = book.add_format({"bold": True, "bg_color": "#eef3f6"}), book.add_format({"text_wrap": True})
    sheet.freeze_panes(1, 2)
    sheet.set_column(0, len(HEADS) - 1, 18, wrap)
    for column, head in enumerate(HEADS):
        sheet.write_string(0, column, head, bold)
    for row, cells in enumerate(_rows(files), start=1):
        for column, text in enumerate(cells):
            sheet.write_string(row, column, text, wrap)
    book.close()
    return out.getvalue()


def from_sheet(files: Mapping[str, str], content: bytes) -> dict[str, str]:
    """The pack's files with what the sheet says otherwise; rows of fields that the pack does not have are refused.

    Raises:
        SheetUnreadable: not an XLSX file, too large, without our heads, or with a row that has no field.
    """
    rows = list(_cells(content))
    if not rows or tuple(rows[0][: len(HEADS)]) != HEADS:
        raise SheetUnreadable
    by_category = {_category(text): name for name, text in files.items() if name != SITE}
    # Each edit reads and writes a whole file: a row that says what the file says needs none.
    as_it_stands = {tuple(row) for row in _rows(files)}
    changed = dict(files)
    for row in rows[1:]:
        cells = [*row, *[""] * (len(HEADS) - len(row))]
        if not any(cells) or tuple(cells) in as_it_stands:
            continue
        name = by_category.get(cells[0])
        if name is None:
            raise SheetUnreadable
        try:
            values = dict(zip(FIELD_KEYS, cells[2:], strict=False))
            changed[name] = edit_field(changed[name], cells[1], values)
        except NotEditable:
            raise SheetUnreadable from None
    return changed


def _rows(files: Mapping[str, str]) -> Iterator[list[str]]:
    for name, text in files.items():
        if name == SITE:
            continue
        try:
            seen = written(text)
        except NotEditable:
            continue
        for field, values in seen.fields.items():
            yield [seen.category, field, *(values.get(key, "") for key in FIELD_KEYS)]


def _category(text: str) -> str:
    try:
        return written(text).category
    except NotEditable:
        return ""


def _cells(content: bytes) -> Iterator[list[str]]:
    if len(content) > LARGEST:
        raise SheetUnreadable
    try:
        for _, row in open_spreadsheet(io.BytesIO(content), largest=_LARGEST_SHEET, most_rows=_MOST_ROWS):
            yield [cell.strip() for cell in row[: len(HEADS)]]
    except NoSpreadsheet:
        raise SheetUnreadable from None

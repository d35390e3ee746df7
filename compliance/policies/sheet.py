"""A pack as a sheet, one row a field, for those who would rather not write YAML; and back into the pack's own files.

Reading takes the standard library: a sheet is a zip of XML. Both are bounded first, and a document type is refused, so that
neither a bomb of entities nor one of zeros comes to anything.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from typing import Any, Final
from xml.etree import ElementTree as ET

import xlsxwriter

from compliance.policies.editing import FIELD_KEYS, NotEditable, edit_field, written

SITE: Final = "site.yaml"
HEADS: Final = ("类别 category", "字段 field", *FIELD_KEYS)
LARGEST: Final = 2_000_000  # bytes of the file as it comes
_LARGEST_PART: Final = 8_000_000  # bytes of one part, unpacked
_MOST_ROWS: Final = 20_000
_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_CELL: Final = re.compile(r"([A-Z]{1,3})[0-9]{1,7}\Z")
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
    changed = dict(files)
    for row in rows[1:]:
        cells = [*row, *[""] * (len(HEADS) - len(row))]
        if not any(cells):
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
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            shared = _shared(archive)
            sheet = _part(archive, "xl/worksheets/sheet1.xml")
    except (zipfile.BadZipFile, KeyError, OSError, RuntimeError, NotImplementedError, zlib.error):
        raise SheetUnreadable from None
    for number, row in enumerate(sheet.iter(f"{_NS}row")):
        if number > _MOST_ROWS:
            raise SheetUnreadable
        yield _row(row, shared)


def _part(archive: zipfile.ZipFile, name: str) -> Any:
    with archive.open(name) as packed:
        # What a header says of its size is a claim: no more than this is ever unpacked.
        content = packed.read(_LARGEST_PART + 1)
    # Only UTF-8 shows a document type as these bytes; Excel, LibreOffice and WPS write nothing else.
    if len(content) > _LARGEST_PART or b"<!" in content or b"\x00" in content:
        raise SheetUnreadable
    try:
        return ET.fromstring(content)  # noqa: S314 - no document type, bounded above
    except ET.ParseError:
        raise SheetUnreadable from None


def _shared(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    parts = _part(archive, "xl/sharedStrings.xml").iter(f"{_NS}si")
    return ["".join(text.text or "" for text in one.iter(f"{_NS}t")) for one in parts]


def _row(row: Any, shared: list[str]) -> list[str]:
    cells: dict[int, str] = {}
    for cell in row.iter(f"{_NS}c"):
        found = _CELL.match(cell.get("r") or "")
        at = _column(found[1]) if found else len(cells)
        if at < len(HEADS):
            cells[at] = _value(cell, shared).strip()
    return [cells.get(at, "") for at in range(max(cells, default=-1) + 1)]


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(cell: Any, shared: list[str]) -> str:
    kind = cell.get("t")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter(f"{_NS}t"))
    value = cell.findtext(f"{_NS}v") or ""
    if kind == "s":
        return shared[int(value)] if value.isdigit() and int(value) < len(shared) else ""
    return {"1": "true", "0": "false"}.get(value, value) if kind == "b" else str(value)

"""Rows out of an XLSX file, one after another, in memory that does not grow with it.

The standard library suffices: a workbook is a zip of XML. Everything that a file could claim is bounded before it is
believed: the list of what is in the zip, what each part unpacks to, texts, rows and cells. A document type is refused,
so no entity is ever expanded; references to other files are not followed; formulas are not read, only what they gave
when the file was saved. Numbers that a cell shows as a date come out as the date.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import BinaryIO, Final

from compliance.policies.unpacking import NoSpreadsheet, Part, Row, archive_of, local, parsed, read_part

MOST_ROWS: Final = 200_000
MOST_CELLS: Final = 256
NOT_CALCULATED: Final = "#N/A"  # what a formula says that nobody has calculated: not nothing
LARGEST_SHEET: Final = 512 * 1024**2  # unpacked, and never in memory
_LARGEST_STRINGS = 32 * 1024**2
_MOST_STRINGS: Final = 400_000
_CELL: Final = re.compile(r"([A-Z]{1,3})[0-9]{1,7}\Z")
# ECMA-376 part 1, 18.8.30: the numbers of built-in formats that show a date or a time, East Asian ones included.
_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
_BUILT_IN_TIMES: Final = frozenset({*range(18, 22), 32, 33, *range(45, 48)})
_LITERAL: Final = re.compile(r'"[^"]*"|\\.|_.|\*.|\[[^\]]*\]')
_FIRST_DAY, _FIRST_DAY_1904 = datetime(1899, 12, 30), datetime(1904, 1, 1)  # noqa: DTZ001  a cell knows no zone


@dataclass(frozen=True, slots=True, kw_only=True)
class Spreadsheet:
    """The first sheet of a workbook. `sheets` says how many there are: the others are not read."""

    sheets: int
    rows: int
    _stream: BinaryIO
    _part: str
    _strings: tuple[str, ...]
    _dates: tuple[str, ...]
    _from_1904: bool

    def __iter__(self) -> Iterator[Row]:
        """The rows that hold anything, each with its number."""
        reader = _Rows(self._value, self.rows)
        with archive_of(self._stream) as archive:
            for rows in parsed(archive, self._part, reader, most=LARGEST_SHEET):
                yield from rows

    def _value(self, kind: str, style: str, text: str) -> str:
        if kind == "s":
            return _at(self._strings, text)
        if kind == "b":
            return {"1": "true", "0": "false"}.get(text, text)
        if kind in ("str", "inlineStr", "e"):
            return text
        if kind == "d":
            return text.replace("T", " ").removesuffix(" 00:00:00")
        return _number(text, _at(self._dates, style), _FIRST_DAY_1904 if self._from_1904 else _FIRST_DAY)


def open_spreadsheet(
    stream: BinaryIO, *, largest: int = LARGEST_SHEET, most_rows: int = MOST_ROWS
) -> Spreadsheet:
    """Look through the whole file once, so that what is too large is refused before its first row is used: a sheet of
    more than `largest` bytes, unpacked, or `most_rows` rows.

    Raises:
        NoSpreadsheet: in both languages; nothing of the content is in it.
    """
    with archive_of(stream) as archive:
        names = set(archive.namelist())
        book, relations, strings, styles = _Book(), _Relations(), _Strings(), _Styles()
        read_part(archive, "xl/workbook.xml", book)
        read_part(archive, "xl/_rels/workbook.xml.rels", relations)
        target = relations.targets.get(book.first, "worksheets/sheet1.xml").removeprefix("/xl/")
        part = f"xl/{target}"
        if part not in names:
            raise NoSpreadsheet
        if "xl/sharedStrings.xml" in names:
            read_part(archive, "xl/sharedStrings.xml", strings, most=_LARGEST_STRINGS)
        if "xl/styles.xml" in names:
            read_part(archive, "xl/styles.xml", styles)
        counted = _Rows(lambda _kind, _style, _text: "x", most_rows)
        total = sum(len(rows) for rows in parsed(archive, part, counted, most=largest))
    return Spreadsheet(
        sheets=book.sheets,
        rows=total,
        _stream=stream,
        _part=part,
        _strings=tuple(strings.texts),
        _dates=styles.codes(),
        _from_1904=book.from_1904,
    )


class _Book(Part):
    """`xl/workbook.xml`: which sheet is the first, and from which day days are counted."""

    first, sheets, from_1904 = "", 0, False

    def start(self, name: str, of: dict[str, str]) -> None:
        if name == "sheet":
            self.sheets += 1
            self.first = self.first or next((v for k, v in of.items() if local(k) == "id"), "")
        elif name == "workbookPr":
            self.from_1904 = of.get("date1904") in ("1", "true")


class _Relations(Part):
    def __init__(self) -> None:
        super().__init__()
        self.targets: dict[str, str] = {}

    def start(self, name: str, of: dict[str, str]) -> None:
        if name == "Relationship" and of.get("TargetMode") != "External":
            self.targets[of.get("Id", "")] = of.get("Target", "")


class _Strings(Part):
    """`xl/sharedStrings.xml`: every text once. Readings of characters (`rPh`) are no part of the text."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self._aside = False

    def start(self, name: str, of: dict[str, str]) -> None:
        if name == "si":
            self.text = ""
        elif name == "rPh":
            self._aside = True
        self.listening = name == "t" and not self._aside

    def end(self, name: str) -> None:
        self.listening = False
        if name == "rPh":
            self._aside = False
        elif name == "si":
            if len(self.texts) >= _MOST_STRINGS:
                raise NoSpreadsheet("不同的文字过多，请拆分", "too many different texts: split it")
            self.texts.append(self.text)


class _Styles(Part):
    """`xl/styles.xml`: for each style the format code, where it shows a date or a time."""

    def __init__(self) -> None:
        super().__init__()
        self._own: dict[str, str] = {}
        self._used: list[str] = []
        self._inside = False

    def start(self, name: str, of: dict[str, str]) -> None:
        if name == "numFmt":
            self._own[of.get("numFmtId", "")] = of.get("formatCode", "")[:200]
        elif name == "cellXfs":
            self._inside = True
        elif name == "xf" and self._inside:
            self._used.append(of.get("numFmtId", "0"))

    def end(self, name: str) -> None:
        self._inside = self._inside and name != "cellXfs"

    def codes(self) -> tuple[str, ...]:
        return tuple(map(self._code, self._used))

    def _code(self, number: str) -> str:
        if number in self._own:
            code = _LITERAL.sub("", self._own[number]).lower().partition(";")[0]
            digits = re.search(r"[0#?]", re.sub(r"\.0+", "", code))
            return code if re.search(r"[ymdhs]", code) and not digits else ""
        known = int(number) if number.isascii() and number.isdecimal() and len(number) < 5 else 0
        if known not in _BUILT_IN_DATES:
            return ""
        return "h:mm:ss" if known in _BUILT_IN_TIMES else "yyyy-mm-dd h:mm" if known == 22 else "yyyy-mm-dd"


class _Rows(Part):
    """A sheet: each row as the texts of its cells, in their columns."""

    def __init__(self, value: Callable[[str, str, str], str], most: int) -> None:
        super().__init__()
        self._value, self._most = value, most
        self._ready: list[Row] = []
        self._cells: dict[int, str] = {}
        self._number = self._rows = self._at = 0
        self._kind = self._style = ""
        self._uncalculated = False

    def take(self) -> list[Row]:
        ready, self._ready = self._ready, []
        return ready

    def start(self, name: str, of: dict[str, str]) -> None:
        if name == "row":
            said = of.get("r", "")
            self._number = int(said) if said.isdecimal() and len(said) < 9 else self._number + 1
            self._cells, self._at = {}, -1
        elif name == "c":
            found = _CELL.match(of.get("r", ""))
            self._at = _column(found[1]) if found else self._at + 1
            self._kind, self._style, self.text = of.get("t", ""), of.get("s", ""), ""
            self._uncalculated = False
        elif name == "f":
            self._uncalculated = True
        self.listening = name == "v" or (name == "t" and self._kind == "inlineStr")

    def end(self, name: str) -> None:
        self.listening = False
        if name == "c" and self._uncalculated and not self.text:
            self._kind, self.text = "e", NOT_CALCULATED
        if name == "c" and self.text:
            if self._at >= MOST_CELLS:
                raise NoSpreadsheet("列数过多", "too many columns")
            self._cells[self._at] = self._value(self._kind, self._style, self.text)
        elif name == "row" and self._cells:
            self._rows += 1
            if self._rows > self._most:
                raise NoSpreadsheet(f"超过 {self._most} 行，请拆分", f"more than {self._most} rows: split it")
            row = [self._cells.get(at, "") for at in range(max(self._cells) + 1)]
            self._ready.append((self._number, row))


def _at(texts: tuple[str, ...], index: str) -> str:
    """The text that a cell points to; nothing where it points to none."""
    there = index.isascii() and index.isdecimal() and len(index) < 8 and int(index) < len(texts)
    return texts[int(index)] if there else ""


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _number(text: str, code: str, first_day: datetime) -> str:
    """A number as a person reads it in the cell: a date, a time, or digits without an exponent."""
    try:
        number = float(text)
    except ValueError:
        return text
    if code and 0 <= number < 2_958_466:  # 9999-12-31
        return _moment(number, code, first_day)
    return str(int(number)) if number.is_integer() and abs(number) < 1e15 else text


def _moment(days: float, code: str, first_day: datetime) -> str:
    # Excel believes in 29 February 1900, so before it days are counted from one later.
    early = timedelta(days=1) if first_day == _FIRST_DAY and days < 60 else timedelta()
    moment = first_day + early + timedelta(seconds=round(days * 86_400))
    if days < 1 and not re.search(r"[yd]", code):
        return moment.strftime("%H:%M:%S")
    return moment.strftime("%Y-%m-%d") if days == int(days) and "h" not in code else str(moment)

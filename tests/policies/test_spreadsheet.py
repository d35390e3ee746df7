"""A workbook is read as a person sees it, and a hostile one is refused before it costs anything."""
# ruff: noqa: DTZ001 — a cell knows no zone

from __future__ import annotations

import io
import subprocess
import sys
import zipfile
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from openpyxl.utils.datetime import CALENDAR_MAC_1904

from compliance.policies import spreadsheet, unpacking
from compliance.policies.spreadsheet import open_spreadsheet
from compliance.policies.unpacking import NoSpreadsheet

ROOT = Path(__file__).parents[2]
SHEET = "xl/worksheets/sheet1.xml"
NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'


def book(
    *rows: tuple[Any, ...], from_1904: bool = False, formats: dict[str, str] | None = None
) -> io.BytesIO:
    made = openpyxl.Workbook()
    if from_1904:
        made.epoch = CALENDAR_MAC_1904
    sheet = made.active
    assert sheet is not None
    for row in rows:
        sheet.append(row)
    for cell, code in (formats or {}).items():
        sheet[cell].number_format = code
    out = io.BytesIO()
    made.save(out)
    return out


def cells(stream: io.BytesIO) -> list[list[str]]:
    return [row for _, row in open_spreadsheet(stream)]


def parts(**changed: bytes) -> io.BytesIO:
    """A sound workbook with some parts in other bytes."""
    sound, out = zipfile.ZipFile(book(("a", "b"), (1, 2))), io.BytesIO()
    names = {
        "sheet": SHEET,
        "strings": "xl/sharedStrings.xml",
        "book": "xl/workbook.xml",
        "styles": "xl/styles.xml",
    }
    replaced = {names[name]: content for name, content in changed.items()}
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name in {*sound.namelist(), *replaced}:
            made.writestr(name, replaced[name] if name in replaced else sound.read(name))
    return out


def sheet(rows: str, head: str = "") -> bytes:
    return f'<?xml version="1.0"?>{head}<worksheet {NS}><sheetData>{rows}</sheetData></worksheet>'.encode()


class TestACell:
    def test_is_read_as_it_is_seen(self) -> None:
        seen = cells(book(("张三", 19400000001, 3.5, True, None, "x"), (), ("2", "=1+1")))

        assert seen == [["张三", "19400000001", "3.5", "true", "", "x"], ["2", "#N/A"]]

    @pytest.mark.parametrize(
        ("value", "code", "read"),
        [
            (datetime(2026, 3, 2, 9, 59), None, "2026-03-02 09:59:00"),
            (datetime(2026, 3, 2, 9, 59, 31), 'yyyy"年"m"月"d"日" h:mm', "2026-03-02 09:59:31"),
            (datetime(2026, 3, 2), "yyyy-mm-dd h:mm", "2026-03-02 00:00:00"),
            (date(2026, 3, 2), 'yyyy"年"m"月"d"日";@', "2026-03-02"),
            (date(2026, 3, 2), "[$-804]yyyy/m/d", "2026-03-02"),
            (date(1900, 1, 5), None, "1900-01-05"),
            (date(1900, 3, 1), None, "1900-03-01"),
            (time(9, 59), "h:mm", "09:59:00"),
            (0.5, '0.00" d"', "0.5"),
            (46083.0, "#,##0.00;[Red]-#,##0.00", "46083"),
            (46083.5, "General", "46083.5"),
        ],
    )
    def test_shows_a_date_as_its_format_says(self, value: Any, code: str | None, read: str) -> None:
        assert cells(book((value,), formats={"A1": code} if code else None)) == [[read]]

    def test_counts_from_1904_where_the_workbook_does(self) -> None:
        assert cells(book((datetime(2026, 3, 2, 9, 59),), from_1904=True)) == [["2026-03-02 09:59:00"]]

    @pytest.mark.parametrize(
        ("number", "read"), [(31, "2026-03-02"), (57, "2026-03-02"), (20, "2026-03-02 12:00:00")]
    )
    def test_shows_the_dates_of_an_east_asian_excel(self, number: int, read: str) -> None:
        styles = f'<styleSheet {NS}><cellXfs count="1"><xf numFmtId="{number}"/></cellXfs></styleSheet>'
        value = 46083.5 if number == 20 else 46083
        made = parts(
            sheet=sheet(f'<row r="1"><c r="A1" s="0"><v>{value}</v></c></row>'), styles=styles.encode()
        )

        assert cells(made) == [[read]]

    def test_of_several_runs_is_one_text_without_its_readings(self) -> None:
        strings = f"<sst {NS}><si><r><t>张</t></r><r><t>三</t></r><rPh><t>zhang</t></rPh></si></sst>"
        made = parts(sheet=sheet('<row><c t="s"><v>0</v></c></row>'), strings=strings.encode())

        assert cells(made) == [["张三"]]

    def test_of_a_formula_is_what_it_gave_and_never_the_formula(self) -> None:
        out = io.BytesIO()
        made = xlsxwriter.Workbook(out)
        made.add_worksheet().write_formula(0, 0, '=HYPERLINK("http://x.invalid")', None, "seen")
        made.close()

        assert cells(out) == [["seen"]]


def test_rows_keep_their_numbers_and_the_first_sheet_is_the_one() -> None:
    made = openpyxl.Workbook()
    first = made.create_sheet("first", 0)
    first["B3"] = "x"
    made["Sheet"]["A1"] = "not this"
    out = io.BytesIO()
    made.save(out)
    opened = open_spreadsheet(out)

    assert (list(opened), opened.sheets, opened.rows) == ([(3, ["", "x"])], 2, 1)


ENTITY = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
HOSTILE: dict[str, Any] = {
    "no zip": lambda: io.BytesIO(b"name,room\n1,2\n"),
    "nothing": io.BytesIO,
    "an old xls": lambda: io.BytesIO(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 2000),
    "cut off": lambda: io.BytesIO(book(("a",)).getvalue()[:-400]),
    "another zip": lambda: _zip({"hello.txt": b"x"}),
    "entities": lambda: parts(sheet=sheet('<row><c t="inlineStr"><is><t>&b;</t></is></c></row>', ENTITY)),
    "a file of this machine": lambda: parts(
        sheet=sheet('<row><c t="inlineStr"><is><t>&a;</t></is></c></row>', OUTSIDE)
    ),
    "entities in UTF-16": lambda: parts(sheet=sheet("<row/>", ENTITY).decode().encode("utf-16")),
    "entities in the strings": lambda: parts(strings=f"{ENTITY}<sst {NS}><si><t>&b;</t></si></sst>".encode()),
    "no XML": lambda: parts(sheet=b"\x00" * 1000),
    "a row too many": lambda: parts(sheet=sheet("<row><c><v>1</v></c></row>" * (1001))),
    "a column too many": lambda: parts(sheet=sheet('<row><c r="XFD1"><v>1</v></c></row>')),
    "a cell too long": lambda: parts(sheet=sheet(f"<row><c><v>{'1' * 40_000}</v></c></row>")),
    "texts too many": lambda: parts(strings=f"<sst {NS}>{'<si/>' * 1001}</sst>".encode()),
    "zeros": lambda: parts(strings=b" " * (1024**2 + 1)),
    "one endless attribute": lambda: parts(sheet=sheet(f'<row r="{"1" * 3_000_000}"/>')),
    "a list of a million": lambda: io.BytesIO(
        b"PK\x05\x06" + b"\0" * 8 + (60_000_000).to_bytes(4, "little") + b"\0" * 6
    ),
}


def _zip(files: dict[str, bytes]) -> io.BytesIO:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as made:
        for name, content in files.items():
            made.writestr(name, content)
    return out


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_workbook_is_refused_before_its_first_row(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(spreadsheet, "_MOST_STRINGS", 1000)
    monkeypatch.setattr(spreadsheet, "_LARGEST_STRINGS", 1024**2)
    with pytest.raises(NoSpreadsheet) as refused:
        open_spreadsheet(HOSTILE[name](), most_rows=1000)

    assert "/" in str(refused.value)  # both languages


@pytest.mark.parametrize(
    "value", ["", "9" * 30_000, "nan", "inf", "1e999", "-1", "99999999", "x"], ids=lambda value: value[:6]
)
def test_any_number_in_any_format_is_only_text(value: str) -> None:
    styles = f'<styleSheet {NS}><cellXfs><xf numFmtId="14"/></cellXfs></styleSheet>'.encode()
    row = f'<row><c s="0"><v>{value}</v></c><c t="s" s="{value[:50]}"><v>{value}</v></c><c><v>1</v></c></row>'

    (read,) = cells(parts(sheet=sheet(row), styles=styles))

    assert read[2] == "1"


def test_a_bomb_is_refused_in_little_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.xlsx"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as made:
        with zipfile.ZipFile(book(("a",))) as sound:
            for name in sound.namelist():
                if name != SHEET:
                    made.writestr(name, sound.read(name))
        with made.open(SHEET, "w") as part:
            part.write(f"<worksheet {NS}><sheetData>".encode())
            for _ in range(64):
                part.write(b" " * 1024**2)
    assert path.stat().st_size < unpacking.LARGEST_FILE // 100
    script = (
        "import resource,sys\n"
        "from compliance.policies import spreadsheet\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
        "try:\n"
        "    spreadsheet.open_spreadsheet(open(sys.argv[1], 'rb'), largest=32 * 1024**2)\n"
        "except spreadsheet.NoSpreadsheet:\n"
        "    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script, path], capture_output=True, text=True, cwd=ROOT, check=True
    )

    assert int(ran.stdout) < 16 * 1024

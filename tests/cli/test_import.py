"""A clerk hands in a list, corrects what came back, and hands it in again; nothing is stored twice."""

from __future__ import annotations

import csv
import io
import shutil
import stat
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from compliance.cli import importing
from compliance.cli.refusals import MOST_IN_WORKBOOK
from compliance.services.tables import LINE_COLUMN, REASON_COLUMNS, Row
from tests.cli.test_wrong_input import PACK, ran, told
from tests.strategies import ID_NUMBER

ROOT = Path(__file__).parents[2]
MAPPING = ROOT / "examples" / "integrations" / "cars.yaml"
AT = "2026-03-02T12:00+08:00"
HEADER = ["车牌", "门岗", "进场时间", "身份证号"]
GOOD = ["京A00001", "北门", "2026-03-02 09:59", ""]
ROWS = [
    GOOD,
    ["京A0", "北门", "2026-03-02 10:00", ""],
    ["京A00003", "北门", "2026-03-02 10:01", ID_NUMBER],
    ["京A00004", "北门", "2025-01-01 10:02", ""],
    ["京A00005", "=1+1", "2026-03-02 10:03", ""],
]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("published") / "home"
    done = ran(home, "policy", "publish", PACK, "--by", "staff-1", "--at", "2026-03-01T08:00+08:00")
    assert done.returncode == 0, done.stderr
    return home


@pytest.fixture
def home(published: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(published, tmp_path / "home"))


def as_csv(path: Path, rows: list[list[str]], encoding: str = "utf-8-sig") -> Path:
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def as_xlsx(path: Path, rows: list[list[Any]]) -> Path:
    made = openpyxl.Workbook()
    for row in rows:
        assert made.active is not None
        made.active.append(row)
        for cell in made.active[made.active.max_row]:
            if cell.data_type == "f":
                cell.data_type = "s"  # a clerk's text, not a formula
    made.save(path)
    return path


def rows_of(path: Path) -> list[list[str]]:
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as stream:
            return list(csv.reader(stream))
    sheet = openpyxl.load_workbook(path).active
    assert sheet is not None
    return [[str(cell or "") for cell in row] for row in sheet.iter_rows(values_only=True)]


def write(home: Path, file: Path, refusals: Path | None = None, *more: str) -> Any:
    words = ["gate", "write", str(file), "--mapping", str(MAPPING), "--at", AT, "--quiet", *more]
    return ran(home, *words, *(["--refusals", str(refusals)] if refusals else []))


def counted(answer: Any) -> tuple[int, int]:
    """How many were admitted and refused, as the last lines say."""
    words = next(line for line in answer.stderr.splitlines() if " admitted" in line).split()
    return int(words[0]), int(words[6])


@pytest.mark.parametrize("kind", [".csv", ".xlsx"])
class TestAFileOfRefusals:
    @pytest.fixture
    def file(self, kind: str, tmp_path: Path) -> Path:
        rows = [HEADER, *ROWS]
        return (
            as_csv(tmp_path / "cars.csv", rows) if kind == ".csv" else as_xlsx(tmp_path / "cars.xlsx", rows)
        )

    def test_holds_the_refused_rows_alone_with_the_reason_in_chinese(
        self, kind: str, home: Path, file: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / f"again{kind}"
        answer = write(home, file, out)

        assert answer.returncode == 1
        assert counted(answer) == (1, 4)
        header, *rows = rows_of(out)
        assert header == [*HEADER, LINE_COLUMN, *REASON_COLUMNS]
        assert [row[4] for row in rows] == ["3", "4", "6"]
        assert rows[0][5].startswith("车牌：")
        assert rows[0][6].startswith("车牌: ")
        assert "京A00001" not in str(rows)

    def test_leaves_out_what_may_not_be_copied(
        self, kind: str, home: Path, file: Path, tmp_path: Path
    ) -> None:
        out = tmp_path / f"again{kind}"
        assert ID_NUMBER in str(rows_of(file))
        answer = write(home, file, out)

        assert ID_NUMBER not in str(rows_of(out))  # never to be kept, so the correction is to leave it out
        assert "京A00004" not in str(rows_of(out))  # past its period
        assert "已过保存期限" in answer.stderr
        assert "新副本" in answer.stderr
        assert "a new copy of personal data" in answer.stderr

    def test_is_readable_by_its_owner_alone(self, kind: str, home: Path, file: Path, tmp_path: Path) -> None:
        out = tmp_path / f"again{kind}"
        write(home, file, out)

        assert stat.S_IMODE(out.stat().st_mode) == 0o600

    def test_has_no_formula(self, kind: str, home: Path, file: Path, tmp_path: Path) -> None:
        out = tmp_path / f"again{kind}"
        write(home, file, out)

        if kind == ".csv":
            assert rows_of(out)[3][1] == "'=1+1"
        else:
            sheet = openpyxl.load_workbook(out).active
            assert sheet is not None
            assert sheet["B4"].data_type == "s"

    def test_is_corrected_and_handed_in_again_as_often_as_one_likes(
        self, kind: str, home: Path, file: Path, tmp_path: Path
    ) -> None:
        out, last = tmp_path / f"again{kind}", tmp_path / f"last{kind}"
        write(home, file, out)
        header, *rows = rows_of(out)
        rows[0][0] = "京A00002"
        corrected = [header, *rows]
        again = (
            as_csv(tmp_path / "corrected.csv", corrected)
            if kind == ".csv"
            else as_xlsx(tmp_path / "corrected.xlsx", corrected)
        )

        answer = write(home, again, last)
        assert counted(answer) == (2, 1)
        header, *rows = rows_of(last)
        assert [row[4] for row in rows] == ["6"]
        assert header == [*HEADER, LINE_COLUMN, *REASON_COLUMNS]
        assert rows[0][1] in ("'=1+1", "=1+1")

        held = stored(home)
        assert counted(write(home, again)) == (2, 1)
        assert counted(write(home, file)) == (1, 4)
        assert stored(home) == held == 3

    def test_is_not_made_where_nothing_was_refused(self, kind: str, home: Path, tmp_path: Path) -> None:
        rows = [HEADER, GOOD]
        file = as_csv(tmp_path / "c.csv", rows) if kind == ".csv" else as_xlsx(tmp_path / "c.xlsx", rows)

        assert write(home, file, tmp_path / f"again{kind}").returncode == 0
        assert not (tmp_path / f"again{kind}").exists()

    def test_never_takes_the_place_of_another(self, kind: str, home: Path, file: Path) -> None:
        before = file.read_bytes()

        told(write(home, file, file), 2)

        assert file.read_bytes() == before
        assert stored(home) == 0


def stored(home: Path) -> int:
    import sqlite3

    with sqlite3.connect(home / "compliance.db") as books:
        return int(books.execute("SELECT count(*) FROM holding").fetchone()[0])


def test_equal_rows_are_two_records_and_stay_two(home: Path, tmp_path: Path) -> None:
    file = as_csv(tmp_path / "cars.csv", [HEADER, GOOD, GOOD])

    assert counted(write(home, file)) == (2, 0)
    assert counted(write(home, file)) == (2, 0)
    assert stored(home) == 2


def test_excels_own_dates_are_read(home: Path, tmp_path: Path) -> None:
    file = as_xlsx(
        tmp_path / "cars.xlsx",
        [HEADER, ["京A00001", "北门", datetime.fromisoformat("2026-03-02T09:59"), None]],
    )

    answer = write(home, file)

    assert counted(answer) == (1, 0), answer.stderr


def test_a_formula_that_gave_nothing_is_no_empty_cell(home: Path, tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    assert made.active is not None
    for row in ([*HEADER], ["京A00001", "=1+1", "2026-03-02 09:59"]):
        made.active.append(row)
    made.save(tmp_path / "cars.xlsx")

    assert counted(write(home, tmp_path / "cars.xlsx")) == (0, 1)


def test_columns_that_a_row_leaves_empty_at_its_end_are_empty(home: Path, tmp_path: Path) -> None:
    file = as_xlsx(tmp_path / "cars.xlsx", [[*HEADER, None], GOOD[:3]])

    assert counted(write(home, file)) == (1, 0)


def test_a_key_by_line_means_the_line_of_the_first_file(home: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "keyed.yaml"
    mapping.write_text(MAPPING.read_text(encoding="utf-8") + "key: 'list-7/{line}'\n", encoding="utf-8")
    again, file = tmp_path / "again.csv", as_csv(tmp_path / "cars.csv", [HEADER, *ROWS[:2]])
    words = ("--mapping", str(mapping), "--at", AT, "--quiet")
    ran(home, "gate", "write", str(file), *words, "--refusals", str(again))
    again.write_text(again.read_text("utf-8-sig").replace("京A0,", "京A00002,"), "utf-8-sig")

    for _ in range(2):
        assert counted(ran(home, "gate", "write", str(again), *words)) == (1, 0)
    assert stored(home) == 2


def test_an_encoding_without_chinese_is_given_back_as_a_workbook(home: Path, tmp_path: Path) -> None:
    mapping = tmp_path / "latin.yaml"
    text = MAPPING.read_text(encoding="utf-8").replace("utf-8-sig", "latin-1")
    mapping.write_text(text, encoding="utf-8")
    words = ("gate", "write", "-", "--mapping", str(mapping), "--at", AT)

    told(ran(home, *words, "--refusals", str(tmp_path / "x.csv")), 2)


@pytest.mark.parametrize(
    "words",
    [
        ("--refusals", "{out}.ods"),
        ("--refusals", "{out}/nowhere/x.csv"),
        ("--format", "xlsx"),
        ("--format", "ods"),
    ],
    ids=["another form", "no folder", "a CSV is no XLSX", "an unknown form"],
)
def test_what_cannot_be_is_said_before_anything_is_stored(
    words: tuple[str, ...], home: Path, tmp_path: Path
) -> None:
    file = as_csv(tmp_path / "cars.csv", [HEADER, GOOD])

    answer = write(home, file, None, *(word.format(out=tmp_path / "out") for word in words))

    told(answer, 1 if "xlsx" in words else 2)
    assert stored(home) == 0


def test_a_workbook_of_refusals_ends_somewhere_and_says_so() -> None:
    assert MOST_IN_WORKBOOK < 1_048_576


def test_a_bar_is_drawn_on_a_terminal_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from rich.console import Console

    source = importing.Source(rows=(), length=10)
    for terminal, talking, drawn in ((True, False, True), (False, False, False), (True, True, False)):
        out = io.StringIO()
        monkeypatch.setattr(importing, "stderr", Console(file=out, force_terminal=terminal))
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        with importing.progress(source, talking=talking) as step:
            step(Row(number=5, raw={}))
        assert ("登记" in out.getvalue()) is drawn

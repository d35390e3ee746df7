"""Wrong input at the command line: one sentence in each language and the exit code of the contract, never a traceback."""

import io
import os
import re
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest

from compliance.cli import main

PACK = str(Path(__file__).parents[2] / "compliance" / "policies" / "residential")
CHINESE, ENGLISH = re.compile(r"[\u4e00-\u9fff]{2}"), re.compile(r"[A-Za-z]{3} [a-z]")


def ran(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """One command through the door that a shell takes, in this process: a new one takes seconds to import."""
    surroundings = {"COMPLIANCE_HOME": str(home), "COMPLIANCE_SCRATCH": "1", "COLUMNS": "200", **settings}
    said, err = io.BytesIO(), io.StringIO()
    out = io.TextIOWrapper(said, "utf-8")
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out), redirect_stderr(err):
        for name, value in surroundings.items():
            patch.setenv(name, value)
        patch.setattr(sys, "argv", ["compliance", *words])
        with pytest.raises(SystemExit) as ended:
            main()
    out.flush()
    code = ended.value.code
    return subprocess.CompletedProcess(
        words, code if isinstance(code, int) else 0, said.getvalue().decode(), err.getvalue()
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scratch home with the shipped pack in force."""
    home = tmp_path_factory.mktemp("scratch") / "home"
    published = ran(home, "policy", "publish", PACK, "--by", "staff-1", "--at", "2026-03-01T08:00+08:00")
    assert published.returncode == 0, published.stderr
    return home


def told(answer: subprocess.CompletedProcess[str], code: int) -> str:
    """That it ended with this code, spoke both languages on stderr and nothing on stdout; what it said."""
    assert answer.returncode == code, answer.stderr
    assert "Traceback" not in answer.stderr
    assert not answer.stdout
    assert CHINESE.search(answer.stderr)
    assert ENGLISH.search(answer.stderr)
    return answer.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("policy", "publish", PACK, "--by", "张三"),
        ("record", "read", "2603-x", "--purpose", "entry_security", "--by", "张三"),
        ("retention", "pause", "--by", "张三", "--why", "clock"),
    ],
)
def test_nobody_acts_under_a_name(home: Path, words: Sequence[str]) -> None:
    assert "张三" not in told(ran(home, *words), 2)


@pytest.mark.parametrize(
    "words",
    [
        ("report", "retention", "--month", "2026-13"),
        ("notice", "render", "collection", "--category", "visitor", "--lang", "fr"),
        ("notice", "render", "collection", "--category", "nobody"),
        ("retention", "plan", "--at", "yesterday"),
    ],
)
def test_a_word_that_no_option_knows_is_wrong_usage(home: Path, words: Sequence[str]) -> None:
    told(ran(home, *words), 2)


@pytest.mark.parametrize(
    "words",
    [
        ("consent", "show", "2603-nobody"),
        ("certificate", "2603-nobody"),
        ("request", "show", "nobody"),
        ("request", "open", "access", "--pass-code", "WRONG"),
        ("hold", "release", "nobody", "--by", "staff-1"),
        ("record", "read", "2603-nobody", "--purpose", "entry_security", "--by", "staff-1"),
    ],
)
def test_what_is_not_there_is_said_to_be_missing(home: Path, words: Sequence[str]) -> None:
    told(ran(home, *words), 1)


def test_a_request_by_mobile_shows_its_number_and_deadlines_and_no_empty_line(home: Path) -> None:
    opened = ran(
        home, "request", "open", "access", "--mobile", "19412345678", "--at", "2026-03-01T12:00+08:00"
    )
    assert opened.returncode == 0, opened.stderr
    assert "编号 / Number: 260301-" in opened.stdout
    assert "None" not in opened.stdout
    assert "19412345678" not in opened.stdout + opened.stderr


def test_a_head_that_is_no_text_is_refused_in_a_sentence(home: Path, tmp_path: Path) -> None:
    head = tmp_path / "head"
    head.write_bytes(b"\xff\xfe\x00" * 100)
    assert "UTF-8" in told(ran(home, "ledger", "verify", "--head", str(head)), 1)


def test_without_a_policy_every_command_says_so(tmp_path: Path) -> None:
    assert "policy publish" in told(ran(tmp_path / "new", "retention", "plan"), 1)


def test_a_home_that_is_a_file_or_cannot_be_made_is_named(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("not a folder", encoding="utf-8")
    for place in (file, file / "below", Path("/proc/nowhere")):
        told(ran(place, "retention", "plan"), 1)
        assert "✗ 数据目录可写" in ran(place, "doctor").stdout


@pytest.mark.parametrize(
    "url", ["nonsense", "postgresql+psycopg://nobody@127.0.0.1:1/none", "nosuch://host/x"]
)
def test_a_database_that_cannot_be_reached_is_told_without_its_address(tmp_path: Path, url: str) -> None:
    said = told(ran(tmp_path, "retention", "plan", COMPLIANCE_DATABASE=url), 1)
    assert "COMPLIANCE_DATABASE" in said
    assert "nobody" not in said


def test_a_damaged_database_is_called_so(tmp_path: Path) -> None:
    (tmp_path / "compliance.db").write_bytes(os.urandom(8192))
    assert "damaged" in told(ran(tmp_path, "retention", "plan"), 1)


def test_a_mapping_alone_means_csv(home: Path, tmp_path: Path) -> None:
    rows, mapping = tmp_path / "rows.csv", tmp_path / "mapping.yaml"
    rows.write_text("plate\n京AD00000\n", encoding="utf-8")
    mapping.write_bytes(b"\xff\xfe")
    told(ran(home, "gate", "write", str(rows), "--mapping", str(mapping)), 1)
    told(ran(home, "gate", "write", str(rows), "--mapping", str(mapping), "--format", "ndjson"), 2)


def test_the_plan_speaks_in_the_time_of_the_site(home: Path) -> None:
    plan = ran(home, "retention", "plan", "--at", "2026-03-01T12:00+08:00")
    assert "截至 2026-03-01 12:00" in plan.stdout

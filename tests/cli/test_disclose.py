"""`compliance disclose`, `roster` and `record find` as they are typed."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from compliance.cli import app
from compliance.domain.errors import ComplianceError
from tests.builders import MOBILE, MovedClock, a_submission, an_engine

AT = ["--at", "2026-03-02T10:30+08:00"]
ASK = [
    *("disclose", "ask", "--authority", "police", "--unit", "示例分局", "--document", "示公调〔2026〕1号"),
    *("--ground", "PIPL 34", "--officer", "012345", "--category", "visitor", "--by", "staff-9"),
    *("--field", "visitor_name", "--field", "entry_time", "--from", "2026-03-02", "--to", "2026-03-02"),
]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A scratch home with two visitors inside."""
    folder = tmp_path / "home"
    folder.mkdir()
    with an_engine(folder, MovedClock()) as engine:
        for name in ("张三", "李四"):
            engine.gate.write(a_submission(fields={"visitor_name": name, "visitor_phone": MOBILE}))
    monkeypatch.setenv("COMPLIANCE_HOME", str(folder))
    monkeypatch.setenv("COMPLIANCE_SCRATCH", "1")
    return folder


def run(*words: str, typed: str | None = None) -> Result:
    return CliRunner().invoke(app, [*words, *AT], input=typed)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def refused(*words: str) -> ComplianceError:
    result = run(*words)
    assert isinstance(result.exception, ComplianceError), result.output
    return result.exception


def test_a_disclosure_from_the_request_to_the_register(tmp_path: Path) -> None:
    (counted,) = lines(run(*ASK, "--preview", "--json"))
    assert counted == {"records": 2}
    (asked,) = lines(run(*ASK, "--json"))
    number, out = asked["disclosure"], tmp_path / "package.zip"

    assert "另一位" in str(refused("disclose", "sign", number, "--by", "staff-9"))
    assert run("disclose", "sign", number, "--by", "staff-1", "--role", "director").exit_code == 0
    (given,) = lines(run("disclose", "give", number, "--by", "staff-9", "--out", str(out), "--json"))
    assert given["records"] == 2
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert "只提供一次" in str(
        refused("disclose", "give", number, "--by", "staff-9", "--out", str(tmp_path / "second.zip"))
    )
    assert not (tmp_path / "second.zip").exists()

    (line,) = json.loads(run("disclose", "register", "--format", "json").stdout)
    assert (line["n"], line["digest"], line["state"]) == (2, given["sha256"], "given")
    assert "示例分局" in run("disclose", "register").stdout
    page = tmp_path / "register.html"
    assert run("disclose", "register", "--format", "html", "--out", str(page)).exit_code == 0
    assert "张三" not in page.read_text(encoding="utf-8")
    assert lines(run("disclose", "watch", "--json")) == [{"late": 0, "lapsed": 0, "forgotten": 0}]


def test_a_package_never_lands_in_a_file_that_is_there(tmp_path: Path) -> None:
    (asked,) = lines(run(*ASK, "--json"))
    run("disclose", "sign", asked["disclosure"], "--by", "staff-1", "--role", "director")
    there = tmp_path / "there.zip"
    there.write_bytes(b"something else")

    result = run("disclose", "give", asked["disclosure"], "--by", "staff-9", "--out", str(there))

    assert isinstance(result.exception, FileExistsError)
    assert there.read_bytes() == b"something else"
    out = str(tmp_path / "other.zip")  # and nothing was given
    assert run("disclose", "give", asked["disclosure"], "--by", "staff-9", "--out", out).exit_code == 0


def test_danger_to_life_goes_first_and_is_countersigned(tmp_path: Path) -> None:
    out = tmp_path / "package.zip"
    words = [word if word != "ask" else "urgent" for word in ASK if word not in ("--ground", "PIPL 34")]
    words[words.index("staff-9")] = "staff-7"

    (given,) = lines(
        run(
            *words, "--seen", "012345", "--called-back", "2026-03-02T10:20+08:00", "--out", str(out), "--json"
        )
    )

    assert given["records"] == 2
    assert out.stat().st_size > 500
    assert run("disclose", "sign", given["disclosure"], "--by", "staff-9").exit_code == 0


def test_a_refusal_is_registered() -> None:
    (asked,) = lines(run(*ASK, "--json"))

    assert (
        run("disclose", "refuse", asked["disclosure"], "--ground", "too_broad", "--by", "staff-1").exit_code
        == 0
    )
    door = ("disclose", "decline", "--authority", "private", "--unit", "某公司", "--ground", "private")
    assert run(*door, "--by", "staff-7", "--role", "guard").exit_code == 0

    found = json.loads(run("disclose", "register", "--format", "json").stdout)
    assert {line["state"] for line in found} == {"refused"}


@pytest.mark.parametrize(
    "wrong",
    [
        ("--from", "yesterday"),
        ("--authority", "everybody"),
        ("--by", "张三"),
        ("--hold-until", "2026-13-01"),
    ],
)
def test_wrong_usage_is_exit_two(wrong: tuple[str, str]) -> None:
    assert run(*ASK, *wrong).exit_code == 2


def test_the_whole_register_is_refused_in_both_languages() -> None:
    said = str(refused(*ASK, "--category", "everything"))

    assert "整个登记簿" in said
    assert "whole register" in said


def test_the_roster_lists_who_is_inside_and_needs_a_reason() -> None:
    listed = lines(run("roster", "--by", "staff-7", "--reason", "3栋火警", "--json"))

    assert {line["shown"]["姓名"] for line in listed} == {"张**", "李**"}
    assert "请写明原因" in str(refused("roster", "--by", "staff-7", "--reason", " "))
    assert run("roster", "--by", "staff-7").exit_code == 2


def test_a_number_is_typed_and_never_an_argument() -> None:
    find = ("record", "find", "--kind", "mobile", "--by", "staff-9", "--purpose", "dispute", "--json")

    found = lines(run(*find, "--document", "示案〔2026〕7号", typed=f"{MOBILE}\n"))

    assert [line["category"] for line in found] == ["visitor", "visitor"]
    result = run(*find, typed=f"{MOBILE}\n")
    assert "须写明文号" in str(result.exception)
    assert MOBILE not in result.output + str(result.exception)


def test_a_reading_that_is_refused_is_told_why() -> None:
    (record, _) = lines(run("roster", "--by", "staff-7", "--reason", "演练", "--json"))

    said = str(
        refused(
            "record", "read", record["record"], "--purpose", "dispute", "--by", "staff-7", "--role", "guard"
        )
    )

    assert "您的岗位不能为这个目的查看" in said

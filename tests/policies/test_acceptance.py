"""A warning may be accepted by a named person, for a reason, until a day; an error never."""

from __future__ import annotations

import json
import shutil
from datetime import date
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from typer.testing import CliRunner

from compliance.cli import app
from compliance.policies.commands import check, clean
from compliance.policies.fault import Severity
from compliance.policies.loader import load, shipped

DAY, LAST, AFTER = date(2026, 3, 1), date(2026, 6, 30), date(2026, 7, 1)
ACCEPTED = "accepted: [{{rule: {rule}, where: {where}, by: 张负责, reason: 纠纷多发期已经律师确认, until: 2026-06-30}}]\n"


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    """The shipped pack with one warning: visitors are kept a day above the soft ceiling."""
    folder = tmp_path / "pack"
    shutil.copytree(shipped("residential"), folder)
    path = folder / "visitor.yaml"
    text = path.read_text(encoding="utf-8").replace("  keep: 30d ", "  keep: 91d ", 1)
    path.write_text(text, encoding="utf-8")
    return folder


def accept(pack: Path, rule: str = "L-032", where: str = "visitor.retention") -> Path:
    with (pack / "site.yaml").open("a", encoding="utf-8") as file:
        file.write(ACCEPTED.format(rule=rule, where=where))
    return pack


def test_a_warning_that_nobody_accepted_stands(pack: Path) -> None:
    (found,) = check(pack, DAY)

    assert (found.rule, found.severity, found.where) == ("L-032", Severity.WARNING, "visitor.retention.keep")
    assert load(pack, day=DAY).warnings == (found,)


def test_an_accepted_warning_stays_visible_with_name_and_end(pack: Path) -> None:
    (found,) = check(accept(pack), LAST)

    assert found.severity is Severity.INFO
    assert "张负责已接受，至2026-06-30" in found.zh
    assert clean((found,))
    assert load(pack, day=LAST).warnings == ()


def test_the_warning_is_back_on_the_day_after(pack: Path) -> None:
    (found,) = check(accept(pack), AFTER)

    assert found.severity is Severity.WARNING
    assert load(pack, day=AFTER).warnings == (found,)


def test_without_a_day_no_acceptance_counts(pack: Path) -> None:
    assert len(load(accept(pack)).warnings) == 1


def test_it_covers_its_own_place_and_no_other(pack: Path) -> None:
    found = {(fault.rule, fault.severity) for fault in check(accept(pack, where="delivery"), DAY)}

    assert found == {("L-032", Severity.WARNING), ("F-15", Severity.WARNING)}


@pytest.mark.parametrize("rule", ["L-031", "L-024", "F-02", "L-999"])
def test_an_error_cannot_be_accepted(pack: Path, rule: str) -> None:
    found = {fault.rule for fault in check(accept(pack, rule=rule), DAY) if fault.severity is Severity.ERROR}

    assert found == {"F-14"}


def test_the_command_says_yes_to_what_was_accepted_and_no_afterwards(pack: Path) -> None:
    accept(pack)
    then = CliRunner().invoke(app, ["policy", "check", str(pack), "--on", "2026-06-30", "--json"])
    later = CliRunner().invoke(app, ["policy", "check", str(pack), "--on", "2026-07-01"])

    assert (then.exit_code, later.exit_code) == (0, 1)
    assert json.loads(then.stdout)["severity"] == "info"


class TestTheJUnitFile:
    def written(self, pack: Path, folder: Path) -> ET.Element:
        file = folder / "findings.xml"
        CliRunner().invoke(app, ["policy", "check", str(pack), "--on", "2026-03-01", "--junit", str(file)])
        return ET.fromstring(file.read_text(encoding="utf-8"))  # noqa: S314  what we wrote ourselves

    def test_it_has_a_suite_for_each_file_and_a_failure_for_each_finding(
        self, pack: Path, tmp_path: Path
    ) -> None:
        root = self.written(pack, tmp_path)
        (failure,) = root.iter("failure")

        assert {suite.get("name") for suite in root} == {path.name for path in pack.glob("*.yaml")}
        assert (root.get("failures"), root.get("tests")) == ("1", str(len(list(root.iter("testcase")))))
        assert failure.get("type") == "warning"
        assert "house rule, not law" in str(failure.text)

    def test_what_was_accepted_passes(self, pack: Path, tmp_path: Path) -> None:
        root = self.written(accept(pack), tmp_path)

        assert root.get("failures") == "0"
        assert "张负责已接受" in "".join(str(one.text) for one in root.iter("system-out"))

    def test_no_key_whatever_breaks_the_file(self, pack: Path, tmp_path: Path) -> None:
        with (pack / "site.yaml").open("a", encoding="utf-8") as file:
            file.write('"<&]]>\\x07\\uffff": 1\n')

        assert int(self.written(pack, tmp_path).get("failures") or 0) == 2

"""Every rule fires where a fixture says so, and nowhere else: passing neighbours stand in the same files."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest

from compliance.policies import lint
from compliance.policies.commands import check
from compliance.policies.fault import Fault, PackInvalid, Severity
from compliance.policies.law import laws
from compliance.policies.loader import load, shipped
from compliance.policies.words import MISSING

BAD = Path(__file__).parent / "bad"
FIXTURES = sorted(BAD.glob("*.yaml"))
SITE = (shipped("residential") / "site.yaml").read_text(encoding="utf-8")
VISITOR = (shipped("residential") / "visitor.yaml").read_text(encoding="utf-8")


def expected(text: str) -> list[tuple[str, int]]:
    """The rule and line of every ``# ← L-000`` in a fixture."""
    marks = (re.search(r"# ← (\S+)", line) for line in text.splitlines())
    return [(mark[1], number) for number, mark in enumerate(marks, start=1) if mark]


def keys(text: str) -> dict[str, str]:
    """The top-level keys of a file, each with its lines."""
    blocks = re.split(r"(?m)^(?=[a-z_0-9]+:)", text)[1:]
    return {block.partition(":")[0]: block for block in blocks}


def pack_with(fixture: Path, folder: Path) -> Path:
    """A pack around a fixture: a category beside the shipped site, or a site's keys in place of the shipped ones.

    A category's fixture says with ``# site:`` which key of the site it needs, and with ``# beside it:`` what that breaks.
    """
    text = fixture.read_text(encoding="utf-8")
    site = text if fixture.name.startswith("site.") else "".join(re.findall(r"(?m)^# site: (.*\n)", text))
    rest = "".join(block for key, block in keys(SITE).items() if key not in keys(site))
    (folder / "site.yaml").write_text(site + rest, encoding="utf-8")
    (folder / "category.yaml").write_text(VISITOR if site == text else text, encoding="utf-8")
    return folder


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_a_rule_fires_at_its_line_and_nowhere_else(fixture: Path, tmp_path: Path) -> None:
    text = fixture.read_text(encoding="utf-8")
    meant = "site.yaml" if fixture.name.startswith("site.") else "category.yaml"
    found = check(pack_with(fixture, tmp_path))

    assert [(fault.rule, fault.line) for fault in found if fault.file == meant] == expected(text)
    assert [fault.rule for fault in found if fault.file != meant] == re.findall(
        r"(?m)^# beside it: (\S+)", text
    )


@pytest.mark.parametrize("fixture", FIXTURES, ids=lambda path: path.stem)
def test_a_finding_can_be_read_by_an_officer(fixture: Path, tmp_path: Path) -> None:
    for fault in check(pack_with(fixture, tmp_path)):
        assert re.search(r"[\u4e00-\u9fff]{4}", fault.zh)
        assert re.search(r"[a-z]{3}", fault.en)
        assert fault.instead
        assert "{" not in fault.zh + fault.en + fault.article
        laws(fault.article)  # raises where the registry does not know it


def test_every_rule_has_a_fixture() -> None:
    rules: set[str] = {rule.said.rule for rule in lint.SITE_RULES}
    rules |= {rule.said.rule for rule in lint.CATEGORY_RULES}
    rules |= {rule.said.rule for rule in lint.FIELD_RULES}
    rules |= {rule.said.rule for rule in lint.PACK_RULES}
    rules |= {said.rule for said in MISSING.values()}
    shown = {rule for fixture in FIXTURES for rule, _ in expected(fixture.read_text(encoding="utf-8"))}

    assert rules <= shown


def test_warnings_do_not_refuse_a_pack(tmp_path: Path) -> None:
    pack = load(pack_with(BAD / "L-032.yaml", tmp_path))

    assert {fault.severity for fault in pack.warnings} == {Severity.WARNING}


def test_errors_refuse_a_pack_and_name_every_fault(tmp_path: Path) -> None:
    with pytest.raises(PackInvalid) as refused:
        load(pack_with(BAD / "L-020.yaml", tmp_path))

    assert [fault.rule for fault in refused.value.faults] == ["L-020"] * 3
    assert "每个字段须且只能选择一个合法性基础" in str(refused.value)


@pytest.mark.parametrize("name", ["residential", "office"])
def test_a_shipped_pack_has_no_finding_and_accepts_no_warning(name: str) -> None:
    assert check(shipped(name), date(2026, 11, 23)) == ()
    assert "accepted" not in keys((shipped(name) / "site.yaml").read_text(encoding="utf-8"))


def test_a_misspelt_key_is_met_with_the_nearest_one(tmp_path: Path) -> None:
    (fault,) = check(pack_with(BAD / "L-004.yaml", tmp_path))

    assert "sensitivity" in fault.instead


def test_a_house_rule_is_never_passed_off_as_law(tmp_path: Path) -> None:
    ceilings: list[Fault] = [
        fault
        for name in ("L-03B", "L-032", "L-024")
        for fault in check(pack_with(BAD / f"{name}.yaml", tmp_path))
    ]

    assert ceilings
    assert {fault.article for fault in ceilings} == {"E"}

"""Every rule fires where a fixture says so, and nowhere else: passing neighbours stand in the same files."""

from __future__ import annotations

import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from compliance.domain.assessment import scope_hash
from compliance.policies import lint
from compliance.policies.commands import check
from compliance.policies.fault import Fault, PackInvalid, Severity
from compliance.policies.law import laws
from compliance.policies.loader import load, load_text, shipped
from compliance.policies.words import MISSING

BAD = Path(__file__).parent / "bad"
FIXTURES = sorted(BAD.glob("*.yaml"))
SITE = (shipped("residential") / "site.yaml").read_text(encoding="utf-8")
VISITOR = (shipped("residential") / "visitor.yaml").read_text(encoding="utf-8")
SCOPE = scope_hash(load_text({"site.yaml": SITE, "visitor.yaml": VISITOR}))


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


BY_FORM = {
    "F-01",
    "F-02",
    "F-03",
    "F-04",
    "F-05",
    "F-09",
    "F-14",
    "F-15",
    "L-004",
    "L-010",
    "L-031",
    "L-039",
    "L-041",
}
# The requirements' rules about versions have no file to look at: publishing numbers every changed content anew (L-005),
# refuses a day in the past (L-006), and re-dates records to shorter periods only (L-034).
BY_PUBLISHING = {"L-005", "L-006", "L-034"}


def test_in_a_pack_of_bad_policies_every_rule_fires_exactly_once() -> None:
    found = check(Path(__file__).parent / "all_bad", date(2026, 3, 1))
    rules = (
        {rule.said.rule for rule in lint.every_rule()} | {said.rule for said in MISSING.values()} | BY_FORM
    )

    assert Counter(fault.rule for fault in found) == dict.fromkeys(rules, 1)


def test_a_number_of_our_own_stands_for_one_rule() -> None:
    """Findings are accepted by number: two rules of one number would be accepted together."""
    said = {(rule.said.rule, rule.said.article) for rule in lint.every_rule()}
    numbers = Counter(number for number, _ in said if number.startswith("F-"))

    assert [number for number, times in numbers.items() if times > 1] == []


def test_every_rule_of_the_requirements_is_there() -> None:
    requirements = """001 002 003 004 005 006 007 010 011 012 013 014 015 016 017 018 020 021 022 023 024 025 026 030 031
    032 033 034 035 036 037 038 039 03A 03B 040 041 042 043 044 045 046 047 048 049 04A 04B 050 051 052 060 061 062 063 064
    065 066 070 071 072 073 074 080 081 082 083 084 090 091 092"""
    rules = (
        {rule.said.rule for rule in lint.every_rule()} | {said.rule for said in MISSING.values()} | BY_FORM
    )

    assert {f"L-{number}" for number in requirements.split()} <= rules | BY_PUBLISHING


WARNINGS = {
    "L-003", "L-015", "L-016", "L-018", "L-026", "L-032", "L-03A", "L-04A", "L-052", "L-062", "L-071", "L-074", "L-081", "L-085",
    "L-083", "L-084", "L-090", "L-092",
}  # fmt: skip


def test_what_may_be_accepted_is_what_the_requirements_call_a_warning() -> None:
    """L-014 is an error, but a warning for the two names that the register's usual form lists (requirements 0.3a).

    F-21 is ours: a machine may bring what needs consent by the pass of somebody who consented (0.3a.1), if that is meant.
    """
    warnings = {rule.said.rule for rule in lint.every_rule() if rule.severity is Severity.WARNING}

    assert warnings == WARNINGS | {"L-014", "F-21"}


@pytest.mark.parametrize("on", [date(2026, 1, 1), date(2026, 11, 23)])
def test_every_rule_cites_what_is_in_force(on: date) -> None:
    """An article that a rule fills in as it goes is looked up by the fixtures."""
    for rule in lint.every_rule():
        if "{" not in rule.said.article:
            laws(rule.said.article, on)


def test_a_hangzhou_gate_cites_the_nation_and_the_city(tmp_path: Path) -> None:
    (fault,) = check(pack_with(BAD / "site.L-046.hangzhou.yaml", tmp_path))
    (nation, *_) = check(pack_with(BAD / "site.L-046.yaml", tmp_path))

    assert fault.article == "杭州物业条例 50(2)"
    assert nation.article == "人脸办法 10, 最高法人脸规定 10"


@pytest.mark.parametrize("jurisdiction", ["hangzhou", "shanghai"])
def test_a_face_only_gate_cites_both(jurisdiction: str, tmp_path: Path) -> None:
    folder = pack_with(BAD / "site.L-046.yaml", tmp_path)
    path = folder / "site.yaml"
    text = path.read_text(encoding="utf-8").replace("jurisdictions: [cn]", f"jurisdictions: [{jurisdiction}]")
    path.write_text(text, encoding="utf-8")

    article = next(fault.article for fault in check(folder) if fault.rule == "L-046")

    assert [found.instrument.key for found in laws(article)][:2] == ["face19", "spc-face"]
    assert laws(article)[-1].instrument.key in {"hz-property", "sh-data"}


DATED = {
    "site.L-090": ("signage_checked_at: 2026-02-01", {date(2026, 5, 2): 0, date(2026, 5, 3): 1}),
    "site.L-052": ("approved_on: 2026-01-05", {date(2027, 1, 4): 0, date(2027, 1, 5): 1}),
}


@pytest.mark.parametrize("rule", DATED)
def test_a_rule_that_needs_a_day_turns_on_it(rule: str, tmp_path: Path) -> None:
    written, days = DATED[rule]
    device = "{name: lobby, kind: kiosk, location: lobby, clock_synchronised: true, signage_checked_at: 2026-02-01}"
    site = (
        f"devices: [{device}]\n"
        if "signage" in written
        else f"pia: {{id: P, status: approved, scope_hash: {SCOPE}, {written}}}\n"
    )
    fixture = tmp_path / "site.dated.yaml"
    fixture.write_text(site, encoding="utf-8")
    folder = tmp_path / "pack"
    folder.mkdir()
    pack_with(fixture, folder)

    for day, times in days.items():
        assert len(check(folder, day)) == times


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

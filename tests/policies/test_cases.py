"""The cases at the foot of the shipped policies pass, cover every field and every limit, and can fail."""

from __future__ import annotations

import io
import shutil
from itertools import pairwise
from pathlib import Path

import pytest
from rich.console import Console

from compliance.domain.emergency import whole
from compliance.policies import commands
from compliance.policies.cases import CaseOutcome, run_cases
from compliance.policies.loader import LoadedPack, load, shipped
from compliance.policies.schema import CollectionCase, RetentionCase

PACKS = {name: load(shipped(name)) for name in ("residential", "office")}
OUTCOMES = [(name, outcome) for name, pack in PACKS.items() for outcome in run_cases(pack)]
CATEGORIES = [(name, category) for name, pack in PACKS.items() for category in pack.categories]


def titled(outcome: CaseOutcome) -> str:
    return f"{outcome.case.category}: {outcome.case.title}"


@pytest.mark.parametrize("outcome", [pytest.param(one, id=titled(one)) for _, one in OUTCOMES])
def test_a_case_of_the_shipped_pack_holds(outcome: CaseOutcome) -> None:
    assert outcome.got == outcome.expected


def collection(pack: str, category: str, verdict: str) -> list[CollectionCase]:
    cases = [draft.case for draft in PACKS[pack].cases if draft.category == category]
    return [case for case in cases if isinstance(case, CollectionCase) and case.expect == verdict]


@pytest.mark.parametrize(("pack", "category"), CATEGORIES)
def test_every_field_has_an_accepted_and_a_refused_case(pack: str, category: str) -> None:
    fields = set(PACKS[pack].categories[category].fields)
    accepted = {name for case in collection(pack, category, "admitted") for name in case.submit}
    refused = {
        reason.partition(":")[2] for case in collection(pack, category, "refused") for reason in case.because
    }

    assert fields <= accepted
    assert fields <= refused


@pytest.mark.parametrize(("pack", "category"), CATEGORIES)
def test_every_period_has_the_instant_before_at_and_after_its_limit(pack: str, category: str) -> None:
    policy = whole(PACKS[pack]).categories[category]
    cases = [draft.case for draft in PACKS[pack].cases if draft.category == category]
    by_class: dict[int, list[RetentionCase]] = {}
    usual = max(
        policy.fields.values(),
        key=lambda rule: [r.retention_class for r in policy.fields.values()].count(rule.retention_class),
    )
    for case in cases:
        if isinstance(case, RetentionCase):
            rule = policy.fields[case.field] if case.field else usual
            by_class.setdefault(rule.retention_class, []).append(case)

    for number in range(len(policy.retentions)):
        moments = sorted((case.on, case.expect) for case in by_class[number])
        turns = [
            (before, after)
            for (before, kept), (after, gone) in pairwise(moments)
            if (kept, gone) == ("kept", "erased") and (after - before).total_seconds() == 1
        ]
        assert turns, (category, number)


@pytest.fixture
def broken(tmp_path: Path) -> LoadedPack:
    shutil.copytree(shipped("residential"), tmp_path / "pack")
    path = tmp_path / "pack" / "visitor.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace("  keep: 30d ", "  keep: 29d ", 1).replace("most: 50", "most: 1", 1), encoding="utf-8"
    )
    return load(tmp_path / "pack")


def test_a_shorter_period_makes_its_cases_fail(broken: LoadedPack) -> None:
    failed = {outcome.case.title for outcome in run_cases(broken) if not outcome.passed}

    assert "a visit of which the exit was recorded is kept to the last second" in failed
    assert "companions are counted" in failed


def test_a_failure_says_what_was_expected_and_what_came_out(broken: LoadedPack) -> None:
    console = Console(record=True, width=200, file=io.StringIO())
    passed = commands.print_outcomes(run_cases(broken), console)
    printed = console.export_text()

    assert not passed
    assert "expected: admitted" in printed
    assert "got:      refused bad_format:party_size" in printed


def test_a_pack_without_cases_does_not_pass() -> None:
    assert not commands.print_outcomes((), Console(quiet=True))


def test_the_schema_knows_every_key_that_the_shipped_files_use() -> None:
    schema = commands.json_schema()
    field = schema["$defs"]["FieldFile"]["properties"]

    assert {"label", "type", "purpose", "necessity", "basis", "alternative", "under_duty", "say"} <= set(
        field
    )
    assert "sensitive" in schema["$defs"]["Sensitivity"]["enum"]

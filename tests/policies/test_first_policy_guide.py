"""The guide for a first policy says what happens: its file is clean, its cases pass, its mistake is found as printed."""

from __future__ import annotations

import io
import re
from pathlib import Path

import pytest
from rich.console import Console

from compliance.domain.errors import ConfigurationInvalid
from compliance.policies import commands

GUIDE = (Path(__file__).parents[2] / "docs" / "guides" / "first-policy.md").read_text(encoding="utf-8")


def block(marker: str) -> str:
    found = re.search(rf"<!-- {re.escape(marker)} -->\n```\w+\n(.*?)```", GUIDE, re.DOTALL)
    assert found, marker
    return found[1]


@pytest.fixture
def pack(tmp_path: Path) -> Path:
    folder = tmp_path / "my-pack"
    commands.init(folder)
    (folder / "tutor.yaml").write_text(block("file: my-pack/tutor.yaml"), encoding="utf-8")
    return folder


def printed(pack: Path) -> str:
    out = io.StringIO()
    commands.print_findings(commands.check(pack), Console(file=out))
    return out.getvalue()


def test_the_category_of_the_guide_is_clean_and_its_cases_pass(pack: Path) -> None:
    assert commands.check(pack) == ()
    outcomes = [outcome for outcome in commands.test(pack) if outcome.case.category == "tutor"]
    assert len(outcomes) == 5
    assert all(outcome.passed for outcome in outcomes)


def test_the_mistake_of_the_guide_is_found_as_the_guide_prints_it(pack: Path) -> None:
    path = pack / "tutor.yaml"
    written = path.read_text(encoding="utf-8")
    path.write_text(
        written.replace("cases:\n", block("add to fields: my-pack/tutor.yaml") + "cases:\n", 1),
        encoding="utf-8",
    )

    assert printed(pack) == block("output").split("\n", 1)[1]


def test_starting_a_pack_never_overwrites_anything(pack: Path) -> None:
    with pytest.raises(ConfigurationInvalid):
        commands.init(pack)

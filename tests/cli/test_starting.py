"""`compliance init` fills in who runs the place, and leaves a pack that may be published."""

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from compliance.cli import app
from compliance.cli.starting import QUESTIONS
from compliance.policies import commands
from compliance.policies.loader import load, read_files, shipped

ANSWERS = ["云山花园", '云山"物业", {有限公司}: #1', "0000-3000000", "", "云山市网信办", "0000-3000002"]
REGISTERS = sorted(load(shipped("residential")).categories)


def init(folder: Path, *options: str, typed: str = "") -> Result:
    return CliRunner().invoke(app, ["init", str(folder), *options], input=typed)


def typed(*, kept: set[str]) -> str:
    order = load(shipped("residential")).categories
    return "\n".join([*ANSWERS, *("y" if one in kept else "n" for one in order)]) + "\n"


def test_without_questions_the_pack_is_the_shipped_one(tmp_path: Path) -> None:
    assert init(tmp_path / "pack", "--yes").exit_code == 0
    assert read_files(tmp_path / "pack") == read_files(shipped("residential"))


def test_nobody_is_asked_where_there_is_no_terminal(tmp_path: Path) -> None:
    assert init(tmp_path / "pack").exit_code == 0


def test_what_is_answered_stands_in_the_pack_as_text(tmp_path: Path) -> None:
    assert len(ANSWERS) == len(QUESTIONS)
    assert init(tmp_path / "pack", "--ask", typed=typed(kept=set(REGISTERS))).exit_code == 0

    site = load(tmp_path / "pack").site
    assert site.label.zh == ANSWERS[0]
    assert site.controller.name == ANSWERS[1]
    assert site.controller.contact == ANSWERS[2]
    assert site.complaints.name == ANSWERS[4]
    assert site.officer == load(shipped("residential")).site.officer


def test_a_register_that_the_place_does_not_keep_is_taken_out(tmp_path: Path) -> None:
    ended = init(tmp_path / "pack", "--ask", typed=typed(kept={"visitor", "emergency"}))

    assert ended.exit_code == 0
    assert set(load(tmp_path / "pack").categories) == {"visitor", "emergency"}
    assert commands.clean(commands.check(tmp_path / "pack"))


@pytest.mark.parametrize("option", ["--yes", "--ask"])
def test_nothing_is_overwritten(tmp_path: Path, option: str) -> None:
    (tmp_path / "mine.yaml").write_text("mine", encoding="utf-8")

    assert init(tmp_path, option).exception is not None
    assert [path.name for path in tmp_path.iterdir()] == ["mine.yaml"]

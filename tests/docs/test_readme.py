"""The README's tour is run as it is printed: whoever follows it sees what it says."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import NAMES, ROOT, Command, as_pattern, blocks, session

README = ROOT / "README.md"
TOUR = "/tmp/compliance-tour"


def compliance(arguments: list[str], home: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    """What `python3 run.py` becomes once its environment stands; tests/house tries run.py itself."""
    return subprocess.run(
        [sys.executable, "-P", "-m", "compliance", *arguments],
        cwd=ROOT,
        env={**os.environ, "COMPLIANCE_HOME": str(home), "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_the_tour_prints_what_it_says(tmp_path: Path) -> None:
    steps = session(README)

    assert steps[0].line == f"export COMPLIANCE_HOME={TOUR} COMPLIANCE_SCRATCH=1"
    for step in steps[1:]:
        words = [word.replace(TOUR, str(tmp_path)) for word in shlex.split(step.line)]
        assert words[:2] == ["python3", "run.py"], step.line
        ended = compliance(words[2:], tmp_path, COMPLIANCE_SCRATCH="1")
        assert "Traceback" not in ended.stderr, ended.stderr
        refused = '"verdict": "refused"' in ended.stdout
        assert ended.returncode == (1 if refused else 0), ended.stderr
        assert_printed(step, ended.stdout)


def assert_printed(step: Command, stdout: str) -> None:
    """Every line of the page in its order; a page may leave lines out only where it says …"""
    printed = iter(stdout.splitlines())
    for line in step.prints:
        assert any(as_pattern(line).match(real) for real in printed), f"{step.line}\nnever printed: {line}"


def test_a_line_that_is_not_printed_is_noticed() -> None:
    with pytest.raises(AssertionError, match="never printed"):
        assert_printed(Command(line="x", prints=("没有问题",)), "two findings\n")


PYTHON = [(name, body) for name in NAMES for body in blocks(ROOT / name, "python")]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = tmp_path_factory.mktemp("home")
    words = ["policy", "publish", "compliance/policies/residential", "--by", "staff-1"]
    ended = compliance(words, home, COMPLIANCE_SCRATCH="1")
    assert ended.returncode == 0, ended.stderr
    return home


@pytest.mark.parametrize(
    ("name", "body"), PYTHON, ids=[f"{name}-{at}" for at, (name, _) in enumerate(PYTHON)]
)
def test_a_python_block_of_a_page_runs_in_a_home_with_the_shipped_rules(
    name: str, body: str, published: Path
) -> None:
    env = {**os.environ, "COMPLIANCE_HOME": str(published), "PYTHONPATH": str(ROOT)}

    ran = subprocess.run([sys.executable, "-c", body], env=env, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    # Each of them registers somebody, and prints the record's id first.
    assert as_pattern("…-… …20…").match(ran.stdout.strip())


def test_the_readme_has_its_integration() -> None:
    assert [name for name, _ in PYTHON].count("README.md") == 1

"""The README's tour is run as it is printed: whoever follows it sees what it says."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import ROOT, Command, as_pattern, blocks, session

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


def test_the_python_integration_runs(tmp_path: Path) -> None:
    (block,) = blocks(README, "python")
    published = compliance(
        ["policy", "publish", "compliance/policies/residential", "--by", "staff-1"], tmp_path
    )
    assert published.returncode == 0, published.stderr
    env = {**os.environ, "COMPLIANCE_HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}

    ran = subprocess.run([sys.executable, "-c", block], env=env, capture_output=True, text=True, check=False)

    assert ran.returncode == 0, ran.stderr
    assert as_pattern("…-… 20…").match(ran.stdout.strip())

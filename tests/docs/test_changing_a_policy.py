"""The guide for changing a policy is followed as it is printed, its edit included."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import ROOT, as_pattern, session

GUIDE = ROOT / "docs" / "guides" / "changing-a-policy.md"
HOME = "/tmp/compliance-change"


def edited(home: Path) -> None:
    """What the guide tells its reader to change by hand."""
    said = re.search(r"<!-- edit: (\S+): (.+) → (.+) -->", GUIDE.read_text(encoding="utf-8"))
    assert said
    path = home / said[1]
    written = path.read_text(encoding="utf-8")
    assert said[2] in written
    path.write_text(written.replace(said[2], said[3]), encoding="utf-8")


def test_the_guide_prints_what_it_says(tmp_path: Path) -> None:
    steps = session(GUIDE)
    assert steps[0].line == f"export COMPLIANCE_HOME={HOME} COMPLIANCE_SCRATCH=1"
    settings = {"COMPLIANCE_HOME": str(tmp_path), "COMPLIANCE_SCRATCH": "1", "PYTHONPATH": str(ROOT)}
    for step in steps[1:]:
        if "policy diff" in step.line:
            edited(tmp_path)
        words = [word.replace(HOME, str(tmp_path)) for word in shlex.split(step.line)]
        assert words[0] == "compliance"
        ended = subprocess.run(
            [sys.executable, "-P", "-m", "compliance", *words[1:]],
            cwd=ROOT,
            env={**os.environ, **settings},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        refused = '"verdict": "refused"' in ended.stdout
        assert ended.returncode == (1 if refused else 0), f"{step.line}\n{ended.stderr}"
        printed = iter(ended.stdout.splitlines())
        for line in step.prints:
            assert any(as_pattern(line).match(real) for real in printed), (
                f"{step.line}\nnever printed: {line}"
            )

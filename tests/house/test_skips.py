"""A skip that nobody sees is a test that does not exist: in CI it fails the run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PASSES = "def test_passes():\n    pass\n"
SKIPS = "import pytest\n\n@pytest.mark.skip(reason='no browser')\ndef test_skips():\n    pass\n"
SKIPS_AT_IMPORT = "import pytest\npytest.skip('no browser', allow_module_level=True)\n"
MISSES_THE_REGISTER = SKIPS.replace("@pytest", "@pytest.mark.shared_data\n@pytest")


def run(folder: Path, body: str, *, strict: bool, spread: bool) -> subprocess.CompletedProcess[str]:
    (folder / "test_fine.py").write_text(PASSES)
    (folder / "test_it.py").write_text(body)
    (folder / "pytest.ini").write_text("[pytest]\nmarkers = shared_data\n")
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-p",
        "tests.servers.skips",
        *(["-p", "xdist", "-n", "1"] if spread else []),
        str(folder),
    ]
    env = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "COMPLIANCE_FAIL_ON_SKIP": "1" if strict else "0",
    }
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=env, check=False)


@pytest.mark.parametrize("spread", [False, True], ids=["alone", "spread"])
def test_a_skip_fails_the_run_where_nothing_may_skip(tmp_path: Path, spread: bool) -> None:
    done = run(tmp_path, SKIPS, strict=True, spread=spread)

    assert done.returncode == 1
    assert "test_it.py::test_skips" in done.stdout


def test_a_module_that_skips_itself_fails_the_run_too(tmp_path: Path) -> None:
    assert run(tmp_path, SKIPS_AT_IMPORT, strict=True, spread=False).returncode == 1


def test_a_skip_is_only_counted_elsewhere(tmp_path: Path) -> None:
    done = run(tmp_path, SKIPS, strict=False, spread=False)

    assert done.returncode == 0
    assert "1 passed, 1 skipped" in done.stdout


def test_only_the_register_beside_the_checkout_may_be_missing(tmp_path: Path) -> None:
    assert run(tmp_path, MISSES_THE_REGISTER, strict=True, spread=False).returncode == 0

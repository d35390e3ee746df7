"""run.py, driven as a person drives it, over a small checkout with an empty lock: nothing here needs a network."""

import ast
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

RUN = Path(__file__).parents[2] / "run.py"
COMMAND = """\
import os, sys, time
print(sys.argv[1:], os.getcwd())
if "wait" in sys.argv:
    print("ready", flush=True)
    time.sleep(30)
sys.exit(7)
"""
OLD_PYTHON = "import runpy, sys; sys.version_info = (3, 9, 2); sys.argv[:] = ['run.py', 'up']"
NO_ENSUREPIP = (
    "import importlib.util as u, runpy, sys; find = u.find_spec; sys.argv[:] = ['run.py', 'up'];"
    "u.find_spec = lambda name, *rest: None if name == 'ensurepip' else find(name, *rest)"
)


def make_checkout(folder: Path) -> Path:
    (folder / "requirements").mkdir(parents=True)
    (folder / "compliance").mkdir()
    shutil.copy(RUN, folder / "run.py")
    (folder / "requirements" / "run.txt").write_text("# nothing\n")
    (folder / "compliance" / "__init__.py").touch()
    (folder / "compliance" / "__main__.py").write_text(COMMAND)
    return folder


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout that was never started."""
    return make_checkout(tmp_path / "checkout")


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout that was started once."""
    folder = make_checkout(tmp_path_factory.mktemp("house") / "checkout")
    first = start(folder, "doctor")
    assert first.returncode == 7, first.stderr
    assert "Installing dependencies" in first.stderr
    return folder


def start(
    folder: Path, *words: str, cwd: Path | None = None, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(folder / "run.py"), *words]
    return subprocess.run(
        command,
        capture_output=True,
        text=True,
        cwd=cwd or folder,
        env={**os.environ, **(env or {})},
        check=False,
    )


def play(prelude: str, folder: Path) -> subprocess.CompletedProcess[str]:
    script = f"{prelude}; runpy.run_path({str(folder / 'run.py')!r}, run_name='__main__')"
    return subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)


def site_packages(folder: Path) -> Path:
    return next((folder / ".venv" / "lib").glob("python*")) / "site-packages"


def test_run_py_parses_on_interpreters_too_old_to_run_it() -> None:
    ast.parse(RUN.read_text(encoding="utf-8"), feature_version=(3, 7))


def test_run_py_needs_nothing_but_the_standard_library() -> None:
    tree = ast.parse(RUN.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, (ast.Import, ast.ImportFrom))]
    names = {alias.name for node in imports if isinstance(node, ast.Import) for alias in node.names}
    names |= {str(node.module) for node in imports if isinstance(node, ast.ImportFrom)}

    assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names


def test_an_old_python_is_told_which_one_is_needed(bare: Path) -> None:
    told = play(OLD_PYTHON, bare)

    assert told.returncode == 1
    assert (
        told.stderr
        == "需要 Python 3.11 或更新版本（当前为 3.9）。\nPython 3.11 or newer is needed; this is 3.9.\n"
    )


def test_a_python_without_venv_is_told_what_to_install(bare: Path) -> None:
    told = play(NO_ENSUREPIP, bare)

    assert told.returncode == 1
    assert told.stderr.count("apt install python3-venv") == 2
    assert not (bare / ".venv").exists()


def test_any_other_word_goes_to_the_command_with_its_exit_code(started: Path, tmp_path: Path) -> None:
    done = start(started, "gate", "check", "--json", "-", cwd=tmp_path)

    assert done.stdout == f"['gate', 'check', '--json', '-'] {tmp_path}\n"
    assert done.returncode == 7


def test_a_warm_start_says_nothing_and_starts_no_pip(started: Path) -> None:
    pip = site_packages(started) / "pip"
    aside = pip.rename(pip.with_name("pip-aside"))
    try:
        done = start(started, "up")
    finally:
        aside.rename(pip)

    assert done.returncode == 7
    assert done.stderr == ""


def test_a_signal_reaches_the_command_itself(started: Path) -> None:
    command = [sys.executable, str(started / "run.py"), "wait"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        assert "wait" in running.stdout.readline()
        assert running.stdout.readline() == "ready\n"
        running.send_signal(signal.SIGTERM)

        assert running.wait(timeout=60) == -signal.SIGTERM


def test_a_changed_lock_is_installed_again(started: Path) -> None:
    locked = started / "requirements" / "run.txt"
    before = json.loads((started / ".venv" / "installed.json").read_text())
    locked.write_text("# nothing, said differently\n")

    assert "Installing dependencies" in start(started, "doctor").stderr
    assert start(started, "doctor").stderr == ""
    assert json.loads((started / ".venv" / "installed.json").read_text())["run"] != before["run"]


def cut_off_while_pip_ran(folder: Path) -> None:
    (folder / ".venv" / "unfinished").touch()
    (folder / ".venv" / "installed.json").unlink()
    (site_packages(folder) / "half_a_package").mkdir()


def cut_off_while_venv_ran(folder: Path) -> None:
    (folder / ".venv" / "installed.json").unlink()
    (site_packages(folder) / "half_a_package").mkdir()
    shutil.rmtree(site_packages(folder) / "pip" / "_internal" / "cli")


@pytest.mark.parametrize(
    "cut_off", [cut_off_while_pip_ran, pytest.param(cut_off_while_venv_ran, marks=pytest.mark.long)]
)
def test_an_installation_that_was_killed_is_made_anew(started: Path, cut_off: Callable[[Path], None]) -> None:
    cut_off(started)

    assert start(started, "doctor").returncode == 7
    assert not (site_packages(started) / "half_a_package").exists()
    assert start(started, "doctor").stderr == ""


def make_wheel(folder: Path) -> str:
    """A wheel with one empty module in it; returns its SHA-256."""
    path = folder / "locked-1.0-py3-none-any.whl"
    about = "locked-1.0.dist-info"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("locked.py", "")
        wheel.writestr(f"{about}/METADATA", "Metadata-Version: 2.1\nName: locked\nVersion: 1.0\n")
        wheel.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr(f"{about}/RECORD", "")
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_only_a_package_with_its_locked_hash_is_installed(started: Path, tmp_path: Path) -> None:
    locked = started / "requirements" / "run.txt"
    right = make_wheel(tmp_path)
    nowhere = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(tmp_path), "PIP_CONFIG_FILE": os.devnull}

    for line in ("locked==1.0", f"locked==1.0 --hash=sha256:{'0' * 64}"):
        locked.write_text(line)
        refused = start(started, "doctor", env=nowhere)
        assert refused.returncode == 1
        assert "hash" in refused.stderr.lower()
        assert "依赖安装未完成" in refused.stderr
        assert not (site_packages(started) / "locked.py").exists()

    locked.write_text(f"locked==1.0 --hash=sha256:{right}")
    assert start(started, "doctor", env=nowhere).returncode == 7
    assert (site_packages(started) / "locked.py").exists()


def test_a_folder_that_is_called_like_the_command_does_not_take_its_place(
    started: Path, tmp_path: Path
) -> None:
    (tmp_path / "compliance").mkdir()
    (tmp_path / "compliance" / "__init__.py").touch()

    assert start(started, "doctor", cwd=tmp_path).returncode == 7


@pytest.mark.long
def test_two_first_starts_at_once_install_once(bare: Path) -> None:
    command = [sys.executable, str(bare / "run.py"), "doctor"]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)
    ]
    said = [running.communicate(timeout=120)[1] for running in both]

    assert [running.returncode for running in both] == [7, 7]
    assert "".join(said).count("Installing dependencies") == 1


@pytest.mark.long
def test_an_orphaned_installer_is_waited_for_and_not_trusted(bare: Path) -> None:
    """Kill run.py alone, while a slow pip goes on: the next start must not write beside it."""
    slow = bare / "slow"
    slow.mkdir()
    (slow / "sitecustomize.py").write_text(
        "import sys, time\n"
        "if 'install' in sys.argv: print('slow', flush=True); time.sleep(3); open(__file__ + '.ended', 'w').close()\n"
    )
    command = [sys.executable, str(bare / "run.py"), "doctor"]
    with subprocess.Popen(
        command, stderr=subprocess.DEVNULL, env={**os.environ, "PYTHONPATH": str(slow)}
    ) as first:
        while not (bare / ".venv" / "unfinished").exists():
            time.sleep(0.05)
        time.sleep(0.5)
        first.kill()
    assert not (slow / "sitecustomize.py.ended").exists()

    second = start(bare, "doctor")
    assert second.returncode == 7
    assert (slow / "sitecustomize.py.ended").exists()
    assert not (bare / ".venv" / "unfinished").exists()


def test_a_warm_start_takes_well_under_a_second(started: Path) -> None:
    start(started, "doctor")

    def seconds() -> float:
        begun = time.monotonic()
        start(started, "doctor")
        return time.monotonic() - begun

    assert any(seconds() < 1 for _ in range(5))  # the machine may have something else to do at the moment

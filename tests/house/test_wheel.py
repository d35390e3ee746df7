"""The wheel holds everything that the checkout runs on."""

import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
BUILD = "from setuptools.build_meta import build_wheel; print(build_wheel('dist'))"
NOT_SHIPPED = {".pyc"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Names in the wheel, built from a copy: building leaves folders behind."""
    copy = tmp_path_factory.mktemp("wheel")
    for name in ("compliance", "alembic"):
        shutil.copytree(ROOT / name, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "setup.py", "LICENSE"):
        shutil.copy(ROOT / name, copy)
    readme = ROOT / "README.md"
    (copy / "README.md").write_text(readme.read_text(encoding="utf-8") if readme.exists() else "")
    (copy / "dist").mkdir()
    built = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", BUILD], cwd=copy, capture_output=True, text=True, check=False
    )
    assert built.returncode == 0, built.stderr
    with zipfile.ZipFile(next((copy / "dist").glob("*.whl"))) as wheel:
        return set(wheel.namelist())


def test_the_wheel_ships_every_file_of_the_package(shipped: set[str]) -> None:
    files = {
        path for path in (ROOT / "compliance").rglob("*") if path.is_file() and path.suffix not in NOT_SHIPPED
    }
    names = {str(path.relative_to(ROOT)) for path in files}

    assert len(names) > 20
    assert names <= shipped


def test_the_wheel_ships_the_migrations_inside_the_package(shipped: set[str]) -> None:
    assert "compliance/db/alembic/env.py" in shipped
    assert {
        f"compliance/db/alembic/versions/{path.name}" for path in (ROOT / "alembic" / "versions").glob("*.py")
    } <= shipped


def test_the_wheel_has_no_folder_that_would_shadow_the_migration_library(shipped: set[str]) -> None:
    assert {name.partition("/")[0] for name in shipped} == {"compliance", "compliance-0.1.0.dist-info"}

"""The locked sets are whole, agree with each other, and name no registry."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==(\S+)", re.MULTILINE)


def text_of(name: str) -> str:
    return (ROOT / "requirements" / f"{name}.txt").read_text(encoding="utf-8")


def pins(name: str) -> dict[str, set[str]]:
    """Package → versions; more than one where the platform or the Python decides."""
    found: dict[str, set[str]] = {}
    for package, version in PIN.findall(text_of(name)):
        found.setdefault(package, set()).add(version)
    return found


def named(requirements: list[str]) -> set[str]:
    return {
        re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace(".", "-") for requirement in requirements
    }


def wanted() -> dict[str, set[str]]:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = {name: named(requirements) for name, requirements in project["dependency-groups"].items()}
    return {"run": named(project["project"]["dependencies"]), **groups}


@pytest.mark.parametrize("name", ["run", "test", "bench"])
def test_every_named_dependency_is_locked(name: str) -> None:
    assert len(wanted()[name]) > 1
    assert wanted()[name] - set(pins(name)) == set()


@pytest.mark.parametrize("name", ["run", "test", "bench"])
def test_every_locked_package_has_a_hash(name: str) -> None:
    unhashed = [
        entry for entry in re.split(r"\n(?=[a-z0-9])", text_of(name)) if "--hash=sha256:" not in entry
    ]

    assert unhashed == []


@pytest.mark.parametrize("name", ["test", "bench"])
def test_the_sets_agree_on_what_they_share(name: str) -> None:
    shared = set(pins("run")) & set(pins(name))

    assert shared
    assert {package: pins(name)[package] for package in shared} == {
        package: pins("run")[package] for package in shared
    }


@pytest.mark.parametrize("name", ["run", "test", "bench"])
def test_a_lock_names_no_registry(name: str) -> None:
    assert "://" not in text_of(name)

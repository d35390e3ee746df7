"""The core decides from its arguments alone: no I/O, clock, randomness, environment or logging (docs/architecture.md)."""

import ast
import sys

import pytest

from tests.architecture.source import CORE, ROOT, core, imported

THIRD_PARTIES = {"msgspec", "pydantic", "isodate", "stdnum"}
IMPURE = {
    "asyncio", "builtins", "concurrent", "ctypes", "fileinput", "getpass", "glob", "http", "importlib", "io", "locale",
    "logging", "multiprocessing", "os", "pathlib", "pickle", "platform", "queue", "random", "sched", "secrets", "select",
    "selectors", "shelve", "shutil", "signal", "socket", "socketserver", "sqlite3", "ssl", "subprocess", "sys",
    "tempfile", "threading", "time", "urllib", "uuid", "warnings",
}  # fmt: skip
DOORS = {"open", "print", "input", "eval", "exec", "__import__", "breakpoint"}


def test_no_package_of_the_core_is_passed_over() -> None:
    """A name that no longer fits a folder would look at nothing, and be green."""
    assert all((ROOT / "compliance" / name).is_dir() for name in CORE)


@pytest.mark.parametrize("path", core())
def test_the_core_imports_only_values_and_functions(path: str) -> None:
    packages = {name.partition(".")[0] for name in imported(core()[path])} - {"compliance", "__future__"}

    assert packages & IMPURE == set()
    assert packages - sys.stdlib_module_names <= THIRD_PARTIES


@pytest.mark.parametrize("path", core())
def test_the_core_opens_and_prints_nothing(path: str) -> None:
    calls = [node.func for node in ast.walk(core()[path]) if isinstance(node, ast.Call)]

    assert {call.id for call in calls if isinstance(call, ast.Name)} & DOORS == set()


def test_importing_the_package_does_nothing() -> None:
    assert (ROOT / "compliance" / "__init__.py").read_bytes() == b""

"""What the pages name exists, and what exists is on a page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from compliance.cli import app
from compliance.config import Settings
from tests.docs.pages import NAMES, ROOT

RUN_PY = {"test", "bench"}  # words that run.py keeps to itself
# Read by the suite and the benchmarks, not by the engine.
OF_TESTS = {"COMPLIANCE_TEST_POSTGRES", "COMPLIANCE_FAIL_ON_SKIP"}
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
_PATH = re.compile(
    r"(?<![\w/<.-])((?:compliance|tests|bench|docs|alembic|domain|services|db|stores)/[\w./*-]*\w(?:\.\w+)?)(?![\w/<])"
)
_CODE = re.compile(r"`([^`\n]+)`")
_CALL = re.compile(r"(?:^|[\s$(·])(?:python3 run\.py|compliance) ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?")


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def commands(group: Any = None, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    group = group or typer.main.get_command(app)
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, (*above, name))
        else:
            yield (*above, name)


def calls(name: str) -> list[tuple[str, str]]:
    """Commands as a page writes them: in code, never in prose, where `compliance` is only a word."""
    text = text_of(name)
    code = [
        line
        for body in re.findall(r"^```.*?^```", text, re.MULTILINE | re.DOTALL)
        for line in body.splitlines()
    ]
    code += [line for line in text.splitlines() if line.startswith("    ")]
    code += _CODE.findall(text)
    return [(one[1], one[2] or "") for line in code for one in _CALL.finditer(line)]


@pytest.mark.parametrize("name", NAMES)
def test_every_link_leads_somewhere(name: str) -> None:
    page = ROOT / name
    targets = [unquote(link.partition("#")[0]) for link in _LINK.findall(text_of(name)) if "://" not in link]

    assert [target for target in targets if target and not (page.parent / target).exists()] == []


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith("docs/adr/")])
def test_every_file_that_a_page_names_exists(name: str) -> None:
    """ADRs are dated and may name what was there then; every other page speaks of today."""
    named = {path for path in _PATH.findall(text_of(name)) if "*" not in path and "NNNN" not in path}

    assert sorted(path for path in named if not stands(path)) == []


def stands(path: str) -> bool:
    """A file or folder, from the root or from the package; ``domain/collection.admit`` is a name in a file."""
    return any(
        (folder / one).exists()
        for folder in (ROOT, ROOT / "compliance")
        for one in (path, f"{path.rpartition('.')[0]}.py")
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_command_on_a_page_exists(name: str) -> None:
    known = set(commands())
    groups = {path[0] for path in known if len(path) == 2}
    unknown = [
        f"{noun} {verb}".strip()
        for noun, verb in calls(name)
        if noun not in RUN_PY
        and (
            (noun, verb) not in known
            if noun in groups and verb
            else noun not in groups | {path[0] for path in known}
        )
    ]

    assert unknown == []


@pytest.mark.parametrize("path", list(commands()), ids=" ".join)
def test_every_command_is_on_a_page(path: tuple[str, ...]) -> None:
    said = " ".join(path)

    assert any(f"compliance {said}" in text_of(name) or f"run.py {said}" in text_of(name) for name in NAMES)


@pytest.mark.parametrize("setting", list(Settings.model_fields))
def test_every_setting_is_in_the_operators_guide(setting: str) -> None:
    assert f"COMPLIANCE_{setting.upper()}" in text_of("docs/guides/operator.md")


@pytest.mark.parametrize("name", NAMES)
def test_every_setting_on_a_page_exists(name: str) -> None:
    known = {f"COMPLIANCE_{field.upper()}" for field in Settings.model_fields} | OF_TESTS
    named = set(re.findall(r"COMPLIANCE_[A-Z_]*[A-Z]", text_of(name)))

    assert sorted(named - known) == []

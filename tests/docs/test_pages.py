"""What the pages name exists, and what exists is on a page."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

import pytest
import typer

from compliance.cli import app
from compliance.config import Settings
from tests.docs.pages import NAMES, PAGES, ROOT, blocks

RUN_PY = {"test", "bench"}  # words that run.py keeps to itself
# Read by the suite and the benchmarks, not by the engine.
OF_TESTS = {"COMPLIANCE_TEST_POSTGRES", "COMPLIANCE_FAIL_ON_SKIP"}
_LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)\)")
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


@pytest.mark.parametrize("name", NAMES)
def test_every_python_block_is_python(name: str) -> None:
    for block in blocks(ROOT / name, "python"):
        ast.parse(block)


def test_python_blocks_stand_only_where_they_are_run() -> None:
    """The README's is run by test_readme.py; another page that wants one says here by what."""
    assert [str(page.relative_to(ROOT)) for page in PAGES if blocks(page, "python")] == ["README.md"]

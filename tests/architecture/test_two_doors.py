"""One door in, one door out, and one clock."""

import ast
from pathlib import Path

import pytest

from tests.architecture.source import ROOT, imported, modules

ONLY_BOOTSTRAP_OPENS = {"compliance.services.gate", "compliance.services.disposal"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "utcnow"),
    ("datetime", "today"),
    ("date", "today"),
    ("time", "time"),
}


@pytest.mark.parametrize("path", sorted(set(modules()) - {"compliance/bootstrap.py"}))
def test_only_bootstrap_knows_the_two_doors(path: str) -> None:
    names = set(imported(modules()[path]))
    for node in ast.walk(modules()[path]):
        if isinstance(node, ast.ImportFrom) and node.module == "compliance.services":
            names |= {f"compliance.services.{alias.name}" for alias in node.names}

    assert names & ONLY_BOOTSTRAP_OPENS == set()


@pytest.mark.parametrize("path", sorted(set(modules()) - {"compliance/bootstrap.py"}))
def test_nobody_but_bootstrap_looks_at_the_clock(path: str) -> None:
    read = {
        (node.value.id, node.attr)
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    }

    assert read & CLOCKS == set()


def test_the_migrations_folder_does_not_shadow_its_library() -> None:
    assert (ROOT / "alembic" / "env.py").exists()
    assert not (ROOT / "alembic" / "__init__.py").exists()


def test_no_network_address_of_a_script_stands_in_a_template() -> None:
    """Pages load everything from this host: no CDN, no web font."""
    pages = [
        path for kind in ("j2", "html", "css", "js") for path in (ROOT / "compliance").rglob(f"*.{kind}")
    ]
    loads = ('src="http', "src='http", 'href="http', "@import url(http", 'src="//')
    found = {str(path.relative_to(ROOT)) for path in pages if any(load in _text(path) for load in loads)}

    assert found - {"compliance/web/static/swagger-ui-bundle.js"} == set()


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

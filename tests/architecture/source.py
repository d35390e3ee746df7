"""The package's modules, parsed once for every test that reads them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
CORE = ("domain", "rights", "anonymisers", "detectors", "ports")


@cache
def modules() -> dict[str, ast.Module]:
    """Path from the root of the checkout → syntax tree."""
    paths = sorted((ROOT / "compliance").rglob("*.py"))
    return {str(path.relative_to(ROOT)): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def core() -> dict[str, ast.Module]:
    return {path: tree for path, tree in modules().items() if Path(path).parts[1] in CORE}


def imported(tree: ast.Module) -> Iterator[str]:
    """Full names of the modules that a module imports, wherever in it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1

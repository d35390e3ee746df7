"""The code knows no kind of visitor: categories are files, and what a file is called stands in no module."""

import ast

import pytest

from compliance.policies.loader import load, shipped
from tests.architecture.source import modules

PACKS = ("residential", "office")
EVERYDAY = {"emergency"}  # the basis of PIPL 13(1)(4) is called so as well
CATEGORIES = frozenset(name for pack in PACKS for name in load(shipped(pack)).categories) - EVERYDAY
# The demo community lives by its pack; in the other module the word means something else.
DEMO = {"compliance/running/community.py", "compliance/running/demo.py"}
ANOTHER_MEANING = {
    ("compliance/notices/words.py", "visitor"): "who a field is about, beside host and owner",
}


def literals(tree: ast.Module) -> set[str]:
    return {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def test_the_demo_would_be_found() -> None:
    found = {path: literals(modules()[path]) & CATEGORIES for path in DEMO}

    assert all(found.values())


@pytest.mark.parametrize("path", sorted(modules().keys() - DEMO))
def test_a_module_knows_no_category(path: str) -> None:
    allowed = {word for module, word in ANOTHER_MEANING if module == path}

    assert literals(modules()[path]) & CATEGORIES <= allowed

"""Boundaries buy clarity, and so does room: what outgrows these bounds wants to be two things."""

import ast
from asyncio import Protocol
from html.parser import HTMLParser

import pytest

from tests.architecture.source import ROOT, functions, length, modules

LONGEST_FILE = 350
LONGEST_FUNCTION = 60
NINE_IN_TEN_FUNCTIONS = 25


@pytest.mark.parametrize("path", modules())
def test_a_file_can_be_read_in_one_sitting(path: str) -> None:
    lines = (ROOT / path).read_text(encoding="utf-8").count("\n")

    assert lines <= LONGEST_FILE


@pytest.mark.parametrize("path", modules())
def test_a_function_fits_on_a_screen(path: str) -> None:
    too_long = {
        node.name: length(node) for node in functions(modules()[path]) if length(node) > LONGEST_FUNCTION
    }

    assert too_long == {}


def test_nine_functions_in_ten_are_short() -> None:
    lengths = sorted(length(node) for tree in modules().values() for node in functions(tree))

    assert lengths[len(lengths) * 9 // 10] <= NINE_IN_TEN_FUNCTIONS


BANNED = {"process", "processes", "processor", "handle", "handler", "manage", "manager", "util", "utils", "helper",
          "helpers", "common", "data", "info"}  # fmt: skip
# A subclass does not choose what the standard library calls it by.
IMPOSED = {*dir(HTMLParser), *dir(Protocol)}


def words(name: str) -> set[str]:
    spaced = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    return set(spaced.split("_"))


def test_a_camel_case_name_is_taken_apart() -> None:
    assert words("RequestHandler") >= {"request", "handler"}
    assert words("handle_request") >= {"handle", "request"}


@pytest.mark.parametrize("path", modules())
def test_a_name_says_what_it_is(path: str) -> None:
    """Words that fit anything name nothing (docs/glossary.md, Verbs)."""
    defined = [path.rpartition("/")[2].removesuffix(".py")]
    defined += [
        node.name
        for node in ast.walk(modules()[path])
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]

    assert [name for name in defined if words(name) & BANNED and name not in IMPOSED] == []

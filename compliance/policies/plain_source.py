"""The plain dialect in which policies are nearly always written, read some fifteen times faster than YAML at large.

One key a line, values on the same line or indented below it, flow collections and quotes that end where they begin.
Whatever is not that (block text, anchors, tabs, a key that stands twice, anything odd) raises `NotPlain`, and the full
parser reads the file and words the fault. What is read here is read alike there: a property test holds the two together.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

Path = tuple[str | int, ...]
Place = tuple[int, int]
Scalar = Callable[[str], Any]


class NotPlain(Exception):
    """The text is not in the plain dialect."""


# Printable, without the characters that YAML takes for line breaks and byte order marks.
_ODD = re.compile("[^\n\x20-\x7e\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd]")
_FIRST = r"""(?:[^\s,\[\]{}#&*!|>'"%@`:?\-=<]|-(?=[0-9]))"""
_SINGLE = r"'((?:[^'\n]|'')*)'"
_DOUBLE = r'"([^"\\\n]*)"'
_KEY = re.compile(rf"(?:({_FIRST}[^\n:#]{{0,200}}?)|{_SINGLE}|{_DOUBLE}):(?: +|\Z)")
_VALUE = re.compile(rf"(?:({_FIRST}(?:[^\n:#]|:(?=\S)|(?<=\S)#)*)|{_SINGLE}|{_DOUBLE}) *(?:(?<= )#.*)?\Z")
_FLOW_SCALAR = re.compile(rf"({_FIRST}(?:[^\n,\[\]{{}}:#]|:(?=[^\s,\[\]{{}}]))*)|{_SINGLE}|{_DOUBLE}")
_LONGEST_KEY = 200
_REST = re.compile(r" *(?:(?<= )#.*)?\Z")


def read_plain(text: str, scalar: Scalar, deepest: int, most_nodes: int) -> tuple[Any, dict[Path, Place]]:
    """The value and the place of each part; raises `NotPlain`. `scalar` says what an unquoted word means."""
    text = text.replace("\r\n", "\n")
    if _ODD.search(text) or "\n---" in text or "\n..." in text or text.startswith(("---", "...", "%")):
        raise NotPlain
    return _Reader(text, scalar, deepest, most_nodes).document()


class _Reader:
    def __init__(self, text: str, scalar: Scalar, deepest: int, most_nodes: int) -> None:
        self.scalar, self.deepest, self.nodes_left = scalar, deepest, most_nodes
        self.places: dict[Path, Place] = {}
        self.lines: list[tuple[int, int, str]] = []  # indent, number, content
        for number, line in enumerate(text.split("\n"), start=1):
            content = line.lstrip(" ")
            if content and not content.startswith("#"):
                self.lines.append((len(line) - len(content), number, content.rstrip(" ")))
        self.lines.append((-1, 0, ""))
        self.at = 0

    def document(self) -> tuple[Any, dict[Path, Place]]:
        indent, number, _ = self.lines[0]
        if indent != 0:
            raise NotPlain
        self.places[()] = (number, 1)
        self.count()
        value = self.mapping((), 0)
        if self.lines[self.at][0] != -1:
            raise NotPlain
        return value, self.places

    def count(self) -> None:
        self.nodes_left -= 1
        if self.nodes_left < 0:
            raise NotPlain

    def mapping(self, path: Path, indent: int) -> dict[str, Any]:
        """The keys that stand at one indent, from the current line on."""
        if len(path) >= self.deepest:
            raise NotPlain
        value: dict[str, Any] = {}
        while self.lines[self.at][0] == indent:
            _, number, content = self.lines[self.at]
            found = _KEY.match(content)
            if found is None:
                raise NotPlain
            key = _text(found)
            if key in value or key != key.rstrip(" ") or len(key) > _LONGEST_KEY:
                raise NotPlain
            below = (*path, key)
            self.places[below] = (number, indent + 1)
            self.count()
            self.at += 1
            value[key] = self.value(below, indent, number, content, found.end())
        if self.lines[self.at][0] > indent:
            raise NotPlain
        return value

    def value(self, path: Path, indent: int, number: int, content: str, at: int) -> Any:
        """What follows a key: on its line, or indented below it."""
        if at < len(content) and content[at] != "#":
            return self.inline(path, number, indent, content, at)
        deeper, _, first = self.lines[self.at]
        if deeper <= indent:
            if deeper == indent and (first == "-" or first.startswith("- ")):
                raise NotPlain
            return None
        if first.startswith("- "):
            return self.sequence(path, deeper)
        return self.mapping(path, deeper)

    def sequence(self, path: Path, indent: int) -> list[Any]:
        if len(path) >= self.deepest:
            raise NotPlain
        value: list[Any] = []
        while self.lines[self.at][0] == indent and self.lines[self.at][2].startswith("- "):
            _, number, content = self.lines[self.at]
            inner = content[2:].lstrip(" ")
            column = indent + len(content) - len(inner)
            below = (*path, len(value))
            self.places[below] = (number, column + 1)
            self.count()
            if inner[:1] in ("{", "["):
                self.at += 1
                value.append(self.inline(below, number, column, inner, 0))
            elif _KEY.match(inner):
                self.lines[self.at] = (column, number, inner)  # a mapping that begins on the dash's line
                value.append(self.mapping(below, column))
            else:
                self.at += 1
                value.append(self.inline(below, number, column, inner, 0))
        if self.lines[self.at][0] >= indent:
            raise NotPlain
        return value

    def inline(self, path: Path, number: int, indent: int, content: str, at: int) -> Any:
        if content[at] in "{[":
            value, end = self.flow(path, number, indent, content, at)
            if _REST.match(content, end) is None:
                raise NotPlain
            return value
        found = _VALUE.match(content, at)
        if found is None:
            raise NotPlain
        return self.word(found)

    def word(self, found: re.Match[str]) -> Any:
        plain = found[1]
        return self.scalar(plain.rstrip(" ")) if plain is not None else _text(found)

    def flow(self, path: Path, number: int, indent: int, content: str, at: int) -> tuple[Any, int]:
        """A flow collection from its bracket on, and where it ends."""
        if len(path) >= self.deepest:
            raise NotPlain
        read = self.flow_mapping if content[at] == "{" else self.flow_sequence
        return read(path, number, indent, content, _after_space(content, at + 1))

    def flow_mapping(
        self, path: Path, number: int, indent: int, content: str, at: int
    ) -> tuple[dict[str, Any], int]:
        value: dict[str, Any] = {}
        if content[at : at + 1] == "}":
            return value, at + 1
        while True:
            found = _FLOW_SCALAR.match(content, at)
            if found is None or content[found.end() : found.end() + 2] != ": ":
                raise NotPlain
            key = _text(found)
            if key in value or key != key.rstrip(" ") or len(key) > _LONGEST_KEY:
                raise NotPlain
            below = (*path, key)
            self.places[below] = (number, indent + at + 1)
            at = _after_space(content, found.end() + 1)
            value[key], at = self.flow_item(below, number, indent, content, at)
            if content[at : at + 1] == "}":
                return value, at + 1
            at = _after_comma(content, at)

    def flow_sequence(
        self, path: Path, number: int, indent: int, content: str, at: int
    ) -> tuple[list[Any], int]:
        value: list[Any] = []
        if content[at : at + 1] == "]":
            return value, at + 1
        while True:
            below = (*path, len(value))
            self.places[below] = (number, indent + at + 1)
            item, at = self.flow_item(below, number, indent, content, at)
            value.append(item)
            if content[at : at + 1] == "]":
                return value, at + 1
            at = _after_comma(content, at)

    def flow_item(self, path: Path, number: int, indent: int, content: str, at: int) -> tuple[Any, int]:
        """One value within a flow collection, and where what follows it begins."""
        self.count()
        if content[at : at + 1] in ("{", "["):
            value, at = self.flow(path, number, indent, content, at)
            return value, _after_space(content, at)
        found = _FLOW_SCALAR.match(content, at)
        if found is None:
            raise NotPlain
        return self.word(found), _after_space(content, found.end())


def _text(found: re.Match[str]) -> str:
    plain, single, double = found.groups()
    if plain is not None:
        return str(plain)
    return str(single).replace("''", "'") if single is not None else str(double)


def _after_space(content: str, at: int) -> int:
    while content[at : at + 1] == " ":
        at += 1
    return at


def _after_comma(content: str, at: int) -> int:
    if content[at : at + 1] != ",":
        raise NotPlain
    return _after_space(content, at + 1)

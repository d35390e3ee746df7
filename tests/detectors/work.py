"""Counts the steps a backtracking engine takes, so that "linear" is proved by counting and not by the clock.

It reads the parse tree of Python's own `re` and tries alternatives in its order, without any of its shortcuts: what is
linear here is linear there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from re import _constants as op
from re import _parser as parser
from typing import Any

Tree = list[tuple[Any, Any]]


class Work:
    """One search of one text, counted."""

    def __init__(self, pattern: re.Pattern[str], text: str) -> None:
        self._tree = _parsed(pattern.pattern, pattern.flags)
        self._folded = bool(pattern.flags & re.IGNORECASE)
        self._text = text.lower() if self._folded else text
        self.steps = 0

    def find_all(self) -> int:
        """Search as `finditer` does; the number of matches."""
        position = found = 0
        while position <= len(self._text):
            end = next(self._run(self._tree, 0, position), None)
            found += end is not None
            position = end if end is not None and end > position else position + 1
        return found

    def _run(self, tree: Tree, at: int, position: int) -> Iterator[int]:
        """Every end that the items from `at` on can reach from a position, in the engine's order."""
        if at == len(tree):
            yield position
            return
        kind, value = tree[at]
        for end in self._item(kind, value, position):
            yield from self._run(tree, at + 1, end)

    def _item(self, kind: Any, value: Any, position: int) -> Iterator[int]:  # noqa: PLR0912 - one for each kind of node
        self.steps += 1
        if kind in (op.LITERAL, op.NOT_LITERAL, op.IN, op.ANY):
            if position < len(self._text) and _matches(kind, value, self._text[position], self._folded):
                yield position + 1
        elif kind is op.BRANCH:
            for branch in value[1]:
                yield from self._run(list(branch), 0, position)
        elif kind is op.SUBPATTERN:
            yield from self._run(list(value[3]), 0, position)
        elif kind in (op.ASSERT, op.ASSERT_NOT):
            if self._asserted(value[0], value[1], position) is (kind is op.ASSERT):
                yield position
        elif kind is op.AT:
            if position == (0 if value is op.AT_BEGINNING else len(self._text)):
                yield position
        elif kind is op.ATOMIC_GROUP:
            yield from self._first(self._run(list(value), 0, position))
        elif kind is op.POSSESSIVE_REPEAT:
            yield from self._first(self._repeat(value, position, greedy=True))
        elif kind in (op.MAX_REPEAT, op.MIN_REPEAT):
            yield from self._repeat(value, position, greedy=kind is op.MAX_REPEAT)
        else:
            raise NotImplementedError(str(kind))

    @staticmethod
    def _first(ends: Iterator[int]) -> Iterator[int]:
        for end in ends:
            yield end
            return

    def _asserted(self, direction: int, inner: Any, position: int) -> bool:
        if direction < 0:
            position -= inner.getwidth()[0]
        return position >= 0 and next(self._run(list(inner), 0, position), None) is not None

    def _repeat(self, value: Any, position: int, *, greedy: bool) -> Iterator[int]:
        """Depth first with a stack of its own: a run of thousands is deeper than Python's."""
        least, most, inner = value
        inner = list(inner)
        stack = [(0, position, self._run(inner, 0, position) if most else iter(()))]
        if not greedy and not least:
            yield position
        while stack:
            count, here, ends = stack[-1]
            end = next(ends, None)
            if end is None or (end == here and count >= least):
                stack.pop()
                if greedy and count >= least:
                    yield here
                continue
            count += 1
            if not greedy and count >= least:
                yield end
            deeper = count < most
            stack.append((count, end, self._run(inner, 0, end) if deeper else iter(())))


@cache
def _parsed(pattern: str, flags: int) -> Tree:
    return list(parser.parse(pattern, flags & ~re.IGNORECASE))


def _matches(kind: Any, value: Any, char: str, folded: bool) -> bool:
    if kind is op.ANY:
        return char != "\n"
    if kind is op.LITERAL:
        return _same(value, char, folded)
    if kind is op.NOT_LITERAL:
        return not _same(value, char, folded)
    members = value[1:] if value[0][0] is op.NEGATE else value
    inside = any(_member(which, what, char, folded) for which, what in members)
    return inside is not (value[0][0] is op.NEGATE)


def _same(point: int, char: str, folded: bool) -> bool:
    return point == ord(char) or (folded and chr(point).lower() == char)


def _member(which: Any, what: Any, char: str, folded: bool) -> bool:
    if which is op.LITERAL:
        return _same(what, char, folded)
    if which is op.RANGE:
        low, high = what
        return low <= ord(char) <= high or (folded and low <= ord(char.upper()) <= high)
    categories = {
        op.CATEGORY_WORD: char.isalnum() or char == "_",
        op.CATEGORY_NOT_WORD: not (char.isalnum() or char == "_"),
        op.CATEGORY_SPACE: char.isspace(),
        op.CATEGORY_NOT_SPACE: not char.isspace(),
        op.CATEGORY_DIGIT: char.isdecimal(),
        op.CATEGORY_NOT_DIGIT: not char.isdecimal(),
    }
    return categories[what]

"""An expression for folded text, rewritten for text as it was written: what a user of a recogniser without folding has to do.

Every character and class is widened to all that we read as it: full-width, circled, foreign digits, numerals and letters
that look alike where a digit is meant; every gap takes the signs, too, that we fold into it, and what has no width.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable
from re import _constants as op
from re import _parser as parser
from typing import Any

from compliance.detectors.normalise import FOLD, NUMERALS
from compliance.detectors.readings import LOOK_ALIKES

_WRITTEN: defaultdict[str, set[int]] = defaultdict(set)
for _point, _instead in FOLD.items():
    if len(_instead) == 1:
        _WRITTEN[_instead].add(_point)
for _char, _digit in (NUMERALS | LOOK_ALIKES).items():
    _WRITTEN[_digit] |= {ord(_char)} | _WRITTEN[_char]
_NO_WIDTH = {point for point, instead in FOLD.items() if not instead}
_SPACE = ord(" ")


def widened(expression: str) -> str:
    """The same expression for text that nobody has folded."""
    return _sequence(parser.parse(expression), _read_as)


Widening = Callable[[set[int]], set[int]]


def _read_as(points: set[int]) -> set[int]:
    wide = points.union(*(_WRITTEN[chr(point)] for point in points))
    return wide | _NO_WIDTH if _SPACE in points else wide


def _as_it_is(points: set[int]) -> set[int]:
    return points


def _sequence(tree: Any, wide: Widening) -> str:
    return "".join(_item(kind, value, wide) for kind, value in tree)


def _item(kind: Any, value: Any, wide: Widening) -> str:
    if kind is op.LITERAL:
        return _class(wide({value}))
    if kind is op.ANY:
        return "."
    if kind is op.IN:
        if value[0][0] is op.NEGATE:
            return "[^" + _class(_points(value[1:]))[1:]
        return _class(wide(_points(value)))
    if kind is op.BRANCH:
        return "(?:" + "|".join(_sequence(branch, wide) for branch in value[1]) + ")"
    if kind is op.SUBPATTERN:
        return f"(?:{_sequence(value[3], wide)})"
    if kind is op.ASSERT:
        return f"(?{'<' * (value[0] < 0)}={_sequence(value[1], wide)})"
    if kind is op.ASSERT_NOT:
        # What must not stand beside a number stays as it is: a numeral belongs to the room before.
        return f"(?{'<' * (value[0] < 0)}!{_sequence(value[1], _as_it_is)})"
    if kind is op.AT:
        return "^" if value is op.AT_BEGINNING else "$"
    if kind in (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT):
        return _repeat(kind, value, wide)
    raise NotImplementedError(str(kind))


def _repeat(kind: Any, value: Any, wide: Widening) -> str:
    least, most, inner = value
    mark = {op.MAX_REPEAT: "", op.MIN_REPEAT: "?", op.POSSESSIVE_REPEAT: "+"}[kind]
    repeated = _sequence(inner, wide)
    once = repeated if len(inner) == 1 and inner[0][0] in (op.LITERAL, op.IN, op.ANY) else f"(?:{repeated})"
    return f"{once}{{{least},{'' if most is op.MAXREPEAT else most}}}{mark}"


def _points(members: Any) -> set[int]:
    points: set[int] = set()
    for which, what in members:
        points |= set(range(what[0], what[1] + 1)) if which is op.RANGE else {what}
    return points


def _class(points: set[int]) -> str:
    """As few ranges as they need; one character alone needs no class."""
    ordered = sorted(points)
    firsts = [point for point in ordered if point - 1 not in points]
    lasts = [point for point in ordered if point + 1 not in points]
    if firsts == lasts and len(firsts) == 1:
        return re.escape(chr(firsts[0]))
    return "[" + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in zip(firsts, lasts, strict=True)) + "]"

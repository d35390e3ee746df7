"""Expressions that are searched for together: a class of all their first characters, and a tree of what follows each."""

import re
from collections.abc import Iterable
from typing import NamedTuple

_AT_A_FORK = 4


class Branch(NamedTuple):
    first: str  # a class
    rest: str


def tree(signals: Iterable[str]) -> Branch:
    branches = [Branch(_first(signal), _rest(signal)) for signal in signals]
    while len(branches) > 1:
        branches = [_merged(branches[at : at + _AT_A_FORK]) for at in range(0, len(branches), _AT_A_FORK)]
    return branches[0]


def _merged(branches: list[Branch]) -> Branch:
    inside = "".join(branch.first[1:-1] for branch in branches)
    whole = "|".join(f"(?<={branch.first}){branch.rest}" for branch in branches)
    return Branch(f"[{inside}]", f"(?:{whole})")


def _first(signal: str) -> str:
    return signal[: signal.index("]") + 1] if signal.startswith("[") else f"[{signal[0]}]"


def _rest(signal: str) -> str:
    return signal[signal.index("]") + 1 :] if signal.startswith("[") else signal[1:]


def words(signals: Iterable[str], begin: str = "") -> re.Pattern[str]:
    """Compile expressions, each beginning with one character or one class of them, into one.

    The first character is taken by a class of all; a tree of look-behinds then finds whose first it was. `begin` looks
    at it before that, where it tells the same of all.
    """
    whole = tree(signals)
    return re.compile(whole.first + begin + whole.rest)


def forms(expressions: Iterable[str]) -> re.Pattern[str]:
    """Compile forms of numbers, none of which begins within a run of digits, unless behind 86 or a nought."""
    return words(expressions, "(?<![1-57-9][0-9])")

"""One search that says of most remarks that they hold nothing, before anything is folded or read in several ways.

Every alternative begins with one character or one class of them: the regular-expression engine then skips whatever
begins none of them at the speed of a table look-up. It has to let everything through that a detector could find in any
reading of the text; what it lets through for nothing only costs time.
"""

import re
from collections.abc import Iterable
from typing import NamedTuple

from compliance.detectors.normalise import DIGITS, FOLD, NUMERALS, class_of
from compliance.detectors.readings import LOOK_ALIKES


def _points(accept: str, *more: str) -> list[int]:
    folded = (point for point, instead in FOLD.items() if instead and instead[0] in accept)
    return [*map(ord, accept), *folded, *map(ord, "".join(more))]


def _digit(*accept: str) -> str:
    """A class of everything that may be read as one of these digits."""
    read = NUMERALS | LOOK_ALIKES
    return class_of(_points("".join((*accept, *(char for char, digit in read.items() if digit in accept)))))


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGIT = _digit(*DIGITS)
_TWO_DIGITS = class_of(point for point, instead in FOLD.items() if len(instead) > 1)
LETTER = class_of(_points(_LETTERS))
_EITHER = class_of(_points(DIGITS + _LETTERS, *NUMERALS, *LOOK_ALIKES))
# Any number of signs that are no digit to anybody, and then a few characters of any kind.
_SIGNS_OF_DIGITS = "".join(char for char in LOOK_ALIKES if not char.isalnum())
_SIGN = rf"[^\w{_SIGNS_OF_DIGITS}]"
_APART = f"{_SIGN}{{0,6}}+_?"
_FAR = rf"{_SIGN}{{0,64}}+[^{DIGIT[1:-1]}]{{0,6}}+"
# A shorter number that begins within a longer one is seen where the longer one begins.
_BEGINS = r"(?:(?<![0-9][\s\S])|(?<=86[\s\S]))"
_NEW = r"(?<![0-9A-Za-z][\s\S])"

# What a number of any kind looks like before it is read: a mobile number, a landline, fifteen digits; five where some are
# circled by twos; a letter or two before seven; or fifteen letters and digits in a row.
_NUMBERS = (
    f"{_digit('1')}{_BEGINS}{_FAR}{_digit(*'3456789')}(?:{_FAR}{DIGIT}){{9}}",
    f"{_digit('0')}{_BEGINS}(?:{_FAR}{DIGIT}){{9}}",
    f"{DIGIT}{_BEGINS}(?:{_FAR}{DIGIT}){{14}}",
    f"{_TWO_DIGITS}(?:{_FAR}{DIGIT}){{4}}",
    f"{DIGIT}{_NEW}(?:{_APART}{_EITHER}){{16}}",
    f"{LETTER}(?:{_APART}{DIGIT}){{7}}",
    f"{LETTER}{_NEW}(?:{_APART}{_EITHER}){{14}}",
)


_AT_A_FORK = 3
# What is not seen has no business in a remark, and may stand inside any word.
_NO_WIDTH = class_of(point for point, instead in FOLD.items() if not instead)


def one_search(signals: Iterable[str]) -> re.Pattern[str]:
    """Compile these and the numbers' into one expression."""
    return words((*_NUMBERS, _NO_WIDTH, *signals))


def words(signals: Iterable[str]) -> re.Pattern[str]:
    """Compile the signals of the kinds that need a word, in the same way.

    The first character is taken by a class of all; a tree of look-behinds then finds whose first it was.
    """
    branches = [_Branch(_first(signal), _rest(signal)) for signal in signals]
    while len(branches) > 1:
        branches = [_merged(branches[at : at + _AT_A_FORK]) for at in range(0, len(branches), _AT_A_FORK)]
    return re.compile(f"[{branches[0].first[1:-1]}]{branches[0].rest}")


class _Branch(NamedTuple):
    first: str  # a class
    rest: str


def _merged(branches: list[_Branch]) -> _Branch:
    inside = "".join(branch.first[1:-1] for branch in branches)
    whole = "|".join(f"(?<={branch.first}){branch.rest}" for branch in branches)
    return _Branch(f"[{inside}]", f"(?:{whole})")


def _first(signal: str) -> str:
    return signal[: signal.index("]") + 1] if signal.startswith("[") else f"[{signal[0]}]"


def _rest(signal: str) -> str:
    return signal[signal.index("]") + 1 :] if signal.startswith("[") else signal[1:]

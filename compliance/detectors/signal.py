"""Two searches that say of most remarks that they hold nothing, before anything is folded or read in several ways.

One is for words and the first characters of what has few digits, one for numbers, and that only where there are enough
characters of which a number could be made. They have to let everything through that a detector could find in any
reading of the text; what they let through for nothing only costs time.
"""

import re
from collections.abc import Callable, Iterable
from string import ascii_letters, ascii_lowercase
from typing import NamedTuple

from compliance.detectors.normalise import DIGITS, FOLD, NUMERALS, class_of
from compliance.detectors.readings import LOOK_ALIKES, SPELT

_AT_A_FORK = 4


class _Branch(NamedTuple):
    first: str  # a class
    rest: str


def _tree(signals: Iterable[str]) -> _Branch:
    branches = [_Branch(_first(signal), _rest(signal)) for signal in signals]
    while len(branches) > 1:
        branches = [_merged(branches[at : at + _AT_A_FORK]) for at in range(0, len(branches), _AT_A_FORK)]
    return branches[0]


def _merged(branches: list[_Branch]) -> _Branch:
    inside = "".join(branch.first[1:-1] for branch in branches)
    whole = "|".join(f"(?<={branch.first}){branch.rest}" for branch in branches)
    return _Branch(f"[{inside}]", f"(?:{whole})")


def _first(signal: str) -> str:
    return signal[: signal.index("]") + 1] if signal.startswith("[") else f"[{signal[0]}]"


def _rest(signal: str) -> str:
    return signal[signal.index("]") + 1 :] if signal.startswith("[") else signal[1:]


def _points(accept: str, *more: str) -> list[int]:
    folded = (point for point, instead in FOLD.items() if instead and instead[0] in accept)
    return [*map(ord, accept), *folded, *map(ord, "".join(more))]


def _digit(*accept: str) -> str:
    """A class of everything that may be read as one of these digits."""
    read = NUMERALS | LOOK_ALIKES
    return class_of(_points("".join((*accept, *(char for char, digit in read.items() if digit in accept)))))


DIGIT = _digit(*DIGITS)
_TWO_DIGITS = class_of(point for point, instead in FOLD.items() if len(instead) > 1)
LETTER = class_of(_points(ascii_letters))
_EITHER = class_of(_points("".join((DIGITS, ascii_letters, *NUMERALS, *LOOK_ALIKES))))
# What is a digit whatever stands beside it. Readings take letters for digits only in company of these.
_MEANT = class_of(_points("".join((DIGITS, *NUMERALS))))
# Any number of signs that are no digit to anybody, and then a few characters of any kind.
_SIGNS_OF_DIGITS = "".join(char for char in LOOK_ALIKES if not char.isalnum())
_SIGN = rf"[^\w{_SIGNS_OF_DIGITS}]"
_APART = f"{_SIGN}{{0,6}}+_?"
_FAR = rf"{_SIGN}{{0,64}}+[^{DIGIT[1:-1]}]{{0,6}}+"
# A shorter number that begins within a longer one is seen where the longer one begins.
_BEGINS = r"(?:(?<![0-9][\s\S])|(?<=86[\s\S]))"
_NEW = r"(?<![0-9A-Za-z][\s\S])"

_WITH_A_DIGIT = f"(?=(?:{_APART}{_EITHER}){{0,12}}?{_APART}{_MEANT})"
_FORMS = {letter: class_of(_points(letter + letter.upper())) for letter in ascii_lowercase}
_SPELT = ["".join(_FORMS[letter] for letter in word) for word in SPELT]
# Behind the first letter of a digit that is spelt: the rest of it, and two more.
_SPELLING = f"{_tree(_SPELT).rest}(?:{_APART}(?:{'|'.join(_SPELT)}|{DIGIT})){{2}}"
_NO_LETTER = class_of(
    _points("".join((DIGITS, *NUMERALS)), *(char for char in LOOK_ALIKES if not char.isascii()))
)
_A_LETTER = re.compile(LETTER)

# What a number of digits looks like before it is read: a mobile number, a landline, or fifteen digits.
_OF_DIGITS = (
    f"{_digit('1')}{_FAR}{_digit(*'3456789')}(?:{_FAR}{DIGIT}){{9}}",
    f"{_digit('0')}(?:{_FAR}{DIGIT}){{9}}",
    f"{DIGIT}(?:{_FAR}{DIGIT}){{14}}",
)
# And one with letters: a letter or two before seven, fifteen of either in a row, or three digits that are spelt.
_IN_A_ROW = f"{_WITH_A_DIGIT}(?:{_APART}{_EITHER}){{14}}"
_WITH_LETTERS = (
    f"{_NO_LETTER}{_NEW}(?:{_APART}{_EITHER}){{16}}",
    f"{LETTER}(?:(?:{_APART}{DIGIT}){{7}}|{_NEW}(?:{_IN_A_ROW}|{_SPELLING}))",
)
# A letter and seven digits are the shortest of them, three words for digits as short as that.
_SHORTEST = 8
# The least of which one of digits is made.
_FEWEST = 10
MANY = re.compile(f"^(?:[^{DIGIT[1:-1]}]*+{DIGIT}){{{_FEWEST}}}")

# What is not seen has no business in a remark, and may stand inside any word.
_NO_WIDTH = class_of(point for point, instead in FOLD.items() if not instead)
# A few of these are a number already.
_BY_TWOS = f"{_TWO_DIGITS}(?:{_FAR}{DIGIT}){{4}}"


def digits_follow(count: int) -> str:
    """An expression for what stands behind a word for a number of so many digits: a few signs, and they."""
    return f"[^{DIGIT[1:-1]}]{{0,6}}+{DIGIT}(?:{_FAR}{DIGIT}){{{count - 1}}}"


def quick(signals: Iterable[str]) -> Callable[[str], bool]:
    """Say of a text whether one of these or a number may be in it."""
    worded = words((_NO_WIDTH, _BY_TWOS, *signals)).search
    many, numbered, letter, lettered = MANY.match, NUMBERS.search, _A_LETTER.search, CODES.search

    def may(text: str) -> bool:
        if worded(text) is not None:
            return True
        if len(text) < _SHORTEST:
            return False
        return (many(text) is not None and numbered(text) is not None) or (
            letter(text) is not None and lettered(text) is not None
        )

    return may


def words(signals: Iterable[str], begin: str = "") -> re.Pattern[str]:
    """Compile expressions, each beginning with one character or one class of them, into one.

    The first character is taken by a class of all; a tree of look-behinds then finds whose first it was. `begin` looks
    at it before that, where it tells the same of all.
    """
    tree = _tree(signals)
    return re.compile(tree.first + begin + tree.rest)


def forms(expressions: Iterable[str]) -> re.Pattern[str]:
    """Compile forms of numbers, none of which begins within a run of digits, unless behind 86 or a nought."""
    return words(expressions, "(?<![1-57-9][0-9])")


NUMBERS = words(_OF_DIGITS, _BEGINS)
CODES = words(_WITH_LETTERS)

"""One search that says of most remarks that they hold nothing, before anything is folded or read in several ways.

Every alternative begins with one character or one class of them: the regular-expression engine then skips whatever
begins none of them at the speed of a table look-up. It has to let everything through that a detector could find in any
reading of the text; what it lets through for nothing only costs time.
"""

import re
from collections.abc import Iterable

from compliance.detectors.normalise import DIGITS, FOLD, NUMERALS, class_of
from compliance.detectors.readings import LOOK_ALIKES

# Between two characters of one identifier: signs, spaces and what has no width.
_APART = r"[\W_]{0,6}"
_FAR = 64


def _points(accept: str, *more: str) -> list[int]:
    folded = (point for point, instead in FOLD.items() if instead and instead[0] in accept)
    return [*map(ord, accept), *folded, *map(ord, "".join(more))]


_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
DIGIT = class_of(_points(DIGITS, *NUMERALS, *LOOK_ALIKES))
_NO_DIGIT = f"[^{DIGIT[1:]}"
_TWO_DIGITS = class_of(point for point, instead in FOLD.items() if len(instead) > 1)
LETTER = class_of(_points(_LETTERS))
_EITHER = class_of(_points(DIGITS + _LETTERS, *NUMERALS, *LOOK_ALIKES))

# What a number of any kind looks like before it is read: nine digits in all (six where some are circled by twos), a letter
# or two before seven, or fifteen letters and digits in a row.
_NUMBERS = (
    f"{DIGIT}(?:{_NO_DIGIT}{{0,{_FAR}}}+{DIGIT}){{8}}",
    f"{_TWO_DIGITS}(?:{_NO_DIGIT}{{0,{_FAR}}}+{DIGIT}){{4}}",
    f"{DIGIT}(?:{_APART}{_EITHER}){{16}}",
    f"{LETTER}(?:{_APART}{DIGIT}){{7}}",
    f"{LETTER}(?:{_APART}{_EITHER}){{14}}",
)


# What is not seen has no business in a remark, and may stand inside any word.
_NO_WIDTH = class_of(point for point, instead in FOLD.items() if not instead)


def one_search(signals: Iterable[str]) -> re.Pattern[str]:
    """Compile these and the numbers' into one expression."""
    return words((*_NUMBERS, _NO_WIDTH, *signals))


def words(signals: Iterable[str]) -> re.Pattern[str]:
    """Compile the signals of the kinds that need a word, in the same way."""
    whole = list(signals)
    firsts = [_first(signal) for signal in whole]
    inside = "".join(first[1:-1] if first.startswith("[") else first for first in firsts)
    branches = "|".join(
        f"(?<={first}){signal[len(first) :]}" for first, signal in zip(firsts, whole, strict=True)
    )
    return re.compile(f"[{inside}](?:{branches})")


def _first(signal: str) -> str:
    return signal[: signal.index("]") + 1] if signal.startswith("[") else signal[0]

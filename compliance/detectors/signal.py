"""Two searches that say of most remarks that they hold nothing, before anything is folded or read in several ways.

One is for words and the first characters of what has few digits, one for numbers, and that only where there are enough
characters of which a number could be made. They have to let everything through that a detector could find in any
reading of the text; what they let through for nothing only costs time.
"""

import re
from collections.abc import Callable, Iterable
from string import ascii_letters, ascii_lowercase

from compliance.detectors.encoded import SIGNALS
from compliance.detectors.normalise import DIGITS, FOLD, NUMERALS, class_of
from compliance.detectors.readings import FILLERS, LOOK_ALIKES, SPELT
from compliance.detectors.together import tree, words

# A nought to some, and a word to others.
_MOUTH = "口"


# What hardly anybody writes, and everybody can: characters of other scripts and forms that are read as digits or letters,
# and what is not seen. A text with one of them is read, so that the classes below are small enough to stay in a cache.
_FULL_WIDTH = range(0xFF01, 0xFF5F)
_ODD = [
    *(
        point
        for point, instead in FOLD.items()
        if (not instead or instead[0].isalnum()) and point not in _FULL_WIDTH
    ),
    *(ord(char) for char in LOOK_ALIKES if not char.isascii() and char != _MOUTH),
]


def _points(accept: str) -> list[int]:
    return [*map(ord, accept), *(point for point in _FULL_WIDTH if FOLD.get(point) in set(accept))]


def _digit(*accept: str) -> str:
    """A class of everything that may be read as one of these digits."""
    read = [
        char for char, digit in (NUMERALS | LOOK_ALIKES).items() if digit in accept and ord(char) not in _ODD
    ]
    return class_of(_points("".join((*accept, *read))))


def _plain(*accept: str) -> str:
    """A class of everything that is one of these digits wherever it stands."""
    return class_of(_points("".join(accept)))


DIGIT = _digit(*DIGITS)
LETTER = class_of(_points(ascii_letters))
_EITHER = class_of(_points("".join((ascii_letters, DIGITS, *NUMERALS, _MOUTH))))
# Any number of signs that are no digit to anybody, and then a few characters of any kind.
_SIGN = rf"[^\w{''.join(char for char in LOOK_ALIKES if not char.isalnum())}]"
_APART = f"{_SIGN}{{0,6}}+_?"
_FAR = rf"{_SIGN}{{0,64}}+[^{DIGIT[1:-1]}]{{0,6}}+"
# Signs, and words that are said for them.
_NEAR = rf"[\W_{''.join(sorted({char for word in FILLERS for char in word if char.isalpha()}))}]{{0,64}}+"
_WIDE = f"[^{DIGIT[1:-1]}]{{0,64}}+"
# Words between digits that are plain: what words are made of may be numerals.
_BETWEEN = f"[^{_plain(*DIGITS)[1:-1]}]{{0,12}}+"
# A shorter number that begins within a longer one is seen where the longer one begins.
# A letter behind a letter is read as no digit, unless the first is one as well.
_BEGINS = r"(?<![0-57-9][\s\S])(?:(?<!6[\s\S])|(?<=86[\s\S]))(?<![A-Za-z][A-Za-z])"
_NEW = r"(?:(?<![0-9A-Za-z][\s\S])|(?<=[A-Za-z][0-9]))"

_FORMS = {letter: class_of(_points(letter + letter.upper())) for letter in ascii_lowercase}
_SPELT = tree("".join(_FORMS[letter] for letter in word) for word in SPELT)
_ONE_SPELT = f"(?:{_SPELT.first}{_SPELT.rest})"
_SPELT_OR_NOT = f"(?:{_APART}(?:{_ONE_SPELT}|{DIGIT})){{7}}"
# Behind the first letter of a digit that is spelt: the rest of it, and two more of them, or seven more of both.
_SPELLING = f"{_SPELT.rest}(?:(?:{_APART}{_ONE_SPELT}){{2}}|{_SPELT_OR_NOT})"
_NO_LETTER = class_of(_points("".join((DIGITS, *NUMERALS, _MOUTH))))
_A_LETTER = re.compile(LETTER)


def _near(*those: str) -> str:
    """Classes one after the other, with signs between them."""
    return "".join(_NEAR + one for one in those)


def _day(digit: Callable[..., str], gap: str) -> str:
    """A month and a day."""
    after_nought = gap + digit(*"123456789")
    month = f"{gap}{digit('0')}{after_nought}|{gap}{digit('1')}{gap}{digit(*'012')}"
    first = f"{gap}{digit('0')}{after_nought}|{gap}{digit(*'12')}{gap}{digit(*DIGITS)}"
    return f"(?:{month})(?:{first}|{gap}{digit('3')}{gap}{digit(*'01')})"


def _resident(digit: Callable[..., str], gap: str) -> str:
    """What stands behind the first digit of a resident ID: an area, a century, a year, a day, and three digits."""
    either = gap + digit(*DIGITS)
    century = f"(?:{gap}{digit('1')}{gap}{digit(*'89')}|{gap}{digit('2')}{gap}{digit('0')})"
    return either * 5 + century + either * 2 + _day(digit, gap) + either * 3


# What a number of digits looks like before it is read, by where it begins: a mobile number, perhaps behind a nought; a
# landline; a resident ID, in one hand or in words, of 18 or of 15; a card, an IMEI; anything that stands digit by digit.
_MOBILE = f"{_near(_digit(*'3456789'), *[DIGIT] * 9)}(?:{_near(DIGIT, DIGIT)})?(?![0-9])"
_LANDLINE = (
    f"(?:{_near(_digit('1'), _digit('0'))}|{_near(_digit('2'), DIGIT)}|{_near(_digit(*'03456789'), DIGIT, DIGIT)})"
    + _near(_digit(*"23456789"), *[DIGIT] * 6)
)
# The first group of a card: one by one, by two, by four, six, or the whole; of UnionPay's any.
_GROUPED = f"(?:(?={DIGIT}?(?!{DIGIT})|{DIGIT}{{3}}(?!{DIGIT})|{DIGIT}{{5}}(?!{DIGIT})|{DIGIT}{{14}})|(?<={_digit('6')})(?={_digit('2')}))"
_OF_DIGITS = (
    _digit("1") + _MOBILE,
    _digit("0") + f"(?:{_near(_digit('1'))}{_MOBILE}|{_LANDLINE}|{_near(_digit('0', '1'), *[DIGIT] * 13)})",
    _digit(*"123456789") + _resident(_digit, _WIDE),
    _digit(*"12345678") + _near(*[DIGIT] * 7) + _day(_digit, _NEAR) + _near(*[DIGIT] * 3) + "(?![0-9])",
    _digit(*"34569") + _GROUPED + _near(*[DIGIT] * 14),
    _digit("8") + _near(_digit("6"), *[DIGIT] * 13),
    DIGIT + f"(?:[^{DIGIT[1:-1]}]{{1,6}}+{DIGIT}){{8}}",
)
# The same in words: what is a numeral among them is no digit of the number.
_IN_WORDS = (
    _plain(*"123456789") + _resident(_plain, _BETWEEN),
    _plain("1") + _plain(*"3456789") + (_BETWEEN + _plain(*DIGITS)) * 9 + "(?![0-9])",
)
_SOME_WORDS = re.compile(
    class_of(
        [*map(ord, "口后间半尾末剩接位"), *map(ord, NUMERALS), *map(ord, filter(str.isascii, LOOK_ALIKES))]
    )
)
# Fifteen digits with a word for a card or a telephone beside them.
FIFTEEN = re.compile(DIGIT + _near(*[DIGIT] * 14))


def _then(those: str, count: int) -> str:
    """So many of a class, with signs before each of them."""
    return (_NEAR + those) * count


_LETTERED = f"(?:[A-Za-zＡ-Ｚａ-ｚ]{{1,3}}{_plain(*DIGITS)}){{10}}"
# And codes with letters: passports and permits, residence cards of 2017, VIN, USCC, and digits that are spelt.
_ENDS = "(?![0-9A-Za-z])"
_LONG_CODE = f"(?:{_then(_EITHER, 12)}{_then(DIGIT, 4)}|{_then(_EITHER, 1)}{_then(DIGIT, 6)}{_then(_EITHER, 10)}){_ENDS}"
_A_LETTER_FOLLOWS = f"(?=(?:{_NEAR}{_NO_LETTER}){{0,16}}+{_NEAR}{LETTER})"
_WITH_LETTERS = (
    class_of(_points("DEGHMPSdeghmps"))
    + f"{_then(_EITHER, 1)}{_then(DIGIT, 7)}(?:{_then(DIGIT, 2)})?{_ENDS}",
    f"{LETTER}(?:{_then(LETTER, 2)}{_then(DIGIT, 12)}{_ENDS}|{_LONG_CODE}|{_SPELLING})",
    f"{_NO_LETTER}{_A_LETTER_FOLLOWS}(?:{_LONG_CODE}|{_SPELT_OR_NOT}|{_LETTERED})",
)
# A letter and seven digits are the shortest of them, three words for digits as short as that.
_SHORTEST = 8
# The least of which one of digits is made.
_FEWEST = 10
MANY = re.compile(f"^(?:[^{DIGIT[1:-1]}]*+{DIGIT}){{{_FEWEST}}}")

# The groups of a number named by their length (后八位): the numeral is none of its digits.
_GROUP = f"位(?<={DIGIT}.)[^{DIGIT[1:-1]}]{{0,6}}+{DIGIT}(?:{_FAR}{DIGIT}){{3}}"

_NOUGHT = f"{_MOUTH}(?<={DIGIT}.)"


def digits_follow(count: int) -> str:
    """An expression for what stands behind a word for a number of so many digits: a few signs, and they."""
    return f"[^{DIGIT[1:-1]}]{{0,6}}+{DIGIT}(?:{_FAR}{DIGIT}){{{count - 1}}}"


def quick(signals: Iterable[str], names: Iterable[str]) -> Callable[[str], bool]:
    """Say of a text whether one of these, or a number, may be in it; `names` are words that make a card of any number."""
    worded = words((class_of(_ODD), _GROUP, _NOUGHT, *SIGNALS, *signals)).search
    named, fifteen = words(names).search, FIFTEEN.search
    some_words, in_words = _SOME_WORDS.search, IN_WORDS.search
    many, numbered, letter, lettered = MANY.match, NUMBERS.search, _A_LETTER.search, CODES.search

    def may(text: str) -> bool:
        if worded(text) is not None:
            return True
        if len(text) < _SHORTEST:
            return False
        if many(text) is not None and (
            numbered(text) is not None
            or (some_words(text) is not None and in_words(text) is not None)
            or (named(text) is not None and fifteen(text) is not None)
        ):
            return True
        return letter(text) is not None and lettered(text) is not None

    return may


NUMBERS = words(_OF_DIGITS, _BEGINS)
IN_WORDS = words(_IN_WORDS, _BEGINS)
CODES = words(_WITH_LETTERS, _NEW)

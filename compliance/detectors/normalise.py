"""Folds a remark into plain ASCII digits and letters, and remembers where every character came from.

People write numbers as they like, and some write them so that a filter misses them: full-width, circled, in Chinese
numerals, with a capital O for a zero, with spaces, dots or characters of no width in between. Detectors read *views*:
the first folds only what has one meaning (full-width and circled digits, dashes, spaces, dots); the second, built only when a
long run of digits asks for it, also reads Chinese numerals and look-alike letters. Both are tried, because either may
hide what the other shows: in 房间二13800000000 the numeral is no part of the number.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

DIGITS = "0123456789"
NUMERALS = dict(
    zip("〇零一二三四五六七八九壹贰叁肆伍陆柒捌玖两兩幺貳參陸", "00123456789123456789221236", strict=True)
)
_LOOK_ALIKES = dict.fromkeys("OoОоΟο", "0") | dict.fromkeys("lI|ІӀ", "1")

# What may stand between two digits of one number, in folded text. At most three, so that every pattern stays linear.
GAP = r"[ \t\r\n.,/_()\-]{0,3}"

_DOTS = "·•‧∙⋅・･。｡…․᛫"
_COMMAS = "、，﹐､﹑"
_DASHES = "−ー─━﹣"
_FILLERS = "\u3164\uffa0\u115f\u1160"
# Only blocks that hold digits, compatibility forms, marks or spaces: the whole code space would cost a fifth of a second.
_BLOCKS = ((0x00, 0x3400), (0xA000, 0xAC00), (0xF900, 0x12000), (0x16A00, 0x16C00), (0x1D100, 0x1D800))
_UPPER_BLOCKS = ((0x1E000, 0x1EA00), (0x1F100, 0x1F200), (0x1FBF0, 0x1FBFA), (0xE0000, 0xE01F0))


def _numbered(char: str) -> str | None:
    """Return the ASCII digits that a digit of any script, or a circled number up to 50, stands for."""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    value = unicodedata.numeric(char, 0.5)
    if ("\u2460" <= char <= "\u32bf" or "\U0001f100" <= char <= "\U0001f10c") and value.is_integer():
        return str(int(value)) if unicodedata.category(char) == "No" and value <= 50 else None
    return None


def _folded(char: str) -> str | None:
    """Return what stands for a character in folded text, `""` for what has no width; None where it stays."""
    category = unicodedata.category(char)
    if char in "\t\r\n" or (char < "\x7f" and category != "Cc"):
        return None
    if category in ("Cf", "Mn", "Me", "Cc") or char in _FILLERS:
        return ""
    for signs, sign in ((_DOTS, "."), (_COMMAS, ","), (_DASHES, "-")):
        if char in signs:
            return sign
    if category in ("Zs", "Zl", "Zp", "Pd"):
        return "-" if category == "Pd" else " "
    number = _numbered(char)
    if number is not None:
        return number
    core = unicodedata.normalize("NFKC", char).strip("(),.〔〕")
    return core if core != char and len(core) == 1 and (core.isascii() or core in NUMERALS) else None


def _fold_table() -> dict[int, str]:
    points = (point for low, high in _BLOCKS + _UPPER_BLOCKS for point in range(low, high))
    pairs = ((point, _folded(chr(point))) for point in points)
    return {point: folded for point, folded in pairs if folded is not None}


def _class_of(points: Iterable[int]) -> str:
    """Return a regular-expression class for these code points.

    Above the basic plane it takes all: the regex engine walks ranges there one by one, for every character of a text.
    """
    ranges: list[list[int]] = []
    astral = False
    for point in sorted(points):
        if point > 0xFFFF:
            astral = True
            break
        if ranges and ranges[-1][1] == point - 1:
            ranges[-1][1] = point
        else:
            ranges.append([point, point])
    return (
        "["
        + "".join(f"\\U{low:08x}-\\U{high:08x}" for low, high in ranges)
        + ("\\U00010000-\\U0010ffff]" if astral else "]")
    )


_FOLD = _fold_table()
_FOLDABLE = re.compile(_class_of(_FOLD))
_STRETCHING = re.compile(_class_of(point for point, folded in _FOLD.items() if len(folded) != 1))
_DIGIT_LIKE = _class_of([*map(ord, DIGITS), *(point for point, folded in _FOLD.items() if folded.isdigit())])
_NUMERAL = _class_of([*map(ord, NUMERALS), *(point for point, folded in _FOLD.items() if folded in NUMERALS)])

# Something in a raw text that could be part of a written number: a digit of any kind, or three Chinese numerals together.
# Numerals alone are ordinary words (一位访客, 三号楼).
NUMBER_SIGNAL = rf"{_DIGIT_LIKE}|{_NUMERAL}(?:\W{{0,3}}{_NUMERAL}){{2}}"

_READ_AS_DIGIT = NUMERALS | _LOOK_ALIKES
_TO_DIGITS = str.maketrans(_READ_AS_DIGIT)
_EVASIVE = re.compile(_class_of(map(ord, _READ_AS_DIGIT)))
_EVASIVE_RUN = re.compile(
    rf"(?<![A-Za-z0-9])(?:{_class_of(map(ord, [*DIGITS, *_READ_AS_DIGIT]))}{GAP}){{5,}}(?![A-WYZa-wyz])"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class View:
    """A text as detectors read it.

    `text` is folded. `segments` maps it back: (first folded offset, its original offset, 1 or 0 for original characters
    per folded one), empty where offsets are the same. `today` is the day of writing, where the caller knows it.
    """

    text: str
    segments: tuple[tuple[int, int, int], ...] = ()
    today: date | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Return the half-open span in the original text for a non-empty one in the folded text."""
        if not self.segments:
            return start, end
        return self._origin(start), self._origin(end - 1) + 1

    def _origin(self, offset: int) -> int:
        folded, original, step = self.segments[bisect_right(self.segments, (offset, 1 << 62, 1)) - 1]
        return original + (offset - folded) * step


def fold(text: str) -> str:
    """Return the text with full-width, circled and foreign digits, dashes, dots and spaces in their ASCII form."""
    return text.translate(_FOLD) if _FOLDABLE.search(text) else text


def views(text: str, today: date | None = None) -> tuple[View, ...]:
    """Return the folded text and, where a run of digits may be written with numerals or look-alikes, that reading too."""
    first = _first_view(text, today)
    if _EVASIVE.search(first.text) is None:
        return (first,)
    second = _EVASIVE_RUN.sub(_read_as_digits, first.text)
    if second == first.text:
        return (first,)
    return first, View(text=second, segments=first.segments, today=today)


def _read_as_digits(run: re.Match[str]) -> str:
    """Read a run as digits unless letters outweigh digits in it: lol and IOOO are words, 138OOOO0000 is a number."""
    written = run.group()
    letters = sum(map(written.count, _LOOK_ALIKES))
    return written if letters * 3 > len(written) * 2 else written.translate(_TO_DIGITS)


def _first_view(text: str, today: date | None) -> View:
    if _STRETCHING.search(text) is None:
        return View(text=fold(text), today=today)
    pieces: list[str] = []
    segments: list[tuple[int, int, int]] = [(0, 0, 1)]
    position = length = 0
    for match in _STRETCHING.finditer(text):
        instead = _FOLD.get(ord(match.group()))
        if instead is None or len(instead) == 1:
            continue
        start = match.start()
        before = text[position:start].translate(_FOLD)
        pieces += (before, instead)
        length += len(before)
        if instead:
            segments.append((length, start, 0))
        length += len(instead)
        position = start + 1
        segments.append((length, position, 1))
    pieces.append(text[position:].translate(_FOLD))
    return View(text="".join(pieces), segments=tuple(segments), today=today)

"""Folds a remark into plain ASCII digits and letters: what has one meaning, character by character.

Full-width and circled digits, digits of other scripts, dashes, spaces, dots, brackets and signs; what has no width goes.
What could mean something else (Chinese numerals, look-alike letters, words) is read in `readings`, beside this.
"""

import re
import unicodedata
from collections.abc import Iterable
from string import ascii_letters, ascii_uppercase

from compliance.detectors.view import Rewriting, View

DIGITS = "0123456789"
# As written, as written on cheques, and as read out over a radio (洞 0, 幺 or 腰 1, 拐 7, 勾 9).
_WRITTEN = (
    "〇零洞",
    "一壹幺弌壱腰夭",
    "二贰两兩弍貳貮弐",
    "三叁參叄弎参",
    "四肆亖",
    "五伍",
    "六陆陸",
    "七柒拐漆",
    "八捌",
    "九玖勾钩",
)
NUMERALS = {char: str(digit) for digit, chars in enumerate(_WRITTEN) for char in chars}

# What may stand between two digits of one number, in folded text. Bounded, so that every pattern stays linear; what is
# longer is read by `readings`.
GAPS = r" \t\r\n.,/_():#+\-"
GAP = f"[{GAPS}]{{0,4}}+"
LONG_GAP = f"[{GAPS}]{{5,}}+"
# In a bare text: a letter with sixteen letters and digits around it. What has (before it, behind it) at least so many.
_AROUND = ((0, 16), (1, 15), (2, 14), (3, 13), (4, 9), (8, 0))
LONG_CODE = (
    "[A-Za-z](?:" + "|".join(f"(?<=[A-Za-z0-9]{{{n + 1}}})(?=[A-Za-z0-9]{{{m}}})" for n, m in _AROUND) + ")"
)
_SEPARATORS = re.compile(f"[{GAPS}]")

_DOTS = "．·•‧∙⋅・･。｡…․᛫"
_COMMAS = "、，﹐､﹑"
_DASHES = "−ー─━﹣"
_FILLERS = "\u3164\uffa0\u115f\u1160"
# Signs that nobody writes inside a name, an address or an account, and everybody can put between two digits.
_SIGNS = "%*~^`;'\"!?&=\\|$<>[]{}"
# Only blocks that hold digits, compatibility forms, marks or spaces: the whole code space would cost a fifth of a second.
_BLOCKS = (
    (0x00, 0x3400),
    (0xA000, 0xAC00),
    (0xF900, 0x12000),
    (0x16100, 0x16E00),
    (0x1CC00, 0x1CD00),
    (0x1D100, 0x1D800),
)
_UPPER_BLOCKS = ((0x1E000, 0x1EA00), (0x1F000, 0x1FC00), (0xE0000, 0xE01F0))
_LARGEST_CIRCLED = 50
# The noughts of scripts that came into Unicode after the tables of the oldest Python that we run on.
_NEWER_NOUGHTS = (
    0x10D40,
    0x116D0,
    0x116DA,
    0x11BF0,
    0x11DE0,
    0x11F50,
    0x16130,
    0x16D70,
    0x1CCF0,
    0x1E4F0,
    0x1E5F1,
)
# Letters that look like ours, letters in boxes and flags, and the traditional forms of what detectors look for.
_LIKE_OURS = (
    dict(zip("АВСЕНКМОРТХУІӀЈЅаеорсухіјѕ", "ABCEHKMOPTXYIIJSaeopcyxijs", strict=True))
    | dict(zip("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧονχ", "ABEZHIKMNOPTYXovx", strict=True))
    | {
        chr(first + number): letter
        for first in (0x1F150, 0x1F170, 0x1F1E6)
        for number, letter in enumerate(ascii_uppercase)
    }
)
_TRADITIONAL = dict(
    zip(
        "滬遼蘇貴雲贛瓊陝閩粵寧晉魯碼陰陽護證銀號體溫紅綠黃車識別電話聯執業稅納賬帳儲貸記資過報結後間點橫學領應掛",
        "沪辽苏贵云赣琼陕闽粤宁晋鲁码阴阳护证银号体温红绿黄车识别电话联执业税纳账帐储贷记资过报结后间点横学领应挂",
        strict=True,
    )
)
_DIGITS_OF_NEWER = {chr(nought + digit): str(digit) for nought in _NEWER_NOUGHTS for digit in range(10)}


def _numbered(char: str) -> str | None:
    """Return the ASCII digits that a digit of any script, a Roman or Suzhou numeral, a rod or a circled number stands for."""
    digit = unicodedata.digit(char, None)
    if digit is not None:
        return str(digit)
    value = unicodedata.numeric(char, 0.5)
    if not value.is_integer() or not 0 <= value <= _LARGEST_CIRCLED:
        return None
    circled = "\u2460" <= char <= "\u32bf" or "\U0001f100" <= char <= "\U0001f10c"
    if circled and unicodedata.category(char) == "No" and not "\u3220" <= char <= "\u3229":
        return str(int(value))
    small = unicodedata.category(char) in ("No", "Nl") and char != "〇" and not "\u3220" <= char <= "\u3229"
    return str(int(value)) if small and value < 10 else None


def _alike(char: str) -> str | None:
    """Return the letter of ours that a letter looks like, or is but for its marks (pīnyīn), and the digit of a new script."""
    base = unicodedata.normalize("NFD", char)[0]
    if base != char and base in ascii_letters:
        return base
    return _LIKE_OURS.get(char) or _DIGITS_OF_NEWER.get(char)


def _folded(char: str) -> str | None:
    """Return what stands for a character in folded text, `""` for what has no width; None where it stays."""
    category = unicodedata.category(char)
    alike = _alike(char)
    if alike is not None:
        return alike
    if char in _SIGNS:
        return "/"
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
    plain = unicodedata.normalize("NFKC", char).strip("(),.〔〕")
    if plain != char and len(plain) == 1 and (plain.isascii() or plain in NUMERALS):
        return "/" if plain in _SIGNS else plain
    # Hours and days of one character (㍙ is 1点): the number is what counts.
    if plain[:1] in DIGITS and plain and not plain[1:].isascii():
        return plain.rstrip("点日月")
    if category in ("Po", "Ps", "Pe", "Pi", "Pf", "So", "Sm", "Sk", "Sc") and char not in _KEPT:
        return _BRACKETS.get(category, " ")
    return None


_BRACKETS = {"Ps": "(", "Pe": ")"}
# Signs that look like a nought; see `readings`.
_KEPT = "×○◯◌⭕⚪●⚫∅°º🔵🔴"


def _fold_table() -> dict[int, str]:
    points = (point for low, high in _BLOCKS + _UPPER_BLOCKS for point in range(low, high))
    pairs = ((point, _folded(chr(point))) for point in points)
    table = {point: folded for point, folded in pairs if folded is not None}
    return table | {ord(char): instead for char, instead in _TRADITIONAL.items()}


def class_of(points: Iterable[int]) -> str:
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


FOLD = _fold_table()
# What stays is in the table too: a character that it does not know costs `translate` an exception.
_TABLE = {point: point for point in (*range(0x80), *range(0x4E00, 0xA000))} | FOLD
# What belongs to the character before it.
MARK = class_of(
    point
    for point, instead in FOLD.items()
    if not instead and point <= 0xFFFF and unicodedata.category(chr(point)) in ("Mn", "Me")
)
_FOLDABLE = re.compile(class_of(FOLD))
_STRETCHING = re.compile(class_of(point for point, folded in FOLD.items() if len(folded) != 1))


def fold(text: str) -> str:
    """Return the text with full-width, circled and foreign digits, dashes, dots and spaces in their ASCII form."""
    return text.translate(_TABLE) if _FOLDABLE.search(text) else text


def bare(folded: str) -> str:
    """The folded text without what may stand between the characters of a number."""
    return _SEPARATORS.sub("", folded)


def spaced(words: str) -> str:
    """An expression for words (alternatives parted by |) whose characters somebody put something between."""
    return "|".join(GAP.join(word) for word in words.split("|"))


def folded(written: View) -> View:
    """The folded text and where each of its characters stood."""
    text = written.text
    if _STRETCHING.search(text) is None:
        return written.read_as(fold(text))
    rewriting = Rewriting(written)
    for match in _STRETCHING.finditer(text):
        instead = FOLD.get(ord(match.group()))
        if instead is not None and len(instead) != 1:
            rewriting.put(match.start(), match.end(), instead)
    stretched = rewriting.view()
    return stretched.read_as(fold(stretched.text))

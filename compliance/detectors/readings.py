"""What a text may also mean: the further views in which detectors look.

The folded text comes first. A run of digits may be written with Chinese numerals or look-alike letters; a number may be
torn apart by signs, lines and little words; digits may be spelt as English words or in pinyin. Each reading is built
only where something asks for it, and tried beside the others, because either may hide what the other shows: in
房间二13800000000 the numeral is no part of the number.
"""

import re
from datetime import date
from itertools import pairwise
from string import ascii_letters

from compliance.detectors.encoded import SIGNALS, decoded
from compliance.detectors.normalise import DIGITS, GAP, GAPS, LONG_GAP, NUMERALS, class_of, folded
from compliance.detectors.together import words
from compliance.detectors.view import Rewriting, View

# O and l are told from words by what stands beside them; the others pass for a digit in company only.
LOOK_ALIKES = (
    dict.fromkeys("OoОоΟοՕօ○◯◌⭕⚪●⚫∅Øø口", "0")
    | dict.fromkeys("lIІӀ丨ι", "1")
    | dict.fromkeys("ZzƧƨ", "2")
    | dict.fromkeys("ЗзƷʒӠ", "3")
    | dict.fromkeys("Чч", "4")
    | dict.fromkeys("SsƼƽ", "5")
    | dict.fromkeys("бb", "6")
    | dict.fromkeys("BβȢ", "8")
    | dict.fromkeys("gq", "9")
)
_CLOSE = frozenset("OoОоΟοՕօ○◯◌⭕⚪●⚫∅lIІӀ丨")
_READ_AS_DIGIT = NUMERALS | LOOK_ALIKES
_TO_DIGITS = str.maketrans(_READ_AS_DIGIT)
_NUMERALS_TO_DIGITS = str.maketrans(NUMERALS)
_HAN_NUMERAL = re.compile(
    class_of(map(ord, NUMERALS))
    + "(?:"
    + GAP
    + class_of(map(ord, [*NUMERALS, *DIGITS, *ascii_letters]))
    + ")"
)
_NUMERIC = class_of(map(ord, [*DIGITS, *NUMERALS]))
# A letter that is read as a digit has one beside it, or another letter that has.
_A_LETTER = class_of(map(ord, LOOK_ALIKES))
_LETTERS = re.compile(_A_LETTER)
_STRANGE = frozenset(LOOK_ALIKES).difference(_CLOSE).__contains__
_IN_COMPANY = re.compile(f"{_A_LETTER}(?:{GAP}{_NUMERIC}|(?<=[{_NUMERIC[1:-1]}{GAPS}][\\s\\S]))")
_ALNUM = class_of(map(ord, [*DIGITS, *NUMERALS, *ascii_letters]))
_LIKE_A_DIGIT = class_of(map(ord, [*DIGITS, *_READ_AS_DIGIT]))

PATTERN_NUMERALS = re.compile(
    rf"(?:{_NUMERIC}{GAP}){{5,}}|(?<=[A-Za-z]){_NUMERIC}{{4}}|(?<={_ALNUM}{{2}}[A-Za-z]){_NUMERIC}{{1,4}}"
)
_LIKE_RUN = rf"(?:(?<![A-Za-z0-9])|(?<=[Qq]{{2}}))(?:CLASS{GAP}){{5,}}(?![A-WYZa-wyz])"
PATTERN_LOOK_ALIKE = re.compile(_LIKE_RUN.replace("CLASS", _LIKE_A_DIGIT))
# The same where a numeral belongs to the word before: 房间二l94….
PATTERN_OF_LETTERS = re.compile(_LIKE_RUN.replace("CLASS", class_of(map(ord, [*DIGITS, *LOOK_ALIKES]))))
# A number in pieces of one character, whatever stands between them: nobody counts nine single things in a row.
_HAN = "\u4e00-\u9fff"
_NOT_NUMERAL = f"(?!{_NUMERIC})"
PATTERN_TORN = re.compile(
    rf"(?<![0-9])(?:(?<![A-Za-z])[A-Za-z]|{_NUMERIC})(?:(?:[^0-9A-Za-z{_HAN}〇]{{1,6}}|空格|{_NOT_NUMERAL}[{_HAN}])"
    rf"(?:[A-Za-z](?![A-Za-z])|{_NUMERIC})(?![0-9])){{8,}}"
)
_PIECE = re.compile(f"[A-Za-z]|{_NUMERIC}")
# Letters between single digits, as a program would put them there.
PATTERN_LETTERED = re.compile(r"[0-9](?<![0-9].)(?:[A-Za-z]{1,3}[0-9]){10,}(?![0-9])")
_SOME_LETTERS = re.compile("[A-Za-z]+")
# Little words that are said where a dash is meant, and gaps that are longer than any pattern allows for.
FILLERS = ("空格", "横杠", "短横", "再加", "后面是?", "接着", "然后", "[加点杠空横再接跟减连拼]")
PATTERN_FILLER = re.compile(
    rf"(?<={_NUMERIC}){GAP}(?:{'|'.join(FILLERS)}){GAP}(?={_NUMERIC})"
    rf"|(?<={_NUMERIC}){LONG_GAP}(?={_NUMERIC})"
)
_FILLERS = "加点杠空横短再接跟减连拼后然"
_FILLING = re.compile(f"[{_FILLERS}]")
_LONG_GAP = re.compile(LONG_GAP)
SPELT = {
    "zero": 0, "oh": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ling": 0, "dong": 0, "yi": 1, "yao": 1, "er": 2, "liang": 2, "san": 3, "si": 4, "wu": 5, "liu": 6, "qi": 7,
    "guai": 7, "ba": 8, "jiu": 9, "gou": 9,
}  # fmt: skip
_WORD = "(?:" + "|".join(sorted(SPELT, key=len, reverse=True)) + ")"
PATTERN_SPELT = re.compile(
    rf"(?<![A-Za-z])(?:(?:{_WORD}|[0-9]){GAP}){{8,}}(?![a-z])|(?<![A-Za-z]){_WORD}(?:{GAP}{_WORD}){{2,}}(?![a-z])",
    re.IGNORECASE,
)
_SOME_WORDS = re.compile(r"[A-Za-z]{2}(?:[A-Za-z]{6}|[^A-Za-z]{1,4}[A-Za-z]{2,}[^A-Za-z]{1,4}[A-Za-z]{2})")
_SPELT_WORD = re.compile(_WORD, re.IGNORECASE)
PATTERNS = (
    PATTERN_NUMERALS,
    PATTERN_LOOK_ALIKE,
    PATTERN_OF_LETTERS,
    PATTERN_TORN,
    PATTERN_LETTERED,
    PATTERN_FILLER,
    PATTERN_SPELT,
)
# Without any of these there is only one way to read a text, but for one in pieces.
_BEHIND = f"(?<=[{_NUMERIC[1:-1]}{GAPS}].)"
_OTHERWISE = words(
    (
        f"{_A_LETTER}(?:{GAP}{_NUMERIC}|{_BEHIND})",
        f"{class_of(map(ord, NUMERALS))}{GAP}{_ALNUM}",
        f"[{_FILLERS}]{_BEHIND}",
        f"[{GAPS}]{{5}}",
        "[0-9](?:[A-Za-z]{1,3}[0-9]){10}",
        *(
            f"[{word[0]}{word[0].upper()}](?<![A-Za-z].)"
            + "".join(f"[{char}{char.upper()}]" for char in word[1:])
            for word in SPELT
        ),
    )
)
_ENCODED = words(SIGNALS)
_LEAST_DIGITS_TORN = 4
_LONGEST_ROOM = 7  # characters: what is shorter is no number that a detector knows by itself


def views(text: str, today: date | None = None) -> tuple[View, ...]:
    """Every reading of the text, the folded one first, none of them twice."""
    written = View(text=text, today=today)
    found = _views(written)
    if _ENCODED.search(text) is not None:
        found |= {read: view for read, view in _views(decoded(written)).items() if read not in found}
    return tuple(found.values())


def _views(written: View) -> dict[str, View]:
    first = folded(written)
    found = {first.text: first}
    if _OTHERWISE.search(first.text) is None:
        sources: tuple[View, ...] = (_torn(first),)
    else:
        sources = (_spelt(first), _joined(first), _torn(first), _lettered(first))
        for read in _read(first):
            found.setdefault(read.text, read)
    for source in sources:
        if source is not first:
            for read in (source, *_read(source)):
                found.setdefault(read.text, read)
    return found


def _read(view: View) -> list[View]:
    """Chinese numerals in long runs as the digits they stand for, and then look-alike letters too."""
    texts = [view.text]
    if _HAN_NUMERAL.search(view.text) and PATTERN_NUMERALS.search(view.text):
        texts += {
            way: PATTERN_NUMERALS.sub(way, view.text) for way in (_whole, _without_first, _without_last)
        }.values()
    read = texts[1:]
    if _IN_COMPANY.search(view.text):
        for text in texts:
            read += (
                pattern.sub(_read_as_digits, text) for pattern in (PATTERN_LOOK_ALIKE, PATTERN_OF_LETTERS)
            )
    return [view.read_as(text) for text in dict.fromkeys(read) if text != view.text]


def _whole(run: re.Match[str]) -> str:
    return run.group().translate(_NUMERALS_TO_DIGITS)


def _without_first(run: re.Match[str]) -> str:
    """The first numeral may belong to the word before: 房间二一九四…."""
    written = run.group()
    if written[0] in NUMERALS and len(written) > _LONGEST_ROOM:
        return written[0] + written[1:].translate(_NUMERALS_TO_DIGITS)
    return _whole(run)


def _without_last(run: re.Match[str]) -> str:
    """The last numeral may belong to the word behind: …零零一三楼."""
    written = run.group()
    if written[-1] in NUMERALS and len(written) > _LONGEST_ROOM:
        return written[:-1].translate(_NUMERALS_TO_DIGITS) + written[-1]
    return _whole(run)


def _read_as_digits(run: re.Match[str]) -> str:
    """Read a run as digits unless letters outweigh digits in it: lol and IOOO are words, 138OOOO0000 is a number."""
    written = run.group()
    letters = _LETTERS.findall(written)
    if not letters and written.isascii():
        return written
    if len(letters) * 3 > len(written) * 2 or sum(map(_STRANGE, letters)) * 4 > len(written):
        return written
    return written.translate(_TO_DIGITS)


def _torn(view: View) -> View:
    if PATTERN_TORN.search(view.text) is None:
        return view
    rewriting = Rewriting(view)
    for run in PATTERN_TORN.finditer(view.text):
        pieces = list(_PIECE.finditer(view.text, *run.span()))
        if (
            sum(not piece.group().isascii() or piece.group().isdigit() for piece in pieces)
            < _LEAST_DIGITS_TORN
        ):
            continue
        for piece, following in pairwise(pieces):
            rewriting.drop(piece.end(), following.start())
    return rewriting.view()


def _lettered(view: View) -> View:
    if PATTERN_LETTERED.search(view.text) is None:
        return view
    rewriting = Rewriting(view)
    for run in PATTERN_LETTERED.finditer(view.text):
        for letters in _SOME_LETTERS.finditer(view.text, *run.span()):
            rewriting.drop(*letters.span())
    return rewriting.view()


def _joined(view: View) -> View:
    if _FILLING.search(view.text) is None and _LONG_GAP.search(view.text) is None:
        return view
    rewriting = Rewriting(view)
    for match in PATTERN_FILLER.finditer(view.text):
        rewriting.put(*match.span(), "-")
    return rewriting.view()


def _spelt(view: View) -> View:
    if _SOME_WORDS.search(view.text) is None:
        return view
    rewriting = Rewriting(view)
    for run in PATTERN_SPELT.finditer(view.text):
        for word in _SPELT_WORD.finditer(view.text, *run.span()):
            rewriting.put(*word.span(), str(SPELT[word.group().lower()]))
    return rewriting.view()

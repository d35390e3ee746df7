"""公民身份号码 (GB 11643-1999) and the cards that share its form: permits of 港澳台 residents, foreign permanent residence.

A number is certain when form, check character, calendar date and age agree. The area is only a hint: codes are
withdrawn and added, and 81, 82, 83 (residence permits) and 9 (foreign permanent residents) are in no county table.
"""

import re
from collections.abc import Iterator
from datetime import date

from compliance.detectors import checksums, context
from compliance.detectors.finding import Certainty, Detector, Hit
from compliance.detectors.nations import NATIONS
from compliance.detectors.normalise import GAP, bare
from compliance.detectors.signal import DIGIT
from compliance.detectors.view import View

_D = "[0-9]"
_MONTH = f"(?:0{GAP}[1-9]|1{GAP}[0-2])"
_DAY = f"(?:0{GAP}[1-9]|[12]{GAP}[0-9]|3{GAP}[01])"
_CENTURY = f"(?:1{GAP}[89]|2{GAP}0)"
PATTERN_18 = re.compile(
    "[1-9](?<![0-9][1-9])"
    + GAP.join(["", *[_D] * 5, _CENTURY, _D, _D, _MONTH, _DAY, _D, _D, _D, "[0-9XxХх×Χ]"])
    + "(?![0-9])"
)
PATTERN_15 = re.compile(
    "[1-8](?<![0-9][1-8])" + GAP.join(["", *[_D] * 5, _D, _D, _MONTH, _DAY, _D, _D, _D]) + "(?![0-9])"
)
PATTERN_PIECES = re.compile("[1-9](?<![0-9][1-9])(?:[^0-9]{0,12}+[0-9]){16}[^0-9]{0,12}?[0-9Xx](?![0-9])")
PATTERN_2017 = re.compile(
    f"[A-Za-z](?<![0-9A-Za-z]{{2}})(?:{GAP}[A-Za-z]){{2}}(?:{GAP}[0-9]){{12}}(?![0-9A-Za-z])"
)
# A birthday in words: 100000 1990年1月1日 0011.
PATTERN_DATED = re.compile(
    "[1-9](?<![0-9][1-9])[0-9]{5}[^0-9]{0,8}+(?P<year>(?:19|20)[0-9]{2})[ ]?年[ ]?(?P<month>[0-9]{1,2})[ ]?月"
    "[ ]?(?P<day>[0-9]{1,2})[^0-9]{0,8}+(?P<rest>[0-9]{3}[0-9Xx])(?![0-9])"
)
# Of either sort, with a date where it belongs.
_BETWEEN = "[^0-9]{0,12}+"
_FORM = (
    f"[1-9](?:{_BETWEEN}[0-9]){{5}}(?:"
    + GAP.join(["", _CENTURY, _D, _D, _MONTH, _DAY, _D, _D, _D]).replace(GAP, _BETWEEN)
    + "[^0-9]{0,12}?[0-9XxХх×Χ](?![0-9])|"
    + GAP.join(["", _D, _D, _MONTH, _DAY, _D, _D, _D])
    + "(?![0-9]))"
)
_WORDS = re.compile(r"身份|证件|证号|居留|居住证|sfz|(?<![A-Za-z])ID(?![A-Za-z])", re.IGNORECASE)
_PROVINCES = frozenset(
    (
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    )
)
# In one run or as area, birth and rest. Anything else without a right check character is a list of rooms.
_TIDY = re.compile(r"[0-9]{6}[ \-]?[0-9]{8}[ \-]?[0-9]{3}[^0-9]?[0-9]?|[0-9]{17}.")
_LENGTH_2017 = 15
_LENGTH, _MOST_PIECES = 18, 5
_NO_DIGIT = re.compile("[^0-9]")
# Far apart, a room, a day of this decade and a time may add up to a number.
_FAR_APART = re.compile("[^0-9]{5}")
_OF_LATE = "2020"
_WORDED = re.compile("[\u4e00-\u9fff]")
_DIGIT_RUNS = re.compile("[0-9]+")
_OLDEST = 130
# Where the day of writing is not known: nobody alive was born earlier or will be later.
_FIRST_YEAR, _LAST_YEAR = 1895, 2099


def _born(written: str) -> date | None:
    """Return the date of birth written as yyyymmdd, None for a day that no calendar has."""
    try:
        return date(int(written[:4]), int(written[4:6]), int(written[6:8]))
    except ValueError:
        return None


def _could_live(born: date, today: date | None) -> bool:
    """Say whether somebody born then is 0 to 130 years old today."""
    if today is None:
        return _FIRST_YEAR <= born.year <= _LAST_YEAR
    return (
        born <= today
        and today.year - born.year - ((today.month, today.day) < (born.month, born.day)) <= _OLDEST
    )


def certainty(number: str, today: date | None = None) -> Certainty | None:
    """Judge 18 upper-case characters without separators; None where they are no such number."""
    born = _born(number[6:14])
    if born is None:
        return None
    known = number[0] == "9" or int(number[:2]) in _PROVINCES
    if checksums.mod_11_2(number):
        return "certain" if _could_live(born, today) else "possible"
    # A digit may have been mistyped: what looks right in every other way is worth a second look.
    return "possible" if known and _could_live(born, today) else None


def _number(written: str) -> str:
    kept = bare(written)
    return kept[:17] + ("X" if len(kept) == 18 and not kept[17].isdigit() else kept[17:])


def _in_pieces(view: View) -> Iterator[Hit]:
    """A few groups with words between them: 身份证 100000 1990年 0101 0011."""
    for match in PATTERN_PIECES.finditer(view.text) if _WORDED.search(view.text) else ():
        number = _NO_DIGIT.sub("", match.group()[:-1]) + match.group()[-1].upper()
        groups = len(_DIGIT_RUNS.findall(match.group()))
        if _WORDED.search(match.group()) is None or context.follows_letter(view.text, match.start()):
            continue
        if len(number) == _LENGTH and groups <= _MOST_PIECES and certainty(number, view.today) == "certain":
            late = number[6:10] >= _OF_LATE and _FAR_APART.search(match.group()) is not None
            yield "possible" if late else "certain", match.start(), match.end()


def _dated(view: View) -> Iterator[Hit]:
    for match in PATTERN_DATED.finditer(view.text) if "年" in view.text else ():
        born = match["year"] + match["month"].zfill(2) + match["day"].zfill(2)
        if certainty(match.group()[:6] + born + match["rest"].upper(), view.today) == "certain":
            yield "possible" if born >= _OF_LATE else "certain", match.start(), match.end()


def find(view: View) -> Iterator[Hit]:
    """Yield numbers of 18, of 15 characters (no check character: certain only beside a word) and the 2017 card."""
    text = view.text
    match = PATTERN_18.search(text)
    while match:
        start, end = match.span()
        written = match.group()
        tidy = _TIDY.fullmatch(written) is not None
        sure = certainty(_number(written), view.today)
        if sure == "certain" and not tidy and not context.in_one_hand(written):
            sure = "certain" if context.nearby(text, start, end, _WORDS) else None
        if sure == "possible" and (not tidy or context.follows_order_word(text, start)):
            sure = None
        if sure is not None:
            yield sure, start, end
        match = PATTERN_18.search(text, end if sure == "certain" else start + 1)
    yield from _in_pieces(view)
    yield from _dated(view)
    for match in PATTERN_15.finditer(text):
        start, end = match.span()
        named = context.nearby(text, start, end, _WORDS)
        loose = end - start > 15 or context.follows_order_word(text, start)
        if _born("19" + bare(match.group())[6:12]) is not None and (named or not loose):
            yield "certain" if named else "possible", start, end
    for match in PATTERN_2017.finditer(text):
        start, end = match.span()
        named = context.nearby(text, start, end, _WORDS)
        if named or (end - start == _LENGTH_2017 and text[start : start + 3].upper() in NATIONS):
            yield "certain" if named else "possible", start, end


DETECTOR = Detector(
    kind="resident_id",
    label=("身份证、居住证号", "resident ID"),
    find=find,
    digits=12,
    form=(_FORM, PATTERN_2017.pattern, PATTERN_DATED.pattern),
    examples=(
        "100000199001010011",
        "10000019900101002X",
        "10000019900101002x",
        "100000190001010010",
        "100000200002290014",
        "100000201506010033",
        "11010519491231002X",
        "810000199001010019",
        "820000199001010010",
        "830000199001010012",
        "900000199001010010",
        "911999199001010014",
        "911124198108030024",
        "100000900101001",
        "XXX000000000000",
        "100000 19900101 0011",
        "1000-0019-9001-0100-11",
        "100000 1990年1月1日 0011",
    ),
    near_misses=(
        "100000199001010012",
        "100000199002300018",
        "100000199013010011",
        "110101180001010015",
        "10000019900101001",
        "1000001990010100110",
        "100000900230001",
        "100000199001010011100000",
    ),
    patterns=(PATTERN_18, PATTERN_15, PATTERN_PIECES, PATTERN_DATED, PATTERN_2017),
    signal=(rf"年\W?{DIGIT}{{1,2}}\W?月\W?{DIGIT}{{1,2}}[^{DIGIT[1:-1]}]{{0,8}}+{DIGIT}{{3}}",),
)

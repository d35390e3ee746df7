"""机动车号牌 (GA 36): ordinary and new-energy plates, suffix plates, 粤Z, embassy, emergency rescue, civil aviation.

Military and armed-police plates are neither validated nor tracked, by engine choice: the gate opens and counts.
"""

import re
from collections.abc import Iterator

from compliance.detectors.finding import Certainty, Detector, Hit
from compliance.detectors.normalise import DIGITS, GAP, bare, fold
from compliance.detectors.signal import DIGIT
from compliance.detectors.view import View

PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_FORM = re.compile(
    rf"[{PROVINCES}][A-Z](?:"
    r"[A-HJ-NP-Z0-9]{5}"  # ordinary
    r"|[A-HJK][A-HJ-NP-Z0-9][0-9]{4}|[0-9]{5}[A-HJK]"  # new energy, small and large
    r"|[A-HJ-NP-Z0-9]{4}[挂学警领]|[A-HJ-NP-Z0-9]{3,4}应急)"
    r"|粤Z[A-HJ-NP-Z0-9]{4}[港澳]"
    r"|使[0-9]{6}|[0-9]{6}使"
    r"|民航[A-HJ-NP-Z0-9]{4,5}"
)
#: Plates as `normalise` leaves them.
PLAIN = _FORM.pattern

_SERIAL = "[A-Za-z0-9]"
# What is said for the dot.
_DOT = "(?:空格|[空杠点横])"
# Serials have neither I nor O, but people write them for 1 and 0.
PATTERN = re.compile(
    rf"(?:[{PROVINCES}]{GAP}[A-Za-z]|民{GAP}航)(?:{GAP}{_DOT})?(?:{GAP}{_SERIAL}){{3,6}}(?![0-9A-Za-z])"
    rf"(?:{GAP}(?:[挂学警领港澳]|应{GAP}急))?(?P<room>(?:{GAP}[室房栋单号层元])?)"
)
PATTERN_EMBASSY = re.compile(rf"使(?<![天大即促致行特公假驱]使)(?:{GAP}[0-9]){{6}}(?![0-9])")
PATTERN_EMBASSY_NEW = re.compile(rf"[0-9](?<![0-9A-Za-z][0-9])(?:{GAP}[0-9]){{5}}{GAP}使(?![\u4e00-\u9fff])")
_SAID = re.compile(_DOT)
_TO_SERIAL = str.maketrans("IO", "10")


def normalise(text: str) -> str | None:
    """Return a plate in capitals without dot and spaces, None where the text is no plate of a known form."""
    written = bare(fold(text)).upper()
    return written if _FORM.fullmatch(written) else None


def _certainty(match: re.Match[str]) -> Certainty | None:
    """Judge a written plate by its form and its digits: 新update is a word, 新A12301室 rather a flat."""
    written = bare(match.group()).upper()
    room = bare(match["room"])
    plate = _SAID.sub("", written.removesuffix(room) if room else written)
    digits = sum(map(plate.count, DIGITS))
    if not digits or _FORM.fullmatch(plate[:2] + plate[2:].translate(_TO_SERIAL)) is None:
        return None
    return "certain" if digits >= 2 and not room else "possible"


def find(view: View) -> Iterator[Hit]:
    """Yield plates with at least one digit; certain with two and where no word for a flat follows."""
    for match in PATTERN.finditer(view.text):
        sure = _certainty(match)
        if sure is not None:
            yield sure, match.start(), match.start("room")
    for pattern in (PATTERN_EMBASSY, PATTERN_EMBASSY_NEW):
        for match in pattern.finditer(view.text):
            yield "certain", match.start(), match.end()


DETECTOR = Detector(
    kind="plate",
    label=("车牌号", "plate"),
    find=find,
    core=(
        f"[{PROVINCES}][A-Za-z]{_DOT}?{_SERIAL}{{3}}",
        f"民航{_DOT}?{_SERIAL}{{3}}",
        "使(?:[0-9]{6}|(?<=[0-9]{6}使))",
    ),
    examples=(
        "京A00000",
        "京a00000",
        "京A·00000",
        "京A 00000",
        "京AD00000",
        "京AF00000",
        "京A00000D",
        "京A0000挂",
        "京A0000学",
        "京A0000警",
        "沪A0000领",
        "粤Z0000港",
        "粤Z0000澳",
        "使000000",
        "京X0000应急",
        "民航A0000",
        "京AO0000",
    ),
    near_misses=("京A0000", "京A000000", "京00000", "新update", "新A12301室", "中A00000", "天使000000"),
    patterns=(PATTERN, PATTERN_EMBASSY, PATTERN_EMBASSY_NEW),
    signal=(
        rf"[{PROVINCES}][\W_]{{0,4}}[A-Za-zＡ-Ｚａ-ｚ\u24b6-\u24e9\U0001d400-\U0001ffff]",
        rf"使(?:[\W_]{{0,4}}{DIGIT}|(?<={DIGIT}.)|(?<={DIGIT}[\W_].))",
        r"民[\W_]{0,4}航",
    ),
)

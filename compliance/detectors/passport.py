"""Passports, Chinese and foreign. They have no check digit outside the machine-readable zone: a word has to stand beside."""

import re
from collections.abc import Iterator

from compliance.detectors import context
from compliance.detectors.finding import Detector, Hit
from compliance.detectors.normalise import DIGITS, GAP
from compliance.detectors.signal import DIGIT
from compliance.detectors.view import View

# In the order of the table: ordinary, ordinary since 2012, diplomatic and service.
PATTERN = re.compile(
    "[DEGHPSdeghps](?<![0-9A-Za-z]{2})"
    rf"(?:(?<=[Ee]){GAP}[A-HJ-NP-Za-hj-np-z](?:{GAP}[0-9]){{7}}|(?<=[DSPdsp]){GAP}[Ee](?:{GAP}[0-9]){{7}}|(?:{GAP}[0-9]){{8}})(?![0-9A-Za-z])"
)
PATTERN_NAMED = re.compile(
    rf"(?:{GAP.join('护照')}|[Pp]assport|PASSPORT)[号码为是numberNo:#./ (]{{0,10}}(?P<number>(?<![0-9A-Za-z])[A-Za-z0-9](?:{GAP}[A-Za-z0-9]){{4,8}})(?![0-9A-Za-z])"
)
_WORDS = re.compile("护照|huzhao|passport", re.IGNORECASE)


def find(view: View) -> Iterator[Hit]:
    """Yield Chinese forms, certain beside the word, and whatever number with four digits follows the word."""
    for match in PATTERN_NAMED.finditer(view.text):
        if sum(map(match["number"].count, DIGITS)) >= 4:
            yield "certain", match.start("number"), match.end("number")
    for match in PATTERN.finditer(view.text):
        start, end = match.span()
        if context.nearby(view.text, start, end, _WORDS):
            yield "certain", start, end
        elif context.in_one_hand(match.group()) and not context.follows_order_word(view.text, start):
            yield "possible", start, end


DETECTOR = Detector(
    kind="passport",
    label=("护照号", "passport"),
    find=find,
    core=("[DEGHPSdeghps][A-Za-z0-9][0-9]{7}", "护照", "[Pp]assport", "PASSPORT"),
    examples=("E00000000", "EA0000000", "G00000000", "PE0000000", "护照XX0000000", "护照号：141234567"),
    near_misses=("E0000000", "E000000000", "AE00000000", "护照已核对", "请出示护照 welcome"),
    patterns=(PATTERN, PATTERN_NAMED),
    signal=tuple(
        rf"{word}[^{DIGIT[1:-1]}]{{0,32}}+{DIGIT}" for word in (r"护[\W_]{0,4}照", "[Pp]ass", "PASS")
    ),
)

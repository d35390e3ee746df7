"""统一社会信用代码, the unified social credit code (GB 32100-2015): eighteen characters, modulo 31.

A company is no person, but a sole trader is, and the code of one names him.
"""

import re
from collections.abc import Iterator

from compliance.detectors import checksums, context
from compliance.detectors.finding import Detector, Hit
from compliance.detectors.normalise import GAP, LONG_CODE, bare
from compliance.detectors.view import View

_CHAR = "[0-9A-HJ-NPQRTUWXYa-hj-npqrtuwxy]"
PATTERN = re.compile(
    rf"{_CHAR}(?<![0-9A-Za-z]{{2}})"
    + GAP.join(["", _CHAR, *["[0-9]"] * 6, *[_CHAR] * 10])
    + "(?![0-9A-Za-z])"
)
_WORDS = re.compile("信用代码|营业执照|税号|纳税人")


def find(view: View) -> Iterator[Hit]:
    """Yield codes whose check character is right.

    Eighteen bare digits pass one time in 31 and are rarely a code, so they need a word beside them.
    """
    for match in PATTERN.finditer(view.text):
        start, end = match.span()
        code = bare(match.group()).upper()
        if not checksums.uscc(code):
            continue
        named = context.nearby(view.text, start, end, _WORDS)
        if named or (not code.isdigit() and context.evenly(match.group())):
            yield "certain", start, end


DETECTOR = Detector(
    kind="uscc",
    label=("统一社会信用代码", "credit code"),
    find=find,
    core=(
        LONG_CODE,
        *(f"{word}" for word in _WORDS.pattern.split("|")),
    ),
    examples=("91999999MA00000079", "91100000MA00000073", "91350100M000100Y43"),
    near_misses=("91999999MA00000078", "91999999MA0000007", "订单号 919999990000000012"),
    patterns=(PATTERN,),
    signal=("信用代码", "营业执照", "税号", "纳税人"),
)

"""来往内地（大陆）通行证: travel permits of residents of Hong Kong, Macao and Taiwan. No check digit exists."""

import re
from collections.abc import Iterator

from compliance.detectors import context
from compliance.detectors.finding import Detector, Hit
from compliance.detectors.normalise import GAP
from compliance.detectors.signal import digits_follow
from compliance.detectors.view import View

PATTERN = re.compile(
    f"[HMhm](?<![0-9A-Za-z]{{2}})(?:{GAP}[0-9]){{8}}(?:{GAP}[0-9]{GAP}[0-9])?(?![0-9A-Za-z])"
)
PATTERN_NAMED = re.compile(
    rf"(?:台胞证|通行证)[号码为是:#./ (]{{0,4}}(?P<number>(?<![0-9A-Za-z])[0-9](?:{GAP}[0-9]){{7}}(?:{GAP}[0-9]{GAP}[0-9](?:\([A-Za-z]\)|[A-Za-z])?)?)(?![0-9A-Za-z])"
)
_WORDS = re.compile("通行证|回乡证|台胞证|港澳")


def find(view: View) -> Iterator[Hit]:
    """Yield numbers of Hong Kong and Macao, certain beside a word, and of Taiwan, which are bare digits, only beside one."""
    for match in PATTERN_NAMED.finditer(view.text):
        # A date such as 20260301 after the word is more likely the day until which the pass is good.
        dated = match["number"][:2] == "20" and len(match["number"]) == 8
        yield "possible" if dated else "certain", match.start("number"), match.end("number")
    for match in PATTERN.finditer(view.text):
        start, end = match.span()
        if context.nearby(view.text, start, end, _WORDS):
            yield "certain", start, end
        elif context.in_one_hand(match.group()) and not context.follows_order_word(view.text, start):
            yield "possible", start, end


DETECTOR = Detector(
    kind="permit",
    label=("通行证号", "travel permit"),
    find=find,
    core=("[HMhm][0-9]{8}", "台胞证[号码为是]{0,4}[0-9]{8}", "通行证[号码为是]{0,4}[0-9]{8}"),
    examples=("M00000000", "M0000000000", "回乡证 H00000000", "台胞证00000000", "台胞证：0000000000(B)"),
    near_misses=("H0000000", "H000000000", "00000000", "XH00000000", "通行证有效期至 20260301"),
    patterns=(PATTERN, PATTERN_NAMED),
    signal=("台胞证" + digits_follow(8), "通行证" + digits_follow(8)),
)

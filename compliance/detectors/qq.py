"""QQ numbers: five to eleven digits, only beside a word for them."""

import re
from collections.abc import Iterator

from compliance.detectors.finding import Detector, Hit
from compliance.detectors.normalise import GAP
from compliance.detectors.signal import digits_follow
from compliance.detectors.view import View

_CALLED = ("扣扣", "叩叩", "抠抠", "球球", "秋秋", "企鹅")
PATTERN = re.compile(
    rf"(?:[Qq]{GAP}[Qq]|{'|'.join(_CALLED)}|加[Qq]|[Qq]号)[号码群为是:#/ (]{{0,6}}"
    rf"(?P<number>[1-9](?:{GAP}[0-9]){{4,10}})(?![0-9])"
)


def find(view: View) -> Iterator[Hit]:
    """Yield numbers after the word."""
    for match in PATTERN.finditer(view.text):
        yield "certain", match.start("number"), match.end("number")


DETECTOR = Detector(
    kind="qq",
    label=("QQ号", "QQ number"),
    find=find,
    core=tuple(rf"{word}[号码群为是]{{0,6}}[1-9][0-9]{{4}}" for word in ("[Qq][Qq号]", "加[Qq]", *_CALLED)),
    examples=("QQ9999999999", "qq号：9999999999", "扣扣 9999999999"),
    near_misses=("9999999999", "QQ 9999", "QQ 999999999999"),
    patterns=(PATTERN,),
    signal=tuple(
        word + digits_follow(5) for word in (r"[QqＱｑ][\W_]{0,4}[QqＱｑ号]", r"加\W?[QqＱｑ]", *_CALLED)
    ),
)

"""手机号: eleven digits beginning with 13 to 19, thirteen for things (140 to 144), with or without +86.

Deliberately loose: prefixes are assigned every year, and a number that the list does not know yet is still somebody's.
"""

import re
from collections.abc import Iterator

from compliance.detectors import context
from compliance.detectors.finding import Certainty, Detector, Hit
from compliance.detectors.normalise import GAP, bare, fold
from compliance.detectors.view import View

PATTERN = re.compile(
    rf"(?<![0-9])\+?(?:(?:00)?86{GAP})?0?(?P<number>1{GAP}[3-9](?:{GAP}[0-9]){{9}})(?![0-9])"
)
PATTERN_THING = re.compile(r"(?<![0-9])\+?(?:(?:00)?86)?(?P<number>14[0-4][0-9]{10})(?![0-9])")
#: Numbers as `normalise` leaves them.
PLAIN = "1[3-9][0-9]{9}"
# 前三位194，中间0000，最后0001: the groups of a number, and words that say where they belong.
PATTERN_IN_WORDS = re.compile(
    r"(?<![0-9])1[3-9][0-9](?P<one>[^0-9]{1,6})[0-9]{4}(?:(?P<two>[^0-9]{1,6})[0-9]{4}|[0-9]{4})(?![0-9])"
)
# The same in groups of any size, with words that are said of the parts of a number and of little else.
PATTERN_IN_PARTS = re.compile(r"1(?<![0-9]1)[3-9](?:[^0-9]{0,8}+[0-9]){9}(?![0-9])")
_PART = re.compile("中间|后面|最后|[前后]一?半|结尾|末尾|剩下|接下来|后[一二三四五六七八两]?位|然后是")
_MOST_PARTS = 3
_PLACE = re.compile("中间|然后|后|尾|最后|接|再|末|加|空|杠|点|横")
_FORM = re.compile(r"(?:\+?86|0086)?(1[3-9][0-9]{9}|14[0-4][0-9]{10})")
_GROUPS = re.compile("[0-9]+")
# How people group eleven digits. Groups that begin with four are rooms as often: 1302 1904 202.
_AS_SPOKEN = frozenset({(11,), (3, 4, 4), (3, 3, 5), (3, 8), (7, 4), (1,) * 11, (2, 2, 2, 2, 2, 1)})
_ONE_BY_ONE = (1,) * 11
_PIECES = 6
# A list of rooms may begin like a number; nothing else of the list may then stand beside it.
_LISTED = re.compile("[,/:]")
_WORDS = re.compile(r"电话|手机|号码|联系|致电|打给|拨打|机主|tel|phone|mobile|call", re.IGNORECASE)
_BEFORE = re.compile(r"(?:tel|phone|mobile|mob|cell|call)[a-z]{0,3}$", re.IGNORECASE)
_DATE = re.compile("(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])$")


def normalise(text: str) -> str | None:
    """Return the bare digits of a mobile number without +86, None where the text is not one and nothing else."""
    match = _FORM.fullmatch(bare(fold(text)))
    return match[1] if match else None


def _certainty(text: str, match: re.Match[str]) -> Certainty | None:
    """Judge eleven digits by how they are grouped and what stands around: 150 20260301 is a price and a day."""
    start, written = match.start(), match["number"]
    if context.follows_order_word(text, start):
        return "possible"
    if context.follows_letter(text, start):
        return "certain" if _BEFORE.search(text, max(0, start - 12), start) else "possible"
    groups = tuple(map(len, _GROUPS.findall(written)))
    alone = context.stands_alone(text, start, match.end())
    # Some of it one by one, some of it in fours.
    pieces = len(groups) >= _PIECES and set(groups) <= {1, 3, 4} and not _LISTED.search(written)
    spoken = (groups in _AS_SPOKEN or pieces) and not (groups == (3, 8) and _DATE.search(written))
    if spoken and not alone and (_LISTED.search(written) or not context.in_one_hand(written)):
        spoken = groups == _ONE_BY_ONE
    zeroed = match.group().startswith("0") and not match.group().startswith("00")
    if (spoken and not zeroed) or _WORDS.search(text, max(0, start - 10), start):
        return "certain"
    return "possible" if spoken or (alone and context.in_one_hand(written)) else None


def _in_words(text: str) -> Iterator[Hit]:
    for match in PATTERN_IN_WORDS.finditer(text):
        between = [match["one"], match["two"] or match["one"]]
        if all(_PLACE.search(words) for words in between):
            yield "certain", match.start(), match.end()
    for match in PATTERN_IN_PARTS.finditer(text) if _PART.search(text) else ():
        between = [words for words in _GROUPS.split(match.group()) if words]
        if 0 < len(between) <= _MOST_PARTS and all(_PART.search(words) for words in between):
            yield "certain", match.start(), match.end()


def find(view: View) -> Iterator[Hit]:
    """Yield numbers that stand alone: eleven digits inside a longer run are never one."""
    text = view.text
    match = PATTERN.search(text)
    while match:
        start, end = match.span()
        sure = _certainty(text, match)
        if sure is not None:
            yield sure, start, end
        # A room may stand before the number (1501 138 0000 0000): what was not certain hides nothing behind it.
        match = PATTERN.search(text, end if sure == "certain" else start + 1)
    yield from _in_words(text)
    for match in PATTERN_THING.finditer(text) if "14" in text else ():
        unclear = context.follows_order_word(text, match.start()) or context.follows_letter(
            text, match.start()
        )
        yield "possible" if unclear else "certain", match.start(), match.end()


DETECTOR = Detector(
    kind="mobile",
    label=("手机号", "mobile number"),
    find=find,
    digits=11,
    form=(
        f"1(?:(?<![0-9].)|(?<=[06].)){GAP}[3-9](?:{GAP}[0-9]){{9}}(?![0-9])",
        "1(?:(?<![0-9].)|(?<=6.))4[0-4][0-9]{10}(?![0-9])",
        "1(?<![0-9].)[3-9](?:[^0-9]{0,8}+[0-9]){9}(?![0-9])",
    ),
    examples=(
        "19400000001",
        "15400000001",
        "16400000000",
        "17900000000",
        "+8619400000001",
        "0086 194 0000 0001",
        "+86-194-0000-0001",
        "194 0000 0001",
        "194-0000-0001",
        "194.0000.0001",
        "1 9 4 0 0 0 0 0 0 0 1",
        "1400000000000",
    ),
    near_misses=(
        "12400000001",
        "1940000000",
        "194000000011",
        "SF1940000000112",
        "订单号19400000001",
        "2194000000013",
        "150 20260301",
    ),
    patterns=(PATTERN, PATTERN_THING, PATTERN_IN_WORDS, PATTERN_IN_PARTS),
)

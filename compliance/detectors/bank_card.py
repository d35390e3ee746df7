"""Bank card numbers: 15 to 19 digits with a Luhn check digit (ISO/IEC 7812-1)."""

import re
from collections.abc import Iterator

from compliance.detectors import checksums, context
from compliance.detectors.finding import Certainty, Detector, Hit
from compliance.detectors.view import View

# Commas and slashes: 4201、4202、4203、4204 is a list of rooms, but no floor is the 62nd.
_GAP = r"[ \t\r\n.\-_,/:#+()]{1,4}"
_LISTED = re.compile("[,/:#+()]")
_START = "[2-9](?<![0-9][2-9])"
# In one run, in fours (perhaps with a shorter group behind them), as 4-6-5, as 6 and the rest.
PATTERN = re.compile(
    rf"{_START}(?:[0-9]{{14,18}}(?![0-9])"
    rf"|[0-9]{{3}}(?:{_GAP}[0-9]{{4}}){{2}}{_GAP}[0-9]{{3,4}}(?![0-9])(?P<tail>{_GAP}[0-9]{{1,3}}(?![0-9]))?"
    rf"|[0-9]{{3}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{5}}(?![0-9])"
    rf"|[0-9]{{5}}{_GAP}[0-9]{{9,13}}(?![0-9]))"
)
# Every run of digits with gaps in it, whole: it is a card if all of it is one, however it was torn apart.
PATTERN_TORN = re.compile(rf"(?<![0-9])[0-9]+(?:{_GAP}[0-9]+)+")
# What cards begin with in use; others are only looked at beside a word.
_FIRST = "34569"
_CARD = rf"[{_FIRST}](?<![0-9].)"
_FORM = rf"{_CARD}(?:{_GAP[:-4]}0,4}}+[0-9]){{14}}"
# UnionPay, Visa, Mastercard, American Express, JCB, each with the lengths that it issues.
_ISSUED = re.compile(r"62[0-9]{14,17}|4[0-9]{15}|5[1-5][0-9]{14}|3[47][0-9]{13}|35[0-9]{14}")
_WORDS = re.compile("银行|卡号|储蓄卡|信用卡|借记卡|工资卡|账号|帐号|card", re.IGNORECASE)
_NAMES = (*_WORDS.pattern.removesuffix("|card").split("|"), "[Cc][Aa][Rr][Dd]")
_GROUPS = re.compile("[0-9]+")
_NO_DIGIT = re.compile("[^0-9]+")
_LONGEST_TORN = 19 * 4


def _as_printed(groups: list[str]) -> bool:
    """Say whether digits stand as cards and people write them: in one run, in fours, as 4-6-5, or one by one."""
    lengths = [len(group) for group in groups]
    in_fours = set(lengths[:-1]) == {4} and lengths[-1] <= 4
    return len(lengths) == 1 or in_fours or lengths == [4, 6, 5] or lengths[0] == 6 or max(lengths) <= 2


def _one_by_one(groups: list[str]) -> bool:
    return max(map(len, groups)) == 1


def _certainty(text: str, start: int, end: int) -> Certainty | None:
    groups = _GROUPS.findall(text, start, end)
    number = "".join(groups)
    if number[0] in "01" or not checksums.luhn(number):
        return None
    if not number.startswith("62") and _LISTED.search(text, start, end) and not _one_by_one(groups):
        return None
    named = context.nearby(text, start, end, _WORDS)
    ordered = context.follows_order_word(text, start) or context.follows_letter(text, start)
    if _ISSUED.fullmatch(number):
        if _as_printed(groups) or named:
            return "possible" if ordered and not named else "certain"
        spread = not ordered and number.startswith("62") and context.in_one_hand(text[start:end])
        return "possible" if spread else None
    if named:
        return "possible"
    unissued = number[0] not in _FIRST or len(number) == 15
    return None if ordered or unissued or not _as_printed(groups) else "possible"


def _torn(text: str) -> Iterator[Hit]:
    for match in PATTERN_TORN.finditer(text):
        start, end = match.span()
        if 15 < end - start <= _LONGEST_TORN and 15 <= len(_NO_DIGIT.sub("", match.group())) <= 19:
            sure = _certainty(text, start, end)
            if sure is not None:
                yield sure, start, end


def find(view: View) -> Iterator[Hit]:
    """Yield numbers with a right check digit: certain with a known issuer, possible without."""
    text = view.text
    match = PATTERN.search(text)
    while match:
        start, following = match.start(), match.start() + 1
        for end in (match.end(), match.start("tail")):
            sure = _certainty(text, start, end) if end > start else None
            if sure is not None:
                following = end
                yield sure, start, end
                break
        match = PATTERN.search(text, following)
    yield from _torn(text)


DETECTOR = Detector(
    kind="bank_card",
    label=("银行卡号", "bank card"),
    find=find,
    digits=15,
    form=(_FORM, *_NAMES),
    names=_NAMES,
    examples=(
        "9999990000000006",
        "6200000000000005",
        "6200 0000 0000 0005",
        "6200-0000-0000-0005",
        "6200000000000000000",
        "4000000000000002",
    ),
    near_misses=(
        "6200000000000006",
        "62000000000005",
        "62000000000000051234",
        "订单号 4000000000000002",
        "4201、4202、4203、4204",
    ),
    patterns=(PATTERN,),
)

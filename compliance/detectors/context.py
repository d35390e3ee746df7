"""What stands around a number: words that make it more, or less, likely to be an identifier."""

import re

from compliance.detectors.normalise import GAP

_ORDER = re.compile(
    r"(?:订单|运单|单号|流水号|流水|取件码|取货码|order|tracking)[号编码为是no:#. ]{0,6}[A-Za-z]{0,4}-?$",
    re.IGNORECASE,
)
_DIGIT_BEFORE = re.compile(f"[0-9]{GAP}$")
_DIGIT_AFTER = re.compile(f"{GAP}[0-9]")
_GROUPS = re.compile("[0-9A-Za-z]+")
_TWO = 2  # groups: a code and a room
_PARTED = re.compile("[^0-9A-Za-zХх×Χ]+")
_BRACKETED = frozenset("()/ ")
_ONE_BY_ONE = re.compile("(?:[0-9A-Za-z][^0-9A-Za-z]+)*[0-9A-Za-zХх×Χ]")
_LONGEST_GAP = 4
_BEFORE = 14
_AFTER = 8


def nearby(text: str, start: int, end: int, words: re.Pattern[str]) -> bool:
    """Say whether one of the words stands shortly before or after the span; costs the same however long the text is."""
    return words.search(text, max(0, start - _BEFORE), end + _AFTER) is not None


def follows_order_word(text: str, start: int) -> bool:
    """Say whether the number is introduced as an order, parcel or receipt number."""
    return _ORDER.search(text, max(0, start - _BEFORE), start) is not None


def follows_letter(text: str, start: int) -> bool:
    """Say whether an ASCII letter touches the number from the left, as in a parcel number."""
    return start > 0 and text[start - 1].isascii() and text[start - 1].isalpha()


def in_one_hand(written: str) -> bool:
    """Say whether characters are written as one number: in one run, one by one, or parted the same way throughout.

    A room, a day and a time one after the other are parted in several ways, and are no number together.
    """
    parted = set(_PARTED.findall(written))
    return (
        len(parted) < 2
        or _BRACKETED.issuperset("".join(parted))
        or _ONE_BY_ONE.fullmatch(written) is not None
    )


def evenly(written: str) -> bool:
    """Say whether letters and digits are written as one code: in one run, in even groups, or digit by digit."""
    groups = _GROUPS.findall(written)
    even = len({len(group) for group in groups[:-1]}) <= 1 and len(groups) != _TWO
    return even or all(len(group) == 1 or group.isalpha() for group in groups)


def stands_alone(text: str, start: int, end: int) -> bool:
    """Say whether no other group of digits stands next to the span, as in a list of rooms or a date."""
    before = _DIGIT_BEFORE.search(text, max(0, start - _LONGEST_GAP), start)
    return before is None and _DIGIT_AFTER.match(text, end) is None

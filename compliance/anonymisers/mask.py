"""Display masks: what a guard sees. A mask is for the eye; it ends no period and anonymises nothing (requirements 6.3).

Every mask has a fixed number of stars, so that it does not tell how long the hidden part is.
"""

import re

from compliance.anonymisers.names import plain, shortened
from compliance.anonymisers.strategy import Strategy, check_type

HIDDEN = "***"

_NOT_DIGIT = re.compile("[^0-9]")
_MOBILE = re.compile("(?:86|0086)?(1[3-9][0-9])[0-9]{4,6}([0-9]{4})")
_SEPARATORS = re.compile(r"[\s·•.\-]")
_PLATE = re.compile("([\u4e00-\u9fff][A-Z])[A-Z0-9]{2,4}([A-Z0-9挂学警领港澳应急]{3})")
_BUILDING = re.compile(r"\s*([0-9A-Za-z一二三四五六七八九十]{1,3})\s*(栋|幢|座|号楼|楼|-)")
_MINUTE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})[T ]([0-9]{2}:[0-9]{2})")
_COUNT = re.compile("[0-9]{1,4}")


def mask(field_type: str, value: str) -> str:
    """Return what may be shown of a value; `""` stays `""`, and what has not the form of its type is hidden whole.

    Raises ValueError for an unknown type; the message names the type, never the value.
    """
    check_type(field_type)
    if not value or not plain(value):
        return ""
    if field_type == "code":
        return value  # One of the policy's own words.
    return _MASKS.get(field_type, _hidden)(plain(value))


def _hidden(value: str) -> str:
    return HIDDEN


def _mobile(value: str) -> str:
    """Return 138****0000."""
    match = _MOBILE.fullmatch(_NOT_DIGIT.sub("", value))
    return f"{match[1]}****{match[2]}" if match else "****"


def _plate(value: str) -> str:
    """Return 京A·**000, of new-energy plates too: the length would tell the kind of engine."""
    match = _PLATE.fullmatch(_SEPARATORS.sub("", value).upper())
    return f"{match[1]}·**{match[2]}" if match else "**"


def _room(value: str) -> str:
    """Return 3栋*** where a building is named: 3栋2单元1201, 3-1-1201."""
    match = _BUILDING.match(value)
    return f"{match[1]}{match[2]}{HIDDEN}" if match else HIDDEN


def _time(value: str) -> str:
    """Return day and minute, the seconds dropped."""
    match = _MINUTE.match(value)
    return f"{match[1]} {match[2]}" if match else HIDDEN


def _count(value: str) -> str:
    return value if _COUNT.fullmatch(value) else HIDDEN


_MASKS = {
    "person_name": shortened,
    "mobile": _mobile,
    "plate": _plate,
    "room": _room,
    "time": _time,
    "count": _count,
}

STRATEGY = Strategy(name="mask", outcome="de-identified", apply=mask)

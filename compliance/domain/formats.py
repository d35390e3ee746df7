"""What an admitted value of each field type looks like, and the form in which it is kept.

Every reader returns the normal form or raises `Unfit` with the reason's code; none repeats the value.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from compliance.domain.policy import FieldRule
from compliance.domain.submission import CLOCK_SKEW, is_staff_id, parse_time
from compliance.domain.vocabulary import FieldType, OnIdentifier, ReasonCode

LONGEST_NAME = 30
_NAME = re.compile(r"[^\W\d_](?:[^\W\d_]|[ ·.'’-]){0,29}\Z")
# Groups of at most four digits, ten in all: a room fits, a telephone or document number does not.
_ROOM = re.compile(r"(?!(?:\D*\d){11})[0-9A-Za-z\u4e00-\u9fff](?:[-#/ ]?[0-9A-Za-z\u4e00-\u9fff]){0,23}\Z")
UTC_ZONE = ZoneInfo("UTC")
#: No time of a visit lies further from now than this.
FURTHEST = timedelta(days=3660)
_LONG_DIGITS = re.compile(r"\d{5}")
_REFERENCE = re.compile(r"[A-Za-z0-9_-]{8,64}\Z")
_SEARCHED = frozenset({FieldType.PERSON_NAME, FieldType.ROOM, FieldType.TEXT})
# Tuples, not sets: a list where a word should be has no hash, and is to be refused, not to raise.
_RESULTS = ("pass", "fail", "unclear")
_MEDIA = ("image/jpeg", "image/png", "application/pdf")


class Finding(Protocol):
    """An identifier found in text; a span, never the value."""

    @property
    def kind(self) -> str: ...
    @property
    def certainty(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Instruments:
    """What the domain needs from the detectors and anonymisers above it, handed in as functions.

    `may_hold` is quick and says False only of a text in which `scan` finds nothing, `may_be_sure` only of one in which it
    finds nothing for certain; `plain` has, for types whose form is
    a detector's, a pattern of the values that are their own normal form.
    """

    scan: Callable[[str], tuple[Finding, ...]]
    may_hold: Callable[[str], bool]
    may_be_sure: Callable[[str], bool]
    plain: Mapping[FieldType, str]
    mobile: Callable[[str], str | None]
    plate: Callable[[str], str | None]
    mask: Callable[[str, str], str]
    daypart: Callable[[datetime], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a detector said of a field: a kind and how sure, to be counted; never where, never what."""

    field: str
    kind: str
    certainty: str


def listening(tools: Instruments, rule: FieldRule, heard: list[Heard]) -> Instruments:
    """The same instruments, with an ear at the detectors for what counts in this field."""
    if rule.type not in _SEARCHED:
        return tools

    def scan(text: str) -> tuple[Finding, ...]:
        found = tools.scan(text)
        # A name field is full of what may be a name: there only what is certain is a fault.
        heard.extend(
            Heard(field=rule.name, kind=finding.kind, certainty=finding.certainty)
            for finding in found
            if finding.certainty == "certain" or rule.type is FieldType.TEXT
        )
        return found

    return replace(tools, scan=scan)


class Unfit(Exception):
    """The value does not fit its field."""

    def __init__(self, code: ReasonCode = ReasonCode.BAD_FORMAT) -> None:
        self.code = code
        super().__init__(code.value)


def read_value(rule: FieldRule, value: object, now: datetime, tools: Instruments) -> object:
    """The normal form of `value` under `rule`: a str, an int, a datetime or a small dict; raises `Unfit`."""
    return _READERS[rule.type](rule, value, now, tools)


def from_text(rule: FieldRule, text: str, now: datetime) -> object:
    """What a form's text means: a count as a number, a local time with the offset of `now`, whose zone is the site's.

    What is neither stays text, and the gate refuses it.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if rule.type is FieldType.COUNT and re.fullmatch(r"[0-9]{1,6}", plain):
        return int(plain)
    if rule.type is FieldType.TIME:
        try:
            moment = datetime.fromisoformat(plain)
        except ValueError:
            return text
        # `datetime-local` knows no zone: whoever fills in the form stands at the gate, so it means the site's.
        return (moment if moment.tzinfo else moment.replace(tzinfo=now.tzinfo)).isoformat()
    return text


def _line(value: object, longest: int) -> str:
    if not isinstance(value, str):
        raise Unfit
    if len(value) > longest * 4:
        raise Unfit(ReasonCode.TOO_LARGE)
    text = unicodedata.normalize("NFKC", value).strip()
    if not text or any(unicodedata.category(char) in ("Cc", "Cs", "Co", "Cn") for char in text):
        raise Unfit
    if len(text) > longest:
        raise Unfit(ReasonCode.TOO_LARGE)
    return text


def _refuse_identifiers(text: str, tools: Instruments) -> None:
    if any(finding.certainty == "certain" for finding in tools.scan(text)):
        raise Unfit(ReasonCode.IDENTIFIER_IN_TEXT)


def _person_name(_: FieldRule, value: object, __: datetime, tools: Instruments) -> str:
    text = _line(value, LONGEST_NAME)
    # Numbers written as Han digits pass for letters, so a name is searched for identifiers too.
    _refuse_identifiers(text, tools)
    # Signs for numbers (〡, ➀, Ⅷ) pass for letters as well, and are in nobody's name.
    if not _NAME.match(text) or any(unicodedata.category(char) in ("Nl", "No") for char in text):
        raise Unfit
    return text


def _mobile(_: FieldRule, value: object, __: datetime, tools: Instruments) -> str:
    number = tools.mobile(_line(value, 32))
    if number is None:
        raise Unfit
    return number


def _plate(_: FieldRule, value: object, __: datetime, tools: Instruments) -> str:
    plate = tools.plate(_line(value, 16))
    if plate is None:
        raise Unfit
    return plate


def _room(_: FieldRule, value: object, __: datetime, tools: Instruments) -> str:
    text = _line(value, 24)
    if not _ROOM.match(text) or _LONG_DIGITS.search(text):
        raise Unfit
    _refuse_identifiers(text, tools)
    return text


def _code(rule: FieldRule, value: object, _: datetime, __: Instruments) -> str:
    if not isinstance(value, str) or value not in rule.values:
        raise Unfit
    return value


def _count(rule: FieldRule, value: object, _: datetime, __: Instruments) -> int:
    # True is an int to Python and no count to anybody.
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= rule.most:
        raise Unfit
    return value


def _time(rule: FieldRule, value: object, now: datetime, _: Instruments) -> datetime:
    moment = parse_time(value)
    if moment is None or not now - FURTHEST < moment < now + FURTHEST:
        raise Unfit
    ends = rule.furthest.end(now, UTC_ZONE) if rule.furthest else now + CLOCK_SKEW
    if moment > ends:
        raise Unfit
    return moment


def _verification(rule: FieldRule, value: object, now: datetime, tools: Instruments) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise Unfit
    if not set(value) <= {"type", "result", "time", "by"}:
        # A number or a picture that rides along with the result is exactly what this type is there to keep out.
        raise Unfit(ReasonCode.OVER_COLLECTION)
    # The time of a check is near, as any other: a date of birth is not to come in by this way.
    moment = _time(rule, value.get("time"), now, tools)
    by = value.get("by")
    if value.get("result") not in _RESULTS or (by is not None and not is_staff_id(by)):
        raise Unfit
    if not isinstance(value.get("type"), str) or (rule.values and value["type"] not in rule.values):
        raise Unfit
    if not rule.values and not re.fullmatch(r"[a-z_]{1,32}", value["type"]):
        raise Unfit
    read = {"type": str(value["type"]), "result": str(value["result"]), "time": moment.isoformat()}
    return {**read, "by": str(by)} if by is not None else read


def _text(rule: FieldRule, value: object, _: datetime, tools: Instruments) -> str:
    text = _line(value, rule.longest)
    # As it was sent, and as it would be kept: bringing it into form may put together what stood apart.
    found = tools.scan(str(value)) or (tools.scan(text) if text != value else ())
    if found and rule.on_found(finding.certainty for finding in found) is not OnIdentifier.FLAG:
        raise Unfit(ReasonCode.IDENTIFIER_IN_TEXT)
    return text


def _attachment(_: FieldRule, value: object, __: datetime, tools: Instruments) -> dict[str, str]:
    """A reference to a picture that stays in the device that took it (人脸办法 8): never the picture."""
    if not isinstance(value, Mapping) or set(value) != {"ref", "media_type"}:
        raise Unfit
    if (
        not isinstance(value["ref"], str)
        or not _REFERENCE.match(value["ref"])
        or value["media_type"] not in _MEDIA
    ):
        raise Unfit
    # A reference is made by a device; one that is somebody's number was made by somebody else.
    _refuse_identifiers(value["ref"], tools)
    return {"ref": value["ref"], "media_type": str(value["media_type"])}


_READERS: dict[FieldType, Callable[[FieldRule, object, datetime, Instruments], object]] = {
    FieldType.PERSON_NAME: _person_name,
    FieldType.MOBILE: _mobile,
    FieldType.PLATE: _plate,
    FieldType.ROOM: _room,
    FieldType.CODE: _code,
    FieldType.COUNT: _count,
    FieldType.TIME: _time,
    FieldType.VERIFICATION: _verification,
    FieldType.TEXT: _text,
    FieldType.ATTACHMENT: _attachment,
}

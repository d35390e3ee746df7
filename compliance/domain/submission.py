"""A submission as every door hands it in, read strictly: what is not understood is refused, never skipped."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from compliance.domain.reasons import Reason, reason
from compliance.domain.vocabulary import Channel, ConsentAct, ConsentKind, Door, NoticeMode, ReasonCode

LARGEST_BYTES = 64 * 1024
LONGEST_KEY = 200
CLOCK_SKEW = timedelta(minutes=5)
# A device clock that lost its battery says 1970 or 2000; nothing a gate sees today was collected before this.
FIRST_YEAR = 2001
_RFC_3339 = re.compile(
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)\Z", re.ASCII | re.IGNORECASE
)
_DECODER = msgspec.json.Decoder()
_SPACED_KEY = re.compile(rb'"[ \t\r\n]+:')
# Nine digits in a row are somebody's number: no staff number is as long, and every identifier is.
_STAFF_ID = re.compile(r"(?!.{0,56}[0-9]{9})[a-z][a-z0-9]{0,31}-[A-Za-z0-9]{1,32}\Z")
_KNOWN = {
    *("category", "channel", "site", "collected_at", "key"),
    *("fields", "declined", "notice", "consent", "pass"),
}
# Twelve of Crockford's letters in groups, as a slip prints them; which of them are letters the look-up decides.
_PASS_CODE = re.compile(r"[0-9A-Za-z]{4}([ -]?[0-9A-Za-z]{4}){2}\Z", re.ASCII)
_NO_PASS_CODE = (
    "通行码是12位字母和数字，请对照回执核对；没有就不填。",
    "A pass code has twelve letters and digits: check it against the slip, or leave it out.",
)
# Tuples, not sets: a list or an object where a word should be has no hash, and is to be refused, not to raise.
_NOTICE_MODES, _CONSENT_KINDS, _CONSENT_ACTS = tuple(NoticeMode), tuple(ConsentKind), tuple(ConsentAct)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeGiven:
    """How the Art. 17 notice reached the person: an id that was issued, or the staff id that read it out."""

    mode: NoticeMode
    id: str | None = None
    by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentGiven:
    """One act of consent. `covers` names fields; empty covers the non-sensitive fields whose basis is consent."""

    kind: ConsentKind
    by: str
    act: ConsentAct
    covers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """What somebody wants written. `fields` holds untrusted values; its repr would too, so it has none."""

    category: str
    channel: Channel
    site: str
    collected_at: datetime
    key: str | None = None
    fields: Mapping[str, object] = field(repr=False)
    declined: Mapping[str, str] = field(default_factory=dict)
    notice: NoticeGiven | None = None
    consent: tuple[ConsentGiven, ...] = ()
    pass_code: str | None = field(
        default=None, repr=False
    )  # of an earlier registration whose holder consented
    door: Door = Door.SINGLE


@dataclass(frozen=True, slots=True, kw_only=True)
class Defaults:
    """What a path, a command line or an API key already says, so that a submission need not."""

    category: str | None = None
    channel: str | None = None
    site: str | None = None
    door: Door = Door.SINGLE


def decode(text: bytes | str) -> object | tuple[Reason, ...]:
    """Strict JSON: duplicate keys, NaN, lone surrogates, absurd depth and size are `malformed` or `too_large`."""
    octets = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    if len(octets) > LARGEST_BYTES:
        return (reason(ReasonCode.TOO_LARGE),)
    value = _decode_plain(octets)
    return _decode_slowly(octets) if value is None else value


def _decode_plain(octets: bytes) -> dict[str, object] | None:
    """The object, where its keys can be counted: None is no verdict.

    This decoder is many times as fast and lets the last of two equal keys win. In plain JSON every key is followed by
    `":` at once; inside of a string the same two signs can only add to their count. So where that count is the number of
    keys that were read, no key stood there twice.
    """
    if _SPACED_KEY.search(octets):
        return None
    try:
        value = _DECODER.decode(octets)
        plain = type(value) is dict and octets.count(b'":') == _keys_in(value)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return value if plain else None


def _keys_in(value: Any) -> int:
    """How many keys all objects in this value have; -1 and less where a number is not plainly a small integer."""
    if type(value) is dict:
        return len(value) + sum([_keys_in(one) for one in value.values() if type(one) is not str])
    if type(value) is list:
        return sum([_keys_in(one) for one in value if type(one) is not str])
    # A number of thirty digits would be read as another one here and there.
    return (
        0
        if type(value) is bool or value is None or (type(value) is int and abs(value) < 1 << 53)
        else -LARGEST_BYTES
    )


def _decode_slowly(octets: bytes) -> object | tuple[Reason, ...]:
    try:
        value: object = json.loads(
            octets.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant
        )
        json.dumps(value, ensure_ascii=False).encode("utf-8")  # a lone surrogate shows itself here
    except (ValueError, RecursionError):
        return (reason(ReasonCode.MALFORMED),)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    read = dict(pairs)
    if len(read) != len(pairs):
        raise ValueError
    return read


def _no_constant(_: str) -> object:
    raise ValueError


def parse_time(value: object) -> datetime | None:
    """An RFC 3339 moment with its offset, as UTC; None for anything else, naive times included."""
    # Python reads more than the standard has: week dates, and any character at all between day and hour.
    if not isinstance(value, str) or not _RFC_3339.match(value):
        return None
    try:
        moment = datetime.fromisoformat(value)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def parse(raw: object, defaults: Defaults, now: datetime) -> Submission | tuple[Reason, ...]:
    """Read a decoded submission against the defaults of its door; every fault of its form at once."""
    if not isinstance(raw, Mapping) or not all(isinstance(name, str) for name in raw):
        return (reason(ReasonCode.MALFORMED),)
    faults: list[Reason] = [reason(ReasonCode.MALFORMED, name) for name in raw if name not in _KNOWN]
    category = _word(raw, "category", defaults.category, faults)
    channel = _channel(_word(raw, "channel", defaults.channel, faults), faults)
    site = _word(raw, "site", defaults.site, faults)
    collected_at = _collected_at(raw, defaults.door, now, faults)
    fields = raw.get("fields")
    if not isinstance(fields, Mapping) or not all(isinstance(name, str) for name in fields):
        faults.append(reason(ReasonCode.MALFORMED, "fields"))
        fields = {}
    key = raw.get("key")
    if key is not None and not is_key(key):
        faults.append(reason(ReasonCode.MALFORMED, "key"))
    declined = _declined(raw, faults)
    notice = _notice(raw.get("notice"), faults)
    consent = _consents(raw.get("consent"), faults)
    pass_code = _pass_code(raw.get("pass"), faults)
    if faults or channel is None or category is None or site is None or collected_at is None:
        return tuple(faults)
    return Submission(
        category=category,
        channel=channel,
        site=site,
        collected_at=collected_at,
        key=key if isinstance(key, str) else None,
        fields=fields,
        declined=declined,
        notice=notice,
        consent=consent,
        pass_code=pass_code,
        door=defaults.door,
    )


def _word(raw: Mapping[str, object], name: str, default: str | None, faults: list[Reason]) -> str | None:
    value = raw.get(name, default)
    if isinstance(value, str) and 0 < len(value) <= LONGEST_KEY and (default is None or value == default):
        return value
    # A path or a key that says "visitor" is not overruled by a body that says otherwise.
    faults.append(reason(ReasonCode.MALFORMED, name))
    return None


def _channel(word: str | None, faults: list[Reason]) -> Channel | None:
    try:
        return Channel(word) if word is not None else None
    except ValueError:
        faults.append(reason(ReasonCode.WRONG_CHANNEL, "channel"))
        return None


def _collected_at(
    raw: Mapping[str, object], door: Door, now: datetime, faults: list[Reason]
) -> datetime | None:
    if "collected_at" not in raw and door is Door.SINGLE:
        return now
    moment = parse_time(raw.get("collected_at"))
    if moment is None or moment.year < FIRST_YEAR or moment > now + CLOCK_SKEW:
        faults.append(
            reason(ReasonCode.BAD_FORMAT, "collected_at", label=("登记时间", "The time of collection"))
        )
        return None
    return moment


def _declined(raw: Mapping[str, object], faults: list[Reason]) -> Mapping[str, str]:
    declined = raw.get("declined", {})
    if isinstance(declined, Mapping) and all(
        isinstance(k, str) and isinstance(v, str) for k, v in declined.items()
    ):
        return {str(k): str(v) for k, v in declined.items()}
    faults.append(reason(ReasonCode.MALFORMED, "declined"))
    return {}


def _pass_code(value: object, faults: list[Reason]) -> str | None:
    if value is None or (isinstance(value, str) and _PASS_CODE.match(value)):
        return value
    faults.append(reason(ReasonCode.MALFORMED, "pass", say=_NO_PASS_CODE))
    return None


def is_key(value: object) -> bool:
    """Whether this may be an idempotency key."""
    return isinstance(value, str) and 0 < len(value) <= LONGEST_KEY


def is_staff_id(value: object) -> bool:
    """Whether this is an opaque staff id such as ``staff-7``: a name must not come in by this way."""
    return isinstance(value, str) and bool(_STAFF_ID.match(value))


def _notice(value: object, faults: list[Reason]) -> NoticeGiven | None:
    if value is None:
        return None
    if (
        isinstance(value, Mapping)
        and set(value) <= {"mode", "id", "by"}
        and value.get("mode") in _NOTICE_MODES
    ):
        mode, shown, by = NoticeMode(str(value["mode"])), value.get("id"), value.get("by")
        shown_ok = shown is None or (isinstance(shown, str) and 0 < len(shown) <= LONGEST_KEY)
        if shown_ok and (by is None or is_staff_id(by)):
            return NoticeGiven(mode=mode, id=str(shown) if shown else None, by=str(by) if by else None)
    faults.append(reason(ReasonCode.MALFORMED, "notice"))
    return None


def _consents(value: object, faults: list[Reason]) -> tuple[ConsentGiven, ...]:
    if value is None:
        return ()
    if isinstance(value, list) and len(value) <= 20:
        read = [_consent(item) for item in value]
        if all(item is not None for item in read):
            return tuple(item for item in read if item is not None)
    faults.append(reason(ReasonCode.MALFORMED, "consent"))
    return ()


def _consent(item: object) -> ConsentGiven | None:
    if not isinstance(item, Mapping) or not set(item) <= {"kind", "by", "act", "covers"}:
        return None
    covers = item.get("covers", [])
    if not isinstance(covers, list) or len(covers) > 50 or not all(isinstance(name, str) for name in covers):
        return None
    if item.get("kind") not in _CONSENT_KINDS or item.get("act") not in _CONSENT_ACTS:
        return None
    if item.get("by") not in ("self", "guardian"):
        return None
    return ConsentGiven(
        kind=ConsentKind(str(item["kind"])),
        by=str(item["by"]),
        act=ConsentAct(str(item["act"])),
        covers=tuple(covers),
    )

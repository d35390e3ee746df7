"""Submissions as an attacker makes them: valid ones with something done to them, at any place, in any layer.

Deterministic by its dice, and quick: a hundred thousand are made in seconds. Whatever it puts into a value is one of
`CANARIES`, so that whoever finds one of those afterwards has found a leak.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from datetime import datetime
from random import Random
from typing import Any

from compliance.domain.vocabulary import Channel
from tests.builders import START, a_full_submission, a_pack

ID_NUMBER = "100000197304041270"  # well formed, of a region that does not exist
MOBILE = "19470417041"
WORD = "QZJXKW"  # in nobody's name, label or sentence
#: A field may be called anything, and a refusal repeats what it is called: this one is looked for everywhere else.
AS_A_NAME = "100000198507070070"
CANARIES = (ID_NUMBER, MOBILE, WORD, AS_A_NAME)

_FULL_WIDTH = str.maketrans("0123456789", "０１２３４５６７８９")
_HAN = str.maketrans("0123456789", "〇一二三四五六七八九")
_CIRCLED = str.maketrans("123456789", "①②③④⑤⑥⑦⑧⑨")
DISGUISES: tuple[Callable[[str], str], ...] = (
    str,
    lambda number: number.translate(_FULL_WIDTH),
    lambda number: number.translate(_HAN),
    lambda number: number.translate(_CIRCLED),
    " ".join,
    "-".join,
    "\u200b".join,
    "¨".join,
    lambda number: f"{number[:6]} {number[6:14]} {number[14:]}",
    lambda number: f"找{number}的人",
    lambda number: f"{WORD}{number}",
)
CATEGORIES = sorted(a_pack().categories)
FIELDS = sorted({name for policy in a_pack().categories.values() for name in policy.fields})
MEMBERS = ("category", "channel", "site", "collected_at", "key", "fields", "declined", "notice", "consent")
FORBIDDEN = ("id_number", "id_photo", "face", "health_code", "companion_names", "身份证号", "__class__", "", " ",
             "visitor_name ", "Visitor_Name", "visitor_name\u200b", AS_A_NAME, "\x00", "\ud800", "x" * 300)  # fmt: skip


def number(dice: Random) -> str:
    return dice.choice(DISGUISES)(dice.choice((ID_NUMBER, MOBILE)))


def _values(dice: Random) -> Any:
    return dice.choice(
        (
            None, True, False, 0, -1, 1.5, 10**30, -(10**400), 1e308, "", " ", "0", "\x00", f"{WORD}\x00", "\ud800", "\u202e",
            "\uffff", "🙂" * 9, "x" * 5000, WORD, [], [[]], {}, {"": WORD}, [WORD], {"type": "resident_id", "number": ID_NUMBER},
            "2026-13-45T99:99:99+99:99", "0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-14:00", START.isoformat(),
            "'; DROP TABLE holding; --", "{{7*7}}", "${jndi:x}", "../../etc/passwd", "一" * 1000, int(ID_NUMBER), float("1e16"),
            {"type": "resident_id", "result": "pass", "time": START.isoformat(), "by": f"x-{ID_NUMBER}"},
            {"ref": ID_NUMBER, "media_type": "image/jpeg"}, {"ref": WORD * 2, "media_type": "text/html"},
            {"mode": "oral", "by": f"staff-{ID_NUMBER}"}, {"mode": "screen", "id": ID_NUMBER}, {"mode": "posted"},
            [{"kind": "plain", "by": "self", "act": "tap", "covers": [ID_NUMBER] * 40}], [{"kind": "separate"}] * 30,
        )
    )  # fmt: skip


def hostile_value(dice: Random) -> Any:
    value = number(dice) if dice.random() < 0.35 else _values(dice)
    for _ in range(dice.choice((0, 0, 0, 0, 1, 3, 60))):
        value = dice.choice(([value], {"a": value}, {WORD: value}))
    return value


def _mutate(raw: Any, dice: Random) -> Any:
    fields = raw.get("fields")
    place = fields if isinstance(fields, dict) and dice.random() < 0.7 else raw
    known = sorted(place)
    match dice.randrange(9):
        case 0 | 1 | 2 if known:
            place[dice.choice(known)] = hostile_value(dice)
        case 3:
            place[dice.choice(FORBIDDEN)] = hostile_value(dice)
        case 4:
            place[dice.choice(FIELDS if place is fields else MEMBERS)] = hostile_value(dice)
        case 5 if known:
            place.pop(dice.choice(known))
        case 6:
            raw["channel"] = dice.choice(list(Channel)).value
        case 7 if known:
            name = dice.choice(known)
            place[name] = str(place[name]) if dice.random() < 0.5 else [place[name]]
        case 8:
            raw["key"] = dice.choice((ID_NUMBER, "k", "k" * 200, f"k{dice.randrange(50)}"))
    return raw


def hostile_object(dice: Random, at: datetime = START) -> Any:
    """A submission as a program holds it, with one to three things done to it; now and then one that is left alone."""
    raw: Any = copy.deepcopy(a_full_submission(dice.choice(CATEGORIES), at))
    if dice.random() < 0.5:
        raw["collected_at"] = at.isoformat()
    if dice.random() < 0.1:
        raw["fields"] = {f"f{n}": hostile_value(dice) for n in range(dice.choice((1, 59, 61, 300)))}
    for _ in range(dice.choice((0, 1, 1, 1, 2, 3))):
        raw = _mutate(raw, dice)
    return raw


def _spoil(text: bytes, dice: Random) -> bytes:
    at = dice.randrange(len(text) + 1)
    match dice.randrange(12):
        case 0:
            return text[:at]
        case 1:
            return text[:at] + bytes([dice.randrange(256)]) + text[at:]
        case 2:
            return b"\xef\xbb\xbf" + text
        case 3:
            return text.decode("utf-8").encode("utf-16")
        case 4:
            return b'{"category":"visitor",' + text[1:]
        case 5:
            return (
                text.replace(b'"fields": {', b'"fields": {"id_number": "' + ID_NUMBER.encode() + b'", ', 1)
                + b"}"
            )
        case 6:
            return text.replace(b'"fields"', b'"fields": {}, "fields"', 1)
        case 7:
            return text.replace(b": ", b" : ").replace(b", ", b"\t,\r")
        case 8:
            return text.replace(b'": "', b'": "\\ud800', 1)
        case 9:
            return b"[" * dice.choice((9, 1200, 30_000)) + text
        case 10:
            return text[:-1] + b', "n": ' + dice.choice((b"NaN", b"1e999", b"-0", b"9" * 5000, b"01")) + b"}"
        case _:
            return text + dice.choice((text, b"\r", b"\x00", b"\xe2\x80\xa8", b"\x0c", b" " * 70_000))


def hostile_bytes(dice: Random, at: datetime = START) -> bytes:
    """The same as it comes over a wire: one line, of whatever length."""
    text = json.dumps(hostile_object(dice, at), ensure_ascii=dice.random() < 0.5).encode(
        "utf-8", "backslashreplace"
    )
    if dice.random() < 0.0005:
        return b'{"fields": {"visitor_name": "' + b"x" * 10_000_000 + b'"}}'
    return (_spoil(text, dice) if dice.random() < 0.25 else text).replace(b"\n", b" ")

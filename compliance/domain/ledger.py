"""Ledger entries: what was done, where, when and under which rule, in one canonical form that is hashed for
ever.

An entry outlives the records that it speaks of by years. So it never holds content, a subject token or a
digest of either: counts, codes, rules, opaque ids and dates only. A batch entry holds the root over its
*members* (one leaf per holding), so that a single holding's fate can be shown without showing the others.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final

from compliance.domain.errors import LedgerMalformed
from compliance.domain.merkle import HASH_BYTES, inclusion_path, leaf_hash, root

# The evolution rule. What stands under a version byte is final from the first commit: no field is ever
# reordered, removed or given another meaning, and no new field is added to it, because entries already sealed
# under a signed head must parse, dump and hash to the same bytes for ever. A new shape is a new version byte
# with its own reader; the old reader stays. Acts may be added to `Act`; none is ever renamed or removed.
VERSION: Final = 0x01

#: Tiles of entries carry a 16-bit length before each (https://c2sp.org/tlog-tiles, "Log entries").
MAX_BYTES: Final = 0xFFFF
#: The largest integer that every JSON reader keeps exact (RFC 7493 §2.2); a browser must be able to check an
#: entry.
MAX_INTEGER: Final = 2**53 - 1

_VERSION_BYTE: Final = bytes((VERSION,))
_written = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode
_FACT_NAME = re.compile(r"[a-z][a-z0-9_]*")
# Without control characters only the quotation mark and the backslash are ever escaped, so there is one way
# to write a string and the form agrees with RFC 8785 (JSON Canonicalization Scheme).
_UNWRITABLE = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


class Act(StrEnum):
    """Everything that is sealed. The words are part of the format: see the evolution rule."""

    ADMITTED = "admitted"
    AMENDED = "amended"
    REFUSED_TALLY = "refused_tally"
    READ = "read"
    ERASED = "erased"
    ANONYMISED = "anonymised"
    RESTRICTED = "restricted"
    HOLD_PLACED = "hold_placed"
    HOLD_RELEASED = "hold_released"
    WITHDRAWN = "withdrawn"
    CONSENTED = "consented"
    REQUESTED = "requested"
    REQUEST_MOVED = "request_moved"
    REQUEST_CLOSED = "request_closed"
    POLICY_PUBLISHED = "policy_published"
    FORECAST = "forecast"
    PAUSED = "paused"
    RESUMED = "resumed"
    REPORT_REVIEWED = "report_reviewed"
    DISCLOSED = "disclosed"
    RESTORED = "restored"
    KEY_DESTROYED = "key_destroyed"
    MODE_CHANGED = "mode_changed"
    EXCESS_RELEASED = "excess_released"
    BREAK_GLASS = "break_glass"
    ZERO_LEFT = "zero_left"
    NOT_TAKEN = "not_taken"
    ASSESSED = "assessed"
    READ_REFUSED = "read_refused"
    LOOKED_UP = "looked_up"
    DISCLOSURE_ASKED = "disclosure_asked"
    DISCLOSURE_SIGNED = "disclosure_signed"
    DISCLOSURE_REFUSED = "disclosure_refused"
    DISCLOSURE_LATE = "disclosure_late"
    DISCLOSURE_FORGOTTEN = "disclosure_forgotten"
    EMERGENCY_OPENED = "emergency_opened"
    EMERGENCY_CLOSED = "emergency_closed"
    EMERGENCY_TOLD = "emergency_told"
    SLIPS_PRINTED = "slips_printed"
    SLIPS_COUNTED = "slips_counted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One sealed act. Refuses, as LedgerMalformed, whatever has no canonical form."""

    act: Act
    #: Empty where the act is about the whole installation.
    site: str
    #: Empty where the act is not about one category.
    category: str
    #: The ISO date of the act in the site's timezone.
    day: str
    #: How many the act is about; with `members`, exactly how many members the root is over.
    count: int
    #: Named facts. They are kept sorted by name, whichever order they came in; a name occurs once.
    facts: tuple[tuple[str, str | int], ...] = ()
    #: The 32-byte root over the members of the batch, see `members_root`.
    members: bytes | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.act, Act):
            raise LedgerMalformed("act: unknown")
        for field in ("site", "category", "day"):
            _check_text(field, getattr(self, field))
        if not _is_iso_date(self.day):
            raise LedgerMalformed("day: not an ISO date")
        _check_integer("count", self.count, 0 if self.members is None else 1)
        if self.members is not None and (type(self.members) is not bytes or len(self.members) != HASH_BYTES):
            raise LedgerMalformed(f"members: not {HASH_BYTES} bytes")
        for name, value in self.facts:
            _check_fact(name, value)
        if len({name for name, _ in self.facts}) != len(self.facts):
            raise LedgerMalformed("facts: a name occurs twice")
        object.__setattr__(self, "facts", tuple(sorted(self.facts)))

    def fact(self, name: str) -> str | int | None:
        return dict(self.facts).get(name)


def canonical(entry: Entry) -> bytes:
    """Version byte ‖ JSON with sorted keys, no whitespace, UTF-8. `members` is hex and is left out where
    there is none.
    """
    fields: dict[str, Any] = {
        "act": entry.act.value,
        "category": entry.category,
        "count": entry.count,
        "day": entry.day,
        "facts": dict(entry.facts),
        "site": entry.site,
    }
    if entry.members is not None:
        fields["members"] = entry.members.hex()
    sealed = _VERSION_BYTE + _written(fields).encode()
    if len(sealed) > MAX_BYTES:
        raise LedgerMalformed("entry: too long")
    return sealed


def parse(sealed: bytes) -> Entry:
    """The inverse of `canonical`. Raises LedgerMalformed for an unknown version and for anything that
    `canonical` would not have written: dumping what was read and comparing leaves no second spelling of one
    entry.
    """
    if not sealed or len(sealed) > MAX_BYTES:
        raise LedgerMalformed("entry: empty or too long")
    if sealed[0] != VERSION:
        raise LedgerMalformed("version: unknown")
    try:
        fields = json.loads(sealed[1:].decode())
    except (ValueError, RecursionError):
        # The cause would quote the bytes, and an error never carries a value.
        raise LedgerMalformed("entry: not JSON") from None
    entry = _entry(fields)
    if canonical(entry) != sealed:
        raise LedgerMalformed("entry: not canonical")
    return entry


def counted(sealed: bytes) -> tuple[str, str, str, str, int]:
    """Act, site, category, day and count of an entry that `canonical` wrote, to be kept beside it in columns.

    Quicker than `parse`, and no judge of the entry: whoever verifies the ledger parses it and compares the columns.
    """
    if sealed[:1] != _VERSION_BYTE:
        raise LedgerMalformed("version: unknown")
    try:
        fields = json.loads(sealed[1:])
        return fields["act"], fields["site"], fields["category"], fields["day"], fields["count"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise LedgerMalformed("entry: not canonical") from None


def entry_leaf(entry: Entry) -> bytes:
    """The entry's leaf hash in the ledger's tree."""
    return leaf_hash(canonical(entry))


def member_leaf(act: Act, holding_id: str, parts: str) -> bytes:
    """SHA-256(0x00 ‖ version ‖ act ‖ 0x00 ‖ holding id ‖ 0x00 ‖ parts). `parts` says which parts of the
    holding the act is about. No piece may hold a NUL, so that two different members never run together into
    one.
    """
    for field, value in (("holding_id", holding_id), ("parts", parts)):
        _check_text(field, value)
    if not holding_id:
        raise LedgerMalformed("holding_id: empty")
    return sha256(
        b"\x00" + _VERSION_BYTE + b"\x00".join(p.encode() for p in (act.value, holding_id, parts))
    ).digest()


def members_root(act: Act, members: Iterable[tuple[str, str]]) -> bytes:
    """The root over (holding id, parts) pairs, the same for every order in which the batch took them."""
    ordered = _in_order(members)
    # One look at all of them together: a batch has a thousand, and each is checked alone where one of them is wrong.
    if _UNWRITABLE.search("".join([piece for member in ordered for piece in member])) or not ordered[0][0]:
        return root([member_leaf(act, *member) for member in ordered])
    start = b"\x00" + _VERSION_BYTE + act.value.encode() + b"\x00"
    return root([sha256(start + f"{holding}\x00{parts}".encode()).digest() for holding, parts in ordered])


def member_path(
    act: Act, members: Iterable[tuple[str, str]], member: tuple[str, str]
) -> tuple[int, tuple[bytes, ...]]:
    """The member's index and the hashes that lead from it to `members_root`."""
    ordered = _in_order(members)
    if member not in ordered:
        raise LedgerMalformed("member: not in the batch")
    index = ordered.index(member)
    return index, inclusion_path([member_leaf(act, *one) for one in ordered], index)


def _in_order(members: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    ordered = sorted(members)
    if not ordered:
        raise LedgerMalformed("members: none")
    if len(set(ordered)) != len(ordered):
        raise LedgerMalformed("members: one occurs twice")
    return ordered


def _entry(fields: Any) -> Entry:
    known = {"act", "category", "count", "day", "facts", "site", "members"}
    if not isinstance(fields, dict) or not known - {"members"} <= set(fields) <= known:
        raise LedgerMalformed("entry: a field is missing or unknown")
    if not isinstance(fields["facts"], dict):
        raise LedgerMalformed("facts: not an object")
    members = fields.pop("members", "")
    if not isinstance(members, str) or not re.fullmatch(r"([0-9a-f]{64})?", members):
        raise LedgerMalformed("members: not a hash")
    try:
        act = Act(fields.pop("act"))
    except ValueError:
        raise LedgerMalformed("act: unknown") from None
    facts = tuple(fields.pop("facts").items())
    return Entry(**fields, act=act, facts=facts, members=bytes.fromhex(members) or None)


def _check_fact(name: str, value: object) -> None:
    if type(name) is not str or not _FACT_NAME.fullmatch(name):
        raise LedgerMalformed("facts: a name is not lower_snake_case")
    if type(value) is int:
        _check_integer(name, value, -MAX_INTEGER)
    else:
        _check_text(name, value)


def _check_text(field: str, value: object) -> None:
    if type(value) is not str or _UNWRITABLE.search(value):
        raise LedgerMalformed(f"{field}: not plain text")


def _check_integer(field: str, value: object, least: int) -> None:
    # A bool is an int to Python and not to anybody who reads the ledger.
    if type(value) is not int or not least <= value <= MAX_INTEGER:
        raise LedgerMalformed(f"{field}: not an integer in range")


def _is_iso_date(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False

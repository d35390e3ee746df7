"""Deletion certificates: what a subject keeps, and anybody can check without us, without a network and
without trust.

A certificate proves that the operator recorded the deletion of one holding, by the time of the signed head.
It is a tombstone, two inclusion paths (the holding in its batch, the batch in the ledger) and the head. Every
value in it is either bound by the signature or derived and compared, so there is nothing in it that can be
changed in silence.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any, Final

import msgspec

from compliance.domain.checkpoint import Head, Verify, open_head, signers
from compliance.domain.errors import HeadRejected, LedgerMalformed, ProofRejected
from compliance.domain.ledger import Act, Entry, member_leaf, parse
from compliance.domain.merkle import leaf_hash, verify_inclusion

# As for ledger entries: a format is final once a subject holds one. A new shape is a new word here with its
# own reader.
FORMAT: Final = "compliance-deletion-certificate/1"

#: A certificate of anything else would be read as a deletion that never was.
CERTIFIABLE: Final = frozenset({Act.ERASED, Act.ANONYMISED})

#: Facts of the batch entry that a certificate repeats: rule and article applied, and the date after which no
#: old backup can be opened.
TOMBSTONE_FACTS: Final = ("rule", "article", "backup_until")

_Index = Annotated[int, msgspec.Meta(ge=0)]
_Hash = Annotated[str, msgspec.Meta(pattern=r"\A[0-9a-f]{64}\Z")]
# A tree of 2^53 leaves is 53 high; a longer path is an attempt to keep us busy.
_Path = Annotated[list[_Hash], msgspec.Meta(max_length=53)]


class _Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Closed and without defaults: what is not listed is refused, and so is what is missing."""


class _Tombstone(_Shape, frozen=True):
    act: str
    site: str
    category: str
    day: str
    rule: str
    article: str
    backup_until: str


class _Member(_Shape, frozen=True):
    holding: str
    parts: str
    index: _Index
    path: _Path


class _Sealed(_Shape, frozen=True):
    canonical: str
    index: _Index
    path: _Path


class _Document(_Shape, frozen=True):
    format: str
    tombstone: _Tombstone
    member: _Member
    entry: _Sealed
    head: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """What the ledger knows about one deletion; `document` is what is given away."""

    holding: str
    #: As given to `member_leaf`.
    parts: str
    member_index: int
    member_path: tuple[bytes, ...]
    #: The canonical bytes of the batch entry.
    entry: bytes
    entry_index: int
    entry_path: tuple[bytes, ...]
    #: The signed head as text, with the operator's signature alone.
    head: str

    def document(self) -> dict[str, Any]:
        """A JSON-able value. Raises LedgerMalformed where the entry is none that can be certified."""
        return {
            "format": FORMAT,
            "tombstone": msgspec.to_builtins(_tombstone(parse(self.entry))),
            "member": {
                "holding": self.holding,
                "parts": self.parts,
                "index": self.member_index,
                "path": [one.hex() for one in self.member_path],
            },
            "entry": {
                "canonical": base64.b64encode(self.entry).decode(),
                "index": self.entry_index,
                "path": [one.hex() for one in self.entry_path],
            },
            "head": self.head,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts:
    """What a valid certificate says."""

    act: Act
    site: str
    category: str
    day: str
    rule: str
    article: str
    backup_until: str
    holding: str
    parts: str
    #: The signed head that covers the entry: recorded by `head.time` at the latest.
    head: Head


def verify_certificate(
    document: Mapping[str, Any], verify: Verify, public_key: bytes, *, origin: str | None = None
) -> CertificateFacts:
    """What the certificate says, once all of it is proven. Raises LedgerMalformed, ProofRejected or
    HeadRejected. Pass `origin` where the log is known, as for `open_head`.
    """
    shape = _read(document)
    sealed = _from_base64(shape.entry.canonical)
    entry = parse(sealed)
    if _tombstone(entry) != shape.tombstone:
        raise ProofRejected("tombstone: differs from the sealed entry")
    _verify_member(shape.member, entry)
    # Lines of other signers cannot be checked with this key, and a certificate holds nothing unchecked.
    if len(signers(shape.head)) != 1:
        raise HeadRejected("head: not the operator's signature alone")
    head = open_head(shape.head, verify, public_key, origin=origin)
    verify_inclusion(leaf_hash(sealed), shape.entry.index, head.size, _hashes(shape.entry.path), head.root)
    return CertificateFacts(
        **(msgspec.to_builtins(shape.tombstone) | {"act": entry.act}),
        holding=shape.member.holding,
        parts=shape.member.parts,
        head=head,
    )


def _read(document: Mapping[str, Any]) -> _Document:
    try:
        shape = msgspec.convert(document, type=_Document, strict=True)
    except (msgspec.ValidationError, RecursionError, ValueError):
        # msgspec quotes what it did not expect, and an error never carries a value.
        raise LedgerMalformed("certificate: not in the expected shape") from None
    if shape.format != FORMAT:
        raise LedgerMalformed("format: unknown")
    return shape


def _verify_member(member: _Member, entry: Entry) -> None:
    if entry.members is None:
        raise ProofRejected("entry: has no members")
    leaf = member_leaf(entry.act, member.holding, member.parts)
    # The size comes from the sealed count: a size of the certificate's own would be bound by nothing.
    verify_inclusion(leaf, member.index, entry.count, _hashes(member.path), entry.members)


def _tombstone(entry: Entry) -> _Tombstone:
    if entry.act not in CERTIFIABLE:
        raise LedgerMalformed("act: not a deletion")
    facts: dict[str, str] = {}
    for name in TOMBSTONE_FACTS:
        value = entry.fact(name)
        if not isinstance(value, str) or not value:
            raise LedgerMalformed(f"{name}: missing from the sealed entry")
        facts[name] = value
    try:
        date.fromisoformat(facts["backup_until"])
    except ValueError:
        raise LedgerMalformed("backup_until: not an ISO date") from None
    return _Tombstone(act=entry.act.value, site=entry.site, category=entry.category, day=entry.day, **facts)


def _hashes(path: list[str]) -> list[bytes]:
    return [bytes.fromhex(one) for one in path]


def _from_base64(text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        raise LedgerMalformed("entry: not base64") from None
    if base64.b64encode(content).decode() != text:
        raise LedgerMalformed("entry: not canonical base64")
    return content

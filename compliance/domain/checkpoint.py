"""Signed ledger heads: a C2SP tlog-checkpoint in a signed note, so that existing witnesses and verifiers read
them.

    compliance.example/yunshan                  origin, also the name of the key
    20852163                                    how many entries
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=    their root
    time 2026-11-23T10:00:00Z                   our extension line: when the head was signed
                                                (an empty line)
    — compliance.example/yunshan Az3grl…        base64(key id ‖ Ed25519 signature)

Sources: https://c2sp.org/tlog-checkpoint, https://c2sp.org/signed-note, RFC 8032. Keys come as callables and
raw public bytes; nothing here can sign by itself.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from compliance.domain.errors import HeadRejected
from compliance.domain.merkle import HASH_BYTES

#: message → signature of 64 bytes
Sign = Callable[[bytes], bytes]
#: (signature, message) → whether the key made it
Verify = Callable[[bytes, bytes], bool]

#: The signature type byte of Ed25519 (signed-note, "Signature types").
ED25519 = b"\x01"
KEY_BYTES = 32
SIGNATURE_BYTES = 64
KEY_ID_BYTES = 4
#: 128 bits: enough that nobody finds a second key with the fingerprint on a notice, short enough to read
#: aloud.
FINGERPRINT_BYTES = 16
#: Verifiers must take at least 16 signatures and should stop somewhere (signed-note, "Format").
MAX_SIGNATURES = 16
MAX_SIZE = 2**53 - 1

_NAME = re.compile(r"[^\s+\x00-\x1f\x7f\ud800-\udfff]+")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")
_SIZE = re.compile(r"0|[1-9][0-9]{0,15}")
_SIGNATURE_LINE = re.compile(r"— (\S+) (\S+)")
_VERIFIER_KEY = re.compile(r"([^+]+)\+([0-9a-f]{8})\+(\S+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """The ledger at one moment. Refuses, as HeadRejected, what cannot be written as a checkpoint."""

    origin: str
    size: int
    root: bytes
    #: Zone-aware, whole seconds; kept in UTC.
    time: datetime

    def __post_init__(self) -> None:
        _check_name("origin", self.origin)
        if type(self.size) is not int or not 0 <= self.size <= MAX_SIZE:
            raise HeadRejected("size: not an integer in range")
        if type(self.root) is not bytes or len(self.root) != HASH_BYTES:
            raise HeadRejected(f"root: not {HASH_BYTES} bytes")
        if self.time.utcoffset() is None or self.time.microsecond:
            raise HeadRejected("time: not zone-aware whole seconds")
        object.__setattr__(self, "time", self.time.astimezone(UTC))


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifierKey:
    """A public key and the log that it speaks for."""

    name: str
    #: 32 bytes, Ed25519 (RFC 8032)
    public_key: bytes

    def __post_init__(self) -> None:
        _check_name("name", self.name)
        if type(self.public_key) is not bytes or len(self.public_key) != KEY_BYTES:
            raise HeadRejected(f"public_key: not {KEY_BYTES} bytes")

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.public_key).digest()[:KEY_ID_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_to_base64(ED25519 + self.public_key)}"


def verifier_key(name: str, public_key: bytes) -> str:
    """`name+hexkeyid+base64(0x01 ‖ public key)`, as signed-note tools take it."""
    return str(VerifierKey(name=name, public_key=public_key))


def open_verifier_key(text: str) -> VerifierKey:
    """Reads what `verifier_key` writes; raises HeadRejected where its parts do not belong together."""
    match = _VERIFIER_KEY.fullmatch(text)
    if match is None:
        raise HeadRejected("key: not a verifier key")
    material = _from_base64("key", match[3])
    if material[:1] != ED25519:
        raise HeadRejected("key: not an Ed25519 key")
    key = VerifierKey(name=match[1], public_key=material[1:])
    if str(key) != text:
        raise HeadRejected("key: its id belongs to another name or key")
    return key


def fingerprint(public_key: bytes) -> str:
    """What a notice prints, in groups of four hex digits. It is over the key alone, so renaming a log keeps
    it.
    """
    digest = sha256(ED25519 + public_key).hexdigest()[: 2 * FINGERPRINT_BYTES]
    return " ".join(digest[begin : begin + 4] for begin in range(0, len(digest), 4))


def sign_head(head: Head, sign: Sign, public_key: bytes) -> str:
    """The head as a signed note. The origin names the key."""
    key = VerifierKey(name=head.origin, public_key=public_key)
    body = _body(head)
    signature = sign(body.encode())
    if len(signature) != SIGNATURE_BYTES:
        raise HeadRejected(f"signature: not {SIGNATURE_BYTES} bytes")
    return f"{body}\n— {key.name} {_to_base64(key.key_id + signature)}\n"


def open_head(text: str, verify: Verify, public_key: bytes, *, origin: str | None = None) -> Head:
    """The head, once the expected key is seen to have signed it; else HeadRejected. Signatures of other keys
    (witnesses) are left to those who know them, as signed-note demands. Pass `origin` wherever it is known:
    without it the head may come from any log of the same key.
    """
    body, signatures = _split(text)
    head = _parse_body(body)
    if origin is not None and head.origin != origin:
        raise HeadRejected("origin: another log")
    key_id = VerifierKey(name=head.origin, public_key=public_key).key_id
    ours = [
        blob[KEY_ID_BYTES:]
        for name, blob in signatures
        if name == head.origin and blob[:KEY_ID_BYTES] == key_id
    ]
    if len(ours) != 1:
        raise HeadRejected("signature: not exactly one by the expected key")
    if len(ours[0]) != SIGNATURE_BYTES or verify(ours[0], body.encode()) is not True:
        raise HeadRejected("signature: does not verify")
    return head


def signers(text: str) -> tuple[str, ...]:
    """The names on the signature lines, unverified: how many witnesses a head carries."""
    return tuple(name for name, _ in _split(text)[1])


def _body(head: Head) -> str:
    time = head.time.isoformat().removesuffix("+00:00")
    return f"{head.origin}\n{head.size}\n{_to_base64(head.root)}\ntime {time}Z\n"


def _parse_body(body: str) -> Head:
    lines = body.split("\n")
    if len(lines) != 5 or not _SIZE.fullmatch(lines[1]):
        raise HeadRejected("head: not origin, size, root and time")
    try:
        time = datetime.fromisoformat(lines[3].removeprefix("time "))
    except ValueError:
        raise HeadRejected("time: not a time") from None
    if time.utcoffset() != timedelta(0):
        raise HeadRejected("time: not in UTC")
    head = Head(origin=lines[0], size=int(lines[1]), root=_from_base64("root", lines[2]), time=time)
    # fromisoformat takes many spellings; writing the head again leaves one.
    if _body(head) != body:
        raise HeadRejected("head: not in canonical form")
    return head


def _split(text: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The signed text with its final newline, and (name, key id ‖ signature) for each line after the last
    blank one.
    """
    body, blank, tail = text.rpartition("\n\n")
    lines = tail.split("\n")
    if not blank or _CONTROL.search(text) or lines.pop() or not 1 <= len(lines) <= MAX_SIGNATURES:
        raise HeadRejected("head: not a signed note")
    signatures = []
    for line in lines:
        match = _SIGNATURE_LINE.fullmatch(line)
        if match is None or not _NAME.fullmatch(match[1]):
            raise HeadRejected("signature: not a signature line")
        signatures.append((match[1], _from_base64("signature", match[2])))
    return body + "\n", signatures


def _check_name(field: str, name: str) -> None:
    if type(name) is not str or not _NAME.fullmatch(name):
        raise HeadRejected(f"{field}: empty, or holds a space, a plus sign or a control character")


def _to_base64(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _from_base64(field: str, text: str) -> bytes:
    try:
        content = base64.b64decode(text, validate=True)
    except ValueError:
        raise HeadRejected(f"{field}: not base64") from None
    # The unused bits of the last digit are a second spelling, and a second spelling is a change that nobody
    # notices.
    if _to_base64(content) != text:
        raise HeadRejected(f"{field}: not canonical base64")
    return content

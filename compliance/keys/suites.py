"""Cipher suites and the sealed envelope.

    envelope = version (1) ‖ suite (1) ‖ nonce (12) ‖ ciphertext ‖ tag (16)

Bound to it, and not in it: version ‖ suite ‖ the caller's associated data, so that an envelope opens only in the
place that it was sealed for, and nobody can pass one suite's bytes off as another's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from compliance.domain.errors import ComplianceError, ConfigurationInvalid
from compliance.ports import Mac, PartSeal, Seal

# The evolution rule. Sealed content is never migrated, so what stands here is final from the first commit: the
# lengths and their order, what is bound, the suites' codes and names, the labels from which sub-keys are derived, that a
# part's own key is the cipher's key as it is, and the 16 bytes to which a digest is cut. A new algorithm is a new suite with the next free code, at the end of
# `SUITES`; a new shape of the envelope is a new version byte with its own reader beside the old one. No suite is ever
# renamed, renumbered or removed while an envelope of it may live; one that is broken is only no longer offered for
# new keys.
VERSION: Final = 0x01

KEY_BYTES: Final = 32  # of every key in a keyring, whichever the suite
NONCE_BYTES: Final = 12  # NIST SP 800-38D §5.2.1.1: the length at which no two nonces collide by being hashed
TAG_BYTES: Final = 16
MAC_BYTES: Final = (
    16  # cut from 32: 128 bits (NIST SP 800-107 §5.3.3), and half the size of every token index
)
_HEADER_BYTES: Final = 2
_PARTS_A_DRAW: Final = 32

Open = Callable[[bytes, bytes], bytes]  # (envelope, associated data) → plaintext
Random = Callable[[int], bytes]
_Crypt = Callable[[bytes, bytes, bytes], bytes]  # (nonce, text, associated data) → text


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Algorithms that belong together. `encrypts` and `decrypts` turn a sub-key into a function; `decrypts` raises
    InvalidTag. `code` is the byte in the envelope.
    """

    name: str
    code: int
    cipher_key_bytes: int
    hash: hashes.HashAlgorithm
    encrypts: Callable[[bytes], _Crypt]
    decrypts: Callable[[bytes], _Crypt]
    digests: Callable[[bytes], Mac]

    @property
    def header(self) -> bytes:
        return bytes((VERSION, self.code))


def sealing(suite: Suite, secret: bytes, random: Random) -> Seal:
    """The function that seals under this key. Nonces are random, which keeps within NIST SP 800-38D §8.3 up to 2³²
    envelopes a key; a window key lives for a day of one site.
    """
    return _seals(suite, _derived(suite, secret, "seal", suite.cipher_key_bytes), random)


def opening(suite: Suite, secret: bytes) -> Open:
    """The inverse of `sealing`. Raises ComplianceError for whatever was not sealed by it under the same binding."""
    return _opens(suite, _derived(suite, secret, "seal", suite.cipher_key_bytes))


def part_sealing(suite: Suite, secret: bytes, random: Random) -> PartSeal:
    """The function that seals each part under a fresh key of its own, and that key under this one.

    The fresh key is the cipher's key as it is: it is uniformly random, seals once and does nothing else, so there is
    nothing for a derivation to keep apart (RFC 5869 §3.3), and one for every part would cost more than all the rest.
    """
    header, size = suite.header, suite.cipher_key_bytes
    body, end = size + NONCE_BYTES, size + 2 * NONCE_BYTES
    encrypts, wrap = suite.encrypts, suite.encrypts(_derived(suite, secret, "wrap", size))
    # Drawn for several parts at a time, because asking the kernel costs as much as sealing does. Each is taken out before
    # it is used, so no two parts ever get the same; what is left over goes with this function, after one transaction.
    fresh: list[bytes] = []

    def seal(plaintext: bytes, bound: bytes) -> tuple[bytes, bytes]:
        if not fresh:
            block = random(end * _PARTS_A_DRAW)
            fresh.extend(block[at : at + end] for at in range(0, len(block), end))
        drawn, tied = fresh.pop(), header + bound
        key, nonce, other = drawn[:size], drawn[size:body], drawn[body:]
        envelope = header + nonce + encrypts(key)(nonce, plaintext, tied)
        return envelope, header + other + wrap(other, key, tied)

    return seal


def wrapping(suite: Suite, secret: bytes, random: Random) -> Seal:
    """The function that seals a part's key under this one. Its own sub-key, so that no content passes for a key."""
    return _seals(suite, _derived(suite, secret, "wrap", suite.cipher_key_bytes), random)


def unwrapping(suite: Suite, secret: bytes) -> Open:
    """The inverse of `wrapping`."""
    return _opens(suite, _derived(suite, secret, "wrap", suite.cipher_key_bytes))


def part_opening(suite: Suite, key: bytes) -> Open:
    """Opens what was sealed under a part's own key."""
    if len(key) != suite.cipher_key_bytes:
        raise ComplianceError("envelope: of another suite than its key")
    return _opens(suite, key)


def _seals(suite: Suite, key: bytes, random: Random) -> Seal:
    header, encrypt = suite.header, suite.encrypts(key)

    def seal(plaintext: bytes, bound: bytes) -> bytes:
        nonce = random(NONCE_BYTES)
        return header + nonce + encrypt(nonce, plaintext, header + bound)

    return seal


def _opens(suite: Suite, key: bytes) -> Open:
    header, decrypt = suite.header, suite.decrypts(key)
    body = _HEADER_BYTES + NONCE_BYTES

    def unseal(envelope: bytes, bound: bytes) -> bytes:
        if envelope[:_HEADER_BYTES] != header or len(envelope) < body + TAG_BYTES:
            raise ComplianceError("envelope: cut short, or of another suite")
        try:
            return decrypt(envelope[_HEADER_BYTES:body], envelope[body:], header + bound)
        except InvalidTag:
            raise ComplianceError(
                "envelope: altered, or not sealed for this place and under this key"
            ) from None

    return unseal


def digesting(suite: Suite, secret: bytes) -> Mac:
    """The key's digest, 16 bytes. Callers that digest different things under one key begin the message with what
    it is, so that none passes for another.
    """
    return suite.digests(_derived(suite, secret, "mac", 32))


def suite_named(name: str) -> Suite:
    for suite in SUITES:
        if suite.name == name:
            return suite
    known = "、".join(suite.name for suite in SUITES)
    raise ConfigurationInvalid(f"密码套件只能是：{known}。 / The cipher suite must be one of these: {known}.")


def suite_coded(code: int) -> Suite:
    for suite in SUITES:
        if suite.code == code:
            return suite
    raise ComplianceError("envelope: of a suite that this version does not know")


def suite_of(envelope: bytes) -> Suite:
    """The suite that an envelope names. Raises ComplianceError for a version or suite that is not known."""
    if len(envelope) < _HEADER_BYTES or envelope[0] != VERSION:
        raise ComplianceError("envelope: of a version that this version does not know")
    return suite_coded(envelope[1])


def _derived(suite: Suite, secret: bytes, use: str, length: int) -> bytes:
    # RFC 5869 with the suite's own hash. No salt, because the secret is uniformly random already (§3.1). The label
    # keeps a sealing key, a digest key and the other suite's keys apart, though all come from one file.
    label = f"compliance/{VERSION}/{use}/{suite.name}".encode()
    return HKDF(algorithm=suite.hash, length=length, salt=None, info=label).derive(secret)


def _aes_encrypts(key: bytes) -> _Crypt:
    return AESGCM(key).encrypt


def _aes_decrypts(key: bytes) -> _Crypt:
    return AESGCM(key).decrypt


def _sm4_encrypts(key: bytes) -> _Crypt:
    cipher = algorithms.SM4(key)

    def encrypt(nonce: bytes, plaintext: bytes, bound: bytes) -> bytes:
        run = Cipher(cipher, modes.GCM(nonce)).encryptor()
        run.authenticate_additional_data(bound)
        return run.update(plaintext) + run.finalize() + run.tag

    return encrypt


def _sm4_decrypts(key: bytes) -> _Crypt:
    cipher = algorithms.SM4(key)

    def decrypt(nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        run = Cipher(cipher, modes.GCM(nonce, sealed[-TAG_BYTES:])).decryptor()
        run.authenticate_additional_data(bound)
        # `finalize` is what checks the tag: nothing of `update` may leave before it has returned.
        return run.update(sealed[:-TAG_BYTES]) + run.finalize()

    return decrypt


def _hmac(hash_: hashes.HashAlgorithm) -> Callable[[bytes], Mac]:
    # Not from the standard library: whether that knows SM3 depends on the OpenSSL that Python was built with. Copying
    # a keyed state is the faster way there as well.
    def digests(key: bytes) -> Mac:
        keyed = HMAC(key, hash_)

        def mac(message: bytes) -> bytes:
            run = keyed.copy()
            run.update(message)
            return run.finalize()[:MAC_BYTES]

        return mac

    return digests


SUITES: Final = (
    Suite(
        name="A256GCM-HS256",
        code=0x01,
        cipher_key_bytes=32,
        hash=hashes.SHA256(),
        encrypts=_aes_encrypts,
        decrypts=_aes_decrypts,
        digests=_hmac(hashes.SHA256()),
    ),
    Suite(
        name="SM4GCM-HSM3",  # 国密: GB/T 32907 (SM4), GB/T 32905 (SM3), GCM as in RFC 8998
        code=0x02,
        cipher_key_bytes=16,
        hash=hashes.SM3(),
        encrypts=_sm4_encrypts,
        decrypts=_sm4_decrypts,
        digests=_hmac(hashes.SM3()),
    ),
)

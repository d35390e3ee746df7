"""What is kept of a password and of an API key, so that neither can be read back from our database."""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Callable
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidKey
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id

# OWASP Password Storage Cheat Sheet, Argon2id: 19 MiB, two passes, one lane. Some 60 ms on a small box, where several
# people log in at the change of shift. Raising them later changes no stored hash: each names its own parameters.
_MEMORY_KIB: Final = 19 * 1024
_PASSES: Final = 2
_LANES: Final = 1
_SALT_BYTES: Final = 16
_HASH_BYTES: Final = 32


def phc(password: str, *, random: Callable[[int], bytes] = secrets.token_bytes) -> str:
    """The password's Argon2id hash (RFC 9106) as a PHC string, with a salt of its own."""
    hasher = Argon2id(
        salt=random(_SALT_BYTES),
        length=_HASH_BYTES,
        iterations=_PASSES,
        lanes=_LANES,
        memory_cost=_MEMORY_KIB,
    )
    return hasher.derive_phc_encoded(_octets(password))


def matches(password: str, phc: str) -> bool:
    """False too where `phc` is no Argon2id hash: a broken row lets nobody in."""
    try:
        Argon2id.verify_phc_encoded(_octets(password), phc)
    except InvalidKey:
        return False
    return True


def fingerprint(secret: str) -> bytes:
    """SHA-256 of an API key, to find it by.

    Only for secrets that we made ourselves with 128 random bits or more. A slow, salted hash buys time against
    guessing what people choose; nobody guesses 2¹²⁸, a salt hides nothing where no two secrets are alike, and an API
    call must not cost 60 ms. Looking the digest up in an index leaks nothing either: who varies a secret cannot steer
    its digest.
    """
    return sha256(_octets(secret)).digest()


def _octets(text: str) -> bytes:
    # NFC, because one keyboard sends é as a letter and another as two (RFC 8265 §4.2.2). Half a surrogate pair is
    # passed on instead of refused: the error of refusing would quote the password.
    return unicodedata.normalize("NFC", text).encode("utf-8", "surrogatepass")

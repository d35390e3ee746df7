"""The ledger's Ed25519 key (RFC 8032), and the check that needs only its public half."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from compliance.domain.errors import ComplianceError, KeyLost
from compliance.keys.key_folder import KeyFolder

_FILE: Final = "ledger.signer"  # not `.key`: it is no key of the keyring, and `names` must not list it
_SEED_BYTES: Final = 32


class FileSigner:
    """Implements `Signer`. With `create` false a missing key is KeyLost instead of a new one: a ledger that has signed
    heads already must not go on under another key in silence.
    """

    def __init__(self, folder: Path, random: Callable[[int], bytes], *, create: bool = True) -> None:
        files = KeyFolder(folder, random)
        if create:
            files.create_if_absent(_FILE, lambda: random(_SEED_BYTES))
        found = files.read(_FILE)
        if found is None:
            raise KeyLost("The ledger's signing key is gone.")
        seed, _ = found
        if len(seed) != _SEED_BYTES:
            raise KeyLost(f"The key file {_FILE} holds no signing key.")
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self._public = self._private.public_key().public_bytes_raw()
        self._verify = verifier(self._public)

    def __repr__(self) -> str:
        return f"FileSigner({self._public.hex()})"

    @property
    def public_key(self) -> bytes:
        return self._public

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)

    def verify(self, signature: bytes, message: bytes) -> bool:
        return self._verify(signature, message)


def verifier(public_key: bytes) -> Callable[[bytes, bytes], bool]:
    """(signature, message) → whether it is this key's. Raises ComplianceError for bytes that are no public key."""
    try:
        key = Ed25519PublicKey.from_public_bytes(public_key)
    except ValueError:
        raise ComplianceError("public key: not 32 bytes of Ed25519") from None

    def verify(signature: bytes, message: bytes) -> bool:
        try:
            key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return verify

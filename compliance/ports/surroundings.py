"""What surrounds us: the clock, random ids, keys, the signing key, the acts journal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any, Protocol


class Clock(Protocol):
    def now(self) -> datetime:
        """The wall clock, as aware UTC."""
        ...

    def monotonic(self) -> float:
        """Seconds since the host booted: they never step, and go on while it sleeps."""
        ...

    def boot(self) -> str:
        """Which boot of the host those seconds count from; empty where nobody can say."""
        ...


class Ids(Protocol):
    def holding_id(self, now: datetime) -> str:
        """A month prefix and 96 random bits: ``2611-`` and 20 letters or digits."""
        ...

    def holding_ids(self, now: datetime, count: int) -> list[str]: ...

    def secret(self, characters: int) -> str:
        """That many random characters of Crockford's base 32 (five bits each): pass codes, request numbers."""
        ...

    def secrets(self, count: int, characters: int) -> list[str]: ...

    def digits(self, count: int) -> str: ...

    def octets(self, count: int) -> bytes: ...


Seal = Callable[[bytes, bytes], bytes]  # (plaintext, associated data) → envelope
Mac = Callable[[bytes], bytes]  # message → 16 bytes


class Keyring(Protocol):
    """Keys by name; they never leave it. Raises `KeyLost` for a name that is gone and not to be made anew."""

    def sealer(self, name: str) -> Seal:
        """Make the key if absent (atomically) and return the function that seals under it."""
        ...

    def unseal(self, name: str, envelope: bytes, bound: bytes) -> bytes:
        """Open an envelope bound to `bound`; KeyLost where the key is gone, ComplianceError where it was altered."""
        ...

    def mac(self, name: str) -> Mac:
        """Make the key if absent and return its keyed digest."""
        ...

    def living_mac(self, name: str) -> Mac | None:
        """The same for an existing key only; None where it is gone: nothing made with it can match any more."""
        ...

    def names(self, prefix: str) -> list[str]: ...

    def destroy(self, name: str) -> None:
        """Overwrite and remove; idempotent."""
        ...


class Signer(Protocol):
    """The ledger's Ed25519 key."""

    @property
    def public_key(self) -> bytes: ...

    def sign(self, message: bytes) -> bytes: ...

    def verify(self, signature: bytes, message: bytes) -> bool: ...


class Journal(Protocol):
    """The acts journal: appended and fsynced outside the database before an act counts as done."""

    def append(self, lines: Iterable[Mapping[str, Any]]) -> None: ...

    def read(self) -> Iterator[Mapping[str, Any]]: ...

"""Ids and secrets that nobody can guess, from the operating system's randomness."""

from __future__ import annotations

import base64
import secrets
from datetime import datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class RandomIds:
    def holding_id(self, now: datetime) -> str:
        random = base64.b32encode(secrets.token_bytes(13)).decode().lower()[:20]
        return f"{now:%y%m}-{random}"

    def secret(self, characters: int) -> str:
        # Thirty-two divides two hundred and fifty-six, so five bits of each random byte favour no letter.
        return "".join(_CROCKFORD[octet & 31] for octet in secrets.token_bytes(characters))

    def digits(self, count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def octets(self, count: int) -> bytes:
        return secrets.token_bytes(count)

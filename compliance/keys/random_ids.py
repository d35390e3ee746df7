"""Ids and secrets that nobody can guess, from the operating system's randomness."""

from __future__ import annotations

import secrets
from datetime import datetime

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
# Thirty-two divides two hundred and fifty-six, so five bits of each random byte favour no letter.
_TO_CROCKFORD, _TO_BASE32 = (
    bytes(ord(letters[octet & 31]) for octet in range(256)) for letters in (_CROCKFORD, _BASE32)
)
_HOLDING_LETTERS = 20  # a hundred bits


class RandomIds:
    def holding_id(self, now: datetime) -> str:
        return self.holding_ids(now, 1)[0]

    def holding_ids(self, now: datetime, count: int) -> list[str]:
        month = f"{now.year % 100:02}{now.month:02}-"
        return [month + letters for letters in _words(count, _HOLDING_LETTERS, _TO_BASE32)]

    def secret(self, characters: int) -> str:
        return self.secrets(1, characters)[0]

    def secrets(self, count: int, characters: int) -> list[str]:
        return _words(count, characters, _TO_CROCKFORD)

    def digits(self, count: int) -> str:
        return "".join(secrets.choice("0123456789") for _ in range(count))

    def octets(self, count: int) -> bytes:
        return secrets.token_bytes(count)


def _words(count: int, letters: int, table: bytes) -> list[str]:
    drawn = secrets.token_bytes(count * letters).translate(table).decode("ascii")
    return [drawn[at : at + letters] for at in range(0, count * letters, letters)]

"""The id that is issued when a notice is shown on a screen: the only thing that makes a consent there evidence.

It is signed, not stored: showing a notice to a thousand passers-by writes nothing, and nobody can make one up.
"""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta
from hmac import compare_digest

from compliance.ports import Clock, Ids, Keyring

# Long enough to read at a kiosk or to come back to a mini-program in the evening; the next day it is shown again.
SHOWN_FOR = timedelta(hours=24)
_KEY = "notice"


class NoticeIds:
    def __init__(self, keyring: Keyring, clock: Clock, ids: Ids) -> None:
        self._keyring, self._clock, self._ids = keyring, clock, ids

    def issue(self, category: str, version: int) -> str:
        """A fresh id for one showing of this category's notice under this pack version."""
        moment = int(self._clock.now().timestamp())
        payload = version.to_bytes(4, "big") + moment.to_bytes(5, "big") + self._ids.octets(7)
        return base64.urlsafe_b64encode(payload + self._mac(payload, category)).decode()

    def version(self, notice_id: str, category: str) -> int | None:
        """The pack version it was issued for; None where it was not issued for this category, or not lately."""
        try:
            raw = base64.b64decode(notice_id.encode("ascii"), altchars=b"-_", validate=True)
        except ValueError:
            return None
        payload, mac = raw[:16], raw[16:]
        if base64.urlsafe_b64encode(raw).decode() != notice_id:
            return None  # one showing has one id: spare bits at the end would write it in several ways
        if len(raw) != 32 or not compare_digest(mac, self._mac(payload, category)):
            return None
        issued = datetime.fromtimestamp(int.from_bytes(payload[4:9], "big"), UTC)
        age = self._clock.now() - issued
        return int.from_bytes(payload[:4], "big") if -timedelta(minutes=5) <= age <= SHOWN_FOR else None

    def _mac(self, payload: bytes, category: str) -> bytes:
        return self._keyring.mac(_KEY)(b"notice\x00" + category.encode() + b"\x00" + payload)

"""Whether the wall clock may be believed: a wrong clock is the quickest way to erase a whole register.

The wall clock is compared with the monotonic clock since this process last agreed with it, with the database server's
clock where that is another host's, and with the last signed head, which no true clock can lie before. A step of more
than five minutes pauses disposal until the sources agree again, or an officer says that the new time is right.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from compliance.ports import Books, Clock

STEP = timedelta(minutes=5)


class ClockGuard:
    def __init__(self, clock: Clock, *, trusting: bool = False) -> None:
        """`trusting` believes whatever the clock says: demo and scratch homes are run at any time one likes."""
        self._clock, self._trusting = clock, trusting
        self._agreed_at, self._agreed_mono = clock.now(), clock.monotonic()

    def doubt(self, books: Books) -> str | None:
        """Why the wall clock is not believed now; None where every source agrees."""
        if self._trusting:
            return None
        now = self._clock.now()
        expected = self._agreed_at + timedelta(seconds=self._clock.monotonic() - self._agreed_mono)
        if abs(now - expected) > STEP:
            return "the wall clock stepped against the monotonic clock"
        server = books.database_time()
        if server is not None and abs(now - server) > STEP:
            return "the wall clock differs from the database server's"
        head = books.ledger.head()
        if head is not None and now.timestamp() < head.time - STEP.total_seconds():
            return "the wall clock lies before the last signed head"
        self._agreed_at, self._agreed_mono = now, self._clock.monotonic()
        return None

    def believe(self) -> datetime:
        """An officer vouches for the wall clock: count on from here."""
        self._agreed_at, self._agreed_mono = self._clock.now(), self._clock.monotonic()
        return self._agreed_at

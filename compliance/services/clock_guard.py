"""Whether the wall clock may be believed: a wrong clock is the quickest way to erase a whole register.

The wall clock is compared with the host's own seconds since they last agreed (in this process, and in any earlier one
of the same boot), with the database server's clock where that is another host's, and with the last signed head, which
no true clock can lie before. A step of more than five minutes pauses disposal until the sources agree again, or an
officer says that the new time is right.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta

from compliance.ports import Books, Clock

STEP = timedelta(minutes=5)
_AGREED = "clock.agreed"


class ClockGuard:
    def __init__(self, clock: Clock, *, trusting: bool = False) -> None:
        """`trusting` believes whatever the clock says: demo and scratch homes are run at any time one likes."""
        self._clock, self._trusting = clock, trusting
        self._agreed_at, self._agreed_seconds = clock.now(), clock.monotonic()

    def doubt(self, books: Books) -> str | None:
        """Why the wall clock is not believed now; None where every source agrees, which is then remembered."""
        if self._trusting:
            return None
        now, seconds = self._clock.now(), self._clock.monotonic()
        if abs(now - self._agreed_at - timedelta(seconds=seconds - self._agreed_seconds)) > STEP:
            return "the wall clock stepped against the monotonic clock"
        if self._stepped_while_away(books, now, seconds):
            return "the wall clock stepped while nothing ran"
        server = books.database_time()
        if server is not None and abs(now - server) > STEP:
            return "the wall clock differs from the database server's"
        head = books.ledger.head()
        if head is not None and now.timestamp() < head.time - STEP.total_seconds():
            return "the wall clock lies before the last signed head"
        self._remember(books)
        return None

    def believe(self, books: Books) -> None:
        """An officer vouches for the wall clock: count on from here."""
        self._remember(books)

    def _stepped_while_away(self, books: Books, now: datetime, seconds: float) -> bool:
        agreed = books.switches.get(_AGREED)
        if agreed is None:
            return False
        boot, at, then = json.loads(agreed)
        # After a reboot the seconds start anew and there is nothing to compare with.
        same_boot = bool(boot) and boot == self._clock.boot()
        return same_boot and abs(now.timestamp() - at - (seconds - then)) > STEP.total_seconds()

    def _remember(self, books: Books) -> None:
        self._agreed_at, self._agreed_seconds = self._clock.now(), self._clock.monotonic()
        agreed = (self._clock.boot(), self._agreed_at.timestamp(), self._agreed_seconds)
        books.switches.set(_AGREED, json.dumps(agreed))

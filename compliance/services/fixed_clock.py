"""A clock that was stopped by hand, for demo and scratch homes and nowhere else."""

from __future__ import annotations

import time
from datetime import UTC, datetime


class FixedClock:
    """A clock that stands still at a moment, for demo and scratch homes."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    def now(self) -> datetime:
        return self._at

    def monotonic(self) -> float:
        return time.monotonic()

    def boot(self) -> str:
        return ""

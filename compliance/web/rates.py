"""How often anybody may knock: per API key, and per client address where there is no key to go by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from fastapi import Request
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from compliance.web.faults import TOO_MANY, Refused


@dataclass(frozen=True, kw_only=True)
class Rates:
    """Limits of one web server; several servers let through that many times as much."""

    per_key: str = "6000/minute"  # a busy gate, and a system that catches up after an outage
    batches: str = "120/minute"
    login: str = "20/minute"
    subject: str = "60/minute"  # pages for the public, per address
    ask: str = "10/minute"  # what a subject sends: codes are guessed here
    failed_keys: str = "30/minute"

    def __post_init__(self) -> None:
        for name in ("per_key", "batches", "login", "subject", "ask", "failed_keys"):
            parse(getattr(self, name))

    @cached_property
    def limiter(self) -> MovingWindowRateLimiter:
        return MovingWindowRateLimiter(MemoryStorage())

    def let_through(self, name: str, who: str) -> None:
        """Count one attempt of `who` under the limit called `name`; raises `Refused` (429) where there are too many."""
        limit: RateLimitItem = parse(getattr(self, name))
        if not self.limiter.hit(limit, name, who):
            raise self.refusal(name, who)

    def refusal(self, name: str, who: str) -> Refused:
        """The 429 that says after how many seconds another attempt surely has a chance: the limit's whole window."""
        return Refused(TOO_MANY, wait=parse(getattr(self, name)).get_expiry())

    def spent(self, name: str, who: str) -> bool:
        """Whether the limit is reached, without counting."""
        return not self.limiter.test(parse(getattr(self, name)), name, who)


def rates_of(request: Request) -> Rates:
    rates: Rates = request.app.state.rates
    return rates


def address_of(request: Request) -> str:
    return request.client.host if request.client else "unknown"


def limited(name: str) -> Callable[[Request], None]:
    """A dependency that counts the client's address under the limit called `name`."""

    def count(request: Request) -> None:
        rates_of(request).let_through(name, address_of(request))

    return count

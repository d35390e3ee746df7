"""Ways to reduce personal information. One strategy per module, one line per strategy below."""

from typing import Final

from compliance.anonymisers import generalise, mask, suppress, surname, tally
from compliance.anonymisers.strategy import Strategy

__all__ = ["ANONYMISERS", "Strategy"]

ANONYMISERS: Final[tuple[Strategy, ...]] = (
    mask.STRATEGY,
    surname.STRATEGY,
    suppress.STRATEGY,
    generalise.STRATEGY,
    tally.STRATEGY,
)

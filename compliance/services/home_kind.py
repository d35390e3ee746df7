"""What a home is for: real records, the demo's fictional ones, or trying things out. It is said once and kept."""

from __future__ import annotations

from typing import Final

from compliance.domain.errors import ConfigurationInvalid
from compliance.ports import UnitOfWork

HOME_KIND: Final = "home.kind"
REAL, DEMO, SCRATCH = "real", "demo", "scratch"


def home_kind(books: UnitOfWork, wanted: str) -> str:
    with books.reading() as reading:
        known = reading.switches.get(HOME_KIND)
    if known != wanted:
        with books.writing() as writing:
            known = writing.switches.get(HOME_KIND)
            # A home in which nothing has ever happened may still become anything.
            if known is None or (writing.ledger.head() is None and writing.ledger.pending_count() == 0):
                known = wanted
                writing.switches.set(HOME_KIND, known)
    kind = known or wanted
    if wanted == DEMO and kind == REAL:
        raise ConfigurationInvalid(
            "This home holds real data; demo data never joins it. 此目录已有真实数据，不能放入演示数据。"
        )
    return kind

"""What kind of home this is: real, a demo, or for trying things. A home that has a history keeps its kind."""

from __future__ import annotations

from compliance.domain.errors import ConfigurationInvalid
from compliance.ports import UnitOfWork

HOME_KIND = "home.kind"
REAL, DEMO, SCRATCH = "real", "demo", "scratch"


def home_kind(books: UnitOfWork, wanted: str) -> str:
    """The kind this home has, or becomes by `wanted`; raises `ConfigurationInvalid` where demo data would join real."""
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

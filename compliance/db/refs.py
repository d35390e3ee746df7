"""Holdings by the reference that somebody else's table gives its rows."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from compliance.db.tables import holding
from compliance.db.unit_of_work import SqlBooks
from compliance.ports import Books, HoldingRow

_REFS_A_STATEMENT = 500


class SqlRefs:
    """Implements `Refs` on the books' own connection."""

    def known(self, books: Books, store: str, refs: Sequence[str]) -> dict[str, HoldingRow]:
        found: dict[str, HoldingRow] = {}
        for at in range(0, len(refs), _REFS_A_STATEMENT):
            named = holding.c.ref.in_(refs[at : at + _REFS_A_STATEMENT])
            rows = _connection(books).execute(select(holding).where(holding.c.store == store, named))
            found |= {str(row.ref): HoldingRow(*row) for row in rows}
        return found

    def page(self, books: Books, store: str, after_no: int, limit: int) -> list[HoldingRow]:
        query = select(holding).where(
            holding.c.store == store, holding.c.ref.is_not(None), holding.c.no > after_no
        )
        return [
            HoldingRow(*row) for row in _connection(books).execute(query.order_by(holding.c.no).limit(limit))
        ]

    def unfinished(self, books: Books, store: str) -> list[HoldingRow]:
        query = select(holding).where(holding.c.store == store, holding.c.ref.is_(None))
        return [HoldingRow(*row) for row in _connection(books).execute(query.order_by(holding.c.no))]


def _connection(books: Books) -> Connection:
    if not isinstance(books, SqlBooks):
        raise TypeError("refs are looked up on the connection of SqlBooks")
    return books.connection

"""Parts by the version that promised, counted and re-dated in bulk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, bindparam, exists, func, select, update

from compliance.db.tables import consent, holding, part, withdrawal
from compliance.db.unit_of_work import SqlBooks
from compliance.ports import Books, PartRow
from compliance.ports.planning import ConsentGroup, PartGroup

_GROUP = (
    holding.c.site,
    holding.c.category,
    holding.c.policy_version,
    part.c.retention_class,
    part.c.readable_until,
    part.c.erase_at,
    part.c.state,
)


class SqlRedatable:
    """Implements `Redatable` on the books' own connection."""

    def groups(self, books: Books, before: int | None) -> list[PartGroup]:
        query = select(*_GROUP, func.count()).join(holding, holding.c.no == part.c.holding_no)
        if before is not None:
            query = query.where(holding.c.policy_version < before)
        rows = _connection(books).execute(query.group_by(*_GROUP).order_by(*_GROUP))
        return [PartGroup(*row) for row in rows]

    def consents(self, books: Books, before: int | None) -> list[ConsentGroup]:
        by = (consent.c.site, consent.c.category, consent.c.policy_version, consent.c.kind)
        there = exists().where(holding.c.id == consent.c.holding_id)
        taken_back = exists().where(withdrawal.c.consent_id == consent.c.id)
        query = select(*by, func.count()).where(~taken_back, there)
        if before is not None:
            query = query.where(consent.c.policy_version < before)
        return [ConsentGroup(*row) for row in _connection(books).execute(query.group_by(*by).order_by(*by))]

    def page(self, books: Books, before: int, after_no: int, limit: int) -> list[int]:
        query = select(holding.c.no).where(holding.c.policy_version < before, holding.c.no > after_no)
        return [int(no) for no in _connection(books).scalars(query.order_by(holding.c.no).limit(limit))]

    def redate(self, books: Books, parts: Sequence[PartRow]) -> None:
        if not parts:
            return
        at = (part.c.holding_no == bindparam("at_holding")) & (part.c.part_no == bindparam("at_part"))
        moments: dict[str, Any] = {"readable_until": bindparam("until"), "erase_at": bindparam("gone")}
        _connection(books).execute(
            update(part).where(at).values(moments),
            [
                {
                    "at_holding": row.holding_no,
                    "at_part": row.part_no,
                    "until": row.readable_until,
                    "gone": row.erase_at,
                }
                for row in parts
            ],
        )


def _connection(books: Books) -> Connection:
    if not isinstance(books, SqlBooks):
        raise TypeError("parts are counted on the connection of SqlBooks")
    return books.connection

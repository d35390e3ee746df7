"""The register of disclosures."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, insert, select, update

from compliance.db.tables import disclosure
from compliance.ports import DisclosureRow

_COLUMNS = [disclosure.c[name] for name in DisclosureRow._fields]


class SqlDisclosures:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: DisclosureRow) -> None:
        self._connection.execute(insert(disclosure).values(**row._asdict()))

    def find(self, disclosure_id: str) -> DisclosureRow | None:
        row = self._connection.execute(select(*_COLUMNS).where(disclosure.c.id == disclosure_id)).first()
        return DisclosureRow(*row) if row else None

    def claim(self, disclosure_id: str) -> DisclosureRow | None:
        # SQLite leaves FOR UPDATE out: there the writing transaction is itself the claim.
        query = select(*_COLUMNS).where(disclosure.c.id == disclosure_id).with_for_update()
        row = self._connection.execute(query).first()
        return DisclosureRow(*row) if row else None

    def save(self, row: DisclosureRow) -> None:
        self._connection.execute(update(disclosure).where(disclosure.c.id == row.id).values(**row._asdict()))

    def listed(self, states: Sequence[str] = ()) -> list[DisclosureRow]:
        query = select(*_COLUMNS).order_by(disclosure.c.asked_at.desc(), disclosure.c.id)
        query = query.where(disclosure.c.state.in_(states)) if states else query
        return [DisclosureRow(*row) for row in self._connection.execute(query)]

    def unsigned(self, due_before: int) -> list[DisclosureRow]:
        waiting = (disclosure.c.state == "given") & (disclosure.c.signed_by == "")
        late = (disclosure.c.sign_due <= due_before) & (disclosure.c.alarmed_at == 0)
        query = select(*_COLUMNS).where(waiting & late & disclosure.c.urgent).order_by(disclosure.c.sign_due)
        return [DisclosureRow(*row) for row in self._connection.execute(query)]

    def forget(self, before: str) -> int:
        return self._connection.execute(delete(disclosure).where(disclosure.c.keep_until < before)).rowcount

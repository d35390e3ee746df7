"""Consents, what was taken back of them, and whom not to ask again. Append-only: what was given stays as it was given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Select, delete, exists, func, insert, literal, select, tuple_

from compliance.db.bulk import insert_rows
from compliance.db.tables import consent, cool_down, reliance, withdrawal
from compliance.ports import ConsentRow, CoolDownRow, RelianceRow

_CONSENT = [consent.c[name] for name in ConsentRow._fields]
_TAKEN_BACK = exists().where(withdrawal.c.consent_id == consent.c.id)


class SqlConsents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rows: Sequence[ConsentRow], relying: Sequence[RelianceRow] = ()) -> None:
        insert_rows(self._connection, consent, [(*row, None) for row in rows])
        insert_rows(self._connection, reliance, relying)

    def of_holding(self, holding_id: str) -> list[ConsentRow]:
        return self._rows(select(*_CONSENT).where(consent.c.holding_id == holding_id, ~_TAKEN_BACK))

    def evidence(self, holding_id: str) -> list[tuple[ConsentRow, str]]:
        days = func.coalesce(withdrawal.c.day, "")
        query = select(*_CONSENT, days).outerjoin(withdrawal, withdrawal.c.consent_id == consent.c.id)
        query = query.where(consent.c.holding_id == holding_id).order_by(consent.c.day, consent.c.id)
        return [(ConsentRow(*row[:-1]), str(row[-1])) for row in self._connection.execute(query)]

    def taken_back(self, holding_ids: Sequence[str]) -> dict[str, list[str]]:
        back: dict[str, list[str]] = {}
        for at in range(0, len(holding_ids), 500):
            named = consent.c.holding_id.in_(holding_ids[at : at + 500])
            query = select(consent.c.holding_id, consent.c.covers).where(named, _TAKEN_BACK)
            for holding_id, covers in self._connection.execute(query):
                back.setdefault(str(holding_id), []).append(str(covers))
        return back

    def standing(self, consent_ids: Sequence[str]) -> set[str]:
        if not consent_ids:
            return set()
        # Locked first, asked afterwards: who waited for a withdrawal must see it. SQLite leaves FOR SHARE out, and has
        # one writer anyway.
        named = select(consent.c.id).where(consent.c.id.in_(consent_ids)).order_by(consent.c.id)
        self._connection.execute(named.with_for_update(read=True)).all()
        return set(self._connection.scalars(named.where(~_TAKEN_BACK)))

    def claim(self, holding_ids: Sequence[str]) -> list[ConsentRow]:
        named = select(*_CONSENT).where(consent.c.holding_id.in_(holding_ids), ~_TAKEN_BACK)
        return self._rows(named.order_by(consent.c.id).with_for_update(of=consent))

    def relying_on(self, consent_ids: Sequence[str]) -> list[str]:
        named = select(reliance.c.holding_id).where(reliance.c.on_consent.in_(consent_ids)).distinct()
        return [str(holding_id) for holding_id in self._connection.scalars(named)]

    def withdraw(self, consent_ids: Sequence[str], day: str) -> int:
        given = select(consent.c.id, literal(day), consent.c.erase_on)
        given = given.where(consent.c.id.in_(consent_ids), ~_TAKEN_BACK)
        into = insert(withdrawal).from_select(["consent_id", "day", "erase_on"], given)
        return self._connection.execute(into).rowcount

    def cool(self, rows: Sequence[CoolDownRow]) -> None:
        insert_rows(self._connection, cool_down, rows)

    def cooling(self, tokens: Sequence[tuple[int, bytes]], category: str, today: str) -> dict[str, str]:
        named = tuple_(cool_down.c.epoch, cool_down.c.digest).in_(tokens)
        query = select(cool_down.c.field, func.max(cool_down.c.until)).group_by(cool_down.c.field)
        query = query.where(named, cool_down.c.category == category, cool_down.c.until >= today)
        return {str(field): str(until) for field, until in self._connection.execute(query)}

    def drop_expired(self, today: str) -> int:
        for table in (withdrawal, reliance):
            self._connection.execute(delete(table).where(table.c.erase_on <= today))
        self._connection.execute(delete(cool_down).where(cool_down.c.until < today))
        return self._connection.execute(delete(consent).where(consent.c.erase_on <= today)).rowcount

    def _rows(self, query: Select[Any]) -> list[ConsentRow]:
        return [ConsentRow(*row) for row in self._connection.execute(query)]

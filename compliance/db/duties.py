"""Holds, consents, published packs and small durable facts."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, func, insert, select, update

from compliance.db.bulk import first_of, insert_rows
from compliance.db.tables import consent, hold, policy_version, switch
from compliance.ports import ConsentRow, HoldRow


class SqlHolds:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def place(self, row: HoldRow) -> None:
        self._connection.execute(insert(hold).values(**row._asdict()))

    def release(self, hold_id: str, by: str, day: str) -> None:
        at = (hold.c.id == hold_id) & hold.c.released_on.is_(None)
        self._connection.execute(update(hold).where(at).values(released_by=by, released_on=day))

    def find(self, hold_id: str) -> HoldRow | None:
        row = self._connection.execute(select(*_HOLD).where(hold.c.id == hold_id)).first()
        return HoldRow(*row) if row else None

    def standing(self) -> list[HoldRow]:
        rows = self._connection.execute(
            select(*_HOLD).where(hold.c.released_on.is_(None)).order_by(hold.c.id)
        )
        return [HoldRow(*row) for row in rows]


_HOLD = [hold.c[name] for name in HoldRow._fields]
_CONSENT = [consent.c[name] for name in ConsentRow._fields]


class SqlConsents:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, rows: Sequence[ConsentRow]) -> None:
        insert_rows(self._connection, consent, [(*row, None) for row in rows])

    def of_holding(self, holding_id: str) -> list[ConsentRow]:
        named = (consent.c.holding_id == holding_id) & consent.c.withdrawn_on.is_(None)
        return [ConsentRow(*row) for row in self._connection.execute(select(*_CONSENT).where(named))]

    def taken_back(self, holding_ids: Sequence[str]) -> dict[str, list[str]]:
        back: dict[str, list[str]] = {}
        for at in range(0, len(holding_ids), 500):
            named = consent.c.holding_id.in_(holding_ids[at : at + 500]) & consent.c.withdrawn_on.is_not(None)
            query = select(consent.c.holding_id, consent.c.covers).where(named)
            for holding_id, covers in self._connection.execute(query):
                back.setdefault(str(holding_id), []).append(str(covers))
        return back

    def withdraw(self, consent_ids: Sequence[str], day: str) -> int:
        given = consent.c.id.in_(consent_ids) & consent.c.withdrawn_on.is_(None)
        return self._connection.execute(update(consent).where(given).values(withdrawn_on=day)).rowcount

    def drop_expired(self, today: str) -> int:
        return self._connection.execute(delete(consent).where(consent.c.erase_on <= today)).rowcount


class SqlPacks:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def active(self, now: int) -> tuple[int, str] | None:
        # The number alone decides among versions in force: a later publication replaces an earlier one.
        columns = (policy_version.c.version, policy_version.c.files)
        query = select(*columns).where(policy_version.c.effective_from <= now)
        row = self._connection.execute(query.order_by(policy_version.c.version.desc()).limit(1)).first()
        return (int(row[0]), str(row[1])) if row else None

    def active_version(self, now: int) -> int | None:
        in_force = "SELECT max(version) FROM policy_version WHERE effective_from <= ?"
        number: int | None = first_of(self._connection, in_force, now)
        return number

    def version(self, number: int) -> str | None:
        return self._connection.scalar(
            select(policy_version.c.files).where(policy_version.c.version == number)
        )

    def publish(self, name: str, digest: str, files: str, effective_from: int, by: str) -> int:
        number = (self._connection.scalar(select(func.max(policy_version.c.version))) or 0) + 1
        row = (number, name, digest, files, effective_from, by)
        insert_rows(self._connection, policy_version, [row])
        return number

    def latest_digest(self) -> str | None:
        query = select(policy_version.c.digest).order_by(policy_version.c.version.desc()).limit(1)
        return self._connection.scalar(query)


class SqlSwitches:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, name: str) -> str | None:
        return self._connection.scalar(select(switch.c.value).where(switch.c.name == name))

    def set(self, name: str, value: str | None) -> None:
        self._connection.execute(delete(switch).where(switch.c.name == name))
        if value is not None:
            self._connection.execute(insert(switch).values(name=name, value=value))

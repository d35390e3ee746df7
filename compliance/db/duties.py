"""Holds, published packs and small durable facts."""

from __future__ import annotations

from sqlalchemy import Connection, delete, func, insert, select, update

from compliance.db.bulk import first_of, insert_rows
from compliance.db.tables import hold, policy_version, switch
from compliance.ports import HoldRow


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

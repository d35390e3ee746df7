"""Who may come in by which door: staff logins and API keys, as opaque ids and digests."""

from __future__ import annotations

from sqlalchemy import Connection, delete, insert, select, update

from compliance.db.tables import api_key, staff
from compliance.ports import ApiKeyRow, StaffRow


class SqlPeople:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def staff(self, staff_id: str) -> StaffRow | None:
        row = self._connection.execute(select(staff).where(staff.c.id == staff_id)).first()
        return StaffRow(*row) if row else None

    def put_staff(self, row: StaffRow) -> None:
        self._connection.execute(delete(staff).where(staff.c.id == row.id))
        self._connection.execute(insert(staff).values(**row._asdict()))

    def api_key(self, digest: bytes) -> ApiKeyRow | None:
        living = (api_key.c.digest == digest) & api_key.c.revoked_on.is_(None)
        row = self._connection.execute(select(*_API_KEY).where(living)).first()
        return ApiKeyRow(*row) if row else None

    def api_keys(self) -> list[ApiKeyRow]:
        rows = self._connection.execute(
            select(*_API_KEY).where(api_key.c.revoked_on.is_(None)).order_by(api_key.c.id)
        )
        return [ApiKeyRow(*row) for row in rows]

    def put_api_key(self, row: ApiKeyRow) -> None:
        self._connection.execute(insert(api_key).values(**row._asdict()))

    def revoke(self, key_id: str, day: str) -> None:
        self._connection.execute(update(api_key).where(api_key.c.id == key_id).values(revoked_on=day))


_API_KEY = [api_key.c[name] for name in ApiKeyRow._fields]

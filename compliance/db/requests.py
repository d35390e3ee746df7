"""Subjects' requests, their steps and packages, and the messages that wait to be sent."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, and_, delete, func, insert, or_, select, update

from compliance.db.tables import outbox, package, request, request_code, request_step
from compliance.ports import OutboxRow, PackageRow, RequestRow, RequestStepRow

_REQUEST = [request.c[name] for name in RequestRow._fields]
_STEP = [request_step.c[name] for name in RequestStepRow._fields]
_PACKAGE = [package.c[name] for name in PackageRow._fields]
_OUTBOX = [outbox.c[name] for name in OutboxRow._fields]


class SqlRequests:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: RequestRow) -> None:
        self._connection.execute(insert(request).values(**row._asdict()))

    def find(self, number: str) -> RequestRow | None:
        row = self._connection.execute(select(*_REQUEST).where(request.c.number == number)).first()
        return RequestRow(*row) if row else None

    def claim(self, number: str) -> RequestRow | None:
        # SQLite leaves FOR UPDATE out: there the writing transaction is itself the claim.
        query = select(*_REQUEST).where(request.c.number == number).with_for_update()
        row = self._connection.execute(query).first()
        return RequestRow(*row) if row else None

    def save(self, row: RequestRow) -> None:
        at = request.c.number == row.number
        self._connection.execute(update(request).where(at).values(**row._asdict()))

    def in_states(self, states: Sequence[str]) -> list[RequestRow]:
        query = select(*_REQUEST).where(request.c.state.in_(states))
        ordered = query.order_by(request.c.received_at, request.c.number)
        return [RequestRow(*row) for row in self._connection.execute(ordered)]

    def received(self, first_day: str, end_day: str) -> list[RequestRow]:
        within = (request.c.received_on >= first_day) & (request.c.received_on < end_day)
        query = select(*_REQUEST).where(within).order_by(request.c.received_at, request.c.number)
        return [RequestRow(*row) for row in self._connection.execute(query)]

    def forget(self, states: Sequence[str], before: int) -> int:
        old = request.c.state.in_(states) & (request.c.moved_at <= before)
        numbers = select(request.c.number).where(old)
        self._connection.execute(delete(request_step).where(request_step.c.number.in_(numbers)))
        return self._connection.execute(delete(request).where(old)).rowcount

    def add_step(self, row: RequestStepRow) -> None:
        self._connection.execute(insert(request_step).values(**row._asdict()))

    def steps(self, number: str) -> list[RequestStepRow]:
        query = select(*_STEP).where(request_step.c.number == number).order_by(request_step.c.no)
        return [RequestStepRow(*row) for row in self._connection.execute(query)]

    def note_code(self, token: bytes, at: int) -> None:
        self._connection.execute(insert(request_code).values(token=token, at=at))

    def codes_since(self, token: bytes, since: int) -> int:
        within = (request_code.c.token == token) & (request_code.c.at > since)
        return int(self._connection.scalar(select(func.count()).select_from(request_code).where(within)) or 0)

    def forget_codes(self, before: int) -> int:
        return self._connection.execute(delete(request_code).where(request_code.c.at <= before)).rowcount

    def put_package(self, row: PackageRow) -> None:
        self.drop_package(row.number)
        self._connection.execute(insert(package).values(**row._asdict()))

    def package(self, number: str) -> PackageRow | None:
        row = self._connection.execute(select(*_PACKAGE).where(package.c.number == number)).first()
        return PackageRow(*row) if row else None

    def packages(self) -> list[tuple[str, int]]:
        rows = self._connection.execute(
            select(package.c.number, package.c.ends_at).order_by(package.c.number)
        )
        return [(str(number), int(ends_at)) for number, ends_at in rows]

    def drop_package(self, number: str) -> None:
        self._connection.execute(delete(package).where(package.c.number == number))


class SqlOutbox:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, row: OutboxRow) -> None:
        self._connection.execute(insert(outbox).values(**row._asdict()))

    def has(self, key: str) -> bool:
        return self._connection.scalar(select(outbox.c.id).where(outbox.c.key == key)) is not None

    def claim(self, id: str) -> OutboxRow | None:
        query = select(*_OUTBOX).where(outbox.c.id == id).with_for_update()
        row = self._connection.execute(query).first()
        return OutboxRow(*row) if row else None

    def waiting(self, limit: int) -> list[str]:
        query = select(outbox.c.id).where(outbox.c.claimed_at == 0).order_by(outbox.c.made_at, outbox.c.id)
        return [str(id_) for id_ in self._connection.scalars(query.limit(limit))]

    def save(self, row: OutboxRow) -> None:
        self._connection.execute(update(outbox).where(outbox.c.id == row.id).values(**row._asdict()))

    def drop(self, ids: Sequence[str]) -> None:
        self._connection.execute(delete(outbox).where(outbox.c.id.in_(ids)))

    def over(self, now: int, claimed_before: int) -> list[str]:
        useless = and_(outbox.c.claimed_at == 0, outbox.c.until <= now)
        unreported = and_(outbox.c.claimed_at > 0, outbox.c.claimed_at <= claimed_before)
        query = select(outbox.c.id).where(or_(useless, unreported)).order_by(outbox.c.id)
        return [str(id_) for id_ in self._connection.scalars(query)]

    def ids(self) -> list[str]:
        return [str(id_) for id_ in self._connection.scalars(select(outbox.c.id).order_by(outbox.c.id))]

"""Emergencies, and the parts that die with them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select, update

from compliance.db.tables import emergency, holding, part
from compliance.domain.vocabulary import PartState
from compliance.ports import EmergencyRow, PartClass

_ROW = [emergency.c[name] for name in EmergencyRow._fields]
# The gate asks this for every batch: the statement is made once.
_OPEN = select(*_ROW)


class SqlEmergencies:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_at(self, now: int) -> list[EmergencyRow]:
        at = (emergency.c.opened_at <= now) & (emergency.c.ends_at > now)
        rows = self._connection.execute(_OPEN.where(at).order_by(emergency.c.id))
        return [EmergencyRow(*row) for row in rows]

    def find(self, emergency_id: str) -> EmergencyRow | None:
        row = self._connection.execute(_OPEN.where(emergency.c.id == emergency_id)).first()
        return EmergencyRow(*row) if row else None

    def listed(self) -> list[EmergencyRow]:
        rows = self._connection.execute(_OPEN.order_by(emergency.c.opened_at.desc(), emergency.c.id))
        return [EmergencyRow(*row) for row in rows]

    def put(self, row: EmergencyRow) -> None:
        self._connection.execute(delete(emergency).where(emergency.c.id == row.id))
        self._connection.execute(insert(emergency).values(**row._asdict()))

    def records(self, classes: Sequence[PartClass]) -> dict[str, int]:
        counted: Counter[str] = Counter()
        for one in classes:
            query = select(func.count(func.distinct(part.c.holding_no))).where(_of(one))
            counted[one.category] += self._connection.scalar(query) or 0
        return {category: n for category, n in sorted(counted.items()) if n}

    def end(self, classes: Sequence[PartClass], moment: int) -> list[tuple[str, int, int]]:
        moved: Counter[tuple[str, int]] = Counter()
        for one in classes:
            later = _of(one) & (part.c.erase_at > moment) & (part.c.state != PartState.RESTRICTED.value)
            due = select(part.c.erase_at, func.count()).where(later).group_by(part.c.erase_at)
            for erase_at, n in self._connection.execute(due).all():
                moved[one.category, int(erase_at)] += int(n)
            self._connection.execute(update(part).where(later).values(erase_at=moment))
            # A restricted part keeps the end that its hold gave it, and is not to be read either.
            readable = _of(one) & (part.c.readable_until > moment)
            self._connection.execute(update(part).where(readable).values(readable_until=moment))
        return [(category, erase_at, n) for (category, erase_at), n in sorted(moved.items())]

    def left(self, classes: Sequence[PartClass]) -> tuple[int, int]:
        total = held = 0
        for one in classes:
            states = select(part.c.state, func.count()).where(_of(one)).group_by(part.c.state)
            for state, n in self._connection.execute(states):
                total += int(n)
                held += int(n) if state == PartState.RESTRICTED.value else 0
        return total, held


def _of(one: PartClass) -> ColumnElement[bool]:
    records = select(holding.c.no).where(
        holding.c.site == one.site,
        holding.c.category == one.category,
        holding.c.policy_version == one.policy_version,
    )
    return (part.c.retention_class == one.retention_class) & part.c.holding_no.in_(records)

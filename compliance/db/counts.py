"""What is only counted: tallies, refusals, detections, and the parts expected to fall due."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection, delete, func, insert, select, union_all

from compliance.db.bulk import insert_rows
from compliance.db.tables import detection, expectation, forecast, refusal, tally
from compliance.ports import DetectionRow, Expectation, RefusalRow


class SqlCounts:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def tally(self, cells: Mapping[tuple[str, str, int, str, str], tuple[int, int]]) -> None:
        rows = [(*cell, n, show_after) for cell, (n, show_after) in cells.items()]
        insert_rows(self._connection, tally, rows)

    def refused(self, rows: Sequence[RefusalRow]) -> None:
        insert_rows(self._connection, refusal, rows)

    def detected(self, rows: Sequence[DetectionRow]) -> None:
        insert_rows(self._connection, detection, rows)

    def expect(self, rows: Sequence[Expectation]) -> None:
        insert_rows(self._connection, expectation, [row for row in rows if row.n])

    def expected(self, until_day: str) -> dict[tuple[str, str, str], int]:
        known = union_all(
            select(forecast.c.site, forecast.c.category, forecast.c.due_day, forecast.c.n),
            select(expectation.c.site, expectation.c.category, expectation.c.due_day, expectation.c.n),
        ).subquery()
        bucket = (known.c.site, known.c.category, known.c.due_day)
        summed = select(*bucket, func.sum(known.c.n)).where(known.c.due_day <= until_day).group_by(*bucket)
        return {(str(r[0]), str(r[1]), str(r[2])): int(r[3]) for r in self._connection.execute(summed)}

    def fold_forecast(self, made_on: str) -> list[Expectation]:
        folded = [Expectation(*bucket, n) for bucket, n in sorted(self.expected("9999").items()) if n > 0]
        self._connection.execute(delete(expectation))
        self._connection.execute(delete(forecast))
        if folded:
            self._connection.execute(
                insert(forecast), [{**row._asdict(), "made_on": made_on} for row in folded]
            )
        return folded

    def forecast_day(self) -> str | None:
        made_on: str | None = self._connection.scalar(select(func.max(forecast.c.made_on)))
        return made_on

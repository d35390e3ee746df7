"""What the officer's report counts: read-only queries, and the signed reviews."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from sqlalchemy import Connection, FromClause, Select, and_, func, insert, or_, select, update

from compliance.db.tables import (
    detection,
    finding,
    hold,
    holding,
    ledger_entry,
    ledger_pending,
    part,
    refusal,
    request,
    review,
    tally,
)
from compliance.domain.ledger import Act
from compliance.domain.vocabulary import PartState
from compliance.ports import BoundRow, FindingRow, RequestCount, ReviewRow, TallyCell

_REQUEST = [request.c[name] for name in RequestCount._fields]
_REVIEW = [review.c[name] for name in ReviewRow._fields]
_FINDING = [finding.c[name] for name in FindingRow._fields]
_TALLY = [tally.c[name] for name in TallyCell._fields]
_WHERE = (holding.c.site, holding.c.category)


class SqlReports:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def held(self) -> list[tuple[str, str, int, int]]:
        counted = select(*_WHERE, func.count(part.c.holding_no.distinct()), func.count())
        rows = self._connection.execute(counted.select_from(_parts()).group_by(*_WHERE).order_by(*_WHERE))
        return [(str(r[0]), str(r[1]), int(r[2]), int(r[3])) for r in rows]

    def in_state(self) -> list[tuple[str, str, str, int]]:
        counted = select(*_WHERE, part.c.state, func.count()).select_from(_parts())
        rows = self._connection.execute(counted.group_by(*_WHERE, part.c.state))
        return [(str(r[0]), str(r[1]), str(r[2]), int(r[3])) for r in rows]

    def overdue(self, before: int) -> list[tuple[str, str, int, int]]:
        due = (part.c.erase_at <= before) & (part.c.state == PartState.ACTIVE.value)
        counted = select(*_WHERE, func.count(), func.min(part.c.erase_at)).select_from(_parts())
        rows = self._connection.execute(counted.where(due, ~_covering_hold().exists()).group_by(*_WHERE))
        return [(str(r[0]), str(r[1]), int(r[2]), int(r[3])) for r in rows]

    def bound(self, now: int) -> list[BoundRow]:
        by_statute = and_(
            part.c.state == PartState.ACTIVE.value, part.c.readable_until <= now, part.c.erase_at > now
        )
        covering = _covering_hold().order_by(hold.c.until.desc(), hold.c.id).limit(1).scalar_subquery()
        rule = (*_WHERE, holding.c.policy_version, part.c.retention_class, part.c.state)
        each = select(*rule, func.coalesce(covering, "").label("hold_id")).select_from(_parts())
        each_row = each.where(or_(part.c.state == PartState.RESTRICTED.value, by_statute)).subquery()
        bucket = [each_row.c[name] for name in BoundRow._fields[:-1]]
        rows = self._connection.execute(select(*bucket, func.count()).group_by(*bucket).order_by(*bucket))
        return [
            BoundRow(str(r[0]), str(r[1]), int(r[2]), int(r[3]), str(r[4]), str(r[5]), int(r[6]))
            for r in rows
        ]

    def refused(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, int]]:
        bucket = [refusal.c[name] for name in ("site", "category", "day", "code")]
        within = (refusal.c.day >= first_day) & (refusal.c.day < end_day) & (refusal.c.verdict == "refused")
        rows = self._connection.execute(
            select(*bucket, func.sum(refusal.c.n)).where(within).group_by(*bucket)
        )
        return [(str(r[0]), str(r[1]), str(r[2]), str(r[3]), int(r[4])) for r in rows]

    def lenient(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, str, int]]:
        bucket = [refusal.c[name] for name in ("site", "category", "verdict", "code", "field")]
        within = (refusal.c.day >= first_day) & (refusal.c.day < end_day) & (refusal.c.verdict != "refused")
        rows = self._connection.execute(
            select(*bucket, func.sum(refusal.c.n)).where(within).group_by(*bucket).order_by(*bucket)
        )
        return [(str(r[0]), str(r[1]), str(r[2]), str(r[3]), str(r[4]), int(r[5])) for r in rows]

    def detected(self, first_day: str, end_day: str) -> list[tuple[str, str, str, int]]:
        bucket = [detection.c[name] for name in ("kind", "certainty", "outcome")]
        within = (detection.c.day >= first_day) & (detection.c.day < end_day)
        rows = self._connection.execute(
            select(*bucket, func.sum(detection.c.n)).where(within).group_by(*bucket)
        )
        return [(str(r[0]), str(r[1]), str(r[2]), int(r[3])) for r in rows]

    def last_detected(self) -> dict[str, str]:
        query = select(detection.c.kind, func.max(detection.c.day)).group_by(detection.c.kind)
        return {str(kind): str(day) for kind, day in self._connection.execute(query)}

    def disposals(self, first_day: str, end_day: str) -> Iterator[bytes]:
        yield from self.of_acts((Act.ERASED.value, Act.ANONYMISED.value), first_day, end_day)

    def of_acts(self, acts: Sequence[str], first_day: str, end_day: str) -> Iterator[bytes]:
        within = (ledger_entry.c.day >= first_day) & (ledger_entry.c.day < end_day)
        named = ledger_entry.c.act.in_(acts)
        query = select(ledger_entry.c.canonical).where(named, within).order_by(ledger_entry.c.seq)
        for sealed in self._connection.scalars(query):
            yield bytes(sealed)

    def tallies(self, first_day: str, end_day: str) -> list[TallyCell]:
        within = (tally.c.day >= first_day) & (tally.c.day < end_day)
        return [TallyCell(*row) for row in self._connection.execute(select(*_TALLY).where(within))]

    def requests(self, first_day: str, since: int, final: Sequence[str]) -> list[RequestCount]:
        seen = or_(
            request.c.state.not_in(final), request.c.received_on >= first_day, request.c.moved_at >= since
        )
        return [RequestCount(*row) for row in self._connection.execute(select(*_REQUEST).where(seen))]

    def pending(self) -> int:
        return int(self._connection.scalar(select(func.count()).select_from(ledger_pending)) or 0)

    def add_review(self, row: ReviewRow, findings: Sequence[FindingRow]) -> None:
        self._connection.execute(insert(review).values(**row._asdict()))
        if findings:
            self._connection.execute(insert(finding), [one._asdict() for one in findings])

    def reviews(self, month: str) -> list[ReviewRow]:
        # An interim signature is always older than the one that closes the month.
        query = select(*_REVIEW).where(review.c.month == month)
        ordered = query.order_by(review.c.complete, review.c.reviewed_on, review.c.id)
        return [ReviewRow(*row) for row in self._connection.execute(ordered)]

    def findings(self, review_id: str) -> list[FindingRow]:
        query = select(*_FINDING).where(finding.c.review_id == review_id)
        rows = self._connection.execute(query.order_by(finding.c.due_on, finding.c.id))
        return [FindingRow(*row) for row in rows]

    def close_finding(self, finding_id: str, by: str, day: str) -> bool:
        at = (finding.c.id == finding_id) & finding.c.closed_on.is_(None)
        closed = self._connection.execute(update(finding).where(at).values(closed_by=by, closed_on=day))
        return closed.rowcount == 1


def _parts() -> FromClause:
    return part.join(holding, holding.c.no == part.c.holding_no)


def _covering_hold() -> Select[tuple[str]]:
    """A standing hold over the part's record: on the record itself, on its category, or on its whole site."""
    covering = select(hold.c.id).where(
        hold.c.released_on.is_(None),
        hold.c.site == holding.c.site,
        or_(hold.c.category == "", hold.c.category == holding.c.category),
        or_(hold.c.holding_id == "", hold.c.holding_id == holding.c.id),
    )
    return covering.correlate(holding)

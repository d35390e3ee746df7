"""The officer's monthly report and its review: figures from the sealed ledger and the live tables, signed for good.

What happened is read from the ledger, because it is what we can prove; what stands is counted where it stands. A
signature seals the SHA-256 of the figures, so that what was signed cannot be edited: a later look is a new report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from compliance.detectors import scan
from compliance.domain.errors import ReviewRefused
from compliance.domain.ledger import Act, Entry
from compliance.domain.modes import mode_at
from compliance.domain.policy import Pack
from compliance.domain.report import (
    Finding,
    LedgerFigures,
    LookFigures,
    MonthFigures,
    Review,
    canonical_json,
    digest,
    figures_of,
    first_day,
    is_month,
    last_month,
    next_month,
    standing_of,
)
from compliance.domain.vocabulary import Mode
from compliance.ports import Books, Clock, FindingRow, Ids, PolicySource, ReviewRow, UnitOfWork
from compliance.services.month import (
    Month,
    count_categories,
    count_days,
    count_detections,
    count_requests,
    count_tallies,
)
from compliance.services.month_looks import count_looks
from compliance.services.retention import PAUSED
from compliance.services.sealing import Sealing

LONGEST_FINDING = 500  # characters: a finding says what and where, the case file says the rest
LONGEST_NAME = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class NewFinding:
    """What the officer found, the staff id that sees to it, and the ISO day by which."""

    text: str
    owner: str
    due_on: str


class Reports:
    def __init__(
        self, *, books: UnitOfWork, clock: Clock, ids: Ids, policies: PolicySource, sealing: Sealing
    ) -> None:
        self._books, self._clock, self._ids = books, clock, ids
        self._policies, self._sealing = policies, sealing

    def month(self, month: str) -> MonthFigures:
        """The figures of a month (``2026-11``) as of now. Raises ReviewRefused for a month that has not begun."""
        with self._books.reading() as books:
            return self._figures(books, month)

    def looks(self) -> tuple[LookFigures, ...]:
        """Who has looked into the register how often this month, without all else that a report counts."""
        month = self.this_month()
        with self._books.reading() as books:
            now = self._clock.now()
            return count_looks(_month_of(books, month, now, self._policies.active(books, now)))

    def this_month(self) -> str:
        """The month that it is at the site."""
        with self._books.reading() as books:
            pack = self._policies.active(books, self._clock.now())
        return pack.site.day_of(self._clock.now()).isoformat()[:7]

    def review(self, month: str, by: str, findings: Sequence[NewFinding] = ()) -> Review:
        """Sign the report of a month as it stands now. The ledger keeps its SHA-256, who signed, and how many findings.

        A running month may be signed again; a month that was over when it was signed may not. Raises ReviewRefused for
        that, and for a finding without text, owner or day, or with somebody's number in it.
        """
        _check_name("by", by)
        for one in findings:
            _check_finding(one)
        with self._books.writing() as books:
            figures = self._figures(books, month)
            if any(row.complete for row in books.reports.reviews(month)):
                raise ReviewRefused("The report of this month has been signed and stays as it is.")
            row = self._signed(books, figures, by, len(findings))
            rows = [
                FindingRow(
                    self._ids.secret(20), row.id, one.text.strip(), one.owner.strip(), one.due_on, None, None
                )
                for one in findings
            ]
            books.reports.add_review(row, rows)
            review = _review(row, books.reports.findings(row.id))
        self._sealing.nudge()
        return review

    def reviews(self, month: str) -> list[Review]:
        """Every signed report of a month, oldest first, as it was signed."""
        with self._books.reading() as books:
            return [_review(row, books.reports.findings(row.id)) for row in books.reports.reviews(month)]

    def close_finding(self, finding_id: str, by: str) -> None:
        """Say that a finding has been seen to. Raises ReviewRefused where there is none, or it is closed already."""
        _check_name("by", by)
        with self._books.writing() as books:
            pack = self._policies.active(books, self._clock.now())
            today = pack.site.day_of(self._clock.now()).isoformat()
            if not books.reports.close_finding(finding_id, by, today):
                raise ReviewRefused("There is no such open finding.")

    def _figures(self, books: Books, text: str) -> MonthFigures:
        if not is_month(text):
            raise ReviewRefused("A month is written as 2026-11.")
        now = self._clock.now()
        pack = self._policies.active(books, now)
        today = pack.site.day_of(now)
        if first_day(text) > today:
            raise ReviewRefused("This month has not begun.")
        month = _month_of(books, text, now, pack)
        version = self._policies.version
        watched = pack.site.observation if mode_at(pack.site, now) is Mode.OBSERVE else None
        return MonthFigures(
            month=text,
            as_of=now.astimezone(pack.site.timezone).replace(microsecond=0).isoformat(),
            complete=first_day(next_month(text)) <= today,
            site=pack.site.name,
            site_zh=pack.site.label.zh,
            site_en=pack.site.label.en,
            controller=pack.site.controller.name,
            mode=mode_at(pack.site, now).value,
            mode_until=watched.until.isoformat() if watched else "",
            mode_by=watched.by if watched else "",
            policy_version=pack.version,
            policy_digest=pack.digest,
            paused=books.switches.get(PAUSED) is not None,
            categories=count_categories(month, lambda number: version(books, number), _known(books, text)),
            requests=count_requests(month),
            tallies=(count_tallies(month),),
            days=count_days(month),
            ledger=_ledger(books),
            looks=count_looks(month),
            detectors=count_detections(month),
        )

    def _signed(self, books: Books, figures: MonthFigures, by: str, findings: int) -> ReviewRow:
        today = figures.as_of[:10]
        signed = digest(figures)
        facts = (
            ("month", figures.month),
            ("sha256", signed),
            ("by", by),
            ("complete", int(figures.complete)),
        )
        entry = Entry(
            act=Act.REPORT_REVIEWED, site=figures.site, category="", day=today, count=findings, facts=facts
        )
        return ReviewRow(
            id=self._ids.secret(20),
            month=figures.month,
            reviewed_by=by,
            reviewed_on=today,
            complete=figures.complete,
            digest=signed,
            figures=canonical_json(figures).decode(),
            act_id=self._sealing.write(books, entry),
        )


def _month_of(books: Books, text: str, now: datetime, pack: Pack) -> Month:
    first, end = first_day(text), first_day(next_month(text))
    before = first_day(last_month(text))
    return Month(
        books=books,
        pack=pack,
        now=int(now.timestamp()),
        today=pack.site.day_of(now).isoformat(),
        before=before.isoformat(),
        first=first.isoformat(),
        end=end.isoformat(),
        before_from=_midnight(before, pack.site.timezone),
        first_from=_midnight(first, pack.site.timezone),
        end_at=_midnight(end, pack.site.timezone),
    )


def _known(books: Books, month: str) -> dict[tuple[str, str], dict[str, int]]:
    """Last month's standing numbers, where last month was signed: only what was signed is compared with."""
    signed = books.reports.reviews(last_month(month))
    return standing_of(figures_of(signed[-1].figures).categories) if signed else {}


def _ledger(books: Books) -> LedgerFigures:
    head = books.ledger.head()
    pending = books.reports.pending()
    if head is None:
        return LedgerFigures(pending=pending)
    at = datetime.fromtimestamp(head.time, UTC).isoformat()
    return LedgerFigures(size=head.size, root=bytes(head.root).hex(), time=at, pending=pending)


def _review(row: ReviewRow, findings: Sequence[FindingRow]) -> Review:
    """A signed report as it was signed. Bytes that no longer have their digest are not shown as signed."""
    figures = figures_of(row.figures)
    if digest(figures) != row.digest:
        raise ReviewRefused("The kept report is not the one that was signed.")
    return Review(
        id=row.id,
        month=row.month,
        by=row.reviewed_by,
        on=row.reviewed_on,
        digest=row.digest,
        figures=figures,
        findings=tuple(
            Finding(
                id=one.id,
                text=one.text,
                owner=one.owner,
                due_on=one.due_on,
                closed_by=one.closed_by or "",
                closed_on=one.closed_on or "",
            )
            for one in findings
        ),
    )


def _check_finding(finding: NewFinding) -> None:
    """A finding outlives the records by years, so it may not carry what they held."""
    _check_name("owner", finding.owner)
    if not finding.text.strip() or len(finding.text) > LONGEST_FINDING:
        raise ReviewRefused(f"text: a finding has 1 to {LONGEST_FINDING} characters")
    if scan(finding.text) or scan(finding.owner):
        raise ReviewRefused(
            "text: take out the ID, phone or plate number; name the category and the day instead"
        )
    try:
        written = date.fromisoformat(finding.due_on).isoformat()
    except ValueError:
        written = ""
    if written != finding.due_on:
        raise ReviewRefused("due_on: not an ISO date")


def _check_name(field: str, name: str) -> None:
    if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
        raise ReviewRefused(f"{field}: 1 to {LONGEST_NAME} characters")


def _midnight(day: date, zone: ZoneInfo) -> int:
    return int(datetime.combine(day, time(), tzinfo=zone).timestamp())

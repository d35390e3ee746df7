"""What the officer's reports are counted from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol


class BoundRow(NamedTuple):
    """How many parts of one rule are only stored: by a standing hold, or by nothing but their own dates."""

    site: str
    category: str
    policy_version: int
    retention_class: int
    state: str
    hold_id: str  # "" = no standing hold covers them
    n: int


class TallyCell(NamedTuple):
    site: str
    day: str
    daypart: int
    category: str
    gate: str
    n: int
    show_after: int


class RequestCount(NamedTuple):
    """What a report may know of one request: no number, nobody."""

    kind: str
    state: str
    received_on: str
    moved_at: int
    house_due: str
    legal_due: str


class ReviewRow(NamedTuple):
    id: str
    month: str
    reviewed_by: str
    reviewed_on: str
    complete: bool
    digest: str
    figures: str
    act_id: str


class FindingRow(NamedTuple):
    id: str
    review_id: str
    text: str
    owner: str
    due_on: str
    closed_by: str | None
    closed_on: str | None


class ReportBook(Protocol):
    """Counts over the live tables and the sealed ledger. Days are ISO, ranges half-open, moments epoch seconds."""

    def held(self) -> list[tuple[str, str, int, int]]:
        """(site, category, records, parts) held now."""
        ...

    def in_state(self) -> list[tuple[str, str, str, int]]:
        """(site, category, part state, parts)."""
        ...

    def overdue(self, before: int) -> list[tuple[str, str, int, int]]:
        """(site, category, parts, oldest due moment) of active parts that were due before a moment."""
        ...

    def bound(self, now: int) -> list[BoundRow]: ...

    def refused(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, int]]:
        """(site, category, day, reason code, count)."""
        ...

    def of_acts(self, acts: Sequence[str], first_day: str, end_day: str) -> Iterator[bytes]:
        """The canonical entries of these acts."""
        ...

    def lenient(self, first_day: str, end_day: str) -> list[tuple[str, str, str, str, str, int]]:
        """What was dropped or only observed: (site, category, verdict, reason code, field, count)."""
        ...

    def detected(self, first_day: str, end_day: str) -> list[tuple[str, str, str, int]]:
        """(kind, certainty, outcome, count) of all sites."""
        ...

    def last_detected(self) -> dict[str, str]:
        """Kind → the last day on which its detector ever spoke."""
        ...

    def disposals(self, first_day: str, end_day: str) -> Iterator[bytes]:
        """The canonical entries of erasures and anonymisations."""
        ...

    def tallies(self, first_day: str, end_day: str) -> list[TallyCell]: ...

    def requests(self, first_day: str, since: int, final: Sequence[str]) -> list[RequestCount]:
        """Requests not in a `final` state, received on or after a day, or moved since a moment."""
        ...

    def pending(self) -> int:
        """Entries that are written and not yet numbered."""
        ...

    def add_review(self, row: ReviewRow, findings: Sequence[FindingRow]) -> None: ...

    def reviews(self, month: str) -> list[ReviewRow]:
        """Oldest first."""
        ...

    def findings(self, review_id: str) -> list[FindingRow]: ...

    def close_finding(self, finding_id: str, by: str, day: str) -> bool:
        """Whether there was such a finding, still open."""
        ...

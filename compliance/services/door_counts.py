"""What a batch counts: refusals and their reasons, what modes let through, what detectors said, tallies and due days.

Counts only. What a caller calls a field may itself be somebody's number: a name that no policy knows is not kept.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from compliance.domain.collection import Admitted, Cell, Refused
from compliance.domain.formats import Heard
from compliance.domain.policy import Pack
from compliance.domain.reasons import Reason
from compliance.domain.submission import Submission
from compliance.ports import Books, DetectionRow, Expectation, RefusalRow


class DoorCounts:
    """Lives as long as one batch. `expected` and `cells` are filled by it directly, a thousand times a batch."""

    def __init__(self, pack: Pack, today: str) -> None:
        self._pack, self._today = pack, today
        self.expected: list[tuple[str, str]] = []  # (category, last day) of each part
        self.cells: list[Cell] = []
        self._faults: dict[tuple[str, str, str, str, str], int] = defaultdict(int)
        self._detections: dict[tuple[str, str, str], int] = defaultdict(int)

    def refused(self, submission: Submission | None, refused: Refused) -> None:
        self._fault(submission, refused.reasons, "refused")
        self._spoke(refused.heard, refused=True)

    def admitted(self, submission: Submission | None, admitted: Admitted) -> None:
        """Count what was dropped of an admission, what was only observed, and what detectors said of it."""
        self._fault(submission, admitted.stripped, "stripped")
        self._fault(submission, admitted.observed, "observed")
        self._spoke(admitted.heard, dropped=frozenset(fault.field for fault in admitted.stripped))

    def write(self, books: Books) -> None:
        site = self._pack.site.name
        books.counts.tally(_summed(self.cells))
        if self._faults:
            books.counts.refused(
                [
                    RefusalRow(site, category, channel, self._today, code, field, n, verdict)
                    for (category, channel, code, field, verdict), n in self._faults.items()
                ]
            )
        if self._detections:
            books.counts.detected(
                [DetectionRow(site, self._today, *spoke, n) for spoke, n in self._detections.items()]
            )
        books.counts.expect([Expectation(site, *bucket, n) for bucket, n in Counter(self.expected).items()])

    def _fault(self, submission: Submission | None, reasons: Sequence[Reason], verdict: str) -> None:
        category = submission.category if submission and submission.category in self._pack.categories else ""
        channel = submission.channel.value if submission else ""
        known = self._pack.categories[category].fields if category else {}
        for fault in reasons:
            field = fault.field or ""
            named = field if field in known or field in self._pack.never else ""
            self._faults[category, channel, fault.code.value, named, verdict] += 1

    def _spoke(
        self, heard: Sequence[Heard], *, refused: bool = False, dropped: frozenset[str | None] = frozenset()
    ) -> None:
        for one in heard:
            outcome = "refused" if refused else "stripped" if one.field in dropped else "flagged"
            self._detections[one.kind, one.certainty, outcome] += 1


def _summed(cells: list[Cell]) -> dict[tuple[str, str, int, str, str], tuple[int, int]]:
    """How many there are in each cell, and when the last that contributes is due."""
    summed: dict[tuple[str, str, int, str, str], tuple[int, int]] = {}
    for cell, count in Counter(cells).items():
        at = (cell.site, cell.day, cell.daypart, cell.category, cell.gate)
        n, latest = summed.get(at, (0, 0))
        summed[at] = (n + count, max(latest, cell.show_after))
    return summed

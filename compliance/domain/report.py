"""The officer's monthly report as figures: what was held, admitted, refused, erased, and what is owed.

Figures are counts, days, codes and articles. They hold no content and no identifier of a record or a person, so a
signed report may be kept for as long as the ledger. The officer's own counts may be small; what leaves as statistics
(`Tallies`) has no cell under k.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from typing import Final

import msgspec

#: The evolution rule: a signed report is kept as the bytes of its form. A changed shape is a new form with its own
#: reader; fields are only ever added to this one, with a default.
FORM: Final = "report/1"

#: What happened in the month: read from the ledger and the refusals, so last month's is always known.
FLOWS: Final = ("admitted", "amended", "read", "refused", "erased", "erased_parts", "late", "anonymised")
#: What stands at the moment of the report: last month's is known where last month was signed.
STANDING: Final = ("held_records", "held_parts", "overdue", "restricted", "waiting", "key_lost", "holds")

#: Fields that came after the first signed report.
_ADDED: Final = ("looks", "detectors", "mode_until", "mode_by")
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCount:
    """How often the gate refused for one reason code."""

    code: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class LeniencyCount:
    """How often the site's mode dropped a field, or only observed a fault, by reason code and field."""

    verdict: str  # stripped | observed
    code: str
    field: str  # a name that the policy or the never-list knows, else ""
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Bound:
    """Parts that are only stored and protected (PIPL 47(2)): why, by which law or document, until when."""

    reason: str  # a word of RestrictionReason
    law_ref: str
    until: str  # ISO day of the hold's end; "" where each part has its own (a statute's minimum)
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CategoryFigures:
    """One category of one site. Records are whole entries, parts are what of them dies together.

    `erased` counts records touched, `erased_parts` the parts, of which `late` went after their time (PIPL 47(1)).
    `before` holds last month's numbers by the names of `FLOWS` and `STANDING`; what is not known is not in it.
    """

    site: str
    category: str
    label_zh: str
    label_en: str
    held_records: int = 0
    held_parts: int = 0
    admitted: int = 0
    amended: int = 0
    read: int = 0
    refused: tuple[ReasonCount, ...] = ()
    erased: int = 0
    erased_parts: int = 0
    late: int = 0
    anonymised: int = 0
    overdue: int = 0
    oldest_due: str = ""  # ISO day of the oldest part that should be gone
    restricted: tuple[Bound, ...] = ()
    waiting: int = 0
    key_lost: int = 0
    holds: int = 0
    before: Mapping[str, int] = field(default_factory=dict)
    lenient: tuple[LeniencyCount, ...] = ()

    def numbers(self) -> dict[str, int]:
        """Every figure that is compared with last month, by name."""
        plain = {
            name: getattr(self, name) for name in (*FLOWS, *STANDING) if name not in ("refused", "restricted")
        }
        return plain | {
            "refused": sum(reason.n for reason in self.refused),
            "restricted": sum(bound.n for bound in self.restricted),
        }

    def change(self, name: str) -> int | None:
        """The difference to last month; None where last month's number is not known."""
        return self.numbers()[name] - self.before[name] if name in self.before else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestFigures:
    """Subjects' requests of one kind. Deadlines are ISO days: our own promise, and the outer wall."""

    kind: str
    label_zh: str
    label_en: str
    received: int = 0
    closed: int = 0
    open: int = 0
    nearest_due: str = ""
    nearest_wall: str = ""
    overdue: int = 0  # past our own promise
    past_wall: int = 0
    before: Mapping[str, int] = field(default_factory=dict)  # received, closed

    def change(self, name: str) -> int | None:
        number: int = getattr(self, name)
        return number - self.before[name] if name in self.before else None


@dataclass(frozen=True, slots=True, kw_only=True)
class TallyRow:
    """A count that may be published: at least k."""

    period: str  # day | week | month
    start: str
    daypart: int
    category: str
    gate: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tallies:
    """Statistics of entries, unlinked from records and released once: when the month is over and the last record that
    contributed is due. `total` is None where it is under k.
    """

    k: int
    released: bool = False
    total: int | None = None
    rows: tuple[TallyRow, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LookFigures:
    """How often the register was looked into one way: for which purpose, in which role, at how many records.

    `act` is the ledger's word; `why` is that of a refusal.
    """

    act: str
    purpose: str = ""
    purpose_zh: str = ""
    purpose_en: str = ""
    role: str = ""
    why: str = ""
    times: int = 0
    records: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DetectorFigures:
    """How often one detector spoke in the month, by how sure it was and by what became of the text.

    `last` is the last day on which it ever spoke, "" where it never has: a detector that is never right is then seen.
    """

    kind: str
    label_zh: str
    label_en: str
    certain: int = 0
    possible: int = 0
    refused: int = 0
    stripped: int = 0
    flagged: int = 0
    last: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class DayFigures:
    """One day of the chart."""

    day: str
    admitted: int = 0
    refused: int = 0
    erased: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerFigures:
    """The last signed head, and how many entries are written but not yet under one."""

    size: int = 0
    root: str = ""  # hex
    time: str = ""  # ISO instant
    pending: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthFigures:
    """The whole report of one month. `complete` says whether the month was over when it was made."""

    form: str = FORM
    month: str
    as_of: str  # ISO instant with the site's offset
    complete: bool
    site: str
    site_zh: str
    site_en: str
    controller: str
    mode: str
    policy_version: int
    policy_digest: str
    #: Whether erasing stands still, by the officer or because a clock is in doubt.
    paused: bool = False
    categories: tuple[CategoryFigures, ...] = ()
    requests: tuple[RequestFigures, ...] = ()
    tallies: tuple[Tallies, ...] = ()
    days: tuple[DayFigures, ...] = ()
    ledger: LedgerFigures = LedgerFigures()
    looks: tuple[LookFigures, ...] = ()
    #: The last day and the approver, where the site observes.
    mode_until: str = ""
    mode_by: str = ""
    detectors: tuple[DetectorFigures, ...] = ()

    def total(self, name: str) -> int:
        return sum(category.numbers()[name] for category in self.categories)

    def total_change(self, name: str) -> int | None:
        """The difference of the total to last month; None as soon as one category's is not known."""
        changes = [category.change(name) for category in self.categories]
        return None if not changes or None in changes else sum(change or 0 for change in changes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What the officer found, who sees to it and by when; closed by a named person."""

    id: str
    text: str
    owner: str
    due_on: str
    closed_by: str = ""
    closed_on: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Review:
    """A signed report: its figures as they were signed, and the findings. Only findings may still change: they close."""

    id: str
    month: str
    by: str
    on: str  # ISO day
    digest: str
    figures: MonthFigures
    findings: tuple[Finding, ...] = ()


def canonical_json(figures: MonthFigures) -> bytes:
    """The report's one spelling: what is hashed, signed and kept."""
    fields: dict[str, object] = msgspec.to_builtins(figures)
    # What was signed before a field was added keeps its digest: a late field that says nothing is not written.
    for name in _ADDED:
        if not fields[name]:
            del fields[name]
    return msgspec.json.encode(fields, order="sorted")


def digest(figures: MonthFigures) -> str:
    """SHA-256 of the canonical JSON, in hex."""
    return sha256(canonical_json(figures)).hexdigest()


def figures_of(text: bytes | str) -> MonthFigures:
    """The inverse of `canonical_json`."""
    return msgspec.json.decode(text, type=MonthFigures)


def is_month(text: str) -> bool:
    """Whether it is written as 2026-11. No register of ours is older than this century."""
    return _MONTH.fullmatch(text) is not None


def first_day(month: str) -> date:
    return date.fromisoformat(f"{month}-01")


def next_month(month: str) -> str:
    first = first_day(month)
    return f"{first.year + first.month // 12:04d}-{first.month % 12 + 1:02d}"


def last_month(month: str) -> str:
    first = first_day(month)
    return f"{first.year - (first.month == 1):04d}-{(first.month - 2) % 12 + 1:02d}"


def standing_of(figures: Iterable[CategoryFigures]) -> dict[tuple[str, str], dict[str, int]]:
    """The standing numbers of a signed report by (site, category), to compare the next one with."""
    return {(one.site, one.category): {name: one.numbers()[name] for name in STANDING} for one in figures}

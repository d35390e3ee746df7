"""What a decision at the door in comes to, and what it rests on: an admission with all that is then sealed, or reasons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from compliance.domain.agreement import LivingConsent, Reliance
from compliance.domain.change import Difference
from compliance.domain.formats import Heard, Instruments
from compliance.domain.modes import nowhere, verdict_word
from compliance.domain.policy import CategoryPolicy, Pack
from compliance.domain.reasons import Reason
from compliance.domain.schedule import Due
from compliance.domain.terms import Term

# These are made by the thousand a second, so they are tuples; what they hold in clear stays out of their repr.


class PartDraft(NamedTuple):
    """The fields of one record that die together, in clear; the gate seals `content` under the window's key."""

    retention_class: int
    term: Term
    content: Mapping[str, object]

    @property
    def due(self) -> Due:
        return self.term.due

    @property
    def window(self) -> str:
        return self.term.window

    def __repr__(self) -> str:
        return f"PartDraft(retention_class={self.retention_class}, due={self.due})"


class SubjectKey(NamedTuple):
    """An identifier a person may later ask by. The token dies with the part that holds its field."""

    retention_class: int
    value: str

    def __repr__(self) -> str:
        return f"SubjectKey(retention_class={self.retention_class})"


class Cell(NamedTuple):
    """One count that leaves the gate unlinked to any record; shown from `show_after` (epoch seconds) on."""

    site: str
    day: str
    daypart: int
    category: str
    gate: str
    show_after: int


class Admitted(NamedTuple):
    policy: CategoryPolicy
    parts: tuple[PartDraft, ...]
    subjects: tuple[SubjectKey, ...]
    cell: Cell | None
    consent_given: bool
    stripped: tuple[Reason, ...] = ()
    observed: tuple[Reason, ...] = ()  # would have been refused, and went to a plain store all the same
    shown_version: int | None = None  # of the notice on a screen: what the evidence of consent is evidence of
    by_pass: tuple[Reliance, ...] = ()  # earlier consents of a pass holder that this record rests on
    flagged: tuple[Reason, ...] = ()  # admitted as they are, although a detector spoke
    heard: tuple[Heard, ...] = ()

    @property
    def word(self) -> str:
        return verdict_word(self.stripped, self.observed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    reasons: tuple[Reason, ...]
    heard: tuple[Heard, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What the decision rests on beside the submission itself.

    `notice_version` gives the pack version a notice id was issued for, or None where no such notice was issued.
    `has_place` says whether a plain store would take a field of a category ("" asks for the store alone): only there is
    anything observed.
    `changes_since` compares the pack with an earlier version, None where nothing is known of it. `consents_of` gives
    what the holder of a pass code has consented to and not withdrawn.
    `take_as_given` judges form and content only: a submission without notice and consent is read as if it had both.
    """

    pack: Pack
    now: datetime
    tools: Instruments
    notice_version: Callable[[str, str], int | None]
    changes_since: Callable[[int], Difference | None] = lambda _: None
    consents_of: Callable[[str], tuple[LivingConsent, ...]] = lambda _: ()
    take_as_given: bool = False
    has_place: Callable[[str, str], bool] = nowhere

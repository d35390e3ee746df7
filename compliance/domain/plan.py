"""What is going to be done, as a value: sweeps and subject requests make the same plan, and one disposal executes it.

Printed, a plan is the dry run. It counts and names categories, laws and days; it never shows content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from compliance.domain.disposition import StandingHold
from compliance.domain.policy import CategoryPolicy, Text
from compliance.domain.request import Refusal, RequestKind
from compliance.domain.vocabulary import PartState, RestrictionReason


class StepKind(StrEnum):
    """Erase, restrict and re-seal are the disposal's; a rewrite is the gate's, because it is admitted again."""

    ERASE = "erase"
    RESTRICT = "restrict"
    RESEAL = "reseal"
    REWRITE = "rewrite"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One thing done to parts of one record for one reason. `until` is an ISO date, the last day of a restriction."""

    kind: StepKind
    holding_id: str
    category: str
    parts: tuple[int, ...]
    reason: RestrictionReason | None = None
    law_ref: str = ""
    until: str = ""

    def __post_init__(self) -> None:
        # PIPL 47(2) knows no restriction without a reason, and an open-ended one would be keeping by another name.
        if self.kind is StepKind.RESTRICT and not (self.reason and self.law_ref and self.until):
            raise ValueError("restrict: needs reason, law_ref and until")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`counts` is (kind of step, category) → records. A plan that only reads has no steps and still counts."""

    steps: tuple[Step, ...] = ()
    explanation: tuple[Text, ...]
    counts: Mapping[tuple[str, str], int]

    def lines(self) -> list[str]:
        """The dry run as people read it: each sentence in Chinese, then in English."""
        return [line for text in self.explanation for line in (text.zh, text.en) if line]

    def of_kind(self, kind: StepKind) -> tuple[Step, ...]:
        return tuple(step for step in self.steps if step.kind is kind)


def plan_of(steps: Iterable[Step], label: Callable[[str], Text]) -> Plan:
    """Count steps and say them, one sentence for each fate, category, law and day."""
    taken = tuple(steps)
    groups: dict[tuple[StepKind, str, str, str], set[str]] = {}
    for step in taken:
        key = (step.kind, step.category, step.law_ref, step.until)
        groups.setdefault(key, set()).add(step.holding_id)
    counts: dict[tuple[str, str], int] = {}
    for (kind, category, _, _), ids in groups.items():
        counts[kind.value, category] = counts.get((kind.value, category), 0) + len(ids)
    sentences = tuple(
        _sentence(kind, label(category), len(ids), law_ref, until)
        for (kind, category, law_ref, until), ids in sorted(groups.items())
    )
    return Plan(steps=taken, explanation=sentences, counts=counts)


def _sentence(kind: StepKind, label: Text, n: int, law_ref: str, until: str) -> Text:
    en = label.en or label.zh
    records = "record" if n == 1 else "records"
    if kind is StepKind.ERASE:
        return Text(zh=f"删除{label.zh}登记{n}条。", en=f"Erase {n} {records} of {en}.")
    if kind is StepKind.RESTRICT:
        return Text(
            zh=f"{label.zh}登记{n}条依{law_ref}须保存至{until}，其间只存储和保护，不作他用。",
            en=f"Keep {n} {records} of {en} until {until} under {law_ref}, stored and protected only.",
        )
    if kind is StepKind.RESEAL:
        return Text(zh=f"为{label.zh}登记{n}条更换密钥。", en=f"Put {n} {records} of {en} under another key.")
    return Text(zh=f"改写{label.zh}登记{n}条。", en=f"Rewrite {n} {records} of {en}.")


# -- what a right plans over -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldPart:
    """One part's duty: until when it may be read, when it has to be gone, and in what state it is.

    Both moments are in the site's timezone, because people are told the day.
    """

    part_no: int
    retention_class: int
    readable_until: datetime
    erase_at: datetime
    state: PartState = PartState.ACTIVE


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldRecord:
    """One record that the request is about."""

    holding_id: str
    site: str
    category: str
    policy_version: int
    parts: tuple[HeldPart, ...]

    def is_under(self, hold: StandingHold) -> bool:
        return hold.covers(self.site, self.category, self.holding_id)


PolicyOf = Callable[
    [str, int], CategoryPolicy
]  # (category, policy version) → the promise it was collected under


class Right(Protocol):
    """One statutory right. `plan` is pure: what is asked, held and promised goes in, a plan or a refusal comes out."""

    @property
    def kinds(self) -> tuple[RequestKind, ...]: ...

    @property
    def article(self) -> str: ...

    def plan(
        self,
        records: tuple[HeldRecord, ...],
        holds: tuple[StandingHold, ...],
        policy_of: PolicyOf,
        now: datetime,
    ) -> Plan | Refusal: ...

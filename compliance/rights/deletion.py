"""删除: everything goes now, except what a statute or a hold binds, which is restricted instead (PIPL 47)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.domain.plan import (
    HeldPart,
    HeldRecord,
    Plan,
    PolicyOf,
    StandingHold,
    Step,
    StepKind,
    plan_of,
)
from compliance.domain.policy import CategoryPolicy
from compliance.domain.request import Ground, Refusal, RequestKind, Stated
from compliance.domain.vocabulary import RestrictionReason

OWN_DISPUTE = "R8b"  # requirements 0.3a.6
# A hold's own law_ref may be empty in our books; then the paragraph that every restriction rests on is named.
_RESTRICTION = "PIPL 47(2)"


@dataclass(frozen=True, slots=True)
class Deletion:
    """Withdrawing consent ends in the same plan: PIPL 47(1)(3)."""

    kinds: tuple[RequestKind, ...] = (RequestKind.DELETION, RequestKind.WITHDRAWAL)
    article: str = "PIPL 47"

    def plan(
        self,
        records: tuple[HeldRecord, ...],
        holds: tuple[StandingHold, ...],
        policy_of: PolicyOf,
        now: datetime,
    ) -> Plan | Refusal:
        if not records:
            return Refusal(reasons=(Stated(ground=Ground.NOTHING_FOUND),))
        steps: list[Step] = []
        for record in records:
            policy = policy_of(record.category, record.policy_version)
            steps += _steps(record, tuple(hold for hold in holds if hold.binds(record)), policy, now)
        labels = {
            record.category: policy_of(record.category, record.policy_version).label for record in records
        }
        return plan_of(steps, lambda category: labels[category])


def _steps(
    record: HeldRecord, holds: tuple[StandingHold, ...], policy: CategoryPolicy, now: datetime
) -> Iterator[Step]:
    free: list[int] = []
    for part in record.parts:
        bound = _bound(record, part, holds, policy, now)
        if bound is None:
            free.append(part.part_no)
        else:
            yield bound
    if free:
        yield Step(
            kind=StepKind.ERASE,
            holding_id=record.holding_id,
            category=record.category,
            parts=tuple(free),
        )


def _bound(
    record: HeldRecord, part: HeldPart, holds: tuple[StandingHold, ...], policy: CategoryPolicy, now: datetime
) -> Step | None:
    """The restriction that takes the place of erasing this part; of several, the one that lasts longest."""
    ends = [
        (
            hold.until,
            RestrictionReason.DISPUTE if hold.ground == OWN_DISPUTE else RestrictionReason.LEGAL_HOLD,
            hold.law_ref or _RESTRICTION,
        )
        for hold in holds
    ]
    floor = policy.retentions[part.retention_class].floor
    if floor is not None and part.erase_at > now:
        # `erase_at` is an exclusive end; people read the last day on which the part is still kept.
        last = (part.erase_at - timedelta(microseconds=1)).date().isoformat()
        ends.append((last, RestrictionReason.STATUTORY_MINIMUM, floor.law_ref))
    if not ends:
        return None
    until, reason, law_ref = max(ends)
    return Step(
        kind=StepKind.RESTRICT,
        holding_id=record.holding_id,
        category=record.category,
        parts=(part.part_no,),
        reason=reason,
        law_ref=law_ref,
        until=until,
    )

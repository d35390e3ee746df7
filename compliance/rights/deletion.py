"""删除: everything goes now, except what a statute or a hold binds, which is restricted instead (PIPL 47)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from compliance.domain.disposition import StandingHold, restriction
from compliance.domain.plan import (
    HeldPart,
    HeldRecord,
    Plan,
    PolicyOf,
    Step,
    StepKind,
    plan_of,
)
from compliance.domain.policy import CategoryPolicy
from compliance.domain.request import Ground, Refusal, RequestKind, Stated


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
            steps += _steps(record, tuple(hold for hold in holds if record.is_under(hold)), policy, now)
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
    """The restriction that takes the place of erasing this part."""
    bond = restriction(policy.retentions[part.retention_class], part.erase_at, holds, now)
    if bond is None:
        return None
    return Step(
        kind=StepKind.RESTRICT,
        holding_id=record.holding_id,
        category=record.category,
        parts=(part.part_no,),
        reason=bond.reason,
        law_ref=bond.law_ref,
        until=bond.until,
    )

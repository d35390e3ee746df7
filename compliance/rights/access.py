"""查阅、复制: the right to see what is held, and to take a copy of it (PIPL 45(1), 45(2): 及时)."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from compliance.domain.disposition import StandingHold
from compliance.domain.plan import HeldRecord, Plan, PolicyOf
from compliance.domain.policy import Text
from compliance.domain.request import Ground, Refusal, RequestKind, Stated


@dataclass(frozen=True, slots=True)
class Access:
    kinds: tuple[RequestKind, ...] = (RequestKind.ACCESS, RequestKind.COPY)
    article: str = "PIPL 45"

    def plan(
        self,
        records: tuple[HeldRecord, ...],
        holds: tuple[StandingHold, ...],
        policy_of: PolicyOf,
        now: datetime,
    ) -> Plan | Refusal:
        """Nothing is changed by looking: a plan without steps that counts what the package will show."""
        if not records:
            return Refusal(reasons=(Stated(ground=Ground.NOTHING_FOUND),))
        newest = {record.category: policy_of(record.category, record.policy_version) for record in records}
        counted = Counter(record.category for record in records)
        return Plan(
            explanation=tuple(
                Text(
                    zh=f"提供{newest[category].label.zh}登记{n}条的副本，涉及他人的内容遮盖。",
                    en=f"Give a copy of {n} {'record' if n == 1 else 'records'} of "
                    f"{newest[category].label.en or category}, others' information masked.",
                )
                for category, n in sorted(counted.items())
            ),
            counts={("show", category): n for category, n in counted.items()},
        )

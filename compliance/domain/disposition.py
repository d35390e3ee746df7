"""What becomes of a part when its time is over, or when its subject asks: it is erased, unless something binds it.

What a statute or a hold binds is restricted instead: stored and protected, and nothing else (PIPL 47(2)). Sweeps,
requests and dry runs all ask here, so that none of them can answer differently.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from compliance.domain.emergency import AFTER_ASSESSMENT, is_of_emergency
from compliance.domain.schedule import Retention
from compliance.domain.vocabulary import RestrictionReason

OWN_DISPUTE = "R8b"  # requirements 0.3a.6
# A hold for a dispute of our own may name no law; then the paragraph that every restriction rests on is named.
EVERY_RESTRICTION = "PIPL 47(2)"


def reason_of(ground: str) -> RestrictionReason:
    """The reason that a hold's ground is told as."""
    return _REASONS.get(ground, RestrictionReason.LEGAL_HOLD)


_REASONS = {OWN_DISPUTE: RestrictionReason.DISPUTE, AFTER_ASSESSMENT: RestrictionReason.EVIDENCE}


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingHold:
    """A hold on one record, or on a site's category ("" = every one). `until` is the ISO date of its last day."""

    id: str = ""
    site: str
    category: str = ""
    holding_id: str = ""
    ground: str
    law_ref: str
    until: str

    def covers(self, site: str, category: str, holding_id: str) -> bool:
        return self.site == site and self.category in ("", category) and self.holding_id in ("", holding_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """Why a part is only stored and protected, under which law, and to the end of which day."""

    reason: RestrictionReason
    law_ref: str
    until: str
    hold: str = ""  # the hold's id, where one is the reason


def restriction(
    retention: Retention, erase_at: datetime, holds: Iterable[StandingHold], now: datetime
) -> Restriction | None:
    """What binds a part now; of several bonds the one that lasts longest, None where it may be erased.

    `erase_at` is in the site's timezone, because people are told the day; `holds` are those that cover the record.
    """
    bonds = [
        Restriction(
            reason=reason_of(hold.ground),
            law_ref=hold.law_ref or EVERY_RESTRICTION,
            until=hold.until,
            hold=hold.id,
        )
        for hold in holds
        # What an emergency brought is kept on after an assessment only, and such a hold keeps nothing else (E84).
        if (hold.ground == AFTER_ASSESSMENT) is is_of_emergency(retention)
    ]
    if retention.floor is not None and erase_at > now:
        # `erase_at` is an exclusive end; people read the last day on which the part is still kept.
        last_day = (erase_at - timedelta(microseconds=1)).date().isoformat()
        law_ref = retention.floor.law_ref
        bonds.append(Restriction(reason=RestrictionReason.STATUTORY_MINIMUM, law_ref=law_ref, until=last_day))
    return max(bonds, key=lambda bond: (bond.until, bond.hold), default=None)

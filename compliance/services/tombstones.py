"""What a disposal leaves behind: opaque ids, counts, the rule and the day. Nothing that leads back to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from compliance.domain.ledger import Act
from compliance.domain.policy import Pack
from compliance.domain.schedule import Period
from compliance.ports import Capabilities, DuePart, TombstoneRow

Member = tuple[str, str]  # holding id, comma-separated part numbers

# Why something was erased → the article that says it must be.
# How, where it was not by taking bytes away: a certificate must not promise more than was done.
_BY_KEY = "; crypto-erasure: the key was destroyed"
_ARTICLE = {"expired": "PIPL 47(1)(2)", "withdrawal": "PIPL 47(1)(3)"}


def members_of(due: Sequence[DuePart]) -> list[Member]:
    """Each record once, with the numbers of the parts that an act is about."""
    parts: dict[str, list[int]] = defaultdict(list)
    for one in due:
        parts[one.holding.id].append(one.part.part_no)
    return [
        (holding_id, ",".join(map(str, sorted(numbers)))) for holding_id, numbers in sorted(parts.items())
    ]


def listed(members: Sequence[Member]) -> list[str]:
    return [f"{holding_id}/{parts}" for holding_id, parts in members]


def tombstone(
    act_id: str, pack: Pack, category: str, now: datetime, cause: str, version: int, members: Sequence[Member]
) -> TombstoneRow:
    return TombstoneRow(
        act_id=act_id,
        site=pack.site.name,
        category=category,
        day=pack.site.day_of(now).isoformat(),
        act=Act.ERASED.value,
        cause=cause,
        policy_version=version,
        n=len(members),
        members="\n".join(listed(members)),
    )


def copies_until(pack: Pack, day: date, *stores: Capabilities) -> date:
    """The last day on which a copy of what was erased on `day` may be anywhere: our own backups, and what each store
    declares of itself (requirements 0.3a.11).
    """
    declared = (Period.parse(period).longest_days for store in stores for period in store.residue.values())
    return day + timedelta(days=max(pack.site.backup_days, *declared, 0))


def erasure_facts(
    pack: Pack, now: datetime, store: Capabilities, *, cause: str, version: int, parts: int, late: int
) -> tuple[tuple[str, str | int], ...]:
    """What a certificate says beside the record: rule, article, and when the last old backup is gone."""
    backup_until = copies_until(pack, pack.site.day_of(now), store)
    means = "" if store.erases else _BY_KEY
    return (
        ("rule", f"{cause} under policy version {version}{means}"),
        ("article", _ARTICLE.get(cause, "PIPL 47")),
        ("backup_until", backup_until.isoformat()),
        ("cause", cause),
        ("parts", parts),
        ("late", late),
    )

"""What a disposal leaves behind: opaque ids, counts, the rule and the day. Nothing that leads back to a person."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from compliance.domain.ledger import Act
from compliance.domain.policy import Pack
from compliance.ports import DuePart, TombstoneRow

Member = tuple[str, str]  # holding id, comma-separated part numbers

# Why something was erased → the article that says it must be.
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
        day=now.astimezone(pack.site.timezone).date().isoformat(),
        act=Act.ERASED.value,
        cause=cause,
        policy_version=version,
        n=len(members),
        members="\n".join(listed(members)),
    )


def erasure_facts(
    pack: Pack, now: datetime, *, cause: str, version: int, parts: int, late: int
) -> tuple[tuple[str, str | int], ...]:
    """What a certificate says beside the record: rule, article, and when the last old backup is gone."""
    backup_until = now.astimezone(pack.site.timezone).date() + timedelta(days=pack.site.backup_days)
    return (
        ("rule", f"{cause} under policy version {version}"),
        ("article", _ARTICLE.get(cause, "PIPL 47")),
        ("backup_until", backup_until.isoformat()),
        ("cause", cause),
        ("parts", parts),
        ("late", late),
    )

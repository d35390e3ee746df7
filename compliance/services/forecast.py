"""The blast-radius bound: what falls due on a day must have been scheduled for that day by an act that the ledger knows.

Every act that gives or moves a due moment writes how many parts it expects on which day; once a day all of it is
folded into a sealed forecast. What only a row itself claims to be due is excess: it waits for the officer, while what
the forecast knew goes on time, also after an outage.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from compliance.domain.policy import Pack
from compliance.ports import DuePart, Expectation

Bucket = tuple[str, str, str]  # site, category, due day


def due_day(erase_at: float, pack: Pack) -> str:
    """The last day on which what dies at `erase_at` (epoch seconds) may still be there."""
    last = datetime.fromtimestamp(erase_at, pack.site.timezone) - timedelta(microseconds=1)
    return last.date().isoformat()


def within_forecast(
    due: Sequence[DuePart], expected: Mapping[Bucket, int], pack: Pack
) -> tuple[list[DuePart], list[DuePart]]:
    """Split what is due into what was expected and the excess."""
    room = dict(expected)
    known: list[DuePart] = []
    excess: list[DuePart] = []
    for one in due:
        bucket = _bucket(one, pack)
        if room.get(bucket, 0) > 0:
            room[bucket] -= 1
            known.append(one)
        else:
            excess.append(one)
    return known, excess


def no_longer_expected(gone: Sequence[DuePart], pack: Pack) -> list[Expectation]:
    counted = Counter(_bucket(one, pack) for one in gone)
    return [Expectation(*bucket, -n) for bucket, n in counted.items()]


def _bucket(one: DuePart, pack: Pack) -> Bucket:
    return one.holding.site, one.holding.category, due_day(one.part.erase_at, pack)

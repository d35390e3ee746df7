"""Ten million records, by tenths: what the last tenth takes against the first."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from bench.figures import Figure, seconds
from bench.home import Homes, submissions, written

RECORDS = 10_000_000
FULL = 4000  # records a run that a bench without --quick asks for
GOAL = 0.85
AT_ONCE = 10_000
DAYS = 30  # the visits of a month, so that windows, epochs and due days come and go as they do at a gate


def soak(homes: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    """`records` says whether this is the quick form; the long one runs once, on SQLite."""
    if database != "sqlite":
        return
    total = RECORDS if records >= FULL else 100 * records
    tenth, dice = total // 10, random.Random(20260307)
    took: list[float] = []
    for number in range(10):
        took.append(0.0)
        for done in range(0, tenth, AT_ONCE):
            sent = submissions(min(AT_ONCE, tenth - done), homes.clock, dice, keyed=False)
            took[-1] += seconds(partial(written, homes, sent))
            if (number * tenth + done) % (total // DAYS) < AT_ONCE:
                homes.later(timedelta(days=1))
    yield Figure(
        name="soak_last_tenth",
        database=database,
        ratios=(took[0] / took[-1],),
        rows_a_second=tenth / took[-1],
        goal=GOAL,
    )

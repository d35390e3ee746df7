"""One durable write at a time: what a lane camera does all day."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from bench import bare
from bench.figures import Course, Figure, seconds
from bench.home import Homes, books_of, submissions, written


def single(homes: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    """One gated write, durable when it returns, against one durable transaction of the same rows.

    The two take turns record by record, because a disk's flush takes as long as it likes.
    """
    course, dice = Course("gate_single", database), random.Random(20260304)
    books, each = books_of(homes), max(50, records // 20)
    for _ in range(runs + 1):
        engine = plain = 0.0
        for one in submissions(each, homes.clock, dice, keyed=False):
            marked = bare.mark_of(books)
            engine += seconds(partial(written, homes, [one]))
            rows = bare.read_back(books, marked, 1)
            plain += seconds(partial(bare.insert, homes.bare, rows))
        course.engine.append(engine)
        course.bare.append(plain)
        homes.later(timedelta(days=1))
    yield course.figure(each, goal=0.75 if database == "sqlite" else None)

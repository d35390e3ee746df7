"""The groups, by what they measure. Each yields its figures for one pair of databases."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial

from bench import bare
from bench.detect import detect, recall
from bench.figures import Course, Figure, seconds, timed
from bench.home import ARCHIVED, Homes, books_of, submissions
from bench.over_http import over_http
from bench.single import single
from bench.soak import soak
from bench.verdict import verdict
from compliance.db.tables import holding, part
from compliance.services.gate import BATCH as GATE_BATCH
from compliance.services.retention import BATCH as SWEEP_BATCH

Group = Callable[[Homes, str, int, int], Iterator[Figure]]
PERIOD = timedelta(days=33)  # of the bench's own pack: thirty days, from the exit or a day after the entry


def gate(homes: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    """Gated bulk write against the driver's own insert of the very rows that the gate wrote."""
    for name, keyed in (("gate_write", False), ("gate_write_with_keys", True)):
        course, dice = Course(name, database), random.Random(20260302)
        for _ in range(runs + 1):
            written = _write(homes, course, records, dice, keyed=keyed)
            course.bare.append(seconds(partial(bare.insert, homes.bare, written)))
            homes.later(timedelta(days=1))
        yield course.figure(records, goal=None if keyed else 0.5)
    yield _own_keys(homes, database, runs, records)
    yield from single(homes, database, runs, records)
    yield from over_http(homes, database, runs, records)
    if database == "sqlite":  # a verdict asks no database
        yield from verdict(runs, records)


def _own_keys(homes: Homes, database: str, runs: int, records: int) -> Figure:
    """The same into a store that cannot erase, each part under a key of its own; the bare side appends the same bytes
    to files of its own and flushes them as often.
    """
    course, dice = Course("gate_write_own_keys", database), random.Random(20260304)
    for _ in range(runs + 1):
        written = _write(homes, course, records, dice, keyed=False, category=ARCHIVED)
        appended = bare.laid(written, homes.archive)
        copies = homes.folder / "bare-archive"
        course.bare.append(seconds(partial(bare.insert_and_append, homes.bare, written, appended, copies)))
        homes.later(timedelta(days=1))
    return course.figure(records, goal=0.4)


def disposal(homes: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    """A sweep of what fell due against a bare batched DELETE of the same rows by their keys."""
    course, dice = Course("sweep", database), random.Random(20260303)
    _clear(homes)
    for _ in range(runs + 1):
        written = _write(homes, Course("", database), records, dice, keyed=False)
        bare.insert(homes.bare, written)
        # As many records a transaction as the sweep has: its batch counts parts.
        parts = sum(len(batch[part]) for batch in written.batches)
        group = max(1, SWEEP_BATCH * records // parts // GATE_BATCH)
        keys = bare.keys_of(written, group)
        homes.engine.retention.forecast()
        homes.later(PERIOD)
        bare.settle(books_of(homes))
        bare.settle(homes.bare)
        took, swept = timed(homes.engine.retention.sweep)
        if swept.disposed.erased_records != records or swept.left:
            raise AssertionError(f"the sweep erased {swept.disposed.erased_records} of {records} records")
        course.engine.append(took)
        course.bare.append(seconds(partial(bare.delete, homes.bare, keys)))
    yield course.figure(records)


GROUPS: dict[str, Group] = {
    "gate": gate,
    "disposal": disposal,
    "detect": detect,
    "recall": recall,
    "soak": soak,
}


def _write(
    homes: Homes,
    course: Course,
    records: int,
    dice: random.Random,
    *,
    keyed: bool,
    category: str = "contractor",
) -> bare.Written:
    books = books_of(homes)
    marked = bare.mark_of(books)
    sent = submissions(records, homes.clock, dice, keyed=keyed, category=category)
    took, outcomes = timed(lambda: list(homes.engine.gate.write_many(sent)))
    course.engine.append(took)
    written = bare.read_back(books, marked, GATE_BATCH)
    kept = sum(len(batch[holding]) for batch in written.batches)
    if kept != records:
        raise AssertionError(f"the gate kept {kept} of {records} records: {outcomes[0]}")
    return written


def _clear(homes: Homes) -> None:
    """Let what another group left behind go, so that the sweep and the DELETE have the same rows before them."""
    homes.engine.retention.forecast()
    homes.later(PERIOD)
    homes.engine.retention.sweep()
    with homes.bare.begin() as connection:
        for table, _ in bare.RECORD:
            connection.execute(table.delete())

"""Detection on short Chinese remarks against presidio-analyzer's pattern recognisers with equivalent patterns.

Both sides read the same remarks in one process, one pair of runs after the other, and look for the same sixteen kinds.
Presidio has no normalisation: its patterns are ours with every character widened to all that we read as it (full-width,
circled, numerals, look-alikes, …) and every gap to all that we fold into one, and the same check digits. What takes more
than a pattern (digits spelt as words, words between groups, the words around a number) it does without. No language
model is loaded on either side. One remark in fifty hides an identifier, each disguise in turn; one in ten is full of
numbers that are none; the others are what guards write. A second figure gives the widening up and has presidio look for
what is written plainly alone.
"""

from __future__ import annotations

import itertools
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from time import perf_counter

from bench.figures import Course, Figure, seconds
from bench.home import Homes
from bench.remarks import SEED, Remark, clean, hidden, plain
from compliance.detectors import scan

GOAL, LEAST_FOUND, MOST_REFUSED = 50.0, 0.995, 0.001
ONE_HIDDEN_IN, ONE_FULL_IN = 50, 10


def detect(_: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    """No database has a part in it: it is measured once."""
    if database != "sqlite":
        return
    from bench.theirs import analyse, recognisers  # only here is presidio needed, and installed

    remarks = [one.text for one in mixed(records)]
    for name, wide, goal in (("detect", True, GOAL), ("detect_plain_forms", False, None)):
        course, those = Course(name, "none"), recognisers(wide=wide)
        for _run in range(runs + 1):
            course.engine.append(seconds(partial(_ours, remarks)))
            course.bare.append(seconds(partial(analyse, those, remarks)))
        yield replace(course.figure(len(remarks)), goal=goal)


def mixed(count: int) -> list[Remark]:
    """As they come in: mostly clean, in an order of their own."""
    many, full = count // ONE_HIDDEN_IN, count // ONE_FULL_IN
    of_all = list(hidden(1))
    dice = random.Random(SEED)
    dice.shuffle(of_all)
    found = list(itertools.islice(itertools.cycle(of_all), many))
    found += itertools.chain(clean(full), plain(count - many - full))
    dice.shuffle(found)
    return found


def recall(_: Homes, database: str, runs: int, records: int) -> Iterator[Figure]:
    """What share is found with certainty, of each kind in each disguise and of all; and how many clean remarks are refused."""
    if database != "sqlite":
        return
    started = perf_counter()
    table = list(_found(max(1, records // 400)))
    sides: list[tuple[str, float, float | None]] = [
        (f"recall {kind}, {disguise}", found / n, None) for kind, disguise, found, n in table
    ]
    sides.append(("recall", sum(row[2] for row in table) / sum(row[3] for row in table), LEAST_FOUND))
    let_in = [*clean(records * 5), *plain(records)]
    wrong = sum(_certain(one.text) for one in let_in)
    # An upper limit: how often it fits into what was measured; one more than was found, for none was found in so many.
    sides.append(("false_refusals", MOST_REFUSED * len(let_in) / (wrong + 1), 1.0))
    texts = sum(row[3] for row in table) + len(let_in)
    rate = texts / (perf_counter() - started)
    for name, ratio, goal in sides:
        yield Figure(name=name, database="none", ratios=(ratio,), rows_a_second=rate, goal=goal)


def _found(times: int) -> Iterator[tuple[str, str, int, int]]:
    """(kind, disguise, found with certainty, all)."""
    every: Counter[tuple[str, str]] = Counter()
    found: Counter[tuple[str, str]] = Counter()
    for remark in hidden(times):
        at = remark.kind, remark.disguise
        every[at] += 1
        found[at] += _certain(remark.text)
    for at, n in every.items():
        yield *at, found[at], n


def _certain(text: str) -> bool:
    return any(one.certainty == "certain" for one in scan(text))


def _ours(remarks: Sequence[str]) -> None:
    for remark in remarks:
        scan(remark)

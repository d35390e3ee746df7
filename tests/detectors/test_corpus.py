"""Every kind in every disguise between every pair of neighbours is found, and what only looks like one is let in."""

import random
from collections import Counter

import pytest

from bench.remarks import SEED, clean, hidden, plain
from compliance.detectors import _look, may_hold, scan

_BETWEEN = (
    " ",
    "-",
    "、",
    "加",
    "空格",
    "后面是",
    "，后八位",
    "前六位",
    "a",
    "二",
    "号楼",
    "★",
    "one",
    "O",
    "\n",
    "      ",
    "86",
    "+",
)
LEAST_FOUND = 0.995
MOST_REFUSED = 0.001


def certain(text: str) -> bool:
    return any(finding.certainty == "certain" for finding in scan(text))


def missed(times: int, seed: int) -> tuple[Counter[tuple[str, str]], int]:
    every = list(hidden(times, seed))
    return Counter((one.kind, one.disguise) for one in every if not certain(one.text)), len(every)


def refused(count: int, seed: int) -> list[str]:
    return [one.text for one in (*clean(count, seed), *plain(count // 4, seed)) if certain(one.text)]


def test_what_is_hidden_is_found_and_what_is_clean_is_let_in() -> None:
    not_found, every = missed(1, SEED)
    assert every > 2000
    assert sum(not_found.values()) <= every * (1 - LEAST_FOUND), not_found
    assert len(refused(3000, SEED)) <= 3000 * MOST_REFUSED


@pytest.mark.long
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_thousand_other_remarks_of_each_sort_too(seed: int) -> None:
    not_found, every = missed(10, seed)
    assert every > 20_000
    assert sum(not_found.values()) <= every * (1 - LEAST_FOUND), not_found
    assert len(refused(20_000, seed)) <= 20_000 * MOST_REFUSED


def test_no_kind_and_no_disguise_is_the_one_that_gets_through() -> None:
    every, found = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    for one in hidden(2, SEED + 7):
        every[one.kind, one.disguise] += 1
        found[one.kind, one.disguise] += certain(one.text)
    assert {at for at, n in every.items() if found[at] < n * 0.85} == set()


def test_most_plain_remarks_are_left_after_one_search() -> None:
    assert sum(may_hold(one.text) for one in plain(1000)) < 200


def test_few_ordinary_remarks_are_flagged() -> None:
    remarks = [one.text for one in (*clean(1000), *plain(1000))]
    assert sum(bool(scan(text)) for text in remarks) < len(remarks) * 0.02


def test_what_is_said_to_hold_nothing_holds_nothing() -> None:
    for one in (*hidden(1), *hidden(1, SEED + 3), *clean(3000)):
        assert may_hold(one.text) or not _look(one.text, None), one.text


def test_a_number_with_something_in_it_is_not_lost_before_it_is_read() -> None:
    """The first search is tried on what nobody thought of: two halves of a number in different disguises."""
    dice = random.Random(SEED)
    remarks = [one.text for one in hidden(1)]
    for _ in range(4000):
        text = dice.choice(remarks)
        at, between = dice.randrange(len(text)), dice.choice(_BETWEEN)
        torn = text[:at] + between + text[at:]
        assert may_hold(torn) or not _look(torn, None), torn

"""Counts: nothing under k is shown, and nothing under k can be worked out from what is."""

from collections import defaultdict
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.anonymisers.tally import Cell, Release, Row, Total, release

K = 20
MARCH = date(2026, 3, 1)


def a_cell(
    day: int, n: int, *, daypart: int = 2, category: str = "visitor", gate: str = "north", site: str = "main"
) -> Cell:
    return Cell(site=site, day=date(2026, 3, day), daypart=daypart, category=category, gate=gate, n=n)


def shown(released: Release) -> list[tuple[str, int, int]]:
    return [(row.period, row.start.day, row.n) for row in released.rows]


@pytest.mark.parametrize(
    ("cells", "rows", "total"),
    [
        ([], [], None),
        ([a_cell(3, 20)], [("day", 3, 20)], 20),
        ([a_cell(3, 19)], [], None),
        ([a_cell(3, 0)], [], None),
        ([a_cell(3, 10), a_cell(3, 10)], [("day", 3, 20)], 20),
        ([a_cell(2, 10), a_cell(8, 10)], [("week", 2, 20)], 20),
        ([a_cell(2, 10), a_cell(9, 10)], [("month", 1, 20)], 20),
        ([a_cell(2, 30), a_cell(3, 25), a_cell(17, 4)], [("month", 1, 29), ("day", 2, 30)], 59),
        ([a_cell(2, 30), a_cell(3, 4, gate="south")], [], 34),
        ([a_cell(2, 30), a_cell(2, 40, gate="west"), a_cell(3, 4, gate="south")], [("day", 2, 40)], 74),
        ([a_cell(2, 30), a_cell(3, 19, gate="south"), a_cell(4, 1, gate="west")], [("day", 2, 30)], 50),
    ],
    ids=["nothing", "k", "k less one", "nobody", "equal keys", "a week", "a month", "a remainder takes its smallest row", "a lone remainder of another gate takes the only row", "and else the smallest", "a remainder of k may be subtracted"],
)  # fmt: skip
def test_cells_are_rolled_up_until_they_reach_k(
    cells: list[Cell], rows: list[tuple[str, int, int]], total: int | None
) -> None:
    released = release(cells, K)
    assert shown(released) == rows
    assert [entry.n for entry in released.totals] == ([total] if cells else [])


def test_a_week_is_cut_at_the_end_of_its_month() -> None:
    cells = [
        a_cell(30, 19),
        a_cell(31, 1),
        Cell(site="main", day=date(2026, 4, 1), daypart=2, category="visitor", gate="north", n=19),
    ]
    released = release(cells, K)
    assert shown(released) == [("week", 30, 20)]
    assert released.totals[1] == Total(site="main", month=date(2026, 4, 1), n=None)


@pytest.mark.parametrize("k", [-1, 0, 1])
def test_a_k_under_two_is_refused(k: int) -> None:
    with pytest.raises(ValueError, match="at least two"):
        release([], k)


@pytest.mark.parametrize("cell", [a_cell(1, -1), a_cell(1, 1, daypart=4)])
def test_an_impossible_cell_is_refused(cell: Cell) -> None:
    with pytest.raises(ValueError, match="negative"):
        release([cell], K)


CELLS = st.lists(
    st.builds(
        Cell,
        site=st.sampled_from(["main", "annexe"]),
        day=st.integers(0, 75).map(lambda offset: MARCH + timedelta(days=offset)),
        daypart=st.integers(0, 1),
        category=st.sampled_from(["visitor", "delivery"]),
        gate=st.sampled_from(["north", "south"]),
        n=st.integers(0, 45),
    ),
    max_size=40,
)


@given(CELLS, st.integers(2, 30))
def test_every_count_that_is_shown_is_at_least_k(cells: list[Cell], k: int) -> None:
    released = release(cells, k)
    assert all(row.n >= k for row in released.rows)
    assert all(total.n is None or total.n >= k for total in released.totals)


@given(CELLS, st.integers(2, 30))
def test_a_total_less_what_is_shown_is_nothing_or_at_least_k(cells: list[Cell], k: int) -> None:
    released = release(cells, k)
    rest: dict[tuple[str, date], int] = defaultdict(int)
    for cell in cells:
        rest[cell.site, cell.day.replace(day=1)] += cell.n
    for row in released.rows:
        rest[row.site, row.start.replace(day=1)] -= row.n
    hidden = {(total.site, total.month) for total in released.totals if total.n is None}
    assert all(n == 0 or n >= k for key, n in rest.items() if key not in hidden)


@given(CELLS, st.integers(2, 30))
def test_no_entry_is_counted_in_two_rows(cells: list[Cell], k: int) -> None:
    def groups(counted: list[Cell] | list[Row]) -> dict[tuple[str, int, str, str], int]:
        sums: dict[tuple[str, int, str, str], int] = defaultdict(int)
        for one in counted:
            sums[one.site, one.daypart, one.category, one.gate] += one.n
        return sums

    there = groups(cells)
    assert all(n <= there[group] for group, n in groups(list(release(cells, k).rows)).items())


@given(CELLS, st.integers(2, 30), st.randoms(use_true_random=False))
def test_the_order_of_cells_leaves_no_trace(cells: list[Cell], k: int, random: object) -> None:
    mixed = list(cells)
    random.shuffle(mixed)  # type: ignore[attr-defined]
    assert release(mixed, k) == release(cells, k)


@given(CELLS, st.integers(2, 30))
def test_one_entry_counted_one_by_one_gives_the_same_rows(cells: list[Cell], k: int) -> None:
    singles = [
        Cell(site=cell.site, day=cell.day, daypart=cell.daypart, category=cell.category, gate=cell.gate, n=1)
        for cell in cells
        for _ in range(cell.n)
    ]
    assert release(singles, k).rows == release(cells, k).rows

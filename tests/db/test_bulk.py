"""Rows by the thousand on the driver's own terms, on both databases."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.db.engine import open_engine
from compliance.db.tables import metadata
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.ports import HoldingRow, PartRow

LAST = 60


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def work(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SqlUnitOfWork]:
    postgres = request.param == "postgres"
    url = request.getfixturevalue("postgres_database") if postgres else f"sqlite:///{tmp_path / 'books.db'}"
    engine = open_engine(url)
    metadata.create_all(engine)
    yield SqlUnitOfWork(engine)
    engine.dispose()


def holding(no: int) -> HoldingRow:
    return HoldingRow(no, f"2603-{no:020}", "main", "register", "visitor", 1, None, None)


def part(no: int, state: str = "intended") -> PartRow:
    return PartRow(no, 0, 0, 10, 10, "", state, b"")


def added(work: SqlUnitOfWork, parts: list[PartRow]) -> None:
    with work.writing() as books:
        books.holdings.add([holding(one.holding_no) for one in parts], parts, [])


@pytest.mark.parametrize("count", [1, LAST])
def test_references_are_set_by_the_batch_and_only_where_they_belong(work: SqlUnitOfWork, count: int) -> None:
    added(work, [part(no) for no in range(1, LAST + 2)])

    with work.writing() as books:
        books.holdings.set_ref([(no, f"row {no}; --") for no in range(1, count + 1)])
        books.holdings.set_ref([])

    with work.reading() as books:
        refs = [row.ref for row in books.holdings.recent("main", LAST + 1)]
    assert refs[::-1] == [f"row {no}; --" if no <= count else None for no in range(1, LAST + 2)]


def test_a_state_is_set_for_more_records_than_a_statement_takes_variables(work: SqlUnitOfWork) -> None:
    """A hold on a whole site is released at once, however many records it kept."""
    added(work, [part(1, "restricted"), part(2, "waiting"), part(69_999, "restricted")])

    with work.writing() as books:
        assert books.holdings.set_state(list(range(1, 70_000)), "active", was="restricted") == 2

    with work.reading() as books:
        assert (books.holdings.count_in("active"), books.holdings.count_in("waiting")) == (2, 1)


def test_rows_with_and_without_what_may_be_null_go_in_each_by_its_own_width(work: SqlUnitOfWork) -> None:
    whole = part(1)._replace(wrapped=b"key", ref="file:0")
    with work.writing() as books:
        books.holdings.add([holding(1), holding(2)], [], [])
        books.holdings.add_parts([whole], [])
        books.holdings.add_parts([part(2)[:8]], [])  # type: ignore[list-item]  # as a batch has them

    with work.reading() as books:
        assert books.holdings.parts(1) == [whole]
        assert books.holdings.parts(2) == [part(2)]
        assert books.holdings.keys_left([(1, 0), (2, 0), (3, 0)]) == 1


@pytest.mark.parametrize(
    ("begin", "found"),
    [("a%2F1:", True), ("a%2F:", False), ("a_2F1:", False), ("A%2F1:", False), ("a%2F11:", False)],
)
def test_a_reference_begins_as_it_says_and_not_as_a_pattern(
    work: SqlUnitOfWork, begin: str, found: bool
) -> None:
    added(work, [part(1)._replace(wrapped=b"key", ref="a%2F1:16")])

    with work.reading() as books:
        assert books.holdings.refers_into(begin) is found

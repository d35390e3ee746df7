"""Transactions of the books: whole or not there, one writer at a time on SQLite, and nothing left open behind them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from compliance.db.engine import open_engine
from compliance.db.tables import metadata
from compliance.db.unit_of_work import SqlUnitOfWork
from compliance.ports import Expectation

ONE = [Expectation("main", "visitor", "2026-03-02", 1)]


@pytest.fixture
def work(tmp_path: Path) -> Iterator[SqlUnitOfWork]:
    engine = open_engine(f"sqlite:///{tmp_path / 'books.db'}")
    metadata.create_all(engine)
    yield SqlUnitOfWork(engine)
    engine.dispose()


def expected(work: SqlUnitOfWork) -> int:
    with work.reading() as books:
        return sum(books.counts.expected("9999").values())


class TestOnSqlite:
    def test_what_raises_leaves_nothing_and_the_next_transaction_begins_anew(
        self, work: SqlUnitOfWork
    ) -> None:
        with pytest.raises(ValueError, match="enough"), work.writing() as books:
            books.counts.expect(ONE)
            raise ValueError("enough")
        assert expected(work) == 0

        with work.writing() as books:
            books.counts.expect(ONE)
        assert expected(work) == 1

    def test_statements_of_sqlalchemy_and_of_the_driver_are_one_transaction(
        self, work: SqlUnitOfWork
    ) -> None:
        for _ in range(2):  # the second on the connection of the first
            with pytest.raises(ValueError, match="enough"), work.writing() as books:
                books.counts.expect(ONE)
                books.counts.fold_forecast("2026-03-02")
                raise ValueError("enough")
            with work.writing() as books:
                books.counts.expect(ONE)
                books.counts.fold_forecast("2026-03-02")
        assert expected(work) == 2

    def test_a_reader_sees_nothing_before_the_commit(self, work: SqlUnitOfWork) -> None:
        with work.writing() as books:
            books.counts.expect(ONE)
            assert expected(work) == 0
        assert expected(work) == 1

    def test_threads_write_one_after_another(self, work: SqlUnitOfWork) -> None:
        def write() -> None:
            for _ in range(25):
                with work.writing() as books:
                    before = sum(books.counts.expected("9999").values())
                    books.counts.expect(ONE)
                    assert sum(books.counts.expected("9999").values()) == before + 1

        threads = [threading.Thread(target=write) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert expected(work) == 200

    def test_whoever_lets_go_of_the_engine_leaves_no_file_open(
        self, work: SqlUnitOfWork, tmp_path: Path
    ) -> None:
        with work.writing() as books:
            books.counts.expect(ONE)
        assert (tmp_path / "books.db-wal").exists()

        work.engine.dispose()

        # SQLite removes its log with the last connection.
        assert not (tmp_path / "books.db-wal").exists()
        assert expected(work) == 1

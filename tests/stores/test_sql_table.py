"""What only somebody else's table has: a mapping that may be wrong, columns of its own, rows that were there before."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, text

from compliance.domain.errors import CollectionRefused, ComplianceError, ConfigurationInvalid
from compliance.domain.mapping import ColumnRule
from compliance.ports import PartRef, StoredPart
from compliance.stores.sql_table import SqlTable
from tests.stores.rigs import ENTRY, MAPPING, make_their_table

QUOTED = '"访客 ""登记"""'
NO_BOOKS: Any = None  # a table of somebody else's has no part in our transaction


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def owner(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    file = tmp_path / "theirs.db"
    file.touch()
    url = request.getfixturevalue("postgres_database") if request.param == "postgres" else f"sqlite:///{file}"
    engine = create_engine(url)
    make_their_table(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def table(owner: Engine) -> Iterator[SqlTable]:
    store = SqlTable(url_of(owner), MAPPING)
    yield store
    store.close()


def url_of(owner: Engine) -> str:
    return owner.url.render_as_string(hide_password=False)


def insert(owner: Engine, *rows: Mapping[str, object]) -> None:
    with owner.begin() as connection:
        for row in rows:
            whole = {
                "kind": "来访", "full name": "张三", "select": "", "arrived": "2026-03-01 10:00:05",
                "people": 2, "our_id": None, "legacy": None, **row,
            }  # fmt: skip
            named = ", ".join(f'"{name}"' for name in whole)
            marks = ", ".join(f":p{number}" for number in range(len(whole)))
            values = {f"p{number}": value for number, value in enumerate(whole.values())}
            if owner.dialect.name != "sqlite" and isinstance(whole["arrived"], str):
                marks = marks.replace(":p3", "CAST(:p3 AS timestamp)")
            connection.execute(text(f"INSERT INTO {QUOTED} ({named}) VALUES ({marks})"), values)


def cells(owner: Engine, column: str) -> list[Any]:
    with owner.connect() as connection:
        return list(connection.scalars(text(f'SELECT "{column}" FROM {QUOTED} ORDER BY no')))


class TestTheMapping:
    @pytest.mark.parametrize(
        ("change", "named"),
        [
            ({"columns": {"visitor_name": ColumnRule(columns=("nobody",))}}, "nobody"),
            ({"columns": {"visitor_name": ColumnRule(columns=("select",))}}, "select"),
            ({"columns": {"visitor_name": ColumnRule(columns=("no",))}}, "no"),
            ({"key": "people"}, "people"),
            ({"key": "missing"}, "missing"),
            ({"holding": "missing"}, "missing"),
            ({"table": "elsewhere"}, "elsewhere"),
        ],
        ids=["no such column", "may not be NULL", "a key", "not unique", "no key", "no holding", "no table"],
    )
    def test_one_that_disagrees_with_the_table_is_refused_at_once(
        self, owner: Engine, change: dict[str, Any], named: str
    ) -> None:
        with pytest.raises(ConfigurationInvalid, match=named):
            SqlTable(url_of(owner), replace(MAPPING, **change))

    def test_every_fault_is_said_at_once(self, owner: Engine) -> None:
        wrong = replace(MAPPING, key="people", holding="missing")

        with pytest.raises(ConfigurationInvalid) as fault:
            SqlTable(url_of(owner), wrong)

        assert "people" in str(fault.value)
        assert "missing" in str(fault.value)

    def test_a_file_that_is_not_there_is_not_made(self, tmp_path: Path) -> None:
        with pytest.raises(ConfigurationInvalid):
            SqlTable(f"sqlite:///{tmp_path / 'typo.db'}", MAPPING)

        assert not (tmp_path / "typo.db").exists()

    def test_a_password_in_the_url_is_not_repeated(self) -> None:
        with pytest.raises(ComplianceError) as fault:
            SqlTable("postgresql+psycopg://u:CANARY@/nowhere?host=/nonexistent", MAPPING)

        assert "CANARY" not in str(fault.value)


class TestWhatIsWritten:
    def test_time_is_written_in_the_columns_own_type_and_the_mappings_zone(
        self, owner: Engine, table: SqlTable
    ) -> None:
        ref = PartRef(1, 0, "2603-a")
        table.append(NO_BOOKS, "visitor", [StoredPart(ref, b"", {"entry_time": ENTRY})])

        assert str(cells(owner, "arrived")[0]) == "2026-03-01 10:00:05"
        assert cells(owner, "kind") == ["来访"]
        assert cells(owner, "our_id") == ["2603-a"]

    def test_a_category_without_a_word_is_refused(self, table: SqlTable) -> None:
        with pytest.raises(ConfigurationInvalid, match="delivery"):
            table.append(
                NO_BOOKS, "delivery", [StoredPart(PartRef(1, 0, "x"), b"", {"visitor_name": "张三"})]
            )

    def test_a_field_without_a_column_is_refused_and_not_lost(self, owner: Engine, table: SqlTable) -> None:
        with pytest.raises(ConfigurationInvalid, match="visitor_phone"):
            table.append(NO_BOOKS, "visitor", [StoredPart(PartRef(1, 0, "x"), b"", {"visitor_phone": "1"})])

        assert cells(owner, "no") == []

    def test_what_does_not_fit_its_column_is_refused_by_name_alone(self, table: SqlTable) -> None:
        with pytest.raises(CollectionRefused, match="visitor_name") as refusal:
            table.append(
                NO_BOOKS, "visitor", [StoredPart(PartRef(1, 0, "x"), b"", {"visitor_name": "CANARY" * 5000})]
            )

        assert "CANARY" not in repr(refusal.value)

    def test_the_drivers_error_is_told_without_the_row(self, owner: Engine, table: SqlTable) -> None:
        with owner.begin() as connection:
            connection.execute(text(f'CREATE UNIQUE INDEX one_name ON {QUOTED} ("full name")'))
        parts = [StoredPart(PartRef(n, 0, f"2603-{n}"), b"", {"visitor_name": "CANARY"}) for n in (1, 2)]

        with pytest.raises(ComplianceError) as fault:
            table.append(NO_BOOKS, "visitor", parts)

        assert "CANARY" not in str(fault.value)
        assert fault.value.__suppress_context__
        assert cells(owner, "no") == []


class TestWhatIsErased:
    def test_an_expired_field_is_null_or_the_mappings_own_word(self, owner: Engine, table: SqlTable) -> None:
        insert(owner, {"select": "看房", "our_id": "2603-a"}, {"select": "商务", "our_id": "2603-b"})
        ref = PartRef(1, 0, "2603-a", "1", ("visitor_name", "remark", "party_size", "visitor_phone"))

        table.erase(NO_BOOKS, "visitor", [ref])

        assert cells(owner, "full name") == [None, "张三"]
        assert cells(owner, "select") == ["", "商务"]
        assert cells(owner, "people") == [None, 2]
        assert table.left(NO_BOOKS, "visitor", [ref]) == 0

    def test_a_row_that_got_our_rows_number_is_not_ours(self, owner: Engine, table: SqlTable) -> None:
        insert(owner, {"our_id": "2603-somebody-else"})
        ref = PartRef(1, 0, "2603-mine", "1", ("visitor_name",), last=True)

        table.erase(NO_BOOKS, "visitor", [ref])

        assert cells(owner, "our_id") == ["2603-somebody-else"]
        assert table.left(NO_BOOKS, "visitor", [ref]) == 0

    def test_a_row_that_lost_our_id_is_not_erased_and_not_said_to_be_gone(
        self, owner: Engine, table: SqlTable
    ) -> None:
        insert(owner, {})
        ref = PartRef(1, 0, "2603-mine", "1", ("visitor_name",), last=True)

        table.erase(NO_BOOKS, "visitor", [ref])

        assert table.left(NO_BOOKS, "visitor", [ref]) == 1

    def test_a_row_whose_ref_was_never_learnt_is_found_by_our_id(
        self, owner: Engine, table: SqlTable
    ) -> None:
        insert(owner, {"our_id": "2603-mine"})
        ref = PartRef(1, 0, "2603-mine", None, ("visitor_name",), last=True)

        assert table.left(NO_BOOKS, "visitor", [ref]) == 1
        table.erase(NO_BOOKS, "visitor", [ref])

        assert cells(owner, "no") == []

    def test_a_table_without_our_column_goes_by_its_key(self, owner: Engine) -> None:
        insert(owner, {}, {})
        table = SqlTable(url_of(owner), replace(MAPPING, holding=""))

        table.erase(NO_BOOKS, "visitor", [PartRef(1, 0, "2603-a", "1", (), last=True)])
        refs = table.append(
            NO_BOOKS, "visitor", [StoredPart(PartRef(2, 0, "2603-b"), b"", {"visitor_name": "李四"})]
        )
        table.close()

        assert [str(no) for no in cells(owner, "no")] == ["2", refs["2603-b"]]


class TestWhatWasThereBefore:
    def test_a_scan_counts_and_shows_nothing(self, owner: Engine, table: SqlTable) -> None:
        insert(
            owner,
            {"legacy": "旧系统备注", "select": "CANARY"},
            {"legacy": "旧", "kind": "送餐"},
        )

        report = table.scan()
        columns = {column.name: column for column in report.columns}

        assert report.rows == 2
        assert report.unknown_category == 1
        assert columns["legacy"].role == "unmapped"
        assert columns["legacy"].filled == 2
        assert columns["full name"].of_field == "visitor_name"
        assert columns["select"].filled == 1
        assert columns["our_id"].filled == 0
        assert "CANARY" not in repr(report)

    def test_a_scan_counts_identifiers_by_kind(self, owner: Engine) -> None:
        from compliance.detectors import DETECTORS

        example = next(one.examples[0] for one in DETECTORS if one.kind == "mobile")
        insert(owner, {"legacy": f"电话 {example}"}, {"legacy": "无"})
        table = SqlTable(url_of(owner), MAPPING)

        found = {column.name: column.identifiers for column in table.scan().columns}
        table.close()

        assert found["legacy"] == {"mobile": 1}
        assert found["full name"] == {}

    def test_rows_come_page_by_page_in_the_order_of_their_key(self, owner: Engine, table: SqlTable) -> None:
        insert(owner, *({"full name": f"访客{number}"} for number in range(5)))

        first = table.rows(None, 2)
        rest = table.rows(first[-1].ref, 10)

        assert [row.ref for row in first + rest] == ["1", "2", "3", "4", "5"]
        assert table.rows("5", 10) == []

    def test_a_row_says_what_it_is_in_our_words(self, owner: Engine, table: SqlTable) -> None:
        insert(owner, {"legacy": "旧"}, {"kind": "送餐", "full name": "", "arrived": None})

        first, second = table.rows(None, 10)

        assert first.category == "visitor"
        assert first.values["entry_time"] == datetime(2026, 3, 1, 2, 0, 5, tzinfo=UTC)
        assert first.collected_at == datetime(2026, 3, 1, 2, 0, 5, tzinfo=UTC)
        assert first.extra == {"legacy"}
        assert second.category is None
        assert dict(second.values) == {"party_size": 2}
        assert second.collected_at is None
        assert "张三" not in repr(first)

    def test_what_may_not_stay_is_emptied_in_these_rows_only(self, owner: Engine, table: SqlTable) -> None:
        insert(owner, {"legacy": "旧"}, {"legacy": "旧"})

        table.strip(["2"], ["party_size"], ["legacy"])

        assert cells(owner, "legacy") == ["旧", None]
        assert cells(owner, "people") == [2, None]

    def test_our_ids_are_written_beside_their_rows_and_found_again(
        self, owner: Engine, table: SqlTable
    ) -> None:
        insert(owner, {}, {}, {})

        table.mark({"1": "2603-a", "3": "2603-c"})

        assert cells(owner, "our_id") == ["2603-a", None, "2603-c"]
        assert table.bearing(["2603-a", "2603-x"]) == {"2603-a": "1"}
        assert table.present(["1", "7"]) == {"1"}


def test_sqlite_may_keep_time_in_any_form_that_the_mapping_names(tmp_path: Path) -> None:
    owner = create_engine(f"sqlite:///{tmp_path / 'theirs.db'}")
    make_their_table(owner)
    insert(
        owner,
        {"arrived": "Mar  1 2026 10:00AM"},
        {"arrived": "2026-03-01T10:00:00+08:00"},
        {"arrived": "yesterday"},
    )
    table = SqlTable(url_of(owner), replace(MAPPING, formats=("%Y-%m-%d %H:%M:%S", "%b %d %Y %I:%M%p")))

    first, second, third = table.rows(None, 10)
    table.close()
    owner.dispose()

    assert first.values["entry_time"] == second.values["entry_time"] == datetime(2026, 3, 1, 2, tzinfo=UTC)
    assert third.unreadable == {"entry_time"}
    assert third.collected_at is None


def test_of_several_columns_the_words_are_joined_and_the_first_moment_is_taken(tmp_path: Path) -> None:
    owner = create_engine(f"sqlite:///{tmp_path / 'theirs.db'}")
    make_their_table(owner)
    insert(owner, {"full name": "San", "legacy": "Zhang", "select": ""}, {"full name": None, "legacy": "Li"})
    columns = {
        "visitor_name": ColumnRule(columns=("full name", "legacy")),
        "entry_time": ColumnRule(columns=("select", "arrived"), time=True, erased=""),
    }
    table = SqlTable(url_of(owner), replace(MAPPING, columns=columns))

    first, second = table.rows(None, 10)
    with pytest.raises(ConfigurationInvalid, match="visitor_name"):
        table.append(NO_BOOKS, "visitor", [StoredPart(PartRef(1, 0, "x"), b"", {"visitor_name": "x"})])
    table.close()
    owner.dispose()

    assert first.values["visitor_name"] == "San Zhang"
    assert second.values["visitor_name"] == "Li"
    assert first.values["entry_time"] == datetime(2026, 3, 1, 2, 0, 5, tzinfo=UTC)

"""What every store keeps, whoever it belongs to. Written once, run over all of them."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from compliance.domain.errors import CollectionRefused as Refused
from compliance.domain.errors import ComplianceError, RecordErased
from compliance.ports import Clears, PartRef, StoredPart
from compliance.stores.memory import Memory
from tests.stores import rigs
from tests.stores.rigs import WINDOWS, Rig

ERASING = [
    "memory",
    "vault on sqlite",
    pytest.param("vault on postgres", marks=pytest.mark.postgres),
    "sql_table on sqlite",
    pytest.param("sql_table on postgres", marks=pytest.mark.postgres),
]
EVERY = [*ERASING, "sealed_file"]


@pytest.fixture(params=EVERY)
def rig(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Rig]:
    name, _, database = request.param.partition(" on ")
    file = tmp_path / "theirs.db"
    if database == "sqlite":
        file.touch()
    url = request.getfixturevalue("postgres_database") if database == "postgres" else f"sqlite:///{file}"
    there = file if database == "sqlite" else None
    made: dict[str, Callable[[], AbstractContextManager[Rig]]] = {
        "memory": lambda: rigs.memory(tmp_path),
        "sealed_file": lambda: rigs.sealed_file(tmp_path),
        "vault": lambda: rigs.vault(url, there),
        "sql_table": lambda: rigs.sql_table(url, tmp_path, there),
    }
    with made[name]() as rig:
        yield rig


class TestWhatIsAppended:
    def test_a_record_comes_back_as_it_went_in(self, rig: Rig) -> None:
        parts = rig.record(1)

        rig.append(*parts)

        assert rig.fetch(*parts) == {0: rig.content(parts[0]), 1: rig.content(parts[1])}

    def test_a_batch_keeps_its_records_apart(self, rig: Rig) -> None:
        records = [rig.record(number, name=f"访客{number}") for number in range(1, 41)]

        rig.append(*(part for record in records for part in record))

        assert all(rig.fetch(*record)[0] == rig.content(record[0]) for record in records)

    def test_records_of_different_shapes_go_in_together(self, rig: Rig) -> None:
        whole, bare = rig.record(1), rig.record(2)[:1]

        rig.append(*whole, *bare)

        assert set(rig.fetch(*whole)) == {0, 1}
        assert set(rig.fetch(*bare)) == {0}

    def test_nothing_is_appended_without_harm(self, rig: Rig) -> None:
        rig.append()

        assert rig.refs == {}

    def test_a_batch_with_one_impossible_part_leaves_nothing(self, rig: Rig) -> None:
        good, bad = rig.record(1), rig.record(2)
        broken = StoredPart(bad[0].ref, None, {"visitor_name": "nul\0byte"})  # type: ignore[arg-type]

        with pytest.raises(Exception):  # noqa: B017  each driver has its own
            rig.append(*good, broken)

        assert rig.left(rig.placed(*good)) == 0
        assert rig.fetch(*good) == {}

    def test_a_repeated_append_is_one_append_or_is_refused_where_it_would_be_a_second_record(
        self, rig: Rig
    ) -> None:
        parts = rig.record(1)
        rig.append(*parts)
        first = dict(rig.refs)

        if rig.store.capabilities.ours:
            with pytest.raises(Exception, match=r"(?i)unique"):
                rig.append(*parts)
        else:
            rig.append(*parts)

        # Where nothing can be taken back, the first copy stays, and nobody refers to it or keeps its key any more.
        assert (rig.refs == first) is rig.store.capabilities.erases
        assert rig.left(rig.placed(*parts)) == 2

    @pytest.mark.parametrize(
        "hostile",
        [
            "O'Brien\"; DROP TABLE vault; --",
            "%s :name ? {0} \\",
            "👩‍👩‍👧 𠮷野家",
            "长" * 10_000,
            "line\r\nfeed\ttab",
        ],
        ids=["quotes", "placeholders", "astral", "10kB", "controls"],
    )
    def test_hostile_text_is_only_text(self, rig: Rig, hostile: str) -> None:
        parts, other = rig.record(1, name=hostile), rig.record(2)

        rig.append(*parts, *other)

        assert rig.fetch(*parts)[0] == rig.content(parts[0])
        assert rig.fetch(*other)[0] == rig.content(other[0])

    def test_text_with_a_nul_is_sealed_whole_or_refused_by_its_fields_name(self, rig: Rig) -> None:
        parts = rig.record(1, name="canary-nul\0byte")

        if rig.store.capabilities.sealing:
            rig.append(*parts)
            assert rig.fetch(*parts)[0] == parts[0].envelope
        else:
            with pytest.raises(Refused) as refusal:
                rig.append(*parts)
            assert "visitor_name" in str(refusal.value)
            assert "canary" not in repr(refusal.value)


@pytest.mark.parametrize("rig", ERASING, indirect=True)
class TestWhatIsReplaced:
    def test_a_replaced_part_is_the_new_one(self, rig: Rig) -> None:
        parts, other = rig.record(1), rig.record(2)
        rig.append(*parts, *other)
        amended = StoredPart(rig.placed(parts[0])[0], b"new envelope", {**parts[0].values, "party_size": 5})

        with rig.work.writing() as books:
            rig.store.replace(books, [amended])

        assert rig.fetch(parts[0]) == {0: rig.content(amended)}
        assert rig.fetch(*other) == {0: rig.content(other[0]), 1: rig.content(other[1])}

    def test_what_is_gone_cannot_be_replaced(self, rig: Rig) -> None:
        parts, other = rig.record(1), rig.record(2)
        rig.append(*parts, *other)
        gone, kept = rig.placed(*parts, last=True)[0], rig.placed(*other)[0]
        rig.erase(rig.placed(*parts, last=True))
        amended = [StoredPart(ref, b"new envelope", {"visitor_name": "李四"}) for ref in (kept, gone)]

        with pytest.raises(RecordErased), rig.work.writing() as books:
            rig.store.replace(books, amended)

        assert rig.fetch(*other) == {0: rig.content(other[0]), 1: rig.content(other[1])}

    def test_a_sealed_part_is_put_under_another_key_and_a_plain_one_says_that_it_cannot(
        self, rig: Rig
    ) -> None:
        parts = rig.record(1)
        rig.append(*parts)
        ref = rig.placed(*parts)[0]

        with rig.work.writing() as books:
            if rig.store.capabilities.sealing:
                assert rig.store.sealed(books, ref) == parts[0].envelope
                rig.store.reseal(books, ref, b"under another key")
                assert rig.store.sealed(books, ref) == b"under another key"
                assert rig.store.sealed(books, ref._replace(holding_no=99)) is None
            else:
                assert rig.store.sealed(books, ref) is None
                with pytest.raises(ComplianceError):
                    rig.store.reseal(books, ref, b"under another key")


@pytest.mark.parametrize("rig", ERASING, indirect=True)
class TestWhatIsErased:
    def test_a_canary_is_there_before_and_nowhere_after(self, rig: Rig) -> None:
        parts = rig.record(1, name="CANARY-NAME", remark="CANARY-REMARK")
        rig.append(*parts)
        rig.work.settle()
        before = rig.at_rest()
        assert b"CANARY-NAME" in before
        assert b"CANARY-REMARK" in before

        refs = rig.placed(*parts, last=True)
        rig.erase(refs)

        assert rig.left(refs) == 0
        assert rig.fetch(*parts) == {}
        assert b"CANARY" not in rig.at_rest()

    def test_one_part_goes_and_the_others_stay(self, rig: Rig) -> None:
        parts, other = rig.record(1, remark="CANARY-1"), rig.record(2, remark="CANARY-2")
        rig.append(*parts, *other)

        first = rig.placed(parts[1])
        rig.erase(first)

        assert rig.left(first) == 0
        assert rig.fetch(*parts) == {0: rig.content(parts[0])}
        assert rig.fetch(*other) == {0: rig.content(other[0]), 1: rig.content(other[1])}
        assert b"CANARY-1" not in rig.at_rest()
        assert b"CANARY-2" in rig.at_rest()

    def test_erasing_twice_is_erasing_once(self, rig: Rig) -> None:
        parts, other = rig.record(1), rig.record(2)
        rig.append(*parts, *other)
        refs = rig.placed(*parts, last=True)

        rig.erase(refs)
        rig.erase(refs)

        assert rig.left(refs) == 0
        assert rig.left(rig.placed(*other)) == 2

    def test_what_never_was_is_erased_without_harm(self, rig: Rig) -> None:
        parts = rig.record(1)
        rig.append(*parts)

        rig.erase([PartRef(7, 0, "2603-unknown", "77", ("visitor_name",), last=True)])
        rig.erase([])

        assert rig.left(rig.placed(*parts)) == 2

    def test_a_batch_beyond_one_statement_goes_and_its_neighbours_stay(self, rig: Rig) -> None:
        records = [rig.record(number) for number in range(1, 2401)]
        rig.append(*(part for record in records for part in record))
        due = [ref for record in records[:2300] for ref in rig.placed(*record, last=True)]
        kept = [ref for record in records[2300:] for ref in rig.placed(*record)]

        assert rig.left(due) == 4600
        rig.erase(due)

        assert rig.left(due) == 0
        assert rig.left(kept) == 200

    def test_what_is_left_is_counted_and_not_assumed(self, rig: Rig) -> None:
        first, second = rig.record(1), rig.record(2)
        rig.append(*first, *second)

        rig.erase(rig.placed(*first, last=True))

        assert rig.left(rig.placed(*first, *second, last=True)) == 2


@pytest.mark.parametrize("rig", ["sealed_file"], indirect=True)
class TestWhatCannotBeErased:
    """A store says what it cannot do, and does not pretend: the keys are the gate's and the disposal's to destroy."""

    def test_it_says_so_and_what_lies_there_stays(self, rig: Rig) -> None:
        parts = rig.record(1, name="CANARY-NAME")
        rig.append(*parts)
        before = rig.at_rest()
        assert b"CANARY-NAME" in before

        assert not rig.store.capabilities.erases
        with rig.work.writing() as books:
            with pytest.raises(ComplianceError):
                rig.store.erase(books, "visitor", rig.placed(*parts))
            with pytest.raises(ComplianceError):
                rig.store.replace(books, parts)
            with pytest.raises(ComplianceError):
                rig.store.reseal(books, rig.placed(*parts)[0], b"under another key")

        assert rig.left(rig.placed(*parts)) == 2
        assert rig.at_rest() == before

    def test_nothing_is_refused_without_harm(self, rig: Rig) -> None:
        with rig.work.writing() as books:
            rig.store.erase(books, "visitor", [])
            rig.store.replace(books, [])

    def test_what_died_together_is_removed_together(self, rig: Rig) -> None:
        parts, other = rig.record(1, remark="CANARY-1"), rig.record(2, remark="CANARY-2")
        rig.append(*parts, *other)
        assert isinstance(rig.store, Clears)
        assert rig.store.windows() == sorted(WINDOWS)

        rig.store.clear(WINDOWS[1])
        rig.store.clear(WINDOWS[1])

        assert rig.store.windows() == [WINDOWS[0]]
        assert b"CANARY" not in rig.at_rest()
        assert rig.fetch(*parts) == {0: rig.content(parts[0])}
        assert rig.left(rig.placed(*parts, *other)) == 2


class TestWhatAStoreSaysOfItself:
    def test_a_sealing_store_never_sees_values(self, rig: Rig) -> None:
        parts = [part._replace(values={"visitor_name": "CANARY-PLAIN"}) for part in rig.record(1)]

        rig.append(*parts)
        rig.work.settle()

        assert (b"CANARY-PLAIN" in rig.at_rest()) is not rig.store.capabilities.sealing

    def test_a_store_that_is_ours_goes_back_with_our_transaction(self, rig: Rig) -> None:
        parts = rig.record(1)

        with pytest.raises(RuntimeError, match="crash"), rig.work.writing() as books:
            rig.refs |= rig.store.append(books, "visitor", parts)
            raise RuntimeError("crash")

        assert rig.left(rig.placed(*parts)) == (0 if rig.store.capabilities.ours else 2)

    def test_a_repr_shows_no_content(self, rig: Rig) -> None:
        rig.append(*rig.record(1, name="CANARY-REPR"))

        assert "CANARY" not in repr(rig.store)


def test_memory_is_whole_when_many_write_at_once() -> None:
    from concurrent.futures import ThreadPoolExecutor

    store = Memory()
    parts = [StoredPart(PartRef(number, 0, f"2603-{number}"), b"x", {}) for number in range(500)]
    with ThreadPoolExecutor(8) as threads:
        list(threads.map(lambda part: store.append(None, "visitor", [part]), parts))  # type: ignore[arg-type]

    assert store.left(None, "visitor", [part.ref for part in parts]) == 500  # type: ignore[arg-type]

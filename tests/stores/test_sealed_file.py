"""Files that only grow: what a crash, a full disk, a restore or a hostile reference makes of them."""

import os
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from compliance.domain.mapping import SealedFileMapping
from compliance.ports import PartRef, StoredPart, place_of
from compliance.stores.sealed_file import SealedFile

NO_BOOKS: Any = None
WINDOW = "window/main/2026-04-02"


def a_store(folder: Path, owner: str = "ours") -> SealedFile:
    mapping = SealedFileMapping(name="archive", folder=str(folder), categories=frozenset({"visitor"}))
    return SealedFile(mapping, owner)


def a_part(number: int, content: bytes = b"sealed", window: str = WINDOW) -> StoredPart:
    return StoredPart(PartRef(number, 0, f"2603-{number}"), content, {}, window)


def laid(store: SealedFile, *parts: StoredPart) -> list[PartRef]:
    refs = store.append(NO_BOOKS, "visitor", parts)
    return [part.ref._replace(ref=refs[place_of(part.ref)]) for part in parts]


def read(store: SealedFile, ref: PartRef) -> object:
    return store.fetch(NO_BOOKS, [ref]).get(ref.part_no)


@pytest.fixture
def store(tmp_path: Path) -> SealedFile:
    return a_store(tmp_path / "archive")


def the_file(tmp_path: Path) -> Path:
    (path,) = (tmp_path / "archive").iterdir()
    return path


class TestATornTail:
    @pytest.mark.parametrize("kept", [1, 15, 16, 20])
    def test_a_part_that_was_cut_short_is_not_there_and_the_next_lies_behind_it(
        self, store: SealedFile, tmp_path: Path, kept: int
    ) -> None:
        (whole,) = laid(store, a_part(1, b"first"))
        (torn,) = laid(store, a_part(2, b"second"))
        end = int(str(torn.ref).rpartition(":")[2]) + kept
        os.truncate(the_file(tmp_path), end)
        assert read(store, torn) is None

        (after,) = laid(a_store(tmp_path / "archive"), a_part(3, b"third"))

        assert read(store, whole) == b"first"
        assert read(store, after) == b"third"

    def test_a_disk_that_fills_leaves_the_file_as_it_was(
        self, store: SealedFile, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        (whole,) = laid(store, a_part(1, b"first"))
        before = the_file(tmp_path).read_bytes()

        def full(file: int) -> None:
            raise OSError(28, "No space left on device")

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", full)
            with pytest.raises(OSError, match="No space"):
                laid(store, a_part(2, b"second"))

        assert the_file(tmp_path).read_bytes() == before
        assert read(store, whole) == b"first"


class TestAReference:
    def test_a_place_that_holds_somebody_elses_part_holds_nothing(self, store: SealedFile) -> None:
        """A file that was put back from an older copy has other parts where the books remember ours."""
        mine, other = laid(store, a_part(1, b"mine"), a_part(2, b"other"))

        assert read(store, mine) == b"mine"
        assert read(store, mine._replace(ref=other.ref)) is None

    @pytest.mark.parametrize(
        "ref",
        [
            None,
            "",
            "0",
            ":0",
            "../archive/ours.window%2Fmain%2F2026-04-02:0",
            "ours.window%2Fmain%2F2026-04-02:-16",
            "ours.window%2Fmain%2F2026-04-02:999999",
            "ours.window%2Fmain%2F2026-04-02:x",
            "ours.window%2Fmain%2F1999-01-01:0",
        ],
    )
    def test_a_reference_that_leads_nowhere_leads_nowhere(self, store: SealedFile, ref: str | None) -> None:
        (mine,) = laid(store, a_part(1))

        assert read(store, mine) == b"sealed"
        assert read(store, mine._replace(ref=ref)) is None
        assert store.left(NO_BOOKS, "visitor", [mine._replace(ref=ref)]) == 0

    def test_a_link_in_the_place_of_a_file_is_not_followed(self, store: SealedFile, tmp_path: Path) -> None:
        outside = tmp_path / "outside"
        outside.touch()
        (tmp_path / "archive" / "ours.window%2Fmain%2F2026-04-02.sealed").symlink_to(outside)

        with pytest.raises(OSError, match=r"(?i)symbolic"):
            laid(store, a_part(1))

        assert outside.read_bytes() == b""

    def test_a_windows_name_is_a_file_name_whatever_stands_in_it(
        self, store: SealedFile, tmp_path: Path
    ) -> None:
        names = ["window/../../x/2026-04-02", "window/é%2F\n/2026-04-02T13", "window/main/2026-04-02"]
        refs = [laid(store, a_part(at, b"x", name))[0] for at, name in enumerate(names)]

        assert store.windows() == sorted(names)
        assert all(read(store, ref) == b"x" for ref in refs)
        assert [path.name for path in tmp_path.iterdir()] == ["archive"]


def _append_many(folder: Path, first: int) -> list[PartRef]:
    store = a_store(folder)
    return [
        ref
        for at in range(first, first + 40, 4)
        for ref in laid(store, *(a_part(n, b"%d" % n * 50) for n in range(at, at + 4)))
    ]


@pytest.mark.parametrize("pool", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_many_may_append_at_once(tmp_path: Path, pool: type[ThreadPoolExecutor]) -> None:
    folder = tmp_path / "archive"
    with pool(4) as workers:
        batches = list(workers.map(_append_many, [folder] * 4, range(0, 160, 40)))

    store = a_store(folder)
    assert all(read(store, ref) == b"%d" % ref.holding_no * 50 for refs in batches for ref in refs)


def test_homes_that_share_a_folder_never_clear_each_others_files(tmp_path: Path) -> None:
    ours, theirs = a_store(tmp_path / "archive"), a_store(tmp_path / "archive", "theirs")
    (kept,) = laid(ours, a_part(1))
    assert ours.windows() == [WINDOW]
    assert theirs.windows() == []

    (_,) = laid(theirs, a_part(1))
    theirs.clear(WINDOW)

    assert read(ours, kept) == b"sealed"


def test_files_and_folder_are_their_owners_alone(store: SealedFile, tmp_path: Path) -> None:
    laid(store, a_part(1))

    assert (tmp_path / "archive").stat().st_mode & 0o077 == 0
    assert the_file(tmp_path).stat().st_mode & 0o077 == 0

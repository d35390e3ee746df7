"""What the journal, the keys and the archive stand on: whole writes, and folders that are there after a power cut."""

import os
import stat
from pathlib import Path

import pytest

from compliance.durable import make_private_folder, write_whole


def test_a_write_that_takes_less_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole, write = bytes(range(256)), os.write
    file = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT, 0o600)
    monkeypatch.setattr(os, "write", lambda file, rest: write(file, bytes(rest[:100])))

    write_whole(file, whole)
    os.close(file)

    assert (tmp_path / "file").read_bytes() == whole


def test_a_new_folder_is_its_owners_alone_and_its_entry_is_flushed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushed: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda file: flushed.append(os.fstat(file).st_ino))

    make_private_folder(tmp_path / "keys")
    make_private_folder(tmp_path / "keys")

    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700
    assert flushed == [tmp_path.stat().st_ino]


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"")

    with pytest.raises(FileExistsError):
        make_private_folder(tmp_path / "keys")


def test_a_folder_within_one_that_is_gone_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        make_private_folder(tmp_path / "gone" / "keys", parents=False)

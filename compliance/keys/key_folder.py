"""A folder of secrets, one small file each: whole or not there, and gone when destroyed.

This file can lose people's data, or fail to lose it. What it keeps to: a secret is on the disk, file and folder entry
both, before anybody can use it; the first to make a name wins and everybody else reads the winner's; destruction
overwrites the file where it lies before its name goes, so that a draft or a snapshot that is a hard link to it goes too.
"""

from __future__ import annotations

import fcntl
import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Final, NamedTuple

from compliance.domain.errors import ConfigurationInvalid, KeyLost
from compliance.durable import make_private_folder, write_whole

# file = version (1) ‖ secret ‖ first 16 bytes of SHA-256(version ‖ file name ‖ secret)
# The evolution rule is that of the envelope: another shape is another version byte. The check is there to tell a file
# that was cut short, or put under another key's name, from a key; it is no protection against whoever can write here.
_VERSION: Final = 0x01
_DESTROYED: Final = 0x00  # takes the version's place when a file is overwritten: what follows is noise
_CHECK_BYTES: Final = 16
_READ_BYTES: Final = 4096  # more than any secret: a file that is longer fails its check

_DRAFT: Final = ".draft"  # one is enough, since it is only written under the folder's lock
_PLAIN: Final = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789-_.")
_LONGEST: Final = 255  # bytes in a file name on every file system in use


class Stamp(NamedTuple):
    """Tells one life of a file from the next: a name that was destroyed and made anew has another."""

    inode: int
    modified: int
    changed: int


class KeyFolder:
    """Raises ConfigurationInvalid where something else has its name, or others than the owner can look into it."""

    def __init__(self, path: Path, random: Callable[[int], bytes]) -> None:
        self._path = path
        self._random = random
        try:
            make_private_folder(path)
        except FileExistsError:
            raise ConfigurationInvalid(
                f"{path} 应是密钥文件夹，但那里是一个文件：请移走，或另设密钥文件夹。 / "
                f"{path} should be the key folder and is a file: move it, or set another folder."
            ) from None
        if path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigurationInvalid(
                f"密钥文件夹 {path} 不得让其他用户访问：请设为仅所有者可读写（chmod 700）。 / "
                f"Others can look into the key folder {path}: give it to its owner alone (chmod 700)."
            )

    def within(self, name: str) -> KeyFolder:
        """A folder in this one, made if absent. KeyLost where this one is gone: that must not pass for a first start."""
        path = self._path / name
        try:
            make_private_folder(path, parents=False)
        except FileNotFoundError:
            raise KeyLost("The key folder is gone.") from None
        return KeyFolder(path, self._random)

    def __repr__(self) -> str:
        return f"KeyFolder({str(self._path)!r})"

    def stamp(self, file_name: str) -> Stamp | None:
        """One `stat`; None where there is no such file."""
        try:
            return _stamp(os.stat(f"{self._path}/{file_name}"))  # noqa: PTH116 - asked at every fetch of a key: a Path costs thrice as much
        except FileNotFoundError:
            return None

    def read(self, file_name: str) -> tuple[bytes, Stamp] | None:
        """The secret and the stamp of the file that held it; None where it is gone, KeyLost where it is damaged."""
        opened = self._raw(file_name)
        if opened is not None and opened[1].st_nlink > 1:
            # Its maker is between naming it and having the name on the disk, or died there. What is sealed with a
            # key must not outlive it through a power cut, so wait for the maker, or finish the work.
            with self._locked() as folder:
                self._drop_draft()
                os.fsync(folder)
            opened = self._raw(file_name)
        if opened is None or opened[0][:1] == bytes((_DESTROYED,)):
            return None
        raw, found = opened
        secret = raw[1:-_CHECK_BYTES]
        if not secret or raw != _sealed_file(file_name, secret):
            raise KeyLost(
                f"The key file {file_name} is damaged: it is cut short, altered or under another key's name."
            )
        return secret, _stamp(found)

    def create_if_absent(self, file_name: str, secret: Callable[[], bytes]) -> None:
        """Make the file with what `secret` returns, unless it is there. Raises OSError, and leaves no file, where the
        disk is full; KeyLost where the whole folder is gone.
        """
        path = self._path / file_name
        with self._locked() as folder:
            if self._is_half_destroyed(path):
                path.unlink()
            if path.exists():
                return
            self._drop_draft()
            draft = self._path / _DRAFT
            try:
                _write_new(draft, _sealed_file(file_name, secret()))
                path.hardlink_to(draft)
                os.fsync(folder)
            finally:
                self._drop_draft()

    def destroy(self, file_name: str) -> None:
        """Overwrite with random bytes, and remove. Idempotent, also after a crash in the middle of it."""
        path = self._path / file_name
        with self._locked() as folder:
            with suppress(FileNotFoundError):
                _overwrite(path, self._random)
                path.unlink()
            os.fsync(folder)

    def file_names(self, start: str, end: str) -> Iterator[str]:
        try:
            with os.scandir(self._path) as entries:
                yield from (e.name for e in entries if e.name.startswith(start) and e.name.endswith(end))
        except FileNotFoundError:
            raise KeyLost("The key folder is gone.") from None

    def _raw(self, file_name: str) -> tuple[bytes, os.stat_result] | None:
        try:
            file = os.open(self._path / file_name, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except FileNotFoundError:
            return None
        try:
            return os.read(file, _READ_BYTES), os.fstat(file)
        finally:
            os.close(file)

    @contextmanager
    def _locked(self) -> Iterator[int]:
        """Makers and destroyers take turns, across threads and processes of this host; yields the folder."""
        try:
            folder = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC | os.O_DIRECTORY)
        except FileNotFoundError:
            raise KeyLost("The key folder is gone.") from None
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield folder
        finally:
            os.close(folder)  # which also unlocks

    def _drop_draft(self) -> None:
        # Never overwritten first: it may be a second name of a key that lives. Where it is not, it was never used.
        (self._path / _DRAFT).unlink(missing_ok=True)

    def _is_half_destroyed(self, path: Path) -> bool:
        try:
            with path.open("rb") as file:
                return file.read(1) == bytes((_DESTROYED,))
        except FileNotFoundError:
            return False


@lru_cache(maxsize=8192)
def file_name_of(name: str, suffix: str) -> str:
    """A key's name as a file name: lower-case letters, digits and ``-_.`` as they are, every other byte as ``%`` and
    two lower-case digits, so that two names stay two files where the file system does not tell A from a.
    """
    coded = "".join(chr(b) if b in _PLAIN else f"%{b:02x}" for b in name.encode()) + suffix
    if not name or len(coded) > _LONGEST:
        raise ConfigurationInvalid(
            "密钥名称为空或过长。 / The name of a key is empty or too long for a file name."
        )
    return coded


def name_of(file_name: str, suffix: str) -> str:
    """The inverse of `file_name_of`."""
    coded = file_name.removesuffix(suffix).encode()
    head, *rest = coded.split(b"%")
    return (head + b"".join(bytes.fromhex(part[:2].decode()) + part[2:] for part in rest)).decode()


def _sealed_file(file_name: str, secret: bytes) -> bytes:
    version = bytes((_VERSION,))
    return version + secret + sha256(version + file_name.encode() + secret).digest()[:_CHECK_BYTES]


def _stamp(found: os.stat_result) -> Stamp:
    return Stamp(found.st_ino, found.st_mtime_ns, found.st_ctime_ns)


def _write_new(path: Path, content: bytes) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        write_whole(file, content)
        os.fsync(file)
    finally:
        os.close(file)


def _overwrite(path: Path, random: Callable[[int], bytes]) -> None:
    file = os.open(path, os.O_WRONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    try:
        write_whole(file, bytes((_DESTROYED,)) + random(max(os.fstat(file).st_size - 1, 0)))
        os.fsync(file)
    finally:
        os.close(file)

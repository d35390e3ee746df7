"""The acts journal: every erasure, hold, release, withdrawal and head, outside the database and its backups.

A restored backup brings back what was erased since; replaying this file is what erases it again. So a line that was
acknowledged is never given up: it is on the disk before `append` returns, and a line that is damaged, missing or out
of its order stops the reading instead of being skipped. Only what a crash left of a line that nobody was told of is
cut off.
"""

from __future__ import annotations

import fcntl
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from compliance.domain.errors import JournalMissing, LedgerError, LedgerMalformed
from compliance.durable import make_private_folder, sync_folder, write_whole

# line = JSON object, sorted keys, no whitespace, ASCII, and at its end ,"crc":"xxxxxxxx"} and a line feed. The sum is
# CRC-32 over the bytes before it, begun with the sum of the line above (0 at the first), so that a line taken out of
# the middle is noticed too. It guards against accidents; against people the signed heads do. The evolution rule: a
# field may be added to `ACCEPTED`; none is removed or given another meaning, and the form of a line is final.
ACCEPTED: Final = frozenset({
    *("act", "act_id", "site", "category", "day", "count", "members", "hold", "head", "size", "root"),
    *("time", "from", "to", "ids", "until", "ground"),
})  # fmt: skip
_TAIL: Final = re.compile(rb',"crc":"([0-9a-f]{8})"\}\n')
_TAIL_BYTES: Final = 19
_LONGEST: Final = 1 << 24  # bytes of one line: far more than the ids of any batch

# Ids, codes, dates and digests are ASCII, and what people are called here is not: a tripwire for content that goes
# astray, beside the closed list of fields. A site's name, and a hold's document and law, are written by people.
_OPAQUE: Final = re.compile(r"[\n\x20-\x7e]*")
_WRITTEN: Final = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f\ud800-\udfff]*")
_IN_WORDS: Final = frozenset({"site", "ids", "ground"})


class FileJournal:
    """Implements `Journal` with one file, 0600, for any number of threads and processes of this host.

    The first `append` makes the file. One that this object has seen and that is gone, or was put in another's
    place, raises JournalMissing; whether a journal must exist at the start is for whoever knows the database's
    history, by `exists`.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._inode: int | None = None

    def __repr__(self) -> str:
        return f"FileJournal({str(self._path)!r})"

    def exists(self) -> bool:
        return self._path.is_file()

    def begin(self) -> None:
        """Make the file of a history that begins now; one that exists is left as it is."""
        with self._opened():
            sync_folder(self._path.parent)

    def append(self, lines: Iterable[Mapping[str, Any]]) -> None:
        """One write and one fsync for all lines. Raises LedgerMalformed for a field or value that is not accepted,
        OSError where the disk refuses; of a failed append nothing stays.
        """
        texts = [_canonical(line) for line in lines]
        if not texts:
            return
        with self._opened() as file:
            end, previous = _cut_torn_line(file)
            try:
                write_whole(file, _summed(texts, previous))
                os.fsync(file)
                if end == 0:
                    sync_folder(self._path.parent)
            except BaseException:
                # If even this fails, what is left has no line feed at its end, or was never acknowledged.
                with suppress(OSError):
                    os.ftruncate(file, end)
                    os.fsync(file)
                raise

    def read(self) -> Iterator[Mapping[str, Any]]:
        """The lines as of this call, oldest first. Raises JournalMissing at once, and LedgerError, with the line's
        number, on reaching one that is damaged.
        """
        try:
            # The lock only for as long as it takes to see where the last whole append ends: a replay appends while
            # it reads.
            with self._path.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_SH)
                end = os.fstat(file.fileno()).st_size
        except FileNotFoundError:
            raise JournalMissing from None
        return _lines(self._path, end)

    @contextmanager
    def _opened(self) -> Iterator[int]:
        file = self._open_or_make()
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            inode = os.fstat(file).st_ino
            if self._inode is not None and inode != self._inode:
                raise JournalMissing("Another file has taken the acts journal's place while it was in use.")
            self._inode = inode
            yield file
        finally:
            os.close(file)  # which also unlocks

    def _open_or_make(self) -> int:
        flags = os.O_RDWR | os.O_APPEND | os.O_CLOEXEC | os.O_NOFOLLOW
        if self._inode is None:
            make_private_folder(self._path.parent)
            return os.open(self._path, flags | os.O_CREAT, 0o600)
        try:
            return os.open(self._path, flags)
        except FileNotFoundError:
            raise JournalMissing("The acts journal has gone while it was in use.") from None


def _canonical(line: Mapping[str, Any]) -> bytes:
    """The line without its end. Refuses content: errors name the field, and never the value."""
    if "act" not in line:
        raise LedgerMalformed("journal: act: missing")
    for name, value in line.items():
        if name not in ACCEPTED:
            raise LedgerMalformed("journal: a field that is not accepted")
        if not _is_accepted(value, _WRITTEN if name in _IN_WORDS else _OPAQUE):
            raise LedgerMalformed(f"journal: {name}: not an integer, an opaque text or a list of these texts")
    text = json.dumps(dict(line), sort_keys=True, separators=(",", ":"))
    if len(text) > _LONGEST:
        raise LedgerMalformed("journal: too long for one line")
    return text.removesuffix("}").encode()


def _is_accepted(value: object, form: re.Pattern[str]) -> bool:
    if type(value) is list or type(value) is tuple:
        return all(type(one) is str and form.fullmatch(one) for one in value)
    return type(value) is int or (type(value) is str and form.fullmatch(value) is not None)


def _summed(texts: list[bytes], previous: int) -> bytes:
    block = bytearray()
    for text in texts:
        previous = crc32(text, previous)
        block += text + b',"crc":"%08x"}\n' % previous
    return bytes(block)


def _cut_torn_line(file: int) -> tuple[int, int]:
    """Where the next line begins, and the sum of the last. The lock is held, so a last line without its line feed was
    left by a crash, and nobody was told of it. A last line with one and a wrong end was: that is damage.
    """
    end = os.fstat(file).st_size
    whole = _end_of_whole_lines(file, end)
    if whole < end:
        os.ftruncate(file, whole)
        os.fsync(file)
    if whole == 0:
        return 0, 0
    tail = _TAIL.fullmatch(os.pread(file, _TAIL_BYTES, max(whole - _TAIL_BYTES, 0)))
    if tail is None:
        raise LedgerError("The acts journal's last line is damaged.")
    return whole, int(tail[1], 16)


def _end_of_whole_lines(file: int, end: int) -> int:
    step, start = 4096, end
    while start > 0:
        begin = max(start - step, 0)
        found = os.pread(file, start - begin, begin).rfind(b"\n")
        if found >= 0:
            return begin + found + 1
        start = begin
    return 0


def _lines(path: Path, end: int) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        number, previous = 0, 0
        while file.tell() < end:
            line = file.readline(end - file.tell())
            if not line.endswith(b"\n"):
                return  # torn by a crash, see `_cut_torn_line`
            number += 1
            tail = _TAIL.fullmatch(line[-_TAIL_BYTES:])
            previous = crc32(line[:-_TAIL_BYTES], previous)
            if tail is None or int(tail[1], 16) != previous:
                raise LedgerError(
                    f"The acts journal is damaged at line {number}, or lines before it are missing."
                )
            yield json.loads(line[:-_TAIL_BYTES] + b"}")
